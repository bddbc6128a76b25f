"""What the newest rows are compared with to see whether they have moved: all rows before them.

In:       an engine with the tables `features` and `labels`, without a time `holdout` too; their contracts.
Out:      distributions for `drift`; the rows of each side as SQL.
Failure:  none.
"""

from collections.abc import Mapping
from typing import Any

from ..contract.kinds import listed
from ..contract.target import LABEL
from ..contract.values import Contract
from ..engine.start import Engine
from . import drift


def baselines(engine: Engine, contracts: Mapping[str, Contract], newest_from: str | None) -> dict[str, Any]:
    """The distributions of the features and of the label in all but the newest rows."""
    contract, labels = contracts["features"], _label_only(contracts["labels"])
    rows, known = (part(contract, table, newest_from, new=False) for table in ("features", "labels"))
    return {
        "drift_baseline": drift.baseline(engine, contract, rows),
        "label_baseline": drift.baseline(engine, labels, known),
    }


def part(contract: Contract, table: str, newest_from: str | None, new: bool) -> str:
    """The newest rows of features or of known labels, or all others: a query in parentheses."""
    known = f" and {LABEL} is not null" if table == "labels" else ""
    if newest_from:
        first = f"timestamp '{newest_from}'"
        return f'(from {table} where "{contract.time_key}" {">=" if new else "<"} {first}{known})'
    joined = f"{table} left join holdout using ({listed(contract.keys)})"
    return f"(select {table}.* from {joined} where outcome is {'not ' if new else ''}null{known})"


def _label_only(labels: Contract) -> Contract:
    """The contract of the labels without the reasons."""
    kept = tuple(column for column in labels.columns if column.key or column.name == LABEL)
    return labels.model_copy(update={"columns": kept})
