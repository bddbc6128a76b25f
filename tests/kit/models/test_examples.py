"""A model learns from rows with a known outcome only, ordered by their time."""

from datetime import timedelta

import numpy as np
import pytest

from datadevops.contract.target import Target
from datadevops.errors import ContractError, DataError
from datadevops.models import examples, losses
from datadevops.models.definition import Definition
from datadevops.models.gate import Limits
from small_contract import column, contract_of

ROWS = 2400
TIMED = contract_of(
    column("id", "integer", primaryKey=True),
    column("opened_at", "timestamp", primaryKey=True),
    column("size", "number"),
    column("word", "string", enum=["a", "b"]),
)
TIMELESS = contract_of(column("id", "integer", primaryKey=True), column("size", "number"))
FEATURES = f"""select i as id, timestamp '2025-01-01' + to_hours({ROWS} - i) as opened_at,
    (i % 100) / 10.0 as size,
    if(i % 3 = 0, null, if(i % 2 = 0, 'a', 'b')) as word from range({ROWS}) as t(i)"""


def load(engine, label, contract=TIMED, kind="binary", classes=(), features=FEATURES):
    """The examples whose outcome is this SQL of `id`."""
    engine.keep("features", features)
    engine.keep("labels", f"select id, {'opened_at, ' * contract.timed}{label} as label from features")
    target = Target(kind, classes)
    definition = Definition(None, {}, Limits(), None, timedelta(0), losses.BRIER, ("id",))
    return examples.load(engine, contract, target, definition)


def test_rows_are_ordered_by_time_and_those_without_an_outcome_are_left_out(engine):
    found = load(engine, "case when id % 5 > 0 then id % 2 = 0 end")

    assert len(found.y) == ROWS * 4 // 5
    assert (np.diff(found.rows["opened_at"]) > np.timedelta64(0)).all()
    assert found.y.tolist() == (found.rows["id"] % 2 == 0).tolist()
    assert "label" not in found.rows
    assert (found.time, found.y.dtype) == ("opened_at", bool)
    assert found.span() == ["2025-01-01T01:00:00.000000", "2025-04-10T23:00:00.000000"]


def test_the_inputs_are_numbers_and_a_null_is_none(engine):
    found = load(engine, "id % 2 = 0")

    assert found.inputs == {"size": [], "word": ["a", "b"]}
    assert found.x.shape == (ROWS, 2)
    assert np.isnan(found.x[:, 1]).tolist() == (found.rows["id"] % 3 == 0).tolist()


def test_classes_become_their_places_in_the_contract(engine):
    found = load(engine, "if(id % 2 = 0, 'wet', 'dry')", kind="classes", classes=("dry", "wet"))

    assert found.y.tolist() == (found.rows["id"] % 2 == 0).astype(int).tolist()


def test_numbers_stay_numbers_and_rows_without_a_time_have_no_span(engine):
    found = load(engine, "id", TIMELESS, "regression")

    assert found.y.tolist() == sorted(map(float, range(ROWS)))
    assert (found.time, found.span(), found.slices.blocks) == (None, None, "units")


def test_without_any_outcome_nothing_is_learned(engine):
    with pytest.raises(
        DataError, match=r"ML005.*no row of the features has a label: labels.sql returns 2,400 rows"
    ):
        load(engine, "null::boolean")


def test_an_input_that_the_past_has_not_is_refused_by_name(engine):
    late = f"select * replace (if(id < 600, word, null) as word) from ({FEATURES})"

    with pytest.raises(DataError, match=r"ML005.*no value of word, so") as error:
        load(engine, "id % 2 = 0", features=late)

    assert "whether the join that makes it finds any row" in error.value.hint


def test_an_input_that_numbers_the_rows_is_refused(engine):
    with pytest.raises(ContractError, match=r"ML004.*size numbers the 2,400 rows"):
        load(engine, "id % 2 = 0", features=f"select * replace (id as size) from ({FEATURES})")


def test_too_few_rows_are_refused(engine):
    with pytest.raises(
        DataError, match=r"ML005.*the 10 rows with a label .* only 0 past, 0 validation, 10 newest"
    ):
        load(engine, "case when id < 10 then id % 2 = 0 end")


def test_one_outcome_for_all_rows_is_named(engine):
    with pytest.raises(DataError, match=r"ML005.*label \(labels.sql\) is dry in all 2,400 rows"):
        load(engine, "'dry'", kind="classes", classes=("dry", "wet"))
