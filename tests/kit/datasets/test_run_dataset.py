"""A run of a product with a dataset: how it makes each month, what it publishes, what it refuses."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rows as sample_rows
from datadevops.datasets import publication
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import DataError, RefusedError
from datadevops.store import aliases
from datadevops.store.versions import Store
from runs import NOON, about, dataset, months, rows


def test_the_two_bad_rows_of_the_sample_and_no_others_are_in_quarantine(first_run):
    (file,) = first_run.store.glob("source/*/quarantine.parquet")

    found = rows(f"select shop, opened_at::varchar, broken_rules from '{file}' order by 1")

    assert found == sample_rows.BAD


def test_a_day_is_the_sum_of_its_hours(first_run, sample):
    hours = "where shop = 'north' and opened_at::date = '2025-03-17'"
    ((count, total, queues, longest),) = rows(
        "select count(*), round(sum(queue_minutes), 2), count_if(queue_minutes > 0),"
        f" round(max(queue_minutes), 2) from '{sample}' {hours}"
    )

    (found,) = [row for row in dataset(first_run.store) if row[0] == "north" and f"{row[1]:%m%d}" == "0317"]

    assert found[2:] == (count, total, queues, longest)
    assert total > 50


def test_every_good_hour_is_counted_in_its_day(first_run):
    found = dataset(first_run.store)

    assert sum(row[2] for row in found) == first_run.facts["checks"]["source"]["good"] == sample_rows.GOOD
    assert len(found) == about(first_run)["rows"]


def test_a_second_run_makes_nothing_again(first_run, run):
    again = run(first_run.store)

    steps = ["source", "shop_days/partitions", "shop_days"]
    assert [first_run.steps.count(step) for step in steps] == [1, 5, 1]
    assert not {*steps} & {*again.steps}
    assert about(again)["made"] == {}
    assert again.facts["versions"] == first_run.facts["versions"]


def test_a_run_that_adds_nothing_reports_its_own_time(ran, command):
    again = json.loads(command("run", "--json", store=ran.store).out)

    assert again["datasets"]["shop_days"]["made"] == {}
    assert again["at"] != ran.facts["at"]
    assert again["at"][:10] in (ran.store / "report.html").read_text()


def test_the_same_data_and_code_give_the_same_version_in_another_folder(first_run, second_run):
    one, other = (run.facts["versions"]["shop_days"] for run in (first_run, second_run))

    assert first_run.store != second_run.store
    assert one == other


def test_a_late_row_lands_in_its_day_and_leaves_other_months_alone(first_run, run, altered, tmp_path):
    hour = "shop = 'north' and opened_at = '2025-03-01 12:00'"
    before = run(tmp_path / "store", altered(f"from sample where not ({hour})"))
    late = run(tmp_path / "store", altered(f"from sample where {hour}"))

    assert list(about(late)["made"]) == ["2025-03"]
    assert dataset(tmp_path / "store") == dataset(first_run.store)
    one, other = months(before), months(late)
    assert {month for month in one if one[month] != other[month]} == {"2025-03"}


def test_rows_delivered_earlier_change_nothing(ran, run, altered):
    january = altered("from sample where opened_at < '2025-02-01' order by hash(opened_at)")

    again = run(ran.store, january)

    assert again.facts["versions"]["shop_days"] == ran.facts["versions"]["shop_days"]


HOURS = st.tuples(st.sampled_from(["01-31", "02-01", "02-28"]), st.integers(0, 23), st.integers(0, 9))
DELIVERIES = st.lists(
    st.lists(HOURS, min_size=1, max_size=6, unique_by=lambda hour: hour[:2]), min_size=1, max_size=3
)


def delivered(sample, hours, path):
    """A file with the sample's first row at these hours, with these queues."""
    values = ", ".join(f"('2025-{day} {hour:02}:00'::timestamp, {queue}.0)" for day, hour, queue in hours)
    with DuckDB() as engine:
        engine.read("sample", sample)
        same = "select * replace (hour as opened_at, queue as queue_minutes) from (from sample limit 1)"
        columns = ", ".join(f'"{name}"' for name in engine.types("from sample"))
        engine.write(f"select {columns} from ({same}, (values {values}) as t(hour, queue))", path)
    return path


