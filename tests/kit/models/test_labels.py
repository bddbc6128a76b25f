"""Rows without a known outcome are counted by reason, all of them."""

import re

import pytest

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


def test_labels_of_another_key_than_the_source_are_not_compared_with_its_rows(engine):
    engine.keep("t", "select i as id, if(i = 1, null, i)::double as delay from range(9) as r(i)")
    engine.keep("labels", "select 'north' as shop, null::boolean as label")

    assert [*labels.doubtful(engine, ["shop"], [SOURCE])] == []
