"""What looks too good to be true stops a promotion until model.py says why it is right."""

import numpy as np
import pytest

from datadevops.errors import ContractError
from datadevops.models import doubts, remedies
from datadevops.models.split import Slices
from small_contract import column, contract_of

FACTS = {"suspicious": {"dear": 0.9, "near": 0.8999}, "seen_before": 0, "rows": {"newest": 1000}}


def test_a_feature_that_alone_decides_fails_and_one_that_only_helps_much_does_not():
    (check,) = doubts.checks(FACTS, {})

    assert (check.name, check.figure, check.passed) == ("dear alone", "skill 0.9000", False)
    assert check.bound == '< 0.9, or a reason in ACKNOWLEDGED["dear"]'
    assert check.remedy == remedies.ALONE


def test_it_passes_once_it_is_acknowledged_and_the_reason_is_shown():
    (check,) = doubts.checks(FACTS, {"dear": "is known when the form is sent"})

    assert check.passed is True
    assert check.figure == "skill 0.9000, acknowledged: is known when the form is sent"


@pytest.mark.parametrize(
    ("seen", "known", "passed"), [(10, {}, []), (11, {}, [False]), (11, {"duplicates": "so it is"}, [True])]
)
def test_newest_rows_that_are_in_training_too_fail_from_one_percent(seen, known, passed):
    found = doubts.checks(FACTS | {"suspicious": {}, "seen_before": seen}, known)

    assert [check.passed for check in found] == passed
    assert [check.remedy for check in found if not check.passed] == [remedies.SEEN] * passed.count(False)


def test_a_check_of_copies_shows_some_of_them_by_their_keys():
    keys = {"order": np.array(["a", "a", "b", "c"]), "line": np.array([1, 2, 1, 1])}
    twins = doubts.twins(keys, [(1, 0), (3, 2), (2, 0)])

    (check,) = doubts.checks(FACTS | {"suspicious": {}, "seen_before": 11, "twins": twins}, {})

    assert check.remedy == f"{remedies.SEEN}. Alike are a, 2 and a, 1; c, 1 and b, 1"


def slices():
    place = np.arange(300)
    return Slices(place < 100, (place >= 100) & (place < 200), place >= 200, place, "units", None)


def test_rows_are_seen_before_if_all_inputs_and_the_outcome_are_equal_nulls_included():
    x = np.arange(1800, dtype=np.float32).reshape(300, 6)
    y = np.arange(300) % 2 == 0
    x[250], x[251], x[252] = x[0], x[150], x[10]
    x[[3, 260], 1] = np.nan
    x[260] = x[3]
    y[260], y[252] = y[3], not y[10]  # another outcome is no copy
    y[251] = y[150]

    assert doubts.seen_before(x, y, slices()) == [(250, 0), (251, 150), (260, 3)]


def test_rows_that_are_alike_because_few_values_are_possible_are_no_copies():
    place = np.arange(300)
    x = np.column_stack([place % each for each in (2, 3, 4, 5)]).astype(np.float32)

    assert doubts.seen_before(x, place % 2 == 0, slices()) == []


@pytest.mark.parametrize(("columns", "seen"), [(3, 0), (4, 100)])
def test_rows_are_copies_where_so_many_columns_are_alike_by_chance_in_no_pair_of_rows(columns, seen):
    """Of 64 values each is worth 6 bits; 200 x 100 pairs of rows are worth 14, and 10 more are asked for."""
    place = np.arange(300)
    x = np.column_stack([place % 64] * columns).astype(np.float32)

    assert len(doubts.seen_before(x, place % 2 == 0, slices())) == seen


def test_an_input_with_one_value_in_training_or_in_evaluation_is_named():
    place = np.arange(300)
    x = np.column_stack([place % 2, np.ones(300), place < 200, place >= 200, np.full(300, np.nan)])

    found = doubts.constant(x.astype(np.float32), ["two", "one", "stopped", "new", "empty"], slices())

    assert found == ["one", "stopped", "new", "empty"]


FEATURES = contract_of(
    column("id", "integer", primaryKey=True),
    column("line", "integer"),
    column("size", "integer"),
    column("name", "string"),
)


@pytest.mark.parametrize(
    ("rows", "line", "refused"),
    [
        (200, "i + 7", True),
        (200, "199 - i", True),
        (200, "2 * i", False),
        (200, "i % 100", False),
        (100, "i", True),
        (99, "i", False),
    ],
    ids=["consecutive", "backwards", "with gaps", "twice", "just enough rows", "too few rows"],
)
def test_a_row_number_is_refused_as_an_input(engine, rows, line, refused):
    more = "i % 9 as size, 'n' || i as name"
    engine.keep("features", f"select i as id, {line} as line, {more} from range({rows}) as t(i)")

    if not refused:
        doubts.refuse_row_numbers(engine, FEATURES)
        return
    with pytest.raises(ContractError, match=rf"ML004.*: line numbers the {rows} rows"):
        doubts.refuse_row_numbers(engine, FEATURES)


SEASONS = {"player": np.repeat(np.arange(100), 3), "team": np.arange(300) % 7, "season": np.arange(300) % 3}


def test_the_column_of_the_key_with_the_most_values_that_have_several_rows_each_is_found():
    assert doubts.repeated(SEASONS, 300) == ["player", 3.0]
    assert doubts.repeated({"id": np.arange(300)}, 300) is None
    assert doubts.repeated({"id": np.arange(300) // 2, "n": np.arange(300)}, 300) == ["id", 2.0]
    assert doubts.repeated({"id": np.arange(299) // 2, "n": np.arange(299)}, 299) is None


def test_a_column_of_few_values_is_no_unit():
    assert doubts.repeated({"id": np.arange(300), "party": np.arange(300) % 79}, 300) is None
    assert doubts.repeated({"id": np.arange(300), "clinic": np.arange(300) % 80}, 300) == ["clinic", 3.75]


@pytest.mark.parametrize(
    ("mean", "shown"), [(3.0, "3"), (2.46, "2.5"), (9.5, "9.5"), (10.4, "10"), (1234.5, "1,234")]
)
def test_a_unit_with_several_rows_is_warned_of_with_what_to_write(mean, shown):
    (text,) = doubts.of_repeated(["player", mean])

    assert text.startswith(f"each player has {shown} rows on average: if the player of new rows was never")
    assert 'SPLIT_BY = "player" in model.py; if not, SPLIT_BY = None' in text
    assert [*doubts.of_repeated(None)] == []
