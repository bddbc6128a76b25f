"""A CSV file is read as its contract says, or the cell, line or header that is wrong is named."""

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

    with pytest.raises(DataError, match=rf"(?s)DQ004.*{path}.*{column}"):
        engine.read("t", path, TYPES)


LINES = {"short": "web", "long": "web,1,1", "with a quote left open": 'web,"1'}


@pytest.mark.parametrize("place", [1, 3000])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_csv_line_of_another_length_is_named_and_not_skipped(engine, tmp_path, line, place):
    path = tmp_path / "in.csv"
    path.write_text("shop,quantity\n" + "web,1\n" * place + f"{line}\n", encoding="utf-8")

    with pytest.raises(DataError, match=rf"DQ004.*{path}.*Line: {place + 2}"):
        engine.read("t", path, TYPES)


def test_no_csv_line_is_taken_for_a_comment_or_for_the_header(engine, tmp_path):
    (tmp_path / "in.csv").write_text("shop,quantity\n#1,1\n\nshop,quantity\n,2\n", encoding="utf-8")

    engine.read("t", tmp_path / "in.csv")

    assert engine.rows("from t") == [("#1", "1"), ("shop", "quantity"), (None, "2")]


FORMS = {
    "semicolons": "shop;quantity\n1,5;2\n",
    "tabs": "shop\tquantity\n1,5\t2\n",
    "a byte order mark and lines of Windows": '\ufeffshop,quantity\r\n"1,5",2\r\n',
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_csv_file_may_have(engine, tmp_path, text):
    (tmp_path / "in.csv").write_bytes(text.encode())

    engine.read("t", tmp_path / "in.csv", TYPES)

    assert engine.rows("select shop, quantity from t") == [("1,5", 2)]


HEADERS = {
    "a name twice": (b"shop,Shop\nweb,web\n", "more than one column is called 'shop'"),
    "another encoding": ("shop,größe\n".encode("latin-1"), "utf-8"),
}


@pytest.mark.parametrize(("text", "told"), HEADERS.values(), ids=HEADERS)
def test_a_csv_header_may_not_have(engine, tmp_path, text, told):
    path = tmp_path / "in.csv"
    path.write_bytes(text)

    with pytest.raises(DataError, match=rf"DQ004.*{path}.*{told}"):
        engine.read("t", path)
