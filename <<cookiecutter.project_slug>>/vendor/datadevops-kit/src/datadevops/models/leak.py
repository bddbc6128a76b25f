"""Refuse features that use data from after the outcome, before a model is trained on them.

In:       the SQL of the features and of all that they are made from, the contracts of the sources.
Out:      nothing.
Failure:  ContractError ML001 (a column known only after the outcome, or the labels), CT006 (SQL that hides
          which columns it reads). `testing` checks that no feature uses rows of the future: that depends on
          the SQL alone.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from ..contract.values import Contract
from ..engine.graph import Statement, needed
from ..errors import ContractError

Marked = Collection[tuple[str, str]]  # tables and their columns, in small letters


def refuse_after_outcome(statements: Mapping[str, Statement], sources: Mapping[str, Contract]) -> None:
    """Raise ContractError ML001 if the features use a column marked `knownAfterOutcome`, through however many
    steps; CT006 if the SQL hides which columns it reads."""
    steps = needed(statements, "features")
    sql = steps["features"].path
    if "labels" in steps:
        text = f"{sql} reads the labels, which are the outcome"
        raise ContractError("ML001", text, "make the features from the sources")
    marked = {
        (name.lower(), column.name.lower())
        for name, source in sources.items()
        for column in source.columns
        if column.known_after_outcome
    }
    if not marked:
        return
    tables = {table for table, _ in marked}
    for step in steps.values():
        if unclear := list(_unclear(step.tree, tables)):
            text = "\n  ".join([f"{step.path} hides which columns it reads", *unclear])
            raise ContractError("CT006", text, f"correct {step.path.name}")
    others: dict[str, Any] = {table: step.tree for table, step in steps.items() if table != "features"}
    tree = exp.expand(steps["features"].tree, others, dialect="duckdb") if others else steps["features"].tree
    schema: dict[str, object] = {name: source.sql_types for name, source in sources.items()}
    try:
        found = sorted(set(_reached(tree, schema, marked)))
    except SqlglotError as error:
        raise ContractError("CT006", f"{sql} cannot be parsed: {error}", f"correct {sql.name}") from None
    if found:
        contracts = ", ".join(str(source.path) for name, source in sources.items() if name.lower() in tables)
        what = f"{sql} uses columns that are known only after the outcome ({contracts})"
        raise ContractError("ML001", "\n  ".join([what, *found]), "remove them; labels.sql may use them")


def _unclear(tree: exp.Expr, sources: Collection[str]) -> Iterator[str]:
    """Places that read a column under another name than the contract's, and what to write instead."""
    if not isinstance(tree, exp.Query):
        instead = "`filter (where ...)` replaces a pivot, `union all` replaces an unpivot"
        yield f"{tree.key}: write a select; {instead}"
    for column in tree.find_all(exp.PositionalColumn):
        yield f"{column.sql('duckdb')}: write the name of the column"
    for table in tree.find_all(exp.Table):
        if table.alias_column_names and table.name.lower() in sources:
            yield f"{table.sql('duckdb')}: rename columns in a select, as `select old as new`"


def _reached(tree: exp.Expr, schema: dict[str, object], marked: Marked) -> Iterator[str]:
    tree = qualify(tree, schema=schema, dialect="duckdb")
    for output, end in lineage(None, tree, schema=schema, dialect="duckdb", trim_selects=False).items():
        for node in end.walk():
            name = node.name.split(".")[-1].strip('"')
            table = node.expression
            if isinstance(table, exp.Table) and (table.name.lower(), name.lower()) in marked:
                yield f"{output} comes from {table.name}.{name}"
    # Lineage does not cover filters, joins, groups and named windows. Unused columns are removed first;
    # whatever then still reads a marked column of the source affects rows or values.
    for scope in traverse_scope(pushdown_projections(tree)):
        for column in (*scope.columns, *scope.expression.find_all(exp.Columns, exp.TableColumn)):
            base = scope.sources.get(getattr(column, "table", ""))
            read = (base.name.lower(), column.name.lower()) if isinstance(base, exp.Table) else None
            if read in marked or not isinstance(column, exp.Column):
                shown = [".".join(each) for each in ([read] if read else sorted(marked))]
                yield f"rows or values depend on {', '.join(shown)}"
