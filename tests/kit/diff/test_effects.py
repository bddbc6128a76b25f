"""A changed contract is run on the rows that are stored, and says what it would do to them."""

import shutil

import pytest
import yaml

from datadevops.contract import odcs
from datadevops.diff import effects, stored
from datadevops.store.versions import Store
from runs import rows

RULE = {"name": "many", "type": "sql", "mustBe": 0}


@pytest.fixture
def contract(own):
    """contract("sources/source", takings={...}): the contract of a table with changed entries of its columns;
    `table`: of the table."""

    def load(name, **changes):
        path = own.contracts / f"{name}.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        (table,) = content["schema"]
        known = {"table": table} | {column["name"]: column for column in table["properties"]}
        for place, entries in changes.items():
            if place not in known:
                table["properties"].append(known.setdefault(place, {"name": place}))
            known[place].update(entries)
        new = own.folder.parent / "changed" / name.partition("/")[0] / path.name
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(yaml.safe_dump(content), encoding="utf-8")
        return odcs.load(new)

    return load


@pytest.fixture
def effect(engine, own, first_run, contract):
    """effect("sources/source", takings={...}): what these changes mean for the rows of a run."""

    def measure(name, run=first_run, **changes):
        old = odcs.load(own.contracts / f"{name}.yaml")
        found = stored.rows_of(run.store, old, own.datasets, "another")
        return effects.of(engine, old, contract(name, **changes), found)

    return measure


@pytest.fixture
def good(first_run):
    """good("count(*) where ..."): figures of the good rows of that run."""
    file = first_run.store / "source" / first_run.facts["versions"]["source"] / "source.parquet"
    return lambda select: rows(f"with good as (from '{file}') {select}")[0][0]


TIGHTER = {
    "a lower maximum": (
        {"visitors": {"logicalTypeOptions": {"maximum": 120}}},
        "visitors:maximum",
        "visitors > 120",
    ),
    "a column that is required": ({"takings": {"required": True}}, "takings:null", "takings is null"),
    "fewer values": ({"shop": {"enum": [{"value": "north"}]}}, "shop:enum", "shop <> 'north'"),
    "a column that is unique": (
        {"visitors": {"unique": True}},
        "visitors:unique",
        "visitors in (select visitors from good group by 1 having count(*) > 1)",
    ),
    "a new rule": (
        {"table": {"quality": [RULE | {"query": "SELECT COUNT(*) FROM ${object} WHERE buyers > 40"}]}},
        "many",
        "buyers > 40",
    ),
}


@pytest.mark.parametrize(("changes", "rule", "condition"), TIGHTER.values(), ids=TIGHTER)
def test_rows_that_would_newly_go_to_quarantine_are_counted_with_three_of_them(
    effect, good, changes, rule, condition
):
    found = effect("sources/source", **changes)

    assert found.by_rule == {rule: good(f"select count(*) from good where {condition}")}
    assert (found.bad, found.rows) == (found.by_rule[rule], 10_848)
    assert len(found.examples[rule]) == 3
    assert "opened_at 2025-0" in found.examples[rule][0]
    assert found.is_refused


@pytest.mark.parametrize(("rows", "refused"), [(8, False), (9, True)])
def test_what_a_run_would_refuse_counts_what_is_in_quarantine_already(effect, good, rows, refused):
    limit = good(f"select max(takings) from (from good order by takings desc nulls last offset {rows})")

    found = effect("sources/source", takings={"logicalTypeOptions": {"minimum": 0, "maximum": limit}})

    assert found.bad == rows  # of 10,850 rows, of which 10 may be bad, and 2 are in quarantine
    assert found.is_refused == refused


LOOSER = {
    "a higher maximum": {"takings": {"logicalTypeOptions": {"maximum": 200_000}}},
    "a column that may be null": {"visitors": {"required": False}},
    "another description": {"visitors": {"description": "Guests."}},
}


@pytest.mark.parametrize("changes", LOOSER.values(), ids=LOOSER)
def test_a_rule_that_asks_for_less_sends_no_row_to_quarantine(effect, changes):
    found = effect("sources/source", **changes)

    assert (found.bad, found.rows, found.why_not) == (0, 10_848, "")
    assert found.in_quarantine == {"takings:maximum": 1, "temperature_spike": 1}


def test_without_a_stored_version_nothing_is_measured(engine, contract, tmp_path):
    changed = contract("sources/source", takings={"required": True})

    found = effects.of(engine, changed, changed, stored.rows_of(tmp_path, changed, (), "code"))

    assert found == effects.Effect("no version of it is stored here")


