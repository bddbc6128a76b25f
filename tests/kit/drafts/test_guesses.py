"""What is guessed about values: nulls, ranges, enums, patterns, made-up rows; each with what was seen."""

import pytest

from datadevops.contract import synthetic
from datadevops.engine import checks

ROWS = 40


def repeated(*cells):
    return [cells[number % len(cells)] for number in range(ROWS)]


def test_a_column_is_required_where_no_row_lacks_it(csv):
    found = csv(full=repeated("1", "2"), holes=repeated("1", ""))

    assert found.column("full")["required"] is True
    assert found.column("holes")["required"] is False
    assert found.comment("required: true") == "guess: no null in 40 rows"
    assert found.comment("required: false") == "null in 20 of 40 rows"


RANGES = {
    "room on both sides": (["-11.1", "37.8"], {"minimum": -60.0, "maximum": 90.0}),
    "zero is an end where values come close to it": (["0.2", "469"], {"minimum": 0, "maximum": 1000.0}),
    "but not where they stay away from it": (["983.8", "1042.1"], {"minimum": 920.0, "maximum": 1110.0}),
    "a share ends at 1": (["0.01", "1"], {"minimum": 0, "maximum": 1}),
    "percent end at 100": (["12", "100"], {"minimum": 0, "maximum": 100}),
    "whole numbers": (["5", "31"], {"minimum": 0, "maximum": 60}),
    "days": (["2013-01-01", "2013-12-30"], {"minimum": "2010-01-01", "maximum": "2100-01-01"}),
    "times": (
        ["2013-01-01T06:00:00", "2013-12-30"],
        {"minimum": "2010-01-01T00:00:00", "maximum": "2100-01-01T00:00:00"},
    ),
}


@pytest.mark.parametrize(("cells", "limits"), RANGES.values(), ids=RANGES)
def test_a_range_has_room_around_what_was_seen(csv, cells, limits):
    found = csv(x=repeated(*cells))

    assert found.column("x")["logicalTypeOptions"] == limits
    assert found.comment("logicalTypeOptions").startswith("guess: seen ")


def test_few_texts_that_repeat_are_an_enum(csv):
    found = csv(x=repeated("north", "south", "no"), y=[f"text {row}" for row in range(ROWS)])

    assert found.column("x")["enum"] == [{"value": "north"}, {"value": "no"}, {"value": "south"}]
    assert found.comment("enum") == "guess: 3 values in 40 rows"
    assert "enum" not in found.column("y")


@pytest.mark.parametrize(("values", "times", "listed"), [(20, 5, True), (21, 5, False), (20, 4, False)])
def test_up_to_20_texts_with_five_rows_each_are_an_enum(csv, values, times, listed):
    found = csv(x=[f"v {n:02}" for n in range(values)] * times)

    assert ("enum" in found.column("x")) is listed


def test_texts_that_differ_in_case_only_are_named(csv):
    assert "some differ only in case or blanks" in csv(x=repeated("JFK", "jfk")).comment("enum")


def test_truths_in_words_that_the_reader_does_not_know_are_named(csv):
    assert "as true and false they could be a boolean" in csv(x=repeated("ja", "nein")).comment("enum")
    assert "boolean" not in csv(x=repeated("north", "south")).comment("enum")


def test_a_constant_is_named_and_is_no_enum(csv):
    found = csv(x=repeated("EUR"), y=repeated("7"))

    assert "enum" not in found.column("x")
    assert "guess: constant, always 'EUR'" in found.text
    assert "guess: constant, always 7" in found.text
    assert "One value in all rows: x, y." in found.decisions


FORMS = {
    "one shape": ([f"AB{row % 25:03}" for row in range(ROWS)], "[A-Z]{2}[0-9]{3}"),
    "codes of digits": ([f"{row % 25:05}" for row in range(ROWS)], "[0-9]{5}"),
    "e-mail addresses": (
        [f"a{row % 25}@example.com" for row in range(ROWS)],
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+",
    ),
    "UUIDs": (
        [f"0000000{row % 5}-000a-4b00-8000-0000000000{row % 25:02}" for row in range(ROWS)],
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    ),
}


@pytest.mark.parametrize(("cells", "pattern"), FORMS.values(), ids=FORMS)
def test_texts_that_all_look_alike_have_a_pattern_and_made_up_examples(csv, cells, pattern):
    found = csv(x=cells)

    assert found.column("x")["logicalTypeOptions"] == {"pattern": pattern}
    assert not set(found.column("x")["examples"]) & set(cells)


def test_no_text_of_the_file_that_could_be_a_person_stands_in_the_draft(csv):
    found = csv(name=[f"Person {row % 25}{'x' * (row % 25)}" for row in range(ROWS)])

    assert "Person" not in found.text
    assert found.column("name")["logicalTypeOptions"] == {"maxLength": 66}


@pytest.mark.parametrize(
    ("cell", "limits"), [("0", (0, 1)), ("7", (0, 14)), ("-7", (-14, 0)), ("0.5", (0, 1.0))]
)
def test_a_constant_has_room_too(csv, cell, limits):
    found = csv(x=repeated(cell)).column("x")["logicalTypeOptions"]

    assert (found["minimum"], found["maximum"]) == limits


