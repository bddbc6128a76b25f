"""The SQL files of a product run in the order in which they need each other, or are refused by line."""

import re

import pytest

from datadevops.engine import graph
from datadevops.errors import ContractError

SOURCES = ["weather", "airports"]


@pytest.fixture
def statements(tmp_path):
    """statements(hours="select ...", ...): those of files with these texts; `features` is wanted."""

    def read(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
        return graph.statements(tmp_path, SOURCES, ["features"])

    return read


def test_each_file_comes_after_those_it_reads(statements):
    found = statements(
        features="with features as (select * from wide) select * from features",
        wide="select * from hours as h left join Airports using (station)",
        hours="select * from weather",
    )

    assert {table: each.reads for table, each in found.items()} == {
        "hours": ("weather",),
        "wide": ("airports", "hours"),
        "features": ("wide",),
    }
    assert list(found) == ["hours", "wide", "features"]


def test_only_what_a_table_is_made_from_is_needed_for_it(statements, tmp_path):
    (tmp_path / "labels.sql").write_text("select * from later")
    (tmp_path / "later.sql").write_text("select * from weather")
    (tmp_path / "features.sql").write_text("select * from hours")
    (tmp_path / "hours.sql").write_text("select * from weather")

    found = graph.statements(tmp_path, SOURCES, ["features", "labels"])

    assert list(graph.needed(found, "features")) == ["hours", "features"]


READS = {
    "nothing": ("select 1 as x", ()),
    "a table in other letters": ("select * from WEATHER", ("weather",)),
    "a subquery": ("select * from (select * from weather)", ("weather",)),
    "a filter": (
        "select * from weather where station in (select station from airports)",
        tuple(sorted(SOURCES)),
    ),
    "a part of the statement": ("with a as (select * from weather) select * from a", ("weather",)),
    "a part that repeats itself": (
        "with recursive n as (select 1 as x union all select x + 1 from n) select * from n, weather",
        ("weather",),
    ),
    "numbers and lists": (
        "select * from range(3), generate_series(1, 3), unnest([1]), weather",
        ("weather",),
    ),
    "without select": ("from weather", ("weather",)),
}


@pytest.mark.parametrize(("sql", "reads"), READS.values(), ids=READS)
def test_what_a_statement_reads_is_found(statements, sql, reads):
    assert statements(features=sql)["features"].reads == reads


REFUSED = {
    "an unknown table": (
        {"features": "select *\nfrom wether"},
        "features.sql:2: wether: nobody makes it, did you mean 'weather'?",
    ),
    "itself": ({"features": "select * from features"}, "features.sql:1: features: it is made from itself"),
    "each other": (
        {"features": "select * from hours", "hours": "select * from features"},
        "features.sql <- hours.sql <- features.sql: made from each other",
    ),
    "a table that is delivered": (
        {"features": "select 1", "weather": "select 1"},
        "weather.sql makes a table that is delivered",
    ),
    "a table that the store knows": (
        {"features": "select * from models", "models": "select * from weather"},
        "models.sql makes a table with a reserved name",
    ),
    "a file that nothing uses": (
        {"features": "select * from weather", "hours": "select * from weather"},
        "hours.sql makes a table that nothing uses",
    ),
    "no file of what is wanted": ({"hours": "select * from weather"}, "features.sql is missing"),
    "a part with the name of a table": (
        {"features": "with a as (select 1),\nweather as (select 1) select * from weather"},
        "features.sql:2: `with weather as` hides the table of that name",
    ),
    "a file in SQL": (
        {"features": "select * from 'lookup.csv'"},
        'features.sql:1: "lookup.csv" is read past all checks',
    ),
    "a file by a function": (
        {"features": "select * from read_parquet('x.parquet')"},
        "is read past all checks; write a contract in sources/ for it",
    ),
    "a table of a schema": (
        {"features": "select * from main.weather"},
        "main.weather: write the name of the",
    ),
}


@pytest.mark.parametrize(("files", "told"), REFUSED.values(), ids=REFUSED)
def test_files_that_do_not_fit_together_are_refused(statements, files, told):
    with pytest.raises(ContractError, match=f"CT014.*do not fit together(.|\n)*{re.escape(told)}"):
        statements(**files)


UNPARSED = {"-- no verb\nselec * from weather": ":2", "": "", "select 'é": ":1"}


@pytest.mark.parametrize(("sql", "line"), UNPARSED.items())
def test_sql_that_cannot_be_parsed_is_refused_by_its_file_and_line(statements, sql, line):
    with pytest.raises(ContractError, match=rf"CT006.*features\.sql{line} cannot be parsed"):
        statements(features=sql)


def test_sql_in_another_encoding_is_refused_by_its_file(statements, tmp_path):
    (tmp_path / "hours.sql").write_bytes("select 'Zürich'".encode("latin-1"))

    with pytest.raises(ContractError, match=r"CT006.*hours\.sql is not in UTF-8"):
        statements(features="select * from hours")
