"""A CSV file whose line 1 is a row is refused; one with unusual names is drafted."""

import pytest

from datadevops.errors import DataError

ROWS = {
    "numbers and text": ["7,1.5,north", "8,2.5,south", "9,1,south"],
    "a day and text": ["2024-01-01,north", "2024-01-02,south"],
    "days in a form of their own": ["31.01.2024,north", "01.02.2024,south"],
    "times": ["2024-01-01T00:00:00,north", "2024-01-01T01:00:00,south"],
    "codes with zeros in front": ["00501,north", "10115,south"],
    "an empty cell": [",7,north", "1,8,south", "2,9,south"],
    "a word for null": ["NA,7,north", "1,8,south", "2,9,south"],
    "true and false": ["true,north", "false,south"],
    "a uuid": [f"{digit * 8}-1111-4111-8111-111111111111,north" for digit in "12"],
    "years and other numbers": ["2019,7", "2020,9"],
}


@pytest.mark.parametrize("lines", ROWS.values(), ids=ROWS)
def test_a_row_in_place_of_names_is_refused(drafted, tmp_path, lines):
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")

    with pytest.raises(DataError) as error:
        drafted(tmp_path / "t.csv")

    (first, *_) = [cell for cell in lines[0].split(",") if cell not in ("", "NA", "north")]
    assert error.value.id == "DQ004"
    assert "line 1 has to name the columns, and looks like a row: " in error.value.message
    assert f"{first!r}" in error.value.message
    assert "put a line in front of it that names the columns" in error.value.hint


def test_a_row_of_very_many_columns_is_refused_and_shown_in_short(drafted, tmp_path):
    cells = [str(number * number) for number in range(1, 101)]
    (tmp_path / "t.csv").write_text(f"{','.join(cells)}\n{','.join(cells)}\n")

    with pytest.raises(DataError, match="looks like a row: '1', '4', '9', '16' look like"):
        drafted(tmp_path / "t.csv")


NAMES = {
    "one word above numbers": ["id,2.5,7", "1,2.0,8", "2,3.0,9"],
    "a day above numbers": ["shop,2024-01-01,2024-01-02", "north,1,2", "south,3,4"],
    "letters above zeros and ones": ["t,y", "0,1", "1,0"],
    "a number above text": ["7,shop", "north,south"],
    "an empty name of row numbers": [",shop", "1,north", "2,south"],
    "text alone": ["north,red", "south,blue"],
}


@pytest.mark.parametrize("lines", NAMES.values(), ids=NAMES)
def test_names_that_are_unlike_their_cells_are_names(drafted, tmp_path, lines):
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")

    assert drafted(tmp_path / "t.csv").draft.rows == len(lines) - 1


SCALES = {
    "years": ["shop,2010,2015,2018", "north,1,2,3", "south,3,4,4"],
    "hours": ["shop,0,6,12", "north,1,2,3", "south,3,4,4"],
}


@pytest.mark.parametrize("lines", SCALES.values(), ids=SCALES)
def test_numbers_that_may_name_columns_are_drafted_with_a_question(drafted, tmp_path, lines):
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")

    asked = drafted(tmp_path / "t.csv").decisions

    shown = ", ".join(map(repr, lines[0].split(",")[1:]))
    assert (
        f"Header: {shown} in place of a name. If line 1 of the file is a row, put a line with names" in asked
    )


def test_a_header_of_words_is_not_asked_about(drafted, tmp_path):
    (tmp_path / "t.csv").write_text("shop,Fare $\nnorth,1\nsouth,2\n")

    assert "Header:" not in drafted(tmp_path / "t.csv").decisions
