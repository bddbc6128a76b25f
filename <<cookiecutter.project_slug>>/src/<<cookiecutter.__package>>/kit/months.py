# The template's file: edits here meet template updates (copier update merges them).
"""Divide a dataset into months, each made of its own rows, so that one that fails harms no other.

In:       a delivery that has been split; the months that are published.
Out:      the months it touches; for each the rows known so far, those delivered in their place.
Failure:  RefusedError DQ006 (more rows of the month are bad than the contract allows); ContractError
          CT008 (the SQL makes rows of another month).

Why months: a share of bad rows means nothing for a day that has 72: two days of the sample would fail for
one bad row each. And each part costs 0.03 s, however small: 0.6 s for the sample by month, 10 s by day.
"""

from pathlib import Path
from typing import NamedTuple

from . import aliases, checks
from .contract import Contract
from .errors import ContractError, RefusedError
from .publication import PUBLISHED
from .steps import Job
from .store import Store, Version, sha256

Span = tuple[str, str]  # the first and the last month, as 2013-01
EVER: Span = ("0000-00", "9999-99")
NOWHERE = "no month"  # of rows without a time


class Month(NamedTuple):
    """What a delivery holds of it."""

    name: str  # as 2013-01
    good: int
    bad: int


def published(job: Job) -> dict[str, Version]:
    """The months of the dataset that is published, by name."""
    current = aliases.current(Store(job.store / "dataset"), PUBLISHED)
    return {
        name: Store(job.store / "months").open(version)
        for name, version in (current.facts["months"] if current else {}).items()
    }


def touched(job: Job, delivery: Version, known: dict[str, Version], span: Span) -> list[Month]:
    """The months in the span that are delivered, or were made by other code, in their order; and those
    made for another contract, which would not fit the others."""
    source, promise = job.contracts["source"], sha256(job.contracts["dataset"].path)
    job.engine.read("delivered", delivery.file("source.parquet"))
    job.engine.read("refused", delivery.file(checks.QUARANTINE))
    counts = f"select coalesce({_month(source)}, '{NOWHERE}'), count(*) from"
    good, bad = (dict(job.engine.rows(f"{counts} {table} group by 1")) for table in ("delivered", "refused"))
    few = source.allowed_bad_ratio * delivery.facts["check"]["read"]
    bad = {name: rows for name, rows in bad.items() if name in good or rows > few}
    stale = {name for name, version in known.items() if version.inputs["code"] != job.code}
    names = good.keys() | bad.keys() | stale
    wanted = {name for name in names if name == NOWHERE or span[0] <= name <= span[1]}
    misfits = {name for name, version in known.items() if version.inputs["contract"] != promise}
    return [Month(name, good.get(name, 0), bad.get(name, 0)) for name in sorted(wanted | misfits)]


def fingerprint(job: Job, rows: Path) -> str:
    """The number of rows of the source in a file, and the sum of their hashes: the same for the same rows,
    which the bytes of a parquet file are not."""
    job.engine.read("source", rows)
    columns = ", ".join(f'"{name}"' for name in job.contracts["source"].sql_types)
    ((count, total),) = job.engine.rows(f"select count(*), sum(hash({columns})::hugeint) from source")
    return f"{count} {total:x}"


def refuse_strays(job: Job, month: str, transform: Path) -> None:
    """Refuse SQL that makes rows of another month than it is given: two months might make the same."""
    where = f"where {_month(job.contracts['dataset'])} is distinct from '{month}'"
    ((rows,),) = job.engine.rows(f"select count(*) from dataset {where}")
    if rows:
        text = f"{transform}: of the source's rows of {month} it makes {rows:,} of another month, or of none"
        raise ContractError("CT008", text, "a row of the dataset lies in the month of the rows it is made of")


def _month(contract: Contract) -> str:
    return f"strftime(\"{contract.time_key}\", '%Y-%m')"


def merge(job: Job, month: Month, known: Version | None, delivery: Version, target: Path) -> Path:
    """Write the rows of the month, sorted by their key: a row that is delivered replaces the one known."""
    contract = job.contracts["source"]
    allowed = contract.allowed_bad_ratio
    if month.bad > allowed * (month.good + month.bad):
        text = f"{month.bad:,} of {month.good + month.bad:,} rows break the contract; {allowed:.2%} may"
        hint = (
            f"see {delivery.file(checks.QUARANTINE)}, mend them at the source ({contract.contact}), run again"
        )
        raise RefusedError("DQ006", f"{text}. The month stays as it was.", hint)
    columns, keys = (
        ", ".join(f'"{name}"' for name in names) for names in (contract.sql_types, contract.keys)
    )
    rows = f"select {columns} from delivered where {_month(contract)} = '{month.name}'"
    if known:
        job.engine.read("known", known.file("source.parquet"))
        rows += f" union all select {columns} from known anti join ({rows}) as new using ({keys})"
    job.engine.write(f"select * from ({rows}) order by {keys}", target)
    return target
