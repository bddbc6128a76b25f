"""Divide a dataset into months, each made from its own rows, so that a failed month harms no other.

In:       a delivery that has been split into good and bad rows; the published months.
Out:      the months that the delivery touches, and the published months that cannot be used again.
Failure:  RefusedError DQ006 (all months together do not keep the contract); ContractError CT008 (the SQL
          makes rows of another month), or the error that made all months fail.

Why months: a day has only 72 rows, too few for a share of bad rows: two days of the sample would fail for
one bad row each. And each part costs 0.03 s, however small: 0.6 s for the sample by month, 10 s by day.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.kinds import listed
from ..contract.predicates import FINITE
from ..contract.values import Contract
from ..engine import checks
from ..errors import ContractError, ProductError, RefusedError, StoreError
from ..job import Job
from ..store.versions import Version, sha256

Span = tuple[str, str]  # the first and the last month, as 2013-01
ALL_TIME: Span = ("", "~")  # also sorts around years of other than four digits
WITHOUT_TIME = "no month"  # for rows without a time, or with one that no calendar has


class Month(NamedTuple):
    """What a delivery contains of a month."""

    name: str  # as 2013-01
    good: int
    bad: int  # 0 if there are no more than the contract allows
    repeated: bool  # whether the month already has the rows of this very file


class Lost(NamedTuple):
    """A published month that the next dataset cannot use as it is."""

    why: str
    rows: Mapping[str, Any] | None = None  # the fingerprint of the rows that are gone


def known(job: Job, dataset: Version | None) -> tuple[dict[str, Version], dict[str, Lost]]:
    """The months of a dataset, and what is wrong with those that are damaged or made by another contract."""
    if dataset is None:
        return {}, {}
    promise, found, lost = sha256(job.contracts["dataset"].path), {}, {}
    for name, version in dataset.facts["months"].items():
        try:
            found[name] = job.store("months").open(version)
            if found[name].inputs["contract"] != promise:
                lost[name] = Lost("it was made with another contract. Nothing new is published.")
        except StoreError as error:
            had = dataset.facts["source_rows"][name]
            all_of_it = f"all {had['rows']:,} from {had['first']} to {had['last']}, in one file"
            why = f"{error.message}; deliver its rows again, {all_of_it}. Nothing new is published."
            lost[name] = Lost(why, had)
    return found, lost


def touched(
    job: Job,
    delivery: Version,
    known: dict[str, Version],
    lost: dict[str, Lost],
    span: Span,
    repeated: Callable[[str], bool],
) -> list[Month]:
    """The months in the span that have to be made, in order: their delivered rows differ from the known
    rows and do not come from a file delivered before; or they were made by other code. Months made with
    another contract are always included, as they would not fit the others."""
    source = job.contracts["source"]
    job.engine.read("delivered", delivery.file("source.parquet"))
    job.engine.read("refused", delivery.file(checks.QUARANTINE))
    delivered = _fingerprints(job, "delivered")
    good = {name: found["rows"] for name, found in delivered.items()}
    bad = dict(job.engine.rows(f"select {_month(source)}, count(*) from refused group by 1"))
    # If a month has no good row, its time may be wrong: compare its bad rows with the whole delivery.
    everything = delivery.facts["check"]["read"]
    whole = {name: good[name] + rows if name in good else everything for name, rows in bad.items()}
    many = {name: rows for name, rows in bad.items() if source.refuses(rows, whole[name])}
    made = {name: version.inputs for name, version in known.items()}
    stale = {name for name, inputs in made.items() if inputs["code"] != job.code}
    same = {
        name
        for name in made.keys() - many.keys() - stale
        if made[name]["rows"] == delivered.get(name) or (repeated(name) and not _adds(job, name, known[name]))
    }
    names = (good.keys() | many.keys() | stale) - same
    wanted = {name for name in names if name == WITHOUT_TIME or span[0] <= name <= span[1]}
    misfits = lost.keys() & known.keys()
    short = {name for name, each in lost.items() if each.rows and not _holds(delivered.get(name), each.rows)}
    names = (wanted | misfits) - short
    return [Month(name, good.get(name, 0), many.get(name, 0), repeated(name)) for name in sorted(names)]


def _adds(job: Job, month: str, known: Version) -> bool:
    """Whether a file delivered before has new rows after all: the contract may accept more than it did."""
    source = job.contracts["source"]
    job.engine.read("known", known.file("source.parquet"))
    mine = f"(select * from delivered where {month_filter(source, month)})"
    missing = f"select 1 from {mine} anti join known using ({listed(source.keys)}) limit 1"
    return bool(job.engine.rows(missing))


def _holds(found: Mapping[str, Any] | None, needed: Mapping[str, Any]) -> bool:
    """Whether rows with that fingerprint can replace a lost month: at least as many, over the same time."""
    if found is None or found["rows"] < needed["rows"]:
        return False
    return bool(found["first"] <= needed["first"] and needed["last"] <= found["last"])


def failed(made: dict[str, Version], wrong: dict[str, ProductError], lost: dict[str, Lost]) -> dict[str, str]:
    """Why each failed month failed, by its name. If nothing can be published because of a contract or the
    SQL, raises that error: there is nothing to correct at the source."""
    found = {name: month.why for name, month in lost.items() if name not in made}
    found |= {name: f"{error.message.removesuffix('.')}; {error.hint}" for name, error in wrong.items()}
    blamed = [error for error in wrong.values() if isinstance(error, ContractError)]
    if blamed and (not made or found.keys() & lost.keys()):
        raise blamed[0]
    return found


def fingerprint(job: Job, rows: Path) -> dict[str, Any]:
    """How many source rows the file of a month has, their first and last time, and the sum of their hashes:
    the same for the same rows, unlike the bytes of a parquet file."""
    job.engine.read("source", rows)
    (found,) = _fingerprints(job, "source").values()
    return found


def _fingerprints(job: Job, table: str) -> dict[str, dict[str, Any]]:
    source = job.contracts["source"]
    # Spark's hash skips nulls: a value would hash the same in this column and in the next one.
    columns = ", ".join(f'"{name}", "{name}" is null' for name in source.sql_types)
    total = f"sum(cast(hash({columns}) as decimal(38, 0)))"  # both engines' integers are too small
    times = f'min("{source.time_key}"), max("{source.time_key}")'
    sums = job.engine.rows(f"select {_month(source)}, count(*), {times}, {total} from {table} group by 1")
    return {
        name: {"rows": rows, "first": first.isoformat(), "last": last.isoformat(), "hash": f"{int(total):x}"}
        for name, rows, first, last, total in sums
    }


def require_rows_in_month(job: Job, month: str, transform: Path) -> None:
    """Refuse SQL that makes rows of another month than it was given: two months could make the same row."""
    where = f"where {_month(job.contracts['dataset'])} is distinct from '{month}'"
    ((rows,),) = job.engine.rows(f"select count(*) from dataset {where}")
    if rows:
        text = f"{transform}: source rows of {month} became {rows:,} rows of another month or without a time"
        raise ContractError("CT008", text, "make each row of the dataset only from rows of its own month")


def check_dataset(job: Job, rows: int, made: Mapping[str, Version]) -> list[str]:
    """Refuse a dataset that breaks its contract as a whole, although each of its months `made` keeps it;
    returns the warnings."""
    contract = job.contracts["dataset"]
    failures, warnings = checks.table_rules(job.engine, contract) if rows else (["there are no rows"], [])
    for name in [column.name for column in contract.columns if column.unique]:
        ((more,),) = job.engine.rows(f'select count("{name}") - count(distinct "{name}") from dataset')
        if more:
            failures.append(f"{name} is unique, and {more:,} of its values are in another month too")
    if failures:
        text = "\n  ".join([f"{contract.path} v{contract.version}: of all months together", *failures])
        hint = "correct the source or dataset.sql, or relax the contract"
        raise RefusedError("DQ006", f"{text}\n  Nothing new is published.", hint)
    if other := sorted(name for name, month in made.items() if month.inputs["code"] != job.code):
        some = f"{len(other)} of {len(made)} months, {other[0]} to {other[-1]}"
        hint = f"`{job.product.command} run` without --from and --to makes them again"
        warnings.append(f"{some}, were made by other code or SQL; {hint}")
    return warnings


def check_counts(months: dict[str, Version]) -> dict[str, Any]:
    """The sums of `checks.Result` over these months for the contract of the dataset; `refused`: how many
    source rows delivered earlier break the source contract now."""
    each = [month.facts["check"] for month in months.values()]
    broken = sum((Counter(check["broken"]) for check in each), Counter[str]())
    counts = {count: sum(check[count] for check in each) for count in ("read", "good", "bad")}
    refused = sum(month.facts["refused"] for month in months.values())
    return counts | {"broken": dict(broken), "refused": refused}


def month_filter(contract: Contract, month: str) -> str:
    """SQL that is true for the rows of the month."""
    return f"{_month(contract)} = '{month}'"


def _month(contract: Contract) -> str:
    time = f'"{contract.time_key}"'
    named = f"case when {FINITE['timestamp'].format(time)} then strftime({time}, '%Y-%m') end"
    return f"coalesce({named}, '{WITHOUT_TIME}')"
