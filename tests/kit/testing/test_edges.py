"""All that checks a value against a contract gives the same answer, to every value."""

import json
import re
from datetime import datetime

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from datadevops.contract.predicates import literal
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.service import request
from datadevops.testing import edges


def test_all_agree_with_the_contract_on_every_edge(contract, tmp_path):
    assert list(edges.disagreements(contract, tmp_path, requests=True)) == []


def test_there_are_many_edges_of_every_column(contract):
    for column in contract.columns:
        assert len(list(edges.edges(column))) >= 30


def test_whoever_answers_otherwise_is_found(orders, tmp_path, monkeypatch):
    (quantity,) = (column for column in orders.columns if column.name == "quantity")
    keeps = edges.keeps
    monkeypatch.setattr(edges, "keeps", lambda column, value: keeps(column, value) or value == 101)

    (found,) = edges.disagreements(edges.alone(orders, quantity), tmp_path, requests=True)

    assert found.startswith("quantity = '101' is good for the contract: True, its type: False, SQL: False")


def cells(column):
    """Any value that `column` may hold, as a hypothesis strategy."""
    limits, text = column.limits, st.characters(min_codepoint=32, exclude_categories=["Cs"])
    if column.enum:
        some = st.sampled_from(column.enum)
    elif column.type == "string" and limits.pattern:
        some = st.from_regex(re.compile(limits.pattern, re.ASCII), fullmatch=True, alphabet=text)
    elif column.type == "string":
        some = st.text(text, min_size=limits.min_length, max_size=limits.max_length)
    elif column.type == "boolean":
        some = st.booleans()
    elif column.type == "timestamp":
        some = st.datetimes(limits.minimum or datetime.min, limits.maximum or datetime.max)
    elif column.type == "integer":
        some = st.integers(limits.minimum, limits.maximum)
    else:
        some = st.floats(limits.minimum, limits.maximum, allow_nan=False, allow_infinity=False)
    return some if column.required else st.none() | some


def as_sql(column, value):
    return f"cast({'null' if value is None else literal(value)} as {column.sql_type})"


@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_row_made_from_the_contract_passes(contract, tmp_path_factory, data):
    free = edges.alone(contract, *contract.columns)
    row = st.fixed_dictionaries({column.name: cells(column) for column in free.columns})
    made = data.draw(st.lists(row, min_size=1, max_size=4))
    rows = [", ".join(as_sql(column, row[column.name]) for column in free.columns) for row in made]

    names = ", ".join(f'"{column.name}"' for column in free.columns)
    with DuckDB() as engine:
        engine.keep(free.name, f"from (values ({'), ('.join(rows)})) as t({names})")
        result = checks.split(engine, free, tmp_path_factory.mktemp("rows"))

    assert (result.good, result.broken) == (len(made), {})
    assert len(request.Reader(free).read(json.dumps({"rows": made}, default=str).encode())) == len(made)
