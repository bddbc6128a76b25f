"""What each table that a product makes is made from, column by column.

In:       a product, its contracts.
Out:      a `Step` for each file of transforms/, in their order; for the predictions of a model too.
Failure:  the errors of `graph`. Of SQL that hides which columns it reads, a step says only which tables.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlglot.errors import SqlglotError

from ..contract.values import Contract
from ..engine import graph, lineage
from ..engine.graph import Statement
from ..engine.lineage import Base
from ..product import Product

UNKNOWN = "unknown"  # the type of a column that no contract names
OF_THE_MODEL = ("threshold", "model_version")  # columns of predictions that depend on no row


class Step(NamedTuple):
    table: str
    reads: tuple[str, ...]  # tables
    fields: dict[str, list[Base]] | None  # column -> the columns it is made from; None: nobody can tell
    rows: dict[Base, list[str]]  # columns that decide about the rows, and how


def steps(product: Product, contracts: Mapping[str, Contract]) -> Iterator[Step]:
    """The steps of the product."""
    sources = [name for name, contract in contracts.items() if contract.is_source]
    columns = {name: contract.sql_types for name, contract in contracts.items()}
    for table, statement in graph.statements(product.transforms, sources, product.makes).items():
        step = _of_statement(table, statement, columns)
        columns.setdefault(table, dict.fromkeys(step.fields or (), UNKNOWN))
        yield step
    if product.serves:
        features, predictions = contracts["features"], contracts["predictions"]
        inputs: list[Base] = [("features", column.name) for column in features.inputs]
        made = {
            name: [("features", name)] if name in features.keys else inputs
            for name in predictions.sql_types
            if name not in OF_THE_MODEL
        }
        yield Step("predictions", ("features",), made, {})


def _of_statement(table: str, statement: Statement, columns: Mapping[str, Mapping[str, str]]) -> Step:
    read = {name: columns[name] for name in statement.reads}
    names = {(name.lower(), column.lower()): (name, column) for name in read for column in read[name]}
    own = {column.lower(): column for column in columns.get(table, ())}
    try:
        found = lineage.of(statement.tree, read)
        if found.whole:
            return Step(table, statement.reads, None, {})
        fields = {
            own.get(name.lower(), name): [names[base] for base in sorted(bases & names.keys())]
            for name, bases in found.columns.items()
        }
    except (SqlglotError, ValueError):  # sqlglot raises the second where a union does not fit together
        return Step(table, statement.reads, None, {})
    rows = {names[base]: sorted(found.rows[base]) for base in sorted(found.rows.keys() & names.keys())}
    return Step(table, statement.reads, fields, rows)
