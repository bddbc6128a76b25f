"""Labels that training cannot use are refused; rows without a known outcome are counted, all of them."""

from pathlib import Path

import pytest

from datadevops.errors import ContractError
from datadevops.models import labels

KEYS = ["shop", "end"]  # a word of SQL is a name as any
FEATURES = "select unnest(['a', 'a', 'b', 'b']) as shop, unnest([1, 2, 1, 2]) as \"end\""
LABELS = "select 'a' as shop, 1 as \"end\", true as label, cast(null as varchar) as unknown_because"


@pytest.fixture
def tables(engine):
    """tables(labels): an engine with these labels and the features."""

    def known(sql):
        engine.keep("features", FEATURES)
        engine.keep("labels", sql)
        return engine

    return known


WRONG = {
    "no truth": (LABELS.replace("true", "1"), "label is INTEGER, not true, false or null"),
    "no reason": (LABELS.replace("unknown_because", "why"), "unknown_because is missing"),
    "no key": (LABELS.replace("as shop", "as place"), "shop is missing"),
    "a key twice": (
        f"{LABELS} union all {LABELS}",
        "one row for each shop, end: 1 keys occur more than once",
    ),
    "a label and a reason": (
        LABELS.replace("cast(null as varchar)", "'the future'"),
        "1 rows have a label and a reason why it is unknown, e.g. a, 1, True, the future",
    ),
    "no, and a reason": (
        LABELS.replace("cast(null as varchar)", "'the future'").replace("true", "false"),
        "1 rows have a label and a reason why it is unknown, e.g. a, 1, False, the future",
    ),
}


@pytest.mark.parametrize(("sql", "message"), WRONG.values(), ids=WRONG)
def test_labels_that_are_not_one_boolean_per_key_are_refused(tables, sql, message):
    with pytest.raises(ContractError, match=message) as refused:
        labels.refuse(tables(sql), KEYS, Path("labels.sql"))

    assert refused.value.id == "CT006"


def test_features_with_a_column_name_of_the_labels_are_refused(engine):
    engine.keep("features", f"select *, 0 as label from ({FEATURES})")
    engine.keep("labels", LABELS)

    with pytest.raises(ContractError, match=r"CT006.*the features have a column label"):
        labels.refuse(engine, KEYS, Path("labels.sql"))


def test_rows_without_a_known_outcome_are_counted_by_reason(tables):
    engine = tables(
        f"{LABELS} union all {LABELS.replace('1 as', '2 as').replace('true', 'null')}"
        f" union all select 'b', 1, null, 'the future'"
        f" union all select 'z', 1, null, 'no such row in the features'"
    )

    labels.refuse(engine, KEYS, Path("labels.sql"))

    assert labels.unknown(engine, KEYS) == {"the future": 1, "no reason given": 2}
