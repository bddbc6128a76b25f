"""Which tables the files of transforms/ make from which others, and the order in which they run.

In:       the folder with the SQL files, each of which makes the table of its name; the tables that are
          delivered.
Out:      what each file makes, in an order in which every table is there before it is read.
Failure:  ContractError CT006 (SQL that cannot be parsed, or hides which tables it reads), CT014 (a table that
          nobody makes, or two do; tables that are made from each other; a file that nothing uses).
"""

from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..contract.odcs import RESERVED
from ..errors import ContractError, nearest
from . import sql_fault

if TYPE_CHECKING:
    from .start import Engine


class Statement(NamedTuple):
    """A file of transforms/."""

    path: Path
    tree: exp.Expr
    reads: tuple[str, ...]  # tables, by name


def statements(folder: Path, sources: Collection[str], wanted: Collection[str]) -> dict[str, Statement]:
    """All files by the table they make, in their order; `wanted`: the tables that are made for others."""
    paths = {path.stem: path for path in sorted(folder.glob("*.sql"))}
    trees = {table: _parsed(path) for table, path in paths.items()}
    known = [*sources, *paths]
    faults = [f"{paths[table]} makes a table that is delivered" for table in paths if table in sources]
    faults += [
        f"{path} makes a table with a reserved name"
        for table, path in paths.items()
        if table in RESERVED and table not in wanted
    ]
    faults += [f"{folder / table}.sql is missing" for table in wanted if table not in paths]
    for table, tree in trees.items():
        others = {name.lower() for name in known if name != table}
        faults += [f"{paths[table]}:{line}: {text}" for line, text in _faults(tree, others, known)]
    if faults:
        raise _error(folder, faults)
    reads = {table: _read(tree, known) for table, tree in trees.items()}
    order = _order(paths, reads, wanted)
    return {table: Statement(paths[table], trees[table], reads[table]) for table in order}


def needed(found: Mapping[str, Statement], *tables: str, given: Collection[str] = ()) -> dict[str, Statement]:
    """The statements for these tables and all that those are made from, in their order; none for other tables
    that are `given`."""
    wanted = set(tables)
    made = {table: each for table, each in found.items() if table in wanted or table not in given}
    for table in reversed(list(made)):
        if table in wanted:
            wanted.update(made[table].reads)
    return {table: statement for table, statement in made.items() if table in wanted}


def expanded(steps: Mapping[str, Statement], table: str) -> exp.Expr:
    """The statement of a table with those of the steps before it inside: it reads delivered tables only."""
    others: dict[str, Any] = {name: step.tree for name, step in steps.items() if name != table}
    tree = steps[table].tree
    return exp.expand(tree, others, dialect="duckdb") if others else tree


def make(engine: "Engine", found: Mapping[str, Statement], folder: Path) -> Path:
    """Make each table in turn, each known to the engine by its name; the file of the last, in `folder`."""
    for table, statement in found.items():
        path = engine.transform(statement.path, folder / f"{table}.parquet")
        engine.read(table, path)
    return path


def _parsed(path: Path) -> exp.Expr:
    try:
        text = path.read_text(encoding="utf-8")
        return sqlglot.parse_one(text, read="duckdb")
    except UnicodeDecodeError as error:
        raise ContractError("CT006", f"{path} is not in UTF-8: {error}", "save it as UTF-8") from None
    except SqlglotError as error:
        place, said = sql_fault.of_parser(path, text, error)
        raise ContractError("CT006", f"{place} cannot be parsed: {said}", f"correct {path.name}") from None


def _tables(tree: exp.Expr) -> Iterator[exp.Table]:
    """The tables that a statement reads, without what it calls so itself."""
    own = {each.alias_or_name.lower() for each in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not (isinstance(table.this, exp.Identifier) and table.name.lower() in own):
            yield table


def _faults(tree: exp.Expr, others: Collection[str], known: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) with the names of tables in a statement; `others`: those it may read."""
    for part in tree.find_all(exp.CTE):
        if (name := part.alias_or_name).lower() in others:
            yield line_of(part), f"`with {name} as` hides the table of that name; call it otherwise"
    for table in _tables(tree):
        shown = table.sql("duckdb").partition(" AS ")[0]
        if isinstance(table.this, exp.GenerateSeries):  # also range(...)
            continue
        if not isinstance(table.this, exp.Identifier) or Path(table.name).suffix:
            yield line_of(table), f"{shown} is read past all checks; write a contract in sources/ for it"
        elif table.db:
            yield line_of(table), f"{shown}: write the name of the table alone"
        elif table.name.lower() not in others:
            own = table.name.lower() in {name.lower() for name in known}
            why = "it is made from itself" if own else f"nobody makes it, {nearest(table.name, known)}"
            yield line_of(table), f"{shown}: {why}"


def _read(tree: exp.Expr, known: Collection[str]) -> tuple[str, ...]:
    names = {table.name.lower() for table in _tables(tree)}
    return tuple(name for name in sorted(known) if name.lower() in names)


def _order(
    paths: Mapping[str, Path], reads: Mapping[str, tuple[str, ...]], wanted: Collection[str]
) -> list[str]:
    """The tables that are made, each after those it reads. Raises ContractError CT014."""
    made = {table: [name for name in reads[table] if name in paths] for table in paths}
    try:
        order = list(TopologicalSorter(made).static_order())
    except CycleError as error:
        circle = " <- ".join(f"{name}.sql" for name in reversed(error.args[1]))
        raise _error(next(iter(paths.values())).parent, [f"{circle}: made from each other"]) from None
    used = set(wanted)
    for table in reversed(order):
        used.update(made[table] if table in used else ())
    if idle := [f"{paths[table]} makes a table that nothing uses" for table in order if table not in used]:
        raise _error(paths[order[0]].parent, idle)
    return order


def _error(folder: Path, faults: list[str]) -> ContractError:
    text = "\n  ".join([f"the tables of {folder} do not fit together", *faults])
    return ContractError("CT014", text, "each file makes the table of its name, from sources and other files")


def line_of(node: exp.Expr) -> int:
    """Where it stands: sqlglot marks names only, functions and literals: the first in it or around it."""
    while not (found := [each.meta["line"] for each in node.walk() if "line" in each.meta]) and node.parent:
        node = node.parent
    return min(found, default=1)
