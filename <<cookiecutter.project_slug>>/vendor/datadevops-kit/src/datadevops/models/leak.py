"""Refuse features that use data from after the outcome, before a model is trained on them.

In:       the SQL of the features, the contract of its source.
Out:      nothing.
Failure:  ContractError ML001 (a column known only after the outcome), CT006 (SQL that hides which
          columns it reads). `testing` checks that no feature uses rows of the future: that depends on the
          SQL alone.
"""

from collections.abc import Iterator
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from ..contract.values import Contract
from ..errors import ContractError


def refuse_after_outcome(sql: Path, source: Contract) -> None:
    """Raise ContractError ML001 if `sql` uses a column marked `knownAfterOutcome`, CT006 if the SQL hides
    which columns it reads."""
    marked = {c.name.lower() for c in source.columns if c.known_after_outcome}
    if not marked:
        return
    try:
        tree = sqlglot.parse_one(sql.read_text(encoding="utf-8"), read="duckdb")
        unclear = list(_unclear(tree, source.name))
        found = [] if unclear else sorted(set(_reached(tree, source, marked)))
    except SqlglotError as error:
        raise ContractError("CT006", f"{sql} cannot be parsed: {error}", f"correct {sql.name}") from None
    if unclear:
        text = "\n  ".join([f"{sql} hides which columns it reads", *unclear])
        raise ContractError("CT006", text, f"correct {sql.name}")
    if found:
        what = f"{sql} uses columns that are known only after the outcome ({source.path})"
        raise ContractError("ML001", "\n  ".join([what, *found]), "remove them; labels.sql may use them")


def _unclear(tree: exp.Expr, source: str) -> Iterator[str]:
    """Places that read a column under another name than the contract's, and what to write instead."""
    if not isinstance(tree, exp.Query):
        instead = "`filter (where ...)` replaces a pivot, `union all` replaces an unpivot"
        yield f"{tree.key}: write a select; {instead}"
    for column in tree.find_all(exp.PositionalColumn):
        yield f"{column.sql('duckdb')}: write the name of the column"
    for table in tree.find_all(exp.Table):
        if table.alias_column_names and table.name.lower() == source.lower():
            yield f"{table.sql('duckdb')}: rename columns in a select, as `select old as new`"


def _reached(tree: exp.Expr, source: Contract, marked: set[str]) -> Iterator[str]:
    schema: dict[str, object] = {source.name: source.sql_types}
    tree = qualify(tree, schema=schema, dialect="duckdb")
    for output, end in lineage(None, tree, schema=schema, dialect="duckdb", trim_selects=False).items():
        for node in end.walk():
            name = node.name.split(".")[-1].strip('"')
            if isinstance(node.expression, exp.Table) and name.lower() in marked:
                yield f"{output} comes from {name}"
    # Lineage does not cover filters, joins, groups and named windows. Unused columns are removed first;
    # whatever then still reads a marked column of the source affects rows or values.
    for scope in traverse_scope(pushdown_projections(tree)):
        for column in (*scope.columns, *scope.expression.find_all(exp.Columns, exp.TableColumn)):
            base = scope.sources.get(getattr(column, "table", ""))
            named = column.name.lower() if isinstance(base, exp.Table) else ""
            if named in marked or not isinstance(column, exp.Column):
                yield f"rows or values depend on {named or ', '.join(sorted(marked))}"
