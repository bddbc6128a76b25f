"""Rows without a known outcome are counted by reason, all of them."""

import re

import pytest

from datadevops.engine import graph
from datadevops.models import labels
from small_contract import column, contract_of

KEYS = ["shop", "end"]  # a word of SQL is a name as any


def test_rows_without_a_known_outcome_are_counted_by_reason(engine):
    engine.keep("features", "select unnest(['a', 'a', 'b', 'b']) as shop, unnest([1, 2, 1, 2]) as \"end\"")
    rows = "('a', 1, true, null), ('a', 2, null, 'the future'), ('z', 1, null, 'no such row in the features')"
    engine.keep("labels", f'from (values {rows}) as t(shop, "end", label, unknown_because)')

    found = labels.unknown(engine, KEYS)

    assert found == {"labels.sql returns no row for this key": 2, "the future": 1}


SOURCE = contract_of(
    column("id", "integer", primaryKey=True),
    column("delay", "number", customProperties=[{"property": "knownAfterOutcome", "value": True}]),
)
HONEST = "select id, delay > 15 as label from t"
INVENTED = {
    "no label is unknown": (
        "select id, coalesce(delay, 0) > 15 as label from t",
        "no label is unknown.*25 rows",
    ),
    "some are": (
        "select id, case when id < 40 then null else coalesce(delay, 0) > 15 end as label from t",
        "24 labels known where delay is null",
    ),
}


@pytest.fixture
def found(engine):
    """found(sql): the warnings about labels made by this SQL; each 40th delay is unknown."""
    engine.keep("t", "select i as id, if(i % 40 = 0, null, i % 90)::double as delay from range(1000) as r(i)")

    def warnings(sql):
        engine.keep("labels", sql)
        return [*labels.doubtful(engine, ["id"], [SOURCE])]

    return warnings


@pytest.mark.parametrize(("sql", "message"), INVENTED.values(), ids=INVENTED)
def test_a_label_made_of_an_unknown_outcome_is_warned_of(found, sql, message):
    (warning,) = found(sql)

    assert re.search(message, warning)


def test_labels_that_are_null_where_the_outcome_is_are_fine(found):
    assert found(HONEST) == []


def test_a_column_that_the_labels_are_not_made_from_may_be_null(engine, found):
    found("select id, true as label from t")

    assert [*labels.doubtful(engine, ["id"], [SOURCE], {("t", "id")})] == []
    assert len([*labels.doubtful(engine, ["id"], [SOURCE], {("t", "delay")})]) == 1


MADE_FROM = {
    "a value": ("select id, delay > 15 as label from t", True),
    "a filter": ("select id, true as label from t where delay is not null", True),
    "a step before": ("with a as (select id, delay as d from t) select id, d > 1 as label from a", True),
    "another column": ("select id, id > 1 as label from t", False),
    "no column but the key": ("with a as (select * from t) select id, true as label from a", False),
    "a row as a whole": ("select id, length(t::varchar) > 9 as label from t", None),
}


@pytest.mark.parametrize(("sql", "used"), MADE_FROM.values(), ids=MADE_FROM)
def test_the_sql_tells_what_labels_are_made_from(tmp_path, sql, used):
    (tmp_path / "labels.sql").write_text(sql, encoding="utf-8")
    statements = graph.statements(tmp_path, ["t"], ["labels"])

    found = labels.made_from(statements, {"t": SOURCE.model_copy(update={"name": "t"})})

    assert (None if found is None else ("t", "delay") in found) is used


def test_labels_are_made_from_the_columns_of_a_table_between_too(tmp_path):
    (tmp_path / "late.sql").write_text("select id, delay > 15 as late from t", encoding="utf-8")
    (tmp_path / "labels.sql").write_text("select id, late as label from late", encoding="utf-8")
    statements = graph.statements(tmp_path, ["t"], ["labels"])

    assert ("t", "delay") in labels.made_from(statements, {"t": SOURCE.model_copy(update={"name": "t"})})


LOST = "('b', timestamp '2025-01-02 03:00'), ('b', timestamp '2025-01-01 03:00')"


@pytest.mark.parametrize(
    ("kept", "warning"),
    [
        (0, "2 known labels have no row of features, such as shop b, end 2025-01-01 03:00: is a join in"),
        (1, "1 known label has no row of features, such as shop b, end 2025-01-01 03:00: is a join in"),
        (2, None),
    ],
)
def test_known_labels_whose_rows_the_features_have_lost_are_warned_of(engine, kept, warning):
    """A row without a label is new, and a label that is unknown is lost by nobody."""
    when = "timestamp '2025-01-01'"
    rows = f"from (values ('a', {when}), ('new', {when}), {LOST}) as t(shop, \"end\")"
    engine.keep("features", f"{rows} order by shop = 'b', \"end\" desc limit {2 + kept}")
    unknown = f"union all select 'z', {when}, null"
    engine.keep("labels", f"select shop, \"end\", true as label {rows} where shop <> 'new' {unknown}")

    found = [*labels.unmatched(engine, KEYS)]

    assert [text.startswith(warning) for text in found] == ([True] if warning else [])


def test_labels_of_another_key_than_the_source_are_not_compared_with_its_rows(engine):
    engine.keep("t", "select i as id, if(i = 1, null, i)::double as delay from range(9) as r(i)")
    engine.keep("labels", "select 'north' as shop, null::boolean as label")

    assert [*labels.doubtful(engine, ["shop"], [SOURCE])] == []