def test_values_that_never_repeat_are_unique(csv):
    found = csv(
        day=[f"2024-01-{1 + row % 28:02}" for row in range(ROWS)],
        ticket=[f"T{row}" for row in range(ROWS)],
        number=[str(row) for row in range(ROWS)],
    )

    assert found.contract.keys == ["number"]
    assert (
        found.text.count(
            "unique: true  # guess: 40 different values in 40 rows; if you delete it, write `examples`"
        )
        == 1
    )


def test_rows_can_be_made_up_from_every_draft(csv, engine, tmp_path):
    found = csv(
        shop=repeated("north", "south"),
        at=[f"2024-01-{1 + row // 2:02}T00:00:00" for row in range(ROWS)],
        shipped=[f"2024-02-{1 + row // 2:02}T00:00:00.5" for row in range(ROWS)],
        due=[f"2024-03-{1 + row // 2:02}" for row in range(ROWS)],
        code=[f"A{row % 25:02}" for row in range(ROWS)],
        note=[f"{'so ' * (row % 30)}on" for row in range(ROWS)],
        price=[f"{row % 7}.{row}" for row in range(ROWS)],
        count=repeated("1", "2", ""),
        paid=repeated("yes", "no"),
        empty=[""] * ROWS,
        order=[str(1000 + row) for row in range(ROWS)],
        ticket=[f"T{row}" for row in range(ROWS)],
    )

    engine.keep("made", synthetic.sql(found.contract, 500))

    engine.write("from made", tmp_path / "made.parquet")
    engine.read("t", tmp_path / "made.parquet")

    assert checks.split(engine, found.contract, tmp_path).broken == {}


def test_values_of_any_form_are_written_so_that_yaml_gives_them_back(csv):
    odd = ["no", "1", "a: b", "# c", "{d}", "e'f", "null", "ü🙂"]

    found = csv(x=[f'"{each}"' for each in repeated(*odd)])

    assert sorted(each["value"] for each in found.column("x")["enum"]) == sorted(odd)


def test_a_number_far_from_all_others_is_a_question(csv):
    found = csv(x=[*(str(row % 5) for row in range(2000)), "468.7"], y=[str(row % 5) for row in range(2001)])

    assert "Far from all other values: x (468.7). Are they right?" in found.decisions


def test_a_guess_that_does_not_hold_for_the_file_itself_is_never_given_out(csv, monkeypatch):
    monkeypatch.setattr("datadevops.drafts.limits.of_integers", lambda low, high: (low + 1, high))

    with pytest.raises(AssertionError, match="does not keep what was drafted from it"):
        csv(x=repeated("1", "5"))


NUMBERED = {  # the smallest number of a key -> what limits it
    "from 1": (1, {"minimum": 1}),
    "from 0": (0, {"minimum": 0}),
    "from a thousand": (1000, {"minimum": 1}),
    "below zero": (-1, None),
}


@pytest.mark.parametrize(("first", "limits"), NUMBERED.values(), ids=NUMBERED)
def test_a_number_that_counts_rows_may_count_up(csv, first, limits):
    found = csv(order=[str(first + row) for row in range(ROWS)])

    assert found.column("order").get("logicalTypeOptions") == limits


HINTS = {  # cells -> how values like them are made up
    "whole numbers": (["1", "2", "3"], {"mean": 1.98, "sd": 0.82}),
    "numbers": (["100.5", "300.5"], {"mean": 200.0, "sd": 100.0}),
    "whole numbers that floating point makes others": ([str(2**53), "1"], None),
    "the largest of the others": ([str(2**53 - 1), "1"], {"mean": 4.5e15, "sd": 4.6e15}),
    "some nulls": (["1", "3", "", ""], {"mean": 2.0, "sd": 1.0, "nulls": 0.5}),
}


@pytest.mark.parametrize(("cells", "hint"), HINTS.values(), ids=HINTS)
def test_values_are_made_up_around_what_was_seen(csv, cells, hint):
    found = csv(x=repeated(*cells))

    (made,) = [each["value"] for each in found.column("x").get("customProperties", [])] or [None]
    assert made == (hint and pytest.approx(hint, rel=0.03))


TIMES = {  # columns of times -> what is asked about them
    ("opened",): "Time: opened says when a row was true. The file says no zone for opened: are they UTC?",
    ("opened", "closed"): "Time: which of opened, closed says when a row was true? The file says no zone",
    (): "Time: no column is one, so nothing says when a row was true. Is that so?",
}


@pytest.mark.parametrize(("names", "question"), TIMES.items(), ids=len)
def test_it_is_asked_which_time_says_when_a_row_was_true(csv, names, question):
    found = csv(size=repeated("1", "2"), **{name: repeated("2024-01-31T12:00:00") for name in names})

    assert question in found.decisions
    assert ("Put it in the key too" in found.decisions) is bool(names)
