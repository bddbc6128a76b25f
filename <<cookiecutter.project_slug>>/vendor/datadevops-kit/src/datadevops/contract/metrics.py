"""The standard's metrics of a column or a table, as SQL, and what they are compared with.

In:       a quality rule of `type: library`.
Out:      SQL for its figure, which is one number; SQL that is true where `figure` keeps a bound.
Failure:  none; `faults` says what the rule lacks.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from . import options
from .entries import Rule
from .predicates import literal
from .values import Column, Contract

COMPARISONS = {
    "mustBe": "figure = {0}",
    "mustNotBe": "figure <> {0}",
    "mustBeGreaterThan": "figure > {0}",
    "mustBeGreaterOrEqualTo": "figure >= {0}",
    "mustBeLessThan": "figure < {0}",
    "mustBeLessOrEqualTo": "figure <= {0}",
    "mustBeBetween": "figure between {0} and {1}",
    "mustNotBeBetween": "figure not between {0} and {1}",
}
ARGUMENTS: Mapping[str | None, set[str]] = {
    "missingValues": {"missingValues"},
    "invalidValues": {"validValues", "pattern"},
    "duplicateValues": {"properties"},
}
PYTHON: Mapping[str, set[type]] = {
    "string": {str},
    "integer": {int},
    "number": {int, float},
    "boolean": {bool},
    "timestamp": {datetime},
    "date": {date},
}


def figure(contract: Contract, rule: Rule) -> str:
    """SQL for one row, one column `figure`: the rows that the metric counts, or their share in percent."""
    table, name = f'"{contract.name}"', f'"{rule.column}"'
    if rule.metric == "duplicateValues":  # each row after the first one with the same values
        names = [f'"{each}"' for each in rule.arguments.get("properties", [rule.column])]
        known = " and ".join(f"{each} is not null" for each in names)
        groups = f"select count(*) as n from {table} where {known} group by {', '.join(names)}"
        found = f"select coalesce(sum(n - 1), 0) as figure from ({groups}) as groups"
    else:
        counted = "true" if rule.metric == "rowCount" else _counted(contract, rule, name)
        found = f"select count(*) as figure from {table} where {counted}"
    if rule.unit == "percent":
        return f"select 100 * figure / (select count(*) from {table}) as figure from ({found}) as counted"
    return found


def _counted(contract: Contract, rule: Rule, name: str) -> str:
    column = next(column for column in contract.columns if column.name == rule.column)
    if rule.metric == "invalidValues":
        own = {"validValues": column.enum, "pattern": column.limits.pattern}
        given = rule.arguments or {name: value for name, value in own.items() if value}
        values = _listed(column.type, given.get("validValues", ()))
        pattern = literal(rf"^(?:{options.plain(given.get('pattern', ''))})\z")
        wrong = [f"{name} not in ({values})"] if values else []
        wrong += [f"not regexp_matches({name}, {pattern})"] if "pattern" in given else []
        return f"{name} is not null and ({' or '.join(wrong)})"
    listed = rule.arguments.get("missingValues", [None])
    values = _listed(column.type, listed)
    missing = [f"{name} in ({values})"] if values else []
    return " or ".join([*missing, *([f"{name} is null"] if None in listed else [])])


def _listed(kind: str, values: Iterable[Any]) -> str:
    return ", ".join(literal(options.parsed(kind, each)) for each in values if each is not None)


def faults(contract: Contract, rule: Rule) -> Iterator[str]:
    """What keeps the figure from being counted."""
    unknown = rule.arguments.keys() - ARGUMENTS.get(rule.metric, set())
    yield from (f"it takes no argument {name!r}; leave it out" for name in sorted(unknown))
    if rule.column is None and rule.metric not in ("rowCount", "duplicateValues"):
        yield "it belongs to a column"
    own = [column for column in contract.columns if column.name == rule.column]
    valid = rule.arguments or any(column.enum or column.limits.pattern for column in own)
    if rule.metric == "invalidValues" and not valid:
        yield "it needs the argument validValues or pattern, or an enum or a pattern of the column"
    columns = rule.arguments.get("properties")
    if rule.metric == "duplicateValues" and (rule.column is None) != bool(columns):
        yield "of a table it needs the argument properties, of a column it has none"
    known = {column.name for column in contract.columns}
    yield from (f"there is no column {name!r}" for name in columns or () if name not in known)
    for column in own:
        yield from _argument_faults(column, rule.arguments)


def _argument_faults(column: Column, arguments: Mapping[str, Any]) -> Iterator[str]:
    for name in ("validValues", "missingValues"):
        values = arguments.get(name, [None])
        if not (isinstance(values, list) and values):
            yield f"its argument {name} must be a list with at least one value"
            continue
        known = [options.parsed(column.type, value) for value in values if value is not None]
        wrong = [value for value in known if type(value) not in PYTHON[column.type]]
        yield from (f"{value!r} in {name} is no {column.type}" for value in wrong)
    pattern = arguments.get("pattern", "")
    if not isinstance(pattern, str) or ("pattern" in arguments and column.type != "string"):
        yield f"pattern {pattern!r}: a pattern is text, about a column of type string"
    else:
        yield from options.pattern_faults(options.plain(pattern))
