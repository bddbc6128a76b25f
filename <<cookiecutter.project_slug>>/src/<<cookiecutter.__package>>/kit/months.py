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
from .errors import ContractError, RefusedError, StoreError
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
    bad: int  # 0 where they are no more than the contract allows


def published(job: Job) -> tuple[dict[str, Version], dict[str, str]]:
    """The months of the dataset that is published, and what is wrong with those that are damaged."""
    current = aliases.current(Store(job.store / "dataset"), PUBLISHED)
    known, lost = {}, {}
    for name, version in (current.facts["months"] if current else {}).items():
        try:
            known[name] = Store(job.store / "months").open(version)
        except StoreError as error:
            lost[name] = f"{error.message}; deliver its rows again. Nothing new is published."
    return known, lost


def touched(job: Job, delivery: Version, known: dict[str, Version], span: Span) -> list[Month]:
    """The months in the span that are to be made, in their order: delivered with other rows than are known,
    or made by other code; and those of another contract, which would not fit the others."""
    source, promise = job.contracts["source"], sha256(job.contracts["dataset"].path)
    job.engine.read("delivered", delivery.file("source.parquet"))
    job.engine.read("refused", delivery.file(checks.QUARANTINE))
    delivered = _fingerprints(job, "delivered")
    good = {name: int(found.split()[0]) for name, found in delivered.items()}
    counts = f"select coalesce({_month(source)}, '{NOWHERE}'), count(*) from refused group by 1"
    bad = dict(job.engine.rows(counts))
    # Where a month has no good row, nothing says that its time is right: judge it by the whole delivery.
    everything = delivery.facts["check"]["read"]
    whole = {name: good[name] + rows if name in good else everything for name, rows in bad.items()}
    many = {name: rows for name, rows in bad.items() if rows > source.allowed_bad_ratio * whole[name]}
    made = {name: version.inputs for name, version in known.items()}
    stale = {name for name, inputs in made.items() if inputs["code"] != job.code}
    same = {name for name in made if made[name]["rows"] == delivered.get(name)} - many.keys() - stale
    names = (good.keys() | many.keys() | stale) - same
    wanted = {name for name in names if name == NOWHERE or span[0] <= name <= span[1]}
    misfits = {name for name, inputs in made.items() if inputs["contract"] != promise}
    return [Month(name, good.get(name, 0), many.get(name, 0)) for name in sorted(wanted | misfits)]


def fingerprint(job: Job, rows: Path) -> str:
    """The number of rows of the source in the file of a month, and the sum of their hashes: the same for
    the same rows, which the bytes of a parquet file are not."""
    job.engine.read("source", rows)
    (found,) = _fingerprints(job, "source").values()
    return found


def _fingerprints(job: Job, table: str) -> dict[str, str]:
    source = job.contracts["source"]
    # Spark's hash passes over a null: of a value in this column or the next one it would make the same.
    columns = ", ".join(f'"{name}", "{name}" is null' for name in source.sql_types)
    total = f"sum(cast(hash({columns}) as decimal(38, 0)))"  # no integer of both engines is wide enough
    sums = job.engine.rows(f"select {_month(source)}, count(*), {total} from {table} group by 1")
    return {name: f"{count} {int(total):x}" for name, count, total in sums}


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
    if month.bad:
        text = f"{month.bad:,} of {month.good + month.bad:,} rows break the contract"
        allowed = f"{contract.allowed_bad_ratio:.2%} may. The month stays as it was."
        where = delivery.file(checks.QUARANTINE)
        hint = f"see {where}, mend them at the source ({contract.contact}), run again"
        raise RefusedError("DQ006", f"{text}; {allowed}", hint)
    names = contract.sql_types, contract.keys
    columns, keys = (", ".join(f'"{name}"' for name in each) for each in names)
    time, first = f'"{contract.time_key}"', f"timestamp '{month.name}-01'"
    # A range, so that parts of the file are skipped.
    rows = f"select {columns} from delivered where {time} >= {first} and {time} < {first} + interval 1 month"
    if known:
        job.engine.read("known", known.file("source.parquet"))
        rows += f" union all select {columns} from known anti join ({rows}) as new using ({keys})"
    job.engine.write(f"select * from ({rows}) order by {keys}", target)
    return target