def test_a_column_that_the_rows_do_not_have_is_left_out_with_its_rules(effect, good):
    query = "SELECT COUNT(*) FROM ${object} WHERE tips > takings"
    found = effect(
        "sources/source",
        tips={"logicalType": "number", "required": True},
        opened_at={"logicalType": "string", "logicalTypeOptions": {}, "customProperties": []},
        takings={"required": True},
        table={"quality": [RULE | {"query": query}]},
    )

    assert found.left_out == ["opened_at", "tips", "many"]
    assert found.by_rule == {"takings:null": good("select count(*) from good where takings is null")}


def test_a_key_of_columns_that_the_rows_have_is_judged_although_another_column_is_left_out(effect, good):
    tips = {"logicalType": "number", "required": True}

    found = effect("sources/source", tips=tips, opened_at={"primaryKey": False})

    assert found.left_out == ["tips"]
    assert found.by_rule == {"key:duplicate": good("select count(*) from good")}  # a shop has many rows


def test_a_rule_of_the_whole_table_that_does_not_hold_is_named(effect):
    found = effect("sources/source", table={"quality": [{"metric": "rowCount", "mustBeLessThan": 100}]})

    assert found.failures == ["rowCount: 1.085e+04, mustBeLessThan 100"]


def test_a_rule_that_does_not_run_is_the_reason_why_nothing_is_measured(effect):
    query = "SELECT COUNT(*) FROM ${object} WHERE no_such_column > 1"

    found = effect("sources/source", table={"quality": [RULE | {"query": query}]})

    assert "rule 'many' does not say which rows are bad" in found.why_not
    assert (found.rows, found.bad) == (0, 0)


def test_published_predictions_are_measured_too(effect):
    found = effect("predictions", probability={"logicalTypeOptions": {"minimum": 0, "maximum": 0}})

    assert found.bad == found.by_rule["probability:maximum"] > 0


class TestDatasets:
    """Of a product that publishes a dataset of months."""

    @pytest.fixture
    def product(self, statistics):
        return statistics

    def test_the_published_rows_of_a_dataset_are_measured(self, effect, first_run):
        limit = {"logicalTypeOptions": {"minimum": 0, "maximum": 100}}

        found = effect("datasets/shop_days", queue_minutes=limit)

        files = f"{first_run.store}/shop_days/latest/dataset/*.parquet"
        ((bad, every),) = rows(f"select count(*) filter (queue_minutes > 100), count(*) from '{files}'")
        assert (found.bad, found.rows) == (bad, every)
        assert found.partitions == 5

    def test_a_run_would_not_refuse_the_rows_that_are_published(self, effect):
        assert not effect("datasets/shop_days").is_refused

    def test_a_run_would_refuse_one_bad_row_where_the_dataset_allows_none(self, effect, first_run):
        files = f"{first_run.store}/shop_days/latest/dataset/*.parquet"
        most = f"select queue_minutes from '{files}' order by 1 desc limit 1 offset 1"
        limit = {"logicalTypeOptions": {"minimum": 0, "maximum": rows(most)[0][0]}}

        found = effect("datasets/shop_days", queue_minutes=limit)

        assert (found.bad, found.is_refused) == (1, True)

    def test_of_a_source_in_partitions_all_published_rows_are_measured(self, effect, run_twice, product):
        """Its newest delivery may be a small part of them."""
        run = run_twice(product)

        found = effect("sources/source", run=run, takings={"required": True})

        assert (found.rows, found.version) == (10_848, run.facts["versions"]["shop_days"])


def test_a_version_that_was_made_before_the_change_is_preferred(own, ran):
    """One that was made since has lost the rows that the changed contract refuses."""
    contract, store = odcs.load(own.contracts / "sources/source.yaml"), Store(ran.store / "source")
    before = store.open(ran.facts["versions"]["source"])

    def rows_again(folder):
        shutil.copy(before.file("source.parquet"), folder)
        return before.facts

    since = store.make({**before.inputs, "code": "changed"}, rows_again)

    found = stored.rows_of(ran.store, contract, (), "changed")
    assert (found.version, found.is_new) == (before.id, False)
    assert stored.rows_of(ran.store, contract, (), "another").version == since.id


def test_rows_of_the_changed_contract_itself_are_measured_where_there_are_no_others(own, first_run):
    contract = odcs.load(own.contracts / "sources/source.yaml")

    found = stored.rows_of(first_run.store, contract, (), first_run.report.inputs["code"])

    assert (found.version, found.is_new) == (first_run.facts["versions"]["source"], True)
