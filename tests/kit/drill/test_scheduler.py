"""The scheduler of a drill: it runs the job on deliveries, and sees whether readers still get the same."""

import signal
import subprocess
from types import SimpleNamespace

import pytest

from datadevops.contract import odcs
from datadevops.datasets import publication
from datadevops.drill import deliveries
from datadevops.drill.stack import DrillError
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.store.versions import Store
from runs import NOON, rows


@pytest.fixture
def stack(ran_twice, statistics, sample, tmp_path):
    """A stack whose job ends with `code`; `asked`: its words."""

    def command(*words):
        found.asked.append(words)
        return subprocess.Popen(["sh", "-c", f"exit {found.code}"])

    found = SimpleNamespace(
        store=ran_twice.store,
        folder=tmp_path,
        output="its output",
        patience=10,
        late=5.0,
        asked=[],
        code=0,
        command=command,
        plan=SimpleNamespace(too_late=9e5, objectives=SimpleNamespace(alive="up")),
    )
    files = {"source": sample, "other": tmp_path / "other.parquet"}
    contracts = odcs.load_all(statistics.contracts)
    found.product = deliveries.starter(contracts, tmp_path, files)(found)
    return found


@pytest.fixture
def product(statistics):
    return statistics


def test_what_readers_get_is_the_same_until_another_version_is_published(stack, ran_twice):
    before = stack.product.published()
    stack.product.unchanged()

    dataset = Store(ran_twice.store / "shop_days")
    publication.rollback(dataset, "a test", NOON, True, {})

    assert before == {"shop_days": ran_twice.facts["versions"]["shop_days"]}
    with pytest.raises(DrillError, match=r"^readers got .*, not the last good versions "):
        stack.product.unchanged()


@pytest.mark.parametrize(("code", "allowed"), [(0, (0,)), (1, (1,)), (2, (1, 2))])
def test_a_job_may_end_with_these_codes_alone(stack, tmp_path, code, allowed):
    stack.code = code
    stack.product.run(tmp_path / "x.parquet", *allowed)

    stack.code = 3

    with pytest.raises(DrillError, match=r"^the job ended with exit code 3\nits output$"):
        stack.product.run(tmp_path / "x.parquet", *allowed)


def test_it_heals_on_good_rows_of_each_source_which_are_not_late_any_more(stack, sample):
    stack.product.heal()

    words = ("run", "--source", f"source={sample}", "--source", f"other={stack.folder / 'other.parquet'}")
    assert (stack.asked, stack.late) == ([words], 0)


FAULTS = {  # the exit code of the job that each expects, whether time goes on without a run
    "late-data": (0, True),
    "schema-break": (2, False),
    "poisoned-upstream": (1, False),
    "duplicate-delivery": (0, False),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_delivery_has_to_end_the_job_as_it_should(stack, name):
    fault, (code, late) = deliveries.SCENARIOS[name].fault, FAULTS[name]
    stack.code = code

    with fault(stack):
        assert stack.late == (9e5 if late else 5)

    for other in {0, 1, 2, 3} - {code}:
        stack.code = other
        with pytest.raises(DrillError, match=f"exit code {other}"), fault(stack):
            pass


@pytest.mark.parametrize(("limit", "every"), [(0.0003, 2564), (0.01, 77), (None, 769)])
def test_a_few_more_rows_lack_a_key_than_the_objective_allows(stack, limit, every):
    stack.plan.objective = lambda _: SimpleNamespace(limit=limit)

    with deliveries.nulls(stack):
        pass

    (file,) = stack.folder.glob("delivery.parquet")
    ((bad, count),) = rows(f"select count(*) filter (shop is null), count(*) from '{file}'")
    assert count == 10_850
    assert bad == int(0.9 * count) // every


def test_a_third_of_the_newest_rows_are_invalid_and_no_others(stack):
    stack.code = 1

    with deliveries.poisoned_upstream(stack):
        pass

    file = stack.folder / "delivery.parquet"
    ((bad, count, oldest),) = rows(
        f"select count(*) filter (shop is null), count(*), min(opened_at) filter (shop is null) from '{file}'"
    )
    assert (bad, count) == (199, 10_850)
    with DuckDB() as engine:
        engine.read("made", file)
        assert engine.rows(f"select count(*) <= 600 from made where opened_at >= '{oldest}'") == [(True,)]


def test_the_last_column_is_missing_where_the_schema_breaks(stack, sample):
    stack.code = 2

    with deliveries.schema_break(stack):
        pass

    with DuckDB() as engine:
        engine.read("given", sample)
        engine.read("made", stack.folder / "delivery.parquet")
        given, made = (list(engine.types(f"from {name}")) for name in ("given", "made"))
    assert [name for name in given if name not in made] == [stack.product.contract.columns[-1].name]


def test_a_job_is_killed_while_it_makes_a_partition_and_time_goes_on_without_it(stack):
    making, started = stack.store / "shop_days" / "partitions" / ".making-x", []

    def command(*_):
        started.append(subprocess.Popen(["sh", "-c", f"sleep 0.3; mkdir '{making}'; exec sleep 60"]))
        return started[0]

    stack.command = command
    with deliveries.crash_in_publish(stack):
        making.rmdir()
        assert (started[0].poll(), stack.late) == (-signal.SIGKILL, 9e5)


def test_a_job_that_ends_before_it_could_be_killed_fails_the_drill(stack):
    told = r"^the job ended before it could be killed\nits output$"

    with pytest.raises(DrillError, match=told), deliveries.crash_in_publish(stack):
        pass
