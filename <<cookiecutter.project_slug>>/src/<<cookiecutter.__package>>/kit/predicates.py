# The template's file: edits here meet template updates (copier update merges them).
"""The rules of a contract as SQL that is true for a bad row.

In:       a contract.
Out:      rule name -> predicate, in a subset of SQL that means the same to every engine.
Failure:  ContractError CT005 for a quality rule that cannot be made a predicate.
"""

import re
from collections.abc import Iterator
from typing import Any

from .contract import Column, Contract, Rule
from .errors import ContractError

LARGEST = "1.7976931348623157e308"
WHERE = "SELECT COUNT(*) FROM ${object} WHERE <bad>"
QUALIFY = "SELECT COUNT(*) FROM (SELECT * FROM ${object} QUALIFY <bad, with windows>)"
HINT = f"give it a name, `mustBe: 0` and {WHERE} or {QUALIFY}"
ROWS = re.compile(
    r"\s*SELECT\s+COUNT\(\*\)\s+FROM\s+"
    r"(\$\{object\}\s+WHERE\s(?P<where>.+)"
    r"|\(\s*SELECT\s+\*\s+FROM\s+\$\{object\}\s+QUALIFY\s(?P<qualify>.+)\)\s*)",
    re.IGNORECASE | re.DOTALL,
)


def predicates(contract: Contract) -> dict[str, str]:
    """Rule name -> SQL that is true for a row that breaks it."""
    rules = {f"{c.name}:{rule}": sql for c in contract.columns for rule, sql in _of_column(c)}
    if contract.keys:
        key = ", ".join(f'"{name}"' for name in contract.keys)
        rules["key:duplicate"] = f"count(*) over (partition by {key}) > 1"
    return rules | {rule.name: _of_row(contract, rule) for rule in contract.rules if rule.type == "sql"}


def _of_column(column: Column) -> Iterator[tuple[str, str]]:
    name, limits = f'"{column.name}"', column.limits
    if column.required:
        yield "null", f"{name} is null"
    if column.type == "number":  # NaN is above +infinity in both engines; isfinite is in one only
        yield "finite", f"not {name} between -{LARGEST} and {LARGEST}"
    if limits.minimum is not None:
        yield "minimum", f"{name} < {literal(limits.minimum)}"
    if limits.maximum is not None:
        yield "maximum", f"{name} > {literal(limits.maximum)}"
    if limits.pattern:  # \z: unlike $ it does not match before a trailing newline
        pattern = literal(rf"^(?:{limits.pattern})\z")
        yield "pattern", f"not regexp_matches({name}, {pattern})"
    if limits.min_length:
        yield "minLength", f"length({name}) < {limits.min_length}"
    if limits.max_length is not None:
        yield "maxLength", f"length({name}) > {limits.max_length}"
    if column.enum:
        yield "enum", f"{name} not in ({', '.join(map(literal, column.enum))})"
    if column.unique:
        yield "unique", f"{name} is not null and count(*) over (partition by {name}) > 1"


def _of_row(contract: Contract, rule: Rule) -> str:
    query = ROWS.fullmatch(rule.query)
    if not query or rule.bounds != {"mustBe": 0} or not rule.name:
        place = f"{contract.path}: quality rule {rule.name!r}"
        raise ContractError("CT005", f"{place} does not say which rows are bad", HINT)
    return f"({query['where'] or query['qualify']}\n)"  # it may end with a comment


def literal(value: Any) -> str:
    """`value` as SQL."""
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value).replace("'", "''")
    return f"'{text}'" if isinstance(value, str) else f"timestamp '{text}'"
