"""Refuse features that use data from after the outcome, before a model is trained on them.

In:       the SQL of the features and of all that they are made from, the contracts of the sources.
Out:      nothing.
Failure:  ContractError ML001 (a column known only after the outcome, or the labels), CT006 (SQL that hides
          which columns it reads). `testing` checks that no feature uses rows of the future: that depends on
          the SQL alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..contract.values import Contract
from ..engine import lineage, sql_fault
from ..engine.graph import Statement, expanded, line_of, needed
from ..errors import ContractError, first_line

UNRESOLVED = re.compile(r"[Cc]olumn:? '?([A-Za-z_]\w*)")  # as sqlglot names a column that is nowhere
Marked = Mapping[tuple[str, str], str]  # tables and their columns, in small letters -> as they are written
EARLIER = (
    "if a feature takes them of earlier rows only, where they are known by then, as the price of last year,"
    " take `knownAfterOutcome` away: `COMMAND explain ML001`"
)


def refuse_after_outcome(statements: Mapping[str, Statement], sources: Mapping[str, Contract]) -> None:
    """Raise ContractError ML001 if the features use a column marked `knownAfterOutcome`, through however many
    steps; CT006 if the SQL hides which columns it reads."""
    steps = needed(statements, "features")
    sql = steps["features"].path
    if "labels" in steps:
        text = f"{sql} reads the labels, which are the outcome"
        raise ContractError("ML001", text, "make the features from the sources")
    marked = {
        (name.lower(), column.name.lower()): f"{name}.{column.name}"
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
    tree = expanded(steps, "features")
    try:
        found = sorted(set(_reached(tree, sources, marked)))
    except SqlglotError as error:
        raise _unresolved(steps, sources, first_line(error)) from None
    if found:
        used = {table for table, _ in found}
        contracts = ", ".join(str(source.path) for name, source in sources.items() if name.lower() in used)
        what = f"{sql} uses columns that are known only after the outcome ({contracts})"
        hint = f"remove them; labels.sql may use them; {EARLIER}"
        raise ContractError("ML001", "\n  ".join([what, *(text for _, text in found)]), hint)


def _unresolved(steps: Mapping[str, Statement], sources: Mapping[str, Contract], said: str) -> ContractError:
    """What sqlglot says of the SQL of features and its steps; of a column that none of them has, with its
    file, its line and the nearest one."""
    sql = steps["features"].path
    place = str(sql)
    known = {column.name for source in sources.values() for column in source.columns}
    known |= {each.alias for step in steps.values() for each in step.tree.find_all(exp.Alias)}
    named = UNRESOLVED.search(said)
    if named and named[1].lower() not in {name.lower() for name in known}:
        name = named[1]
        for step in steps.values():
            for column in step.tree.find_all(exp.Column):
                if column.name.lower() == name.lower():
                    place, sql, name = f"{step.path}:{line_of(column)}", step.path, column.name
        said = f"no table that it reads has a column {name!r}; {sql_fault.column_hint(name, sorted(known))}"
    return ContractError("CT006", f"{place} does not run: {said}", f"correct {sql.name}")


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


def _reached(tree: exp.Expr, sources: Mapping[str, Contract], marked: Marked) -> Iterator[tuple[str, str]]:
    """(table, what is made from one of its marked columns)"""
    found = lineage.of(tree, {name: source.sql_types for name, source in sources.items()})
    written = {name.lower(): name for name in getattr(tree, "named_selects", ())}
    for output, bases in found.columns.items():
        for base in sorted(marked.keys() & bases):
            yield base[0], f"{written.get(output.lower(), output)} comes from {marked[base]}"
    for base, shown in marked.items():
        if found.whole or base in found.reads:
            yield base[0], f"rows or values depend on {shown}"
