"""The rows of a month: those delivered earlier, and those delivered now.

In:       a month, its current version, a delivery that has been split into good and bad rows.
Out:      a file with one row for each key; if the contract has changed, a second file with the earlier
          rows that break it now.
Failure:  RefusedError DQ006 (more rows of the month are bad than the contract allows); ContractError
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
from ..job import Job
from ..store.versions import Version, sha256
from . import months

ROWS = "source.parquet"
REFUSED = "source-quarantine.parquet"
WINDOW = re.compile(r"\bover\s*\(", re.IGNORECASE)
HINT = "change the contract so that they fit, or move the store aside and deliver everything again"


def rows(
    job: Job, month: months.Month, known: Version | None, delivery: Version, folder: Path
) -> dict[str, Any]:
    """Write the rows of the month to ROWS in the folder, sorted by their key; returns facts about them."""
    contract = job.contracts["source"]
    if month.bad:
        broken = checks.by_rule(job.engine, f"refused where {months.month_filter(contract, month.name)}")
        text = f"{month.bad:,} of {month.good + month.bad:,} rows break the contract ({_counts(broken)})"
        _refuse(contract, text, f"see {delivery.file(checks.QUARANTINE)}, ")
    columns, keys = listed(contract.sql_types), listed(contract.keys)
    time, first = f'"{contract.time_key}"', f"timestamp '{month.name}-01'"
    # A range, so that parts of the file are skipped.
    made = f"select {columns} from delivered where {time} >= {first} and {time} < {first} + interval 1 month"
    if known:
        job.engine.read("known", known.file("source.parquet"))
        had = job.engine.types("from known").keys()
        old = f"select {_cells(contract, had)} from known"
        complete = contract.sql_types.keys() <= had
        winner, loser = (old, made) if month.repeated and complete else (made, old)
        made = f"{winner} union all select * from ({loser}) anti join ({winner}) using ({keys})"
    with blaming("CT010", f"{contract.path}: rows of {month.name} delivered earlier do not fit", HINT):
        job.engine.write(f"select * from ({made}) order by {keys}", folder / ROWS)
    facts = {"source_contract": sha256(contract.path), "refused": 0}
    if known and known.facts.get("source_contract") != facts["source_contract"]:
        facts["refused"] = _recheck(job, folder)
    return facts


def _recheck(job: Job, folder: Path) -> int:
    """Check all rows against a contract that changed after some were delivered; returns how many break it."""
    contract = job.contracts["source"]
    job.engine.read("source", (folder / ROWS).rename(folder / "merged.parquet"))
    result = checks.split(job.engine, _of_single_rows(contract), folder, part=True)
    (folder / "merged.parquet").unlink()
    (folder / checks.QUARANTINE).rename(folder / REFUSED)
    if contract.refuses(result.bad, result.read):
        which = f"{result.bad:,} of {result.read:,} rows delivered earlier"
        _refuse(contract, f"{which} break the contract as it is now ({_counts(result.broken)})", "")
    return result.bad


def _of_single_rows(contract: Contract) -> Contract:
    """The contract without rules about other rows: those may be gone, or belong to another month."""
    rules = tuple(rule for rule in contract.rules("sql") if not WINDOW.search(rule.query))
    columns = tuple(column.model_copy(update={"quality": ()}) for column in contract.columns)
    return contract.model_copy(update={"quality": rules, "columns": columns})


def _counts(broken: Mapping[str, int]) -> str:
    return ", ".join(f"{rows:,} x {rule}" for rule, rows in broken.items())


def _refuse(contract: Contract, text: str, see: str) -> NoReturn:
    allowed = f"{contract.allowed_bad_ratio:.2%} may be bad. The month stays as it was."
    hint = f"{see}correct them at the source ({contract.contact}), run again"
    raise RefusedError("DQ006", f"{text}; {allowed}", hint)


def _cells(contract: Contract, had: Set[str]) -> str:
    """SQL for the columns of the contract from the table `known`, which has the columns `had`."""
    for column in contract.columns:
        if column.required and column.name not in had:
            text = f"{contract.path}: {column.name} is required, and rows delivered earlier do not have it"
            raise ContractError("CT010", text, HINT)
    cells = {c.name: c.cell if c.name in had else f"cast(null as {c.sql_type})" for c in contract.columns}
    return ", ".join(f'{cell} as "{name}"' for name, cell in cells.items())
