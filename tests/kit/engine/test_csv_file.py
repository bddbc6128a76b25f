"""A CSV file is read as its contract says, or the cell, line or header that is wrong is named."""

import re

import pytest

from datadevops.errors import DataError

TYPES = {"shop": "VARCHAR", "quantity": "INTEGER", "weight_kg": "DOUBLE", "shipped_at": "TIMESTAMP"}


def test_a_csv_file_takes_the_types_of_the_contract_and_all_else_is_text(engine, tmp_path):
    path = tmp_path / "in.CSV"
    header, rows = 'shop,quantity,weight_kg,"Ann\'s ""own"" day"', "007,3,1.5,13.02.2024\n,,,\n"
    path.write_text(f"{header}\n{rows}", encoding="utf-8")

    engine.read("t", path, TYPES)

    assert engine.rows("from t") == [("007", 3, 1.5, "13.02.2024"), (None, None, None, None)]
    assert list(engine.types("from t")) == ["shop", "quantity", "weight_kg", 'Ann\'s "own" day']


CELLS = {
    "text": ("quantity", "three"),
    "too large for the type": ("quantity", "3000000000"),
    "a fraction, which would be rounded": ("quantity", "1.5"),
    "a hexadecimal number": ("quantity", "0x1f"),
    "a time zone, which would be dropped": ("shipped_at", "2024-01-01T12:00:00+02:00"),
    "a named time zone": ("shipped_at", "2024-01-01 12:00:00 Europe/Berlin"),
    "a time in words": ("shipped_at", "noon"),
    "a time finer than can be kept": ("shipped_at", "2024-01-01 12:00:00.1234567"),
    "a number with a gap": ("weight_kg", "1_0.5"),
}


@pytest.mark.parametrize(("column", "cell"), CELLS.values(), ids=CELLS)
def test_a_csv_cell_of_a_wrong_type_is_named_even_in_the_last_line(engine, tmp_path, column, cell):
    path = tmp_path / "in.csv"
    path.write_text(f"shop,{column}\n" + "web,\n" * 3000 + f"web,{cell}\n", encoding="utf-8")

    with pytest.raises(DataError, match=rf"(?s)DQ004.*{re.escape(str(path))}.*{column}"):
        engine.read("t", path, TYPES)


WIDE = ",".join(f"c{place}" for place in range(100))
CELLS_OF_WIDE = ",".join(["a long cell"] * 99)
LINES = {  # header, a good line, a bad line, what is said of it
    "short": ("shop,quantity", "web,1", "web", "the header has 2 cells, this line 1; it begins with 'web'"),
    "long": ("shop,quantity", "web,1", "web,1,1", "the header has 2 cells, this line 3"),
    "short, of many cells": (
        WIDE,
        f"1,{CELLS_OF_WIDE}",
        CELLS_OF_WIDE,
        "the header has 100 cells, this line 99; it begins with " + ", ".join(["'a long cell'"] * 3),
    ),
    "with a quote left open": ("shop,quantity", "web,1", 'web,"1', "a quote is opened and never closed"),
    "with a lost quote and much behind it": (
        "shop,quantity",
        "web,1",
        '"web,1\n' + "web,1\n" * 400_000,
        "it is longer than 2,000,000 characters, or a quote in it is never closed",
    ),
    "with text after a quote": ("shop,quantity", "web,1", '"we"b,1', "text follows a quote"),
    "of 2 MB": ("shop,quantity", "web,1", f"{'w' * 2_000_001},1", "it is longer than 2,000,000 characters"),
    "with a cell of a wrong type": ("shop,quantity", "web,1", "web,x", "quantity: 'x' is no integer"),
    "with a long cell of a wrong type": (
        "quantity,shop",
        '1,"two\nlines"',
        f"{'x' * 1000},1",
        f"quantity: '{'x' * 37}...' is no integer",
    ),
}


@pytest.mark.parametrize("rows", [1, 3000])
@pytest.mark.parametrize(("header", "good", "bad", "told"), LINES.values(), ids=LINES)
def test_a_csv_line_that_is_wrong_is_named_with_the_reason(engine, tmp_path, header, good, bad, told, rows):
    path = tmp_path / "in.csv"
    path.write_text(f"{header}\n" + f"{good}\n" * rows + f"{bad}\n", encoding="utf-8")
    line = 2 + rows * (1 + good.count("\n"))

    with pytest.raises(DataError) as error:
        engine.read("t", path, TYPES)

    assert f"error[DQ004] {path}: line {line}: {told}" in str(error.value)
    assert len(str(error.value)) < 400
    for foreign in ("strict_mode", "null_padding", "ignore_errors", "max_line_size"):
        assert foreign not in str(error.value)


