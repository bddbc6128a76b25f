# The template's file: edits here meet template updates (copier update merges them).
"""The rules of a contract as SQL that is true for a bad row.

In:       a contract.
Out:      rule name -> predicate, in a subset of SQL that means the same to every engine.
Failure:  ContractError CT005 for a quality rule that cannot be made a predicate.
"""

from collections.abc import Iterator
from typing import Any

from .contract import Column, Contract, Entry
from .errors import ContractError, nearest

LARGEST = "1.7976931348623157e308"


def predicates(contract: Contract) -> dict[str, str]:
    """Rule name -> SQL that is true for a row that breaks it."""
    rules = {f"{c.name}:{rule}": sql for c in contract.columns for rule, sql in _of_column(c)}
    if contract.keys:
        key = ", ".join(f'"{name}"' for name in contract.keys)
        rules["key:duplicate"] = f"count(*) over (partition by {key}) > 1"
    return rules | {
        rule.get("name", ""): _of_row(contract, rule) for rule in contract.quality if "query" in rule
    }


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
    if limits.minLength:
        yield "minLength", f"length({name}) < {limits.minLength}"
    if limits.maxLength is not None:
        yield "maxLength", f"length({name}) > {limits.maxLength}"
    if column.enum:
        yield "enum", f"{name} not in ({', '.join(map(literal, column.enum))})"
    if column.unique:
        yield "unique", f"{name} is not null and count(*) over (partition by {name}) > 1"


def _of_row(contract: Contract, rule: Entry) -> str:
    """The WHERE of `SELECT COUNT(*) FROM ${object} WHERE ...` as a predicate on a row.

    In place of `${object}` may stand `(SELECT <columns> FROM ${object})`: its columns are put in.
    """
    import sqlglot  # 25 MB that a server does without
    from sqlglot import exp

    place = f"{contract.path}: quality rule {rule.get('name')!r}"
    hint = "give it a name, `mustBe: 0` and SELECT COUNT(*) FROM ${object} WHERE <a bad row>"
    try:
        query = sqlglot.parse_one(rule["query"].replace("${object}", contract.name), read="duckdb")
        table = query.args["from_"].this
        inner = table.this if isinstance(table, exp.Subquery) else exp.Select(from_=query.args["from_"])
        plain = _parts(query) <= {"expressions", "from_", "where"} and _parts(inner) <= {
            "expressions",
            "from_",
        }
        bad, base = query.args["where"].this, inner.args["from_"].this
    except (sqlglot.ParseError, KeyError, AttributeError):
        plain = False
    plain = plain and _parts(base) == {"this"} and base.name == contract.name
    if not plain or rule.get("mustBe") != 0 or not rule.get("name"):
        raise ContractError("CT005", f"{place} does not say which rows are bad", hint)
    given = {e.alias: e.unalias() for e in inner.expressions if e.alias}
    bad = bad.transform(
        lambda node: (
            exp.paren(given[node.name].copy())
            if isinstance(node, exp.Column) and node.name in given
            else node
        )
    )
    for part in bad.find_all(exp.Column, exp.Anonymous):
        if part.name not in contract.sql_types:
            raise ContractError("CT005", f"{place}: no {part.name!r}", nearest(part.name, contract.sql_types))
    return str(bad.sql(dialect="duckdb"))


def _parts(node: Any) -> set[str]:
    """The parts a piece of SQL really has."""
    return {name for name, part in node.args.items() if part}


def literal(value: Any) -> str:
    """`value` as SQL."""
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value).replace("'", "''")
    return f"'{text}'" if isinstance(value, str) else f"timestamp '{text}'"
