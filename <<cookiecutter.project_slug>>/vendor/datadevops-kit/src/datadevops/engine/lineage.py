"""Which columns each column of a table is made from, and which decide its rows; read from the SQL alone.

In:       a statement; the columns of the tables that it reads, with their SQL types.
Out:      a `Lineage`, in the names of those tables and columns; which columns are just copies.
Failure:  SqlglotError where the SQL does not fit these columns.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp
from sqlglot.lineage import Node, lineage, to_node
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import ensure_schema

Base = tuple[str, str]  # a table that is read and a column of it, in small letters
Schema = Mapping[str, Mapping[str, str]]  # table -> column -> its SQL type

DUCKDB = "duckdb"
ROLES: dict[type[exp.Expr], str] = {  # a part of a statement -> what a column does there
    exp.Where: "FILTER",
    exp.Having: "FILTER",
    exp.Qualify: "FILTER",
    exp.Join: "JOIN",
    exp.Group: "GROUP_BY",
    exp.Order: "SORT",
    exp.Distinct: "SORT",
    exp.Window: "WINDOW",
}


class Lineage(NamedTuple):
    columns: dict[str, set[Base]]  # column of the result -> the columns whose values it is made from
    rows: dict[Base, set[str]]  # columns that decide which rows there are, or which belong together -> how
    reads: set[Base]  # every column that affects rows or values
    whole: bool  # some are read without their name, as a row as a whole


class Copy(NamedTuple):
    """A column of a table as it is."""

    base: Base
    optional: bool  # an outer join puts null in its place where it finds no partner


def of(tree: exp.Expr, schema: Schema) -> Lineage:
    """The lineage of a statement, through all its steps."""
    tree, types, ends = _resolved(tree, schema)
    found = Lineage({name: _bases(end) for name, end in ends.items()}, {}, set(), whole=False)
    # Lineage does not cover filters, joins, groups and named windows. Unused columns are removed first;
    # whatever then still reads a column of a table affects rows or values.
    for scope in traverse_scope(pushdown_projections(tree)):
        found = found._replace(
            whole=found.whole or any(scope.expression.find_all(exp.Columns, exp.TableColumn))
        )
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found.reads.add((source.name.lower(), column.name.lower()))
            if role := _role(column):
                for base in _behind(column, source, types):
                    found.rows.setdefault(base, set()).add(role)
    return found


def copied(tree: exp.Expr, schema: Schema) -> dict[str, Copy]:
    """Each column of the result that is one of a table, as it is, under whatever name or type."""
    _, _, ends = _resolved(tree, schema)
    found = {name: _copy(end) for name, end in ends.items()}
    return {name: copy for name, copy in found.items() if copy}


def _resolved(tree: exp.Expr, schema: Schema) -> tuple[exp.Expr, dict[str, object], dict[str, Node]]:
    """A copy of the statement in which each column says its table; the schema as sqlglot takes it; where each
    column of the result begins."""
    types: dict[str, object] = {table: dict(columns) for table, columns in schema.items()}
    tree = qualify(tree.copy(), schema=types, dialect=DUCKDB)
    return tree, types, lineage(None, tree, schema=types, dialect=DUCKDB, trim_selects=False)


def _copy(end: Node) -> Copy | None:
    """What a column is, if it comes from one column of a table through names and casts only, or is what
    tables are joined by: that of the first of them."""
    node, optional = end, False
    while not isinstance(node.expression, exp.Table):
        column = node.expression.unalias()
        column = column.this if isinstance(column, exp.Cast) else column
        given = [column.this, *column.expressions] if isinstance(column, exp.Coalesce) else [column]
        by = [each for each in given if isinstance(each, exp.Column)]
        if len(by) < len(given) or len(node.downstream) != len(by):
            return None
        optional = optional or all(each.table in _optional(node.source) for each in by)
        named = {each.name.replace('"', "").lower(): each for each in node.downstream}
        if (name := f"{by[0].table}.{by[0].name}".lower()) not in named:
            return None
        node = named[name]
    return Copy(_bases(node).pop(), optional)


def _optional(select: exp.Expr) -> set[str]:
    """What an outer join of a select calls the tables of whose rows it may find none."""
    if not isinstance(select, exp.Select):
        return set()
    found, before = set[str](), [select.args["from_"].this.alias_or_name]
    for join in select.args.get("joins") or ():
        name = join.this.alias_or_name
        found |= {name} if join.side in ("LEFT", "FULL") else set()
        found |= set(before) if join.side in ("RIGHT", "FULL") else set()
        before.append(name)
    return found


def _bases(end: Node) -> set[Base]:
    """The columns of tables at the ends of sqlglot's lineage."""
    nodes = [node for node in end.walk() if isinstance(node.expression, exp.Table)]
    return {(node.expression.name.lower(), node.name.split(".")[-1].strip('"').lower()) for node in nodes}


def _behind(column: exp.Column, source: object, types: dict[str, object]) -> set[Base]:
    """The columns of tables that a column of a source of a scope is made from."""
    if isinstance(source, exp.Table):
        return {(source.name.lower(), column.name.lower())}
    if isinstance(source, Scope):
        schema = ensure_schema(types, dialect=DUCKDB)
        return _bases(to_node(column.name, source, DUCKDB, schema, trim_selects=False))
    return set()


def _role(node: exp.Expr) -> str | None:
    """What a column does where it is not a value of the result."""
    while (parent := node.parent) and not isinstance(parent, (exp.CTE, exp.From)):
        if isinstance(parent, exp.Join) and node.arg_key == "this":  # a subquery that is joined
            return None
        value = isinstance(parent, exp.Window) and node.arg_key == "this"
        own = isinstance(parent, exp.Order) and isinstance(parent.parent, exp.Window)
        if not value and not own and type(parent) in ROLES:
            return ROLES[type(parent)]
        node = parent
    return None
