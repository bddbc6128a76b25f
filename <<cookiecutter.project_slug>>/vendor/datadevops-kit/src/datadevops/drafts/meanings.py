"""What is known of the columns of a table that SQL makes, as far as it takes them over as they are.

In:       the statements that make it, the contracts that there are.
Out:      what each column means, and whether it may be null although it is not in the other table.
Failure:  none: of SQL that cannot be followed, nothing is known.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot.errors import SqlglotError

from ..contract.values import Contract
from ..engine import graph, lineage
from ..engine.graph import Statement


class Known(NamedTuple):
    meaning: str = ""  # the description of the column that it is, in another contract
    optional: bool = False  # an outer join may find no row for it


def of(
    statements: Mapping[str, Statement], table: str, contracts: Mapping[str, Contract]
) -> dict[str, Known]:
    """By column of the table, in small letters, whatever SQL calls it there. A computed one is not known."""
    said = {
        (name.lower(), column.name.lower()): column.description
        for name, contract in contracts.items()
        for column in contract.columns
        if column.description and not column.description.startswith("TODO")
    }
    steps = {name: step for name, step in statements.items() if name == table or name not in contracts}
    schema = {name: contract.sql_types for name, contract in contracts.items()}
    try:
        copied = lineage.copied(graph.expanded(steps, table), schema)
    except SqlglotError:
        return {}
    return {name.lower(): Known(said.get(copy.base, ""), copy.optional) for name, copy in copied.items()}
