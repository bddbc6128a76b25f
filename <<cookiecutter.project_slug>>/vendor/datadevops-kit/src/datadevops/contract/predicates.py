"""The rules of a contract as SQL that is true for a bad row.

In:       a contract.
Out:      rule name -> predicate, in a subset of SQL that means the same to every engine.
Failure:  ContractError CT005 for a quality rule that cannot be made a predicate.
"""

import re
from datetime import datetime
from typing import Any

from ..errors import ContractError
from .entries import Rule
from .kinds import listed
from .values import Column, Contract

LARGEST = "1.7976931348623157e308"
# NaN is above +infinity in both engines; isfinite is in one only. A calendar has years of four digits. The
# last two times are the ends of 64 bits of nanoseconds: to numpy and C++ the first is no time.
FINITE = {
    "number": f"{{0}} between -{LARGEST} and {LARGEST}",
    "timestamp": "({0} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999'"
    " and {0} not in (timestamp '1677-09-21 00:12:43.145224', timestamp '2262-04-11 23:47:16.854775'))",
    "date": "{0} between date '0001-01-01' and date '9999-12-31'",
}
# What a request can break, by the names that checks in SQL use, and some that only a request has.
REQUEST_RULES = (
    *("null", "type", "missing", "unknown", "enum", "finite", "minLength", "maxLength", "minimum", "maximum"),
    *("pattern", "duplicate"),
)
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
    """Rule name -> SQL that is true for a row that breaks it, its values as they will be kept."""
    rules = {rule: bad for column in contract.columns for rule, bad in _of_column(column).items()}
    if contract.keys:
        rules["key:duplicate"] = f"count(*) over (partition by {listed(contract.keys)}) > 1"
    return rules | {rule.name: _of_row(contract, rule) for rule in contract.rules("sql")}


def _of_column(column: Column) -> dict[str, str]:
    name, limits = f'"{column.name}"', column.limits
    enum = ", ".join(map(literal, column.enum))
    pattern = literal(rf"^(?:{limits.pattern})\z")  # unlike $ it does not match before a trailing newline
    finite = FINITE.get(column.type, "true").format(name)
    rules = {
        "null": column.required and f"{name} is null",
        "day" if column.type == "date" else "finite": column.type in FINITE
        and f"not {finite}",  # and no limit
        "minimum": limits.minimum is not None and f"{name} < {literal(limits.minimum)} and {finite}",
        "maximum": limits.maximum is not None and f"{name} > {literal(limits.maximum)} and {finite}",
        "pattern": limits.pattern and f"not regexp_matches({name}, {pattern})",
        "minLength": limits.min_length and f"length({name}) < {limits.min_length}",
        "maxLength": limits.max_length is not None and f"length({name}) > {limits.max_length}",
        "enum": enum and f"{name} not in ({enum})",
        "unique": column.unique and f"{name} is not null and count(*) over (partition by {name}) > 1",
    }
    return {f"{column.name}:{rule}": bad for rule, bad in rules.items() if bad}


def _of_row(contract: Contract, rule: Rule) -> str:
    query = ROWS.fullmatch(rule.query)
    if not query or rule.bounds != {"mustBe": 0} or not rule.name:
        place = f"{contract.path}: quality rule {rule.name!r}"
        raise ContractError("CT005", f"{place} does not say which rows are bad", HINT)
    return f"({query['where'] or query['qualify']}\n)"  # it may end with a comment


def literal(value: Any) -> str:
    """`value` as SQL."""
    if isinstance(value, float):  # without an exponent it is a decimal, which may be another number
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    if isinstance(value, bool | int):
        return str(value)
    text = str(value).replace("'", "''")
    kind = "" if isinstance(value, str) else "timestamp " if isinstance(value, datetime) else "date "
    return f"{kind}'{text}'"
