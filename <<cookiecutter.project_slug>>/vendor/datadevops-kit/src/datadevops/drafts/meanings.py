"""What the columns of a table that SQL makes mean, as far as it takes them over as they are.

In:       the statements that make it, the contracts that there are.
Out:      descriptions.
Failure:  none: of SQL that cannot be followed, nothing is known.
"""

from collections.abc import Mapping

from sqlglot.errors import SqlglotError

from ..contract.values import Contract
from ..engine import graph, lineage
from ..engine.graph import Statement


def of(statements: Mapping[str, Statement], table: str, contracts: Mapping[str, Contract]) -> dict[str, str]:
    """Column of the table, in small letters -> the description, in another contract, of the column that it is
    under whatever name. What SQL computes means something else."""
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
    return {name.lower(): said[base] for name, base in copied.items() if base in said}
