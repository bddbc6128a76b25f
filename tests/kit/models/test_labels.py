"""Rows without a known outcome are counted by reason, all of them."""

from datadevops.models import labels

KEYS = ["shop", "end"]  # a word of SQL is a name as any


def test_rows_without_a_known_outcome_are_counted_by_reason(engine):
    engine.keep("features", "select unnest(['a', 'a', 'b', 'b']) as shop, unnest([1, 2, 1, 2]) as \"end\"")
    rows = "('a', 1, true, null), ('a', 2, null, 'the future'), ('z', 1, null, 'no such row in the features')"
    engine.keep("labels", f'from (values {rows}) as t(shop, "end", label, unknown_because)')

    found = labels.unknown(engine, KEYS)

    assert found == {"labels.sql returns no row for this key": 2, "the future": 1}
