"""All that checks a value against a contract gives the same answer, to every value."""

import json
import re
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from datadevops.contract import cells as cell_types
from datadevops.contract import odcs
from datadevops.contract.predicates import literal
from datadevops.contract.values import Limits
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.service import request
from datadevops.testing import agreement, edges


def test_all_agree_with_the_contract_on_every_edge(contract, tmp_path):
    assert list(agreement.disagreements(contract, tmp_path, requests=True)) == []


def test_all_agree_on_days_and_times_of_a_list(edited, tmp_path):
    days = [{"value": "2024-02-29"}, {"value": "2024-03-01"}]
    times = [{"value": "2024-02-29T10:00:00"}, {"value": "2024-02-29T10:00:00.000001"}]
    contract = odcs.load(edited(due_on={"enum": days, "required": True}, shipped_at={"enum": times}))
    columns = [column for column in contract.columns if column.name in ("due_on", "shipped_at")]

    listed = agreement.alone(contract, *columns)

    assert list(agreement.disagreements(listed, tmp_path, requests=True)) == []


def test_there_are_many_edges_of_every_column(contract):
    for column in contract.columns:
        assert len(list(edges.values(column))) >= 29


# column -> what one of the four gets wrong: a limit, the list of values, or whether null is allowed
MISREAD = {
    "quantity": {"minimum": 0},
    "unit_price": {"maximum": 1001},
    "ordered_at": {"maximum": datetime(2024, 3, 2)},
    "due_on": {"maximum": date(2100, 1, 1)},
    "sku": {"pattern": "[A-Z]{2}[0-9]{3}|gift\\n"},
    "note": {"min_length": 1},
    "weight_kg": {"maximum": 1.7976931348623155e308},
    "stars": {"enum": ()},
    "order_id": {"required": False},
}


def misread(column):
    """The column with the wrong limits of MISREAD."""
    wrong = MISREAD.get(column.name, {})
    limits = column.limits.model_copy(update={k: v for k, v in wrong.items() if hasattr(column.limits, k)})
    rest = {k: v for k, v in wrong.items() if not hasattr(column.limits, k)}
    return column.model_copy(update={"limits": limits, **rest})


def misread_all(contract):
    return contract.model_copy(update={"columns": tuple(map(misread, contract.columns))})


WHO = {  # who answers -> the function to replace, and its replacement, which uses the wrong limits
    "the contract": (agreement, "keeps", lambda keeps: lambda column, value: keeps(misread(column), value)),
    "its type": (cell_types, "cell", lambda cell: lambda column: cell(misread(column))),
    "SQL": (checks, "predicates", lambda rules: lambda contract: rules(misread_all(contract))),
    "a request": (request, "Reader", lambda reader: lambda contract: reader(misread_all(contract))),
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", MISREAD)
def test_the_one_that_disagrees_is_found(orders, tmp_path, monkeypatch, who, name):
    columns = [column for column in orders.columns if column.name == name]
    module, maker, instead = WHO[who]
    monkeypatch.setattr(module, maker, instead(getattr(module, maker)))

    found = list(agreement.disagreements(agreement.alone(orders, *columns), tmp_path, requests=True))

    assert found
    for line in found:
        answers = dict(re.findall(rf"({'|'.join(WHO)}): (True|False)", line))
        others = {answer for each, answer in answers.items() if each != who}
        assert line.startswith(f"{name} = ")
        assert answers.keys() == WHO.keys()
        assert len(others) == 1
        assert answers[who] not in others


def test_a_value_that_breaks_no_rule_and_yet_cannot_be_kept_is_found(orders, tmp_path):
    quantity, boxes = (column for column in orders.columns if column.name in ("quantity", "boxes"))
    any_integer = boxes.model_copy(update={"limits": Limits()})

    found = list(
        agreement.disagreements(agreement.alone(orders, quantity, any_integer), tmp_path, requests=True)
    )

    assert f"boxes = '{2**63}' is good for the contract: True, its type: True, SQL: False" in found[0]
    assert all(line.startswith("boxes = ") for line in found)


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
    elif column.type == "date":
        some = st.dates(limits.minimum or date.min, limits.maximum or date.max)
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
    free = agreement.alone(contract, *contract.columns)
    row = st.fixed_dictionaries({column.name: cells(column) for column in free.columns})
    made = data.draw(st.lists(row, min_size=1, max_size=4))
    rows = [", ".join(as_sql(column, row[column.name]) for column in free.columns) for row in made]

    names = ", ".join(f'"{column.name}"' for column in free.columns)
    with DuckDB() as engine:
        engine.keep(free.name, f"from (values ({'), ('.join(rows)})) as t({names})")
        result = checks.split(engine, free, tmp_path_factory.mktemp("rows"))

    assert (result.good, result.broken) == (len(made), {})
    assert len(request.Reader(free).read(json.dumps({"rows": made}, default=str).encode())) == len(made)