ENDS = {
    "a header of Windows": (b"shop,quantity\r\nweb,1\nweb,2\n", "line 2 ends with LF, line 1 with CR LF"),
    "rows of Windows": (b"shop,quantity\nweb,1\r\nweb,2\r\n", "line 2 ends with CR LF, line 1 with LF"),
    "one of Windows": (b"shop,quantity\nweb,1\nweb,2\r\n", "line 3 ends with CR LF, line 1 with LF"),
    "one of an old Mac": (b"shop,quantity\nweb,1\rweb,2\n", "line 2 ends with CR, line 1 with LF"),
    "a CR too many": (b"shop,quantity\r\r\nweb,1\r\r\n", "line 2 ends with CR LF, line 1 with CR"),
}


@pytest.mark.parametrize(("text", "told"), ENDS.values(), ids=ENDS)
def test_the_first_csv_line_whose_end_differs_is_named(engine, tmp_path, text, told):
    (tmp_path / "in.csv").write_bytes(text)

    with pytest.raises(DataError, match=rf"DQ004.*in\.csv: {told}\n\nhint: .*`dos2unix`"):
        engine.read("t", tmp_path / "in.csv", TYPES)


def test_no_csv_line_is_taken_for_a_comment_or_for_the_header(engine, tmp_path):
    (tmp_path / "in.csv").write_text("shop,quantity\n#1,1\n\nshop,quantity\n,2\n", encoding="utf-8")

    engine.read("t", tmp_path / "in.csv")

    assert engine.rows("from t") == [("#1", "1"), ("shop", "quantity"), (None, "2")]


FORMS = {
    "semicolons": "shop;quantity\n1,5;2\n",
    "tabs": "shop\tquantity\n1,5\t2\n",
    "lines of an old Mac": 'shop,quantity\r"1,5",2\r',
    "line ends within cells": 'shop,quantity,note\r\n"1,5",2,"a\nb"\r\n',
    "a delimiter more in each row": 'shop,quantity\n"1,5",2,\n',
    "a delimiter more in the header too": 'shop,quantity,\n"1,5",2,\n',
    "no end of the last line": 'shop,quantity\n"1,5",2',
    "empty lines": 'shop,quantity\n\n"1,5",2\n\n',
    "other delimiters in a name": 'shop,"of; all; the; shops",quantity\n"1,5",1,2\n',
    "other delimiters in names without quotes": "rain;shop;wind (m/s, mean, 1 h, 2 m);quantity\n1;1,5;1;2\n",
    "a name of two lines": '"rain\n; in mm; sum",shop,quantity\n1,"1,5",2\n',
    "a byte order mark and quotes": '\ufeff"shop","quantity"\n"1,5",2\n',
    "a byte order mark and lines of Windows": '\ufeffshop,quantity\r\n"1,5",2\r\n',
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_csv_file_may_have(engine, tmp_path, text):
    (tmp_path / "in.csv").write_bytes(text.encode())

    engine.read("t", tmp_path / "in.csv", TYPES)

    assert engine.rows("select shop, quantity from t") == [("1,5", 2)]


HEADERS = {
    "a name twice": (b"shop,Shop\nweb,web\n", "the columns 'shop', 'Shop' have one name"),
    "another encoding": ("shop,größe\n".encode("latin-1"), "line 1 is not UTF-8"),
    "another encoding in a row": ("shop,n\nweb,1\nköln,1\n".encode("latin-1"), "line 3 is not UTF-8"),
    "another encoding far down": (
        ("shop,n\n" + "web,1\n" * 3000 + "köln,1\n").encode("latin-1"),
        "line 3002 is not UTF-8",
    ),
    "an empty first line": (b"\nshop,n\nweb,1\n", "line 1 is empty, and has to name the columns"),
    "a quote left open": (b'"shop,n\nweb,1\n', "line 1: a quote is opened and never closed"),
}


def test_a_row_in_place_of_a_header_may_name_a_column_twice(engine, tmp_path):
    (tmp_path / "in.csv").write_text("7,7\n8,9\n")

    with pytest.raises(DataError, match="if line 1 is a row already, put a line with names in front"):
        engine.read("t", tmp_path / "in.csv")


@pytest.mark.parametrize(("text", "told"), HEADERS.values(), ids=HEADERS)
def test_a_csv_file_may_not_have(engine, tmp_path, text, told):
    path = tmp_path / "in.csv"
    path.write_bytes(text)

    with pytest.raises(DataError, match=rf"DQ004.*{re.escape(str(path))}.*{told}"):
        engine.read("t", path)