@pytest.mark.parametrize("examples", [3, pytest.param(30, marks=pytest.mark.long)])
def test_deliveries_one_by_one_some_twice_equal_one_delivery_of_all_rows(run, sample, examples):
    @settings(max_examples=examples, deadline=None)
    @given(deliveries=DELIVERIES)
    def equal(deliveries):
        last = {hour[:2]: hour for delivery in deliveries for hour in delivery}
        with TemporaryDirectory() as name:
            folder, once = Path(name), Path(name) / "once" / "store"
            for number, delivery in enumerate(deliveries):
                file = delivered(sample, delivery, folder / f"{number}.parquet")
                run(folder / "store", file)
                if number % 2 == 0:
                    run(folder / "store", file)
            run(once, delivered(sample, list(last.values()), folder / "all.parquet"))

            assert dataset(folder / "store") == dataset(once)

    equal()


DELIVERY = st.lists(HOURS, min_size=2, max_size=6, unique_by=lambda hour: hour[:2])


@pytest.mark.parametrize("examples", [2, pytest.param(20, marks=pytest.mark.long)])
def test_the_same_rows_make_the_same_version_and_any_other_value_another(run, sample, examples):
    """In whatever order, in a file of whatever name; the queue of one hour is another."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(hours=DELIVERY, data=st.data())
    def equal(hours, data):
        at = data.draw(st.integers(0, len(hours) - 1))
        given = {
            "first": hours,
            "turned": data.draw(st.permutations(hours)),
            "other": [(*hour[:2], hour[2] + (place == at)) for place, hour in enumerate(hours)],
        }
        with TemporaryDirectory() as folder:
            made = {
                name: run(
                    Path(folder, name, "store"), delivered(sample, rows, Path(folder, f"{name}.parquet"))
                )
                for name, rows in given.items()
            }
            versions = {name: each.facts["versions"]["shop_days"] for name, each in made.items()}

        assert versions["first"] == versions["turned"] != versions["other"]

    equal()


def test_a_failed_month_keeps_its_previous_version_and_the_others_are_published(first_run, ran, run, altered):
    minutes = "case when opened_at::date = '2025-05-02' then -1 else queue_minutes + 1 end"

    again = run(ran.store, altered(f"select * replace ({minutes} as queue_minutes) from sample"))

    assert list(about(again)["failed"]) == ["2025-05"]
    assert "73 of 2,232 rows break the contract" in about(again)["failed"]["2025-05"]
    one, other = months(first_run), months(again)
    assert {month for month in one if one[month] == other[month]} == {"2025-05"}


@pytest.mark.parametrize("time", ["null", "timestamp 'infinity'", "timestamp '-infinity'"])
def test_rows_without_a_time_are_a_separate_failure(ran, run, altered, time):
    lost = f"case when epoch(opened_at) % 360000 = 0 then {time} else opened_at end"

    again = run(ran.store, altered(f"select * replace ({lost} as opened_at) from sample"))

    assert list(about(again)["failed"]) == ["no time"]


def test_one_old_date_among_many_rows_is_quarantined_and_fails_nothing(ran, run, altered):
    old = "case when opened_at = '2025-03-01 12:00' then timestamp '1913-03-01' else opened_at end"

    again = run(ran.store, altered(f"select * replace ({old} as opened_at) from sample"))

    assert about(again)["failed"] == {}
    assert again.facts["checks"]["source"]["bad"] == 5


def test_a_damaged_month_stays_published_until_all_its_rows_are_delivered_again(ran, run, altered):
    before, folder = (
        dataset(ran.store),
        ran.store / "shop_days" / "partitions" / about(ran)["made"]["2025-03"],
    )
    (folder / "source.parquet").write_bytes(b"PAR1")
    shorter = "select * replace (0 as queue_minutes) from sample where opened_at"

    other = run(ran.store, altered(f"{shorter} between '2025-02-20' and '2025-03-05'"))
    shutil.rmtree(folder)
    again = run(ran.store)

    assert list(about(other)["failed"]) == ["2025-03"]
    assert f"{folder} is damaged" in about(other)["failed"]["2025-03"]
    one, both = months(ran), months(other)
    assert {month for month in one if one[month] != both[month]} == {"2025-02"}
    assert list(about(again)["made"]) == ["2025-03"]
    march = [row for row in before if row[1].month == 3]
    assert [row for row in dataset(ran.store) if row[1].month == 3] == march


def test_while_a_month_is_lost_nothing_is_published(ran, run, altered):
    before, made = dataset(ran.store), about(ran)["made"]["2025-03"]
    shutil.rmtree(ran.store / "shop_days" / "partitions" / made)

    other = run(ran.store, altered("select * replace (0 as queue_minutes) from sample limit 99"))

    assert f"{made} is gone; deliver its rows again" in about(other)["failed"]["2025-03"]
    assert dataset(ran.store) == before


def test_more_rows_of_another_time_do_not_replace_a_damaged_month(run, altered, tmp_path):
    march = "from sample where strftime(opened_at, '%m') = '03' and day(opened_at)"
    made = run(tmp_path / "store", altered(f"{march} < 10"))
    shutil.rmtree(tmp_path / "store" / "shop_days" / "partitions" / about(made)["made"]["2025-03"])

    later = run(tmp_path / "store", altered(f"{march} > 10"))
    whole = run(tmp_path / "store", altered(f"{march} < 20"))

    assert "from 2025-03-01T00:00:00 to 2025-03-09T23:00:00" in about(later)["failed"]["2025-03"]
    assert about(whole)["failed"] == {}


def test_a_part_of_a_damaged_month_does_not_replace_it(ran, run, altered):
    before = dataset(ran.store)
    shutil.rmtree(ran.store / "shop_days" / "partitions" / about(ran)["made"]["2025-03"])

    again = run(ran.store, altered("from sample where opened_at::date = '2025-03-09'"))

    assert "deliver its rows again, all 2,230" in about(again)["failed"]["2025-03"]
    assert dataset(ran.store) == before


def test_a_delivery_without_a_good_row_is_refused_with_its_figures(run, altered, tmp_path):
    file = altered("select * replace (-5.0 as queue_minutes) from sample limit 99")

    with pytest.raises(DataError, match=r"DQ007.*99 of 99 rows break 1 rule"):
        run(tmp_path / "store", file)


def test_wrong_columns_stop_the_run_and_the_published_dataset_stays(ran, run, altered):
    before = dataset(ran.store)

    with pytest.raises(DataError, match="queue_minutes: missing"):
        run(ran.store, altered("select * exclude (queue_minutes) from sample"))

    assert dataset(ran.store) == before


def test_a_span_leaves_the_other_months_alone(run, altered, tmp_path):
    run(tmp_path / "store", altered("from sample where opened_at < '2025-02-01'"))

    again = run(tmp_path / "store", span=("2025-03", "2025-04"))

    assert list(about(again)["made"]) == ["2025-03", "2025-04"]
    assert sorted(months(again)) == ["2025-01", "2025-03", "2025-04"]


def test_a_rollback_during_a_run_is_not_undone_by_the_run(ran_twice, run, altered):
    published = Store(ran_twice.store / "shop_days")

    def roll_back(step, *_):
        if step == "shop_days/partitions":
            publication.rollback(published, "nonsense", NOON)

    file = altered("select * replace (1 as queue_minutes) from sample limit 9")
    with pytest.raises(RefusedError, match="PB003"):
        run(ran_twice.store, file, progress=roll_back)

    assert len(aliases.stack(published, "published")) == 1
