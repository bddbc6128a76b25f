"""What is drafted from the text of a CSV file."""

import re

import pytest
import yaml

from datadevops.engine import dialect, portable

ROWS = 40
TYPES = {
    "whole numbers": (["3", "-7", "+12"], "integer"),
    "numbers": (["1.5", "2", "-3e-5"], "number"),
    "whole numbers with a point": (["1.0", "2.0"], "number"),
    "days": (["2024-01-31", "2024-02-01"], "date"),
    "times": (["2024-01-31T12:00:00", "2024-02-01 13:30:00.25"], "timestamp"),
    "times that say UTC": (["2024-01-31T12:00:00Z", "2024-02-01T13:30:00Z"], "timestamp"),
    "days and times": (["2024-01-31", "2024-02-01T13:30:00"], "timestamp"),
    "true and false": (["true", "FALSE"], "boolean"),
    "yes and no": (["Yes", "no"], "boolean"),
    "y and n": (["Y", "N"], "boolean"),
    "t and f": (["t", "f"], "boolean"),
    "one of a pair": (["N", "N"], "string"),
    "letters that are no pair": (["F", "N"], "string"),
    "ones and zeros": (["0", "1"], "integer"),
    "codes with zeros in front": (["00501", "10115"], "string"),
    "telephone numbers": (["+4930901820", "+441632960961"], "string"),
    "codes with an e": (["12E4", "13E5"], "string"),
    "more digits than 64 bits": (["12345678901234567890123", "1"], "string"),
    "numbers as R writes them": (["1012.3", "1e3", "1010"], "number"),
    "a word among numbers": (["1.5", "2", "3", "4", "5", "many"], "string"),
    "a word for null among numbers": (["1.5", "NA", "NA"], "number"),
    "a word for null among times": (["2024-01-31T12:00:00", "null"], "timestamp"),
    "not a number": (["1.5", "2", "3", "4", "5", "NaN"], "number"),
    "words, and one for null": (["north", "NA"], "string"),
    "infinity": (["1.5", "2", "3", "4", "5", "inf"], "string"),
    "times with a zone": (["2024-01-31T12:00:00+02:00", "2024-02-01T13:30:00+01:00"], "string"),
    "days of another form": (["31.01.2024", "01.02.2024"], "string"),
    "numbers with a comma": (['"1,5"', '"2,5"'], "string"),
    "words": (["north", "south"], "string"),
}


def repeated(cells):
    return [cells[number % len(cells)] for number in range(ROWS)]


@pytest.mark.parametrize(("cells", "kind"), TYPES.values(), ids=TYPES)
def test_the_type_of_a_column_follows_from_all_its_cells(csv, cells, kind):
    assert csv(x=repeated(cells)).column("x")["logicalType"] == kind


WHY = {
    "a zero that a number loses": (["00501", "10115"], "text: a number would lose signs of 00501"),
    "a word among numbers": (
        ["1.5", "2", "3", "4", "many"],
        "number but for 'many' (8): have null written as an empty cell, or use"
        " try_cast in SQL, with `-- duckdb only` on its line",
    ),
    "days in a form of their own": (
        ["31.01.2024", "01.02.2024"],
        "days as %d.%m.%Y; have them written as 2024-01-31",
    ),
    "days with names of months, which Spark reads otherwise": (
        ["31-Jan-2024", "01-Feb-2024"],
        "days as %d-%b-%Y; have them written as 2024-01-31, or use strptime in SQL, with `-- duckdb only`",
    ),
    "days of which nobody can tell": (
        ["01/02/2024", "03/04/2024"],
        "days as %d/%m/%Y or %m/%d/%Y: nobody can tell",
    ),
    "a decimal comma": (['"1,5"', '"2,5"'], "numbers with a decimal comma"),
    "a sign of money": (["$870000", "$95.5"], "use cast(replace(\"x\", '$', '') as double) in SQL"),
    "commas between thousands": (
        ['"870,000"', '"1,870,000.5"', "950"],
        "numbers with commas between thousands: have them written without, or use cast(replace(",
    ),
    "both": (['"€870,000"'], "use cast(replace(replace(\"x\", '€', ''), ',', '') as double) in SQL"),
    "a zone": (["2024-01-31T12:00:00+02:00"], "times with a zone: have them written in UTC"),
    "UTC": (["2024-01-31T12:00:00Z"], "each time says that it is UTC"),
}


