"""Every metric and every comparison of the standard is counted on the whole table, by either engine."""

import pytest

from datadevops.contract import odcs

NOTES = "null, 'n/a', 'n/a', 'n/a', 'gate', 'shed'"  # 6 rows: 3 duplicates less one, 1 null
METRICS = {
    "nulls": ({"metric": "nullValues"}, 1),
    "nulls in percent": ({"metric": "nullValues", "unit": "percent"}, 100 / 6),
    "missing values": ({"metric": "missingValues", "arguments": {"missingValues": [None, "n/a"]}}, 4),
    "missing values but null": ({"metric": "missingValues", "arguments": {"missingValues": ["n/a"]}}, 3),
    "invalid values": ({"metric": "invalidValues", "arguments": {"validValues": ["gate", None, "shed"]}}, 3),
    "values beside a pattern": ({"metric": "invalidValues", "arguments": {"pattern": r"^\w+$"}}, 3),
    "duplicates": ({"metric": "duplicateValues"}, 2),
    "rows": ({"metric": "rowCount"}, 6),
}


@pytest.fixture
def failures(split, edited):
    """failures(rule of the column note): what the check of the six rows says."""

    def check(**rule):
        other = {"orders": {"quality": []}, "discount": {"quality": []}}
        contract = odcs.load(edited(note={"quality": [rule]}, **other))
        rows = f"(from good limit 1) as good, (select unnest([{NOTES}]) as x)"
        return split(f"select good.* replace (x as note) from {rows}", contract).failures

    return check


@pytest.mark.parametrize(("rule", "count"), METRICS.values(), ids=METRICS)
def test_a_metric_counts(failures, rule, count):
    assert failures(**rule, mustBe=77) == [f"{rule['metric']}: {count:.4g}, mustBe 77"]


COMPARISONS = {
    "mustBe": (6, 5),
    "mustNotBe": (5, 6),
    "mustBeGreaterThan": (5, 6),
    "mustBeGreaterOrEqualTo": (6, 7),
    "mustBeLessThan": (7, 6),
    "mustBeLessOrEqualTo": (6, 5),
    "mustBeBetween": ([6, 9], [7, 9]),
    "mustNotBeBetween": ([7, 9], [6, 9]),
}


@pytest.mark.parametrize("word", COMPARISONS)
def test_a_comparison_is_made(failures, word):
    kept, broken = COMPARISONS[word]

    assert failures(metric="rowCount", **{word: kept}) == []
    assert len(failures(metric="rowCount", **{word: broken})) == 1


def test_duplicates_of_several_columns_are_counted(split, edited):
    rule = {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["shop", "stars"]}}
    contract = odcs.load(edited(orders={"quality": [rule]}, discount={"quality": []}))

    result = split("select * replace (1 as stars) from good where shop = 'web' limit 3", contract)

    assert result.failures == ["duplicateValues: 2, mustBe 0"]


def test_values_beside_the_enum_of_their_column_are_invalid(split, edited):
    contract = odcs.load(edited(stars={"quality": [{"metric": "invalidValues", "mustBe": 0}]}))

    result = split("select * replace (9 as stars) from good limit 12", contract)

    assert "invalidValues: 12, mustBe 0" in result.failures
