"""The newest rows are compared with all before them, by time or by what was held out."""

import pytest

from datadevops.models import reference
from small_contract import column, contract_of

TIMED = contract_of(
    column("id", "integer", primaryKey=True), column("opened_at", "timestamp", primaryKey=True)
)
TIMELESS = contract_of(column("id", "integer", primaryKey=True))
FROM = "2025-01-06 00:00:00"


@pytest.fixture
def ids(engine):
    """ids(contract, table, newest_from, new): the rows of a part; every second label is unknown."""
    engine.keep(
        "features",
        "select i as id, timestamp '2025-01-01' + to_days(i) as opened_at, i as size from range(10) as t(i)",
    )
    engine.keep("labels", "select *, if(id % 2 = 0, id, null) as label, '' as unknown_because from features")
    engine.keep("holdout", "select i as id, 1 as outcome from (values (3), (4), (8)) as t(i)")
    return lambda *part: sorted(row[0] for row in engine.rows(f"select id from {reference.part(*part)}"))


@pytest.mark.parametrize(
    ("table", "new", "found"),
    [
        ("features", True, [5, 6, 7, 8, 9]),
        ("features", False, [0, 1, 2, 3, 4]),
        ("labels", True, [6, 8]),
        ("labels", False, [0, 2, 4]),
    ],
)
def test_by_time_a_row_is_new_from_the_first_newest_day_on(ids, table, new, found):
    assert ids(TIMED, table, FROM, new) == found


@pytest.mark.parametrize(
    ("table", "new", "found"),
    [
        ("features", True, [3, 4, 8]),
        ("features", False, [0, 1, 2, 5, 6, 7, 9]),
        ("labels", True, [4, 8]),
        ("labels", False, [0, 2, 6]),
    ],
)
def test_without_a_time_a_row_is_new_that_was_held_out(ids, table, new, found):
    assert ids(TIMELESS, table, None, new) == found


@pytest.mark.usefixtures("ids")
def test_the_reasons_for_unknown_labels_are_not_watched(engine):
    key = column("id", "integer", primaryKey=True)
    features = contract_of(key, column("size", "integer"))
    labels = contract_of(key, column("label", "number"), column("unknown_because", "string"))

    found = reference.baselines(engine, {"features": features, "labels": labels}, None)

    assert list(found["drift_baseline"]) == ["size"]
    assert list(found["label_baseline"]) == ["label"]
    assert sum(found["label_baseline"]["label"]["shares"].values()) == pytest.approx(1)