def test_what_is_said_of_amounts_makes_numbers_of_them_and_is_asked_about(csv, engine):
    found = csv(x=repeated(['"$870,000"', "$95.5"]))
    (made,) = re.findall(r"cast\(.* as double\)", found.comment("logicalType:"))

    assert made in found.decisions
    assert engine.rows(f"select {made} from (values ('$870,000'), ('$95.5')) as t(x)") == [
        (870000.0,),
        (95.5,),
    ]


@pytest.mark.parametrize(("cells", "why"), WHY.values(), ids=WHY)
def test_a_type_that_is_no_matter_of_course_has_its_reason_beside_it(csv, cells, why):
    found = csv(x=repeated(cells))

    assert why in found.comment("logicalType:")
    assert why in found.decisions


@pytest.mark.parametrize("day", ["31.01.2024", "31/01/2024", "01/31/2024", "2024/01/31", "31-01-2024"])
def test_the_strptime_that_a_draft_advises_carries_over_to_spark(csv, day):
    found = csv(x=[day] * ROWS)

    (form,) = re.findall(r"days as (\S+);", found.decisions)
    sql = f"select cast(strptime(x, '{form}') as date) as day from t"
    assert "duckdb only" not in found.decisions
    assert list(portable.problems(sql, {"t": {"x": "VARCHAR"}})) == []
    assert "TO_TIMESTAMP(x, " in dialect.translated(sql)


def test_a_type_is_judged_by_the_last_row_too(csv, monkeypatch):
    monkeypatch.setattr("datadevops.drafts.looks.FIRST_ROWS", 5)

    found = csv(x=[*map(str, range(ROWS)), "many"], y=[*map(str, range(ROWS)), "1.5"])

    assert [found.column(name)["logicalType"] for name in "xy"] == ["string", "number"]
    assert "integer but for 'many' (1)" in found.comment("logicalType: string")


def test_a_column_without_a_value_is_text_that_may_be_null(csv):
    found = csv(x=[""] * ROWS, y=["1"] * ROWS)

    assert found.column("x")["logicalType"] == "string"
    assert "required" not in found.column("x")
    assert "No value in any row: x." in found.decisions


def test_a_word_for_null_among_numbers_counts_as_null_in_the_whole_file(csv):
    found = csv(
        x=repeated(["1", "N/A"]),
        y=repeated(["1.5", "NA", " na"]),
        z=repeated(["NA", "north"]),
        w=["-"] * ROWS,
    )

    assert {c.name: c.missing_values for c in found.contract.columns} == {
        "x": ("N/A",),
        "y": (" na", "NA"),
        "z": ("NA",),
        "w": (),
    }
    assert [c.required for c in found.contract.columns] == [False, False, False, True]
    assert "Null: 'N/A' in x, ' na' 'NA' in y, 'NA' in z count as null (missingValues)." in found.decisions


def test_a_word_for_null_among_words_alone_stays_a_word(csv):
    found = csv(x=repeated(["NA", "north"]), y=repeated(["1", "2"]))

    assert [c.missing_values for c in found.contract.columns] == [(), ()]
    assert found.column("x")["enum"] == [{"value": "NA"}, {"value": "north"}]


def test_a_file_with_semicolons_and_quotes_is_read_as_a_check_reads_it(drafted, tmp_path):
    (tmp_path / "t.csv").write_text('a;"b; c"\n1;"x\n""y"""\n2;\n', encoding="utf-8")

    found = drafted(tmp_path / "t.csv")

    assert [column.there for column in found.draft.columns] == ["a", "b; c"]
    assert found.contract.physical_names == {"b_c": "b; c"}


@pytest.mark.parametrize("place", ["data/new rows.csv", "s3://lake/in/t.csv"])
def test_the_contract_says_where_the_file_is_stored(drafted, tmp_path, place):
    (tmp_path / "t.csv").write_text("a\n1\n", encoding="utf-8")

    found = drafted(tmp_path / "t.csv", place)

    (server,) = yaml.safe_load(found.text)["servers"]
    assert found.contract.location == place
    assert (server["format"], server["type"]) == ("csv", "s3" if "://" in place else "local")
