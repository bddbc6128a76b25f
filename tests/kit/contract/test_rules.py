"""A team's own rules are obeyed or refused, and a run stops with all that a person needs."""

import pytest

from datadevops.contract import odcs
from datadevops.engine import checks
from datadevops.errors import ContractError, DataError, RefusedError

RULES = {
    "no SQL": "this is (",
    "nothing": "",
    "no rows": "SELECT COUNT(*) FROM ${object}",
    "no table": "SELECT 1",
    "an unknown column": "SELECT COUNT(*) FROM ${object} WHERE dicount > 1",
    "another name for the table": "SELECT COUNT(*) FROM ${object} o WHERE o.discount > 1",
    "another table": "SELECT COUNT(*) FROM elsewhere WHERE paid",
    "a join": "SELECT COUNT(*) FROM ${object} a JOIN ${object} b USING (sku) WHERE a.paid AND b.paid",
    "rows of a part": "SELECT COUNT(*) FROM (SELECT sku FROM ${object} WHERE paid) WHERE sku = 'gift'",
    "groups": "SELECT COUNT(*) FROM ${object} WHERE paid GROUP BY shop HAVING COUNT(*) > 1",
    "a total": "SELECT COUNT(*) FROM ${object} WHERE count(*) > 1",
    "an unknown function": "SELECT COUNT(*) FROM ${object} WHERE nowhere(discount) > 1",
    "text above a truth": "SELECT COUNT(*) FROM ${object} WHERE paid > 'x'",
    "a number": "SELECT COUNT(*) FROM ${object} WHERE quantity",
    "text that is no number in any row": "SELECT COUNT(*) FROM ${object} WHERE cast(sku as integer) > 3",
    "a column of the file only": "SELECT COUNT(*) FROM ${object} WHERE colour = 'red'",
}


@pytest.mark.parametrize("query", RULES.values(), ids=RULES)
def test_a_rule_that_does_not_say_which_rows_are_bad_is_refused(split, edited, query):
    rule = {"name": "odd", "type": "sql", "query": query, "mustBe": 0}

    with pytest.raises(ContractError, match=r"CT005.*orders\.yaml.*rule 'odd'"):
        split("select *, 'red' as colour from good", odcs.load(edited(orders={"quality": [rule]})))


@pytest.mark.parametrize("pattern", ["[A-Z]{1,2000}", "(?x)[A-Z0-9a-z]+"])
def test_a_pattern_that_only_the_service_understands_is_named(engine, edited, good, tmp_path, pattern):
    engine.read("orders", good)
    orders = odcs.load(edited(sku={"logicalTypeOptions": {"pattern": pattern}, "examples": []}))

    with pytest.raises(ContractError, match=r"CT005.*orders\.yaml: rule 'sku:pattern'"):
        checks.split(engine, orders, tmp_path)


def test_two_rules_of_one_name_are_refused_because_one_would_hide_the_other(split, edited):
    rule = {"name": "odd", "type": "sql", "query": "SELECT COUNT(*) FROM ${object} WHERE paid", "mustBe": 0}
    other = rule | {"query": "SELECT COUNT(*) FROM ${object} WHERE NOT paid"}

    with pytest.raises(ContractError, match=r"(?s)CT00[35].*odd"):
        split("from good", odcs.load(edited(orders={"quality": [rule, other]})))


FORMS = {
    "a comment at the end": "select count(*) from ${object} where quantity > 50 -- too many\n",
    "a window": "SELECT COUNT(*)\nFROM ( SELECT * FROM ${object}"
    " QUALIFY max(quantity) OVER (PARTITION BY shop) < 0 OR quantity > 50 )",
    "or": "SELECT COUNT(*) FROM ${object} WHERE quantity > 50 OR quantity > 60",
}


@pytest.mark.parametrize("query", FORMS.values(), ids=FORMS)
def test_a_rule_about_rows_may_be_written_with(split, edited, query):
    rule = {"name": "odd", "type": "sql", "query": query, "mustBe": 0}

    result = split("from good", odcs.load(edited(orders={"quality": [rule]})))

    assert 0 < result.bad == result.broken["odd"] < 1000


def test_a_rule_about_rows_may_stand_at_a_column(split, edited):
    rule = {"name": "odd", "type": "sql", "query": FORMS["or"], "mustBe": 0}

    result = split("from good", odcs.load(edited(orders={"quality": []}, quantity={"quality": [rule]})))

    assert 0 < result.bad == result.broken["odd"] < 1000


@pytest.mark.parametrize("bound", [{"mustBe": 1}, {"mustBeBetween": [0, 1]}], ids=["one", "one or none"])
def test_a_rule_about_rows_allows_no_row(split, edited, bound):
    rule = {"name": "odd", "type": "sql", "query": "SELECT COUNT(*) FROM ${object} WHERE paid"} | bound

    with pytest.raises(ContractError, match=r"(?s)CT005.*give it a name, `mustBe: 0`"):
        split("from good", odcs.load(edited(orders={"quality": [rule]})))


