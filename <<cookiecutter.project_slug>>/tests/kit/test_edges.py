# The template's file: edits here meet template updates (copier update merges them).
"""All that holds a value against a contract gives the same answer, to every value."""

import json
import math
import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

# <% if cookiecutter.product_type == 'model-service' %>
from << cookiecutter.__package >>.kit import checks, odcs, request
# <% else %>
from << cookiecutter.__package >>.kit import checks, odcs
# <% endif %>
from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.kit.errors import DataError
from << cookiecutter.__package >>.kit.predicates import literal

KINDS = {
    "string": {str},
    "integer": {int},
    "number": {int, float},
    "boolean": {bool},
    "timestamp": {datetime},
}
TEXTS = [
    "",
    " ",
    "é",
    "e\u0301",
    "🤦🏼\u200d♂️",
    "null",
    "NaN",
    "'; drop table orders; --",
    "a\tb",
    "x" * 10_000,
]
NUMBERS = [
    0,
    -1,
    0.5,
    -0.0,
    5e-324,
    1.7976931348623157e308,
    math.nan,
    math.inf,
    -math.inf,
    2**31,
    2**63,
    -(2**100),
]
TIMES = [datetime(1900, 1, 1), datetime.min, datetime.max, datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)]


def keeps(column, value):
    """What the contract says of `value`, read word by word: the answer that both must give."""
    limits = column.limits
    if value is None:
        return not column.required
    if type(value) not in KINDS[column.type] or getattr(value, "tzinfo", None):
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if isinstance(value, str):
        return (
            (not column.enum or value in column.enum)
            and limits.min_length <= len(value) <= (limits.max_length or math.inf)
            and bool(re.fullmatch(limits.pattern or "(?s:.*)", value, re.ASCII))
        )
    return (
        (not column.enum or value in column.enum)
        and (limits.minimum is None or limits.minimum <= value)
        and (limits.maximum is None or value <= limits.maximum)
    )


def edges(column):
    """Values at, beside and far from every limit of `column`, and of types it does not take."""
    yield from [None, True, False, 1, 1.0, "1", "true", *TEXTS, *NUMBERS, *TIMES]
    for value in (*column.enum, *column.examples):
        yield value
        if isinstance(value, str):
            yield from (f"{value}\n", f" {value}", f"{value}x", value.swapcase(), value.translate(ARABIC))
    for bound in filter(None, (column.limits.min_length, column.limits.max_length)):
        yield from ("x" * (bound - 1), "x" * bound, "x" * (bound + 1), "é" * bound)
    for bound in (column.limits.minimum, column.limits.maximum):
        if isinstance(bound, datetime):
            yield from (bound + timedelta(microseconds=step) for step in (-1, 0, 1))
        elif bound is not None:
            yield from (
                bound - 1,
                bound,
                bound + 1,
                math.nextafter(bound, -math.inf),
                math.nextafter(bound, math.inf),
            )


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")  # digits by Unicode, but not by the contract


def alone(contract, *columns):
    """The contract of these columns only, without what several rows must have in common."""
    free = [column.model_copy(update={"key": False, "unique": False, "quality": ()}) for column in columns]
    return contract.model_copy(update={"columns": tuple(free), "quality": ()})


def by_type(column, values):
    """Which of `values` the contract's own examples may be."""
    kind = odcs.cell(column)
    return [accepts(kind, value) for value in values]


def accepts(kind, value):
    try:
        kind.validate_json(json.dumps(value, default=str))
    except ValidationError:
        return False
    return True


# <% if cookiecutter.product_type == 'model-service' %>
def by_request(contract, rows):
    """Which of `rows` the API accepts."""
    reader = request.Reader(contract)
    return [reads(reader, row) for row in rows]


def reads(reader, row):
    try:
        reader.read(json.dumps({"rows": [row]}, default=str).encode())
    except (request.ViolationsError, request.MalformedError):
        return False
    return True


# <% endif %>
def by_sql(engine, contract, column, values, folder):
    """Which of `values` the checks accept, in a file of the type that such values have."""
    rows = ", ".join(f"({place}, {as_sql(column, value)})" for place, value in enumerate(values))
    engine.keep(contract.name, f'from (values {rows}) as t(place, "{column.name}")')
    try:
        checks.split(engine, contract, folder)
    except DataError:
        return [False] * len(values)
    bad = {place for (place,) in engine.rows(f"select place from '{folder / checks.QUARANTINE}'")}
    return [place not in bad for place in range(len(values))]


def as_sql(column, value):
    if value is None:
        return f"cast(null as {column.sql_type})"
    if isinstance(value, datetime):
        return f"{'timestamptz' if value.tzinfo else 'timestamp'} '{value}'"
    types = {bool: "boolean", int: "hugeint", float: "double", str: "varchar", date: "date"}
    return f"cast({literal(str(value))} as {types[type(value)]})"


def spelt_as_text(column, value):
    """Whether JSON says a time as a text, to a column that takes texts."""
    return column.type == "string" and isinstance(value, date)


def kind_of(value):
    return str(type(value)) + str(getattr(value, "tzinfo", None))


def test_all_agree_with_the_contract_on_every_edge(engine, contract, tmp_path):
    asked = 0
    disagreements = []
    for column in contract.columns:
        one = alone(contract, column)
        values = [value for value in edges(column) if not spelt_as_text(column, value)]
        for kind in {kind_of(value) for value in values}:
            alike = [value for value in values if kind_of(value) == kind]
            answers = zip(
                alike,
                [keeps(column, value) for value in alike],
                by_type(column, alike),
# <% if cookiecutter.product_type == 'model-service' %>
                by_request(one, [{column.name: value} for value in alike]),
# <% endif %>
                by_sql(engine, one, column, alike, tmp_path),
                strict=True,
            )
            disagreements += [(column.name, *answer) for answer in answers if len(set(answer[1:])) > 1]
            asked += len(alike)

    assert asked >= 80
    assert disagreements == []  # (column, value, by the contract, ..., by SQL)


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


@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_row_made_from_the_contract_passes(contract, tmp_path_factory, data):
    free = alone(contract, *contract.columns)
    row = st.fixed_dictionaries({column.name: cells(column) for column in free.columns})
    made = data.draw(st.lists(row, min_size=1, max_size=4))
    rows = [", ".join(as_sql(column, row[column.name]) for column in free.columns) for row in made]

    names = ", ".join(f'"{column.name}"' for column in free.columns)
    with DuckDB() as engine:
        engine.keep(free.name, f"from (values ({'), ('.join(rows)})) as t({names})")
        result = checks.split(engine, free, tmp_path_factory.mktemp("rows"))

    assert (result.good, result.broken) == (len(made), {})
# <% if cookiecutter.product_type == 'model-service' %>
    assert by_request(free, made) == [True] * len(made)
# <% endif %>
