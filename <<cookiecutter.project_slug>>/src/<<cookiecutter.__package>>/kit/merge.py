# The template's file: edits here meet template updates (copier update merges them).
"""The rows of a month: those known so far, and those delivered.

In:       a month, the version of it that is known, a delivery that has been split.
Out:      a file with one row for each key.
Failure:  RefusedError DQ006 (more rows of the month are bad than the contract allows); ContractError
          CT010 (rows known so far do not fit the contract).

The last delivery wins, but a file that comes again unchanged brings nothing new: the one that a schedule
delivers each hour must not undo what another has corrected since.
"""

from collections.abc import Set
from pathlib import Path

from . import checks
from .contract import Contract, listed
from .engine import blaming
from .errors import ContractError, RefusedError
from .months import Month
from .steps import Job
from .store import Version

HINT = "let the contract take them, or move the store aside and deliver everything again"


def rows(job: Job, month: Month, known: Version | None, delivery: Version, target: Path) -> Path:
    """Write the rows of the month to `target`, sorted by their key; returns `target`."""
    contract = job.contracts["source"]
    if month.bad:
        text = f"{month.bad:,} of {month.good + month.bad:,} rows break the contract"
        allowed = f"{contract.allowed_bad_ratio:.2%} may. The month stays as it was."
        where = delivery.file(checks.QUARANTINE)
        hint = f"see {where}, mend them at the source ({contract.contact}), run again"
        raise RefusedError("DQ006", f"{text}; {allowed}", hint)
    columns, keys = listed(contract.sql_types), listed(contract.keys)
    time, first = f'"{contract.time_key}"', f"timestamp '{month.name}-01'"
    # A range, so that parts of the file are skipped.
    made = f"select {columns} from delivered where {time} >= {first} and {time} < {first} + interval 1 month"
    if known:
        job.engine.read("known", known.file("source.parquet"))
        had = job.engine.types("from known").keys()
        old = f"select {_cells(contract, had)} from known"
        whole = contract.sql_types.keys() <= had
        stay, others = (old, made) if month.again and whole else (made, old)
        made = f"{stay} union all select * from ({others}) anti join ({stay}) using ({keys})"
    with blaming("CT010", f"{contract.path}: rows of {month.name} known so far do not fit", HINT):
        job.engine.write(f"select * from ({made}) order by {keys}", target)
    return target


def _cells(contract: Contract, had: Set[str]) -> str:
    """SQL for the columns of the contract from the table `known`, which had these by an older one."""
    for column in contract.columns:
        if column.required and column.name not in had:
            text = f"{contract.path}: {column.name} is required, and rows known so far do not have it"
            raise ContractError("CT010", text, HINT)
    cells = {c.name: c.cell if c.name in had else f"cast(null as {c.sql_type})" for c in contract.columns}
    return ", ".join(f'{cell} as "{name}"' for name, cell in cells.items())