def test_a_warning_about_the_table_is_told_and_stops_nothing(split, engine, orders, tmp_path):
    result = split("select * replace (1 as discount) from good limit 8")

    checks.enforce(engine, orders, result, tmp_path / checks.QUARANTINE)
    assert (result.failures, result.warnings) == ([], ["a_full_day: 8, mustBeGreaterThan 9"])


def test_a_broken_rule_about_the_table_stops_a_run_whose_rows_are_all_good(split, engine, orders, tmp_path):
    result = split("select * replace (null::double as discount) from good")

    assert (result.good, result.failures) == (1000, ["discount_known: 100, mustBeLessThan 50"])
    with pytest.raises(RefusedError, match=r"(?s)DQ006.*discount_known: 100, mustBeLessThan 50"):
        checks.enforce(engine, orders, result, tmp_path / checks.QUARANTINE)


NUMBERED = "(select *, row_number() over (order by order_id) - 1 as place from good)"


@pytest.fixture
def enforced(split, engine, orders, tmp_path):
    """enforced(bad): so many of 1,000 rows are bad, and the contract allows 10; does it go on?"""

    def run(bad):
        result = split(f"select * replace (if(place < {bad}, 0, quantity) as quantity) from {NUMBERED}")
        checks.enforce(engine, orders, result, tmp_path / checks.QUARANTINE)
        return result

    return run


def test_as_many_bad_rows_as_allowed_do_not_stop_a_run(enforced):
    assert enforced(bad=10).bad == 10


def test_one_bad_row_more_stops_it_with_all_that_a_person_needs(enforced, tmp_path):
    with pytest.raises(RefusedError) as error:
        enforced(bad=11)

    assert (error.value.id, error.value.exit_code) == ("DQ006", 1)
    for part in (
        "orders.yaml v2.1.0: 11 of 1,000 rows break 1 rule\n",
        "quantity:minimum: 11 rows, e.g. shop it's, ordered_at 2024-01-01 00:00:00 (0); ",
        "; shop it's, ordered_at 2024-01-01 01:00:00 (0)\n",
        "1.00% of the rows may be bad. Nothing new is published.",
        str(tmp_path / "quarantine.parquet"),
        "mailto:shop-data@example.com",
    ):
        assert part in str(error.value)


def test_rows_that_break_several_rules_are_said_to_because_the_figures_add_up_to_more(
    split, engine, orders, tmp_path
):
    worse = "if(place < 11, 0, quantity) as quantity, if(place = 5, 'south', shop) as shop"
    result = split(f"select * replace ({worse}) from {NUMBERED}")

    with pytest.raises(RefusedError, match="11 of 1,000 rows break 2 rules, some several\n"):
        checks.enforce(engine, orders, result, tmp_path / checks.QUARANTINE)


def test_no_good_row_at_all_means_the_file_cannot_be_used(enforced):
    with pytest.raises(DataError) as error:
        enforced(bad=1000)

    assert (error.value.id, error.value.exit_code) == ("DQ007", 2)
    assert "Not one row is good. Nothing new is published." in str(error.value)


KEY = [
    {"name": "shop", "logicalType": "string", "required": True, "primaryKey": True},
    {"name": "ordered_at", "logicalType": "timestamp", "required": True, "primaryKey": True},
]


def test_a_column_may_bear_a_word_of_sql(split, engine, edited, tmp_path):
    column = {"name": "order", "logicalType": "boolean", "required": True}
    column["quality"] = [{"metric": "nullValues", "mustBe": 0}]
    contract = odcs.load(edited(orders={"properties": [*KEY, column], "quality": []}))

    result = split(
        'select shop, ordered_at, if(order_id = 17042400003, null, true) as "order" from good', contract
    )

    assert result.failures == ["nullValues: 1, mustBe 0"]
    assert "order:null: 1 row, e.g. shop web" in checks.describe(
        engine, contract, result, tmp_path / checks.QUARANTINE
    )


@pytest.mark.parametrize("name", ["order", "select", "Orders"])
def test_a_table_may_bear_a_word_of_sql(engine, edited, good, tmp_path, name):
    path = edited(orders={"name": name}, paid={"name": "group"})
    contract = odcs.load(path.rename(path.with_name(f"{name}.yaml")))
    engine.read("good", good)
    engine.keep(name, 'select * exclude (paid), paid as "group" from good')

    result = checks.split(engine, contract, tmp_path)

    assert (result.good, result.broken) == (1000, {})


def test_a_long_value_does_not_flood_the_message(split, engine, orders, tmp_path):
    result = split("select * replace (repeat('x', 10000) as note) from good")

    assert len(checks.describe(engine, orders, result, tmp_path / checks.QUARANTINE)) < 1000
