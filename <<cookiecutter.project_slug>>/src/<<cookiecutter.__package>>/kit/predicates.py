# The template's file: edits here meet template updates (copier update merges them).
"""The rules of a contract as SQL that is true for a bad row.

In:       a contract.
Out:      rule name -> predicate, in a subset of SQL that means the same to every engine.
Failure:  ContractError CT005 for a quality rule that cannot be made a predicate.
"""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from .contract import Column, Contract, Entry, Value
from .errors import ContractError, nearest

LARGEST = "1.7976931348623157e308"


def predicates(contract: Contract) -> dict[str, str]:
    """Rule name -> SQL that is true for a row that breaks it; a subset all engines understand."""
    rules = {f"{c.name}:{rule}": sql for c in contract.columns for rule, sql in _of_column(c)}
    if contract.keys:
        key = ", ".join(f'"{name}"' for name in contract.keys)
        rules["key:duplicate"] = f"count(*) over (partition by {key}) > 1"
    rules |= {spec["name"]: _of_row(contract, spec) for spec in contract.quality if "query" in spec}
    return rules


def _of_column(column: Column) -> Iterator[tuple[str, str]]:
    name = f'"{column.name}"'
    if column.required:
        yield "null", f"{name} is null"
    if column.type == "number":  # NaN is above +infinity in both engines; isfinite is in one only
        yield "finite", f"not {name} between -{LARGEST} and {LARGEST}"
    if column.minimum is not None:
        yield "minimum", f"{name} < {literal(column.minimum)}"
    if column.maximum is not None:
        yield "maximum", f"{name} > {literal(column.maximum)}"
    if column.pattern:  # \z: unlike $ it does not match before a trailing newline
        pattern = literal(rf"^(?:{column.pattern})\z")
        yield "pattern", f"not regexp_matches({name}, {pattern})"
    if column.min_length:
        yield "minLength", f"length({name}) < {column.min_length}"
    if column.max_length is not None:
        yield "maxLength", f"length({name}) > {column.max_length}"
    if column.enum:
        yield "enum", f"{name} not in ({', '.join(map(literal, column.enum))})"
    if column.unique:
        yield "unique", f"count(*) over (partition by {name}) > 1"


def _of_row(contract: Contract, spec: Entry) -> str:
    """The WHERE of `SELECT COUNT(*) FROM ${object} WHERE ...` as a predicate on a row.

    In place of `${object}` may stand `(SELECT <columns> FROM ${object})`: its columns are put in.
    """
    place = f"{contract.path}: quality rule {spec.get('name')!r}"
    try:
        query = sqlglot.parse_one(spec["query"].replace("${object}", contract.name), read="duckdb")
    except sqlglot.ParseError as error:
        raise ContractError("CT005", f"{place} is not SQL: {error}", "mend its query") from None
    where, source = query.args.get("where"), query.args.get("from_")
    if where is None or source is None or spec.get("mustBe") != 0 or not spec.get("name"):
        raise ContractError(
            "CT005",
            f"{place} does not say which rows are bad",
            "give it a name, `mustBe: 0` and SELECT COUNT(*) FROM ${object} WHERE <a bad row>",
        )
    inner = source.this.this if isinstance(source.this, exp.Subquery) else None
    given = {e.alias: e.unalias() for e in inner.expressions if e.alias} if inner else {}
    bad = where.this.transform(
        lambda node: (
            exp.paren(given[node.name].copy())
            if isinstance(node, exp.Column) and node.name in given
            else node
        )
    )
    for column in bad.find_all(exp.Column):
        if column.name not in contract.names:
            hint = nearest(column.name, contract.names)
            raise ContractError("CT005", f"{place}: no column {column.name!r}", hint)
    return str(bad.sql(dialect="duckdb"))


def literal(value: Value) -> str:
    """`value` as SQL."""
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value).replace("'", "''")
    return f"'{text}'" if isinstance(value, str) else f"timestamp '{text}'"
