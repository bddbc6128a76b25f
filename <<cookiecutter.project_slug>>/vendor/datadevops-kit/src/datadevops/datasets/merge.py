"""The rows of a partition: those delivered earlier, and those delivered now.

In:       a partition, its current version, a delivery that has been split into good and bad rows.
Out:      a file with one row for each key; if the contract has changed, a second file with the earlier
          rows that break it now.
Failure:  RefusedError DQ006 (more rows of the partition are bad than the contract allows); ContractError
          CT010 (rows delivered earlier do not fit the contract).

The last delivery wins, but the same file again adds nothing: a file that a schedule delivers every hour
must not undo a correction that came from another file.
"""

import re
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, NoReturn

from ..contract.kinds import listed
from ..contract.values import Contract
from ..engine import checks
from ..engine.duckdb_engine import blaming
from ..errors import ContractError, RefusedError
from ..store.versions import Version, sha256
from . import deletions
from .dataset import Dataset
from .partitions import Partition

WINDOW = re.compile(r"\bover\s*\(", re.IGNORECASE)
HINT = "change the contract so that they fit, or move the store aside and deliver everything again"


def rows(
    dataset: Dataset, partition: Partition, known: Version | None, delivery: Version, folder: Path
) -> dict[str, Any]:
    """Write the rows of the partition to its file of the source in the folder, sorted by their key; returns
    facts about them."""
    contract, engine = dataset.source, dataset.job.engine
    if partition.bad:
        broken = checks.by_rule(engine, f"refused where {dataset.partition_name} = '{partition.name}'")
        read = partition.good + partition.bad
        text = f"{partition.bad:,} of {read:,} rows break the contract ({_counts(broken)})"
        _refuse(dataset, text, f"see {delivery.file(checks.QUARANTINE)}, ")
    columns, keys = listed(contract.sql_types), listed(contract.keys)
    made = f"select {columns} from delivered where {dataset.within(partition.name)}"
    if known and not contract.is_dataset:
        engine.read("known", known.file(f"{contract.name}.parquet"))
        had = engine.types("from known").keys()
        old = f"select {_cells(contract, had)} from known"
        if contract.deliveries == "complete":
            winner, loser = deletions.winner_and_loser(dataset, partition, made, old)
        else:
            all_columns = contract.sql_types.keys() <= had
            winner, loser = (old, made) if partition.repeated.known and all_columns else (made, old)
        made = f"{winner} union all select * from ({loser}) anti join ({winner}) using ({keys})"
    with blaming("CT010", f"{contract.path}: rows of {partition.name} delivered earlier do not fit", HINT):
        engine.write(f"select * from ({made}) order by {keys}", folder / f"{contract.name}.parquet")
    facts = {"source_contract": sha256(contract.path), "refused": 0}
    if contract.is_dataset:
        return facts
    if known and known.facts.get("source_contract") != facts["source_contract"]:
        facts["refused"] = _recheck(dataset, folder)
    return facts


def _recheck(dataset: Dataset, folder: Path) -> int:
    """Check all rows against a contract that changed after some were delivered; returns how many break it."""
    contract, engine = dataset.source, dataset.job.engine
    merged = (folder / f"{contract.name}.parquet").rename(folder / "merged.parquet")
    engine.read(contract.name, merged)
    result = checks.split(engine, _of_single_rows(contract), folder, part=True)
    merged.unlink()
    (folder / checks.QUARANTINE).rename(folder / f"{contract.name}-quarantine.parquet")
    if contract.refuses(result.bad, result.read):
        which = f"{result.bad:,} of {result.read:,} rows delivered earlier"
        _refuse(dataset, f"{which} break the contract as it is now ({_counts(result.broken)})", "")
    return result.bad


def _of_single_rows(contract: Contract) -> Contract:
    """The contract without rules about other rows: those may be gone, or belong to another partition."""
    rules = tuple(rule for rule in contract.rules("sql") if not WINDOW.search(rule.query))
    columns = tuple(column.model_copy(update={"quality": ()}) for column in contract.columns)
    return contract.model_copy(update={"quality": rules, "columns": columns})


def _counts(broken: Mapping[str, int]) -> str:
    return ", ".join(f"{rows:,} x {rule}" for rule, rows in broken.items())


def _refuse(dataset: Dataset, text: str, see: str) -> NoReturn:
    source = dataset.source
    allowed = f"{source.allowed_bad_ratio:.2%} may be bad. The {dataset.word} stays as it was."
    hint = f"{see}correct them at the source ({source.contact}), run again"
    raise RefusedError("DQ006", f"{text}; {allowed}", hint)


def _cells(contract: Contract, had: Set[str]) -> str:
    """SQL for the columns of the contract from the table `known`, which has the columns `had`."""
    for column in contract.columns:
        if column.required and column.name not in had:
            text = f"{contract.path}: {column.name} is required, and rows delivered earlier do not have it"
            raise ContractError("CT010", text, HINT)
    cells = {c.name: c.cell if c.name in had else f"cast(null as {c.sql_type})" for c in contract.columns}
    return ", ".join(f'{cell} as "{name}"' for name, cell in cells.items())
