"""Divide a dataset into partitions, each made from its own rows, so that a failed one harms no other.

In:       a delivery that has been split into good and bad rows; the published partitions.
Out:      the partitions that the delivery touches, and the published ones that cannot be used again.
Failure:  RefusedError PB004 (what is published has another grain, or was made from another source), or the
          error that made all partitions fail.

How long a partition is, the contract of the dataset says. The sample has months: a day has only 72 rows, too
few for a share of bad rows, so two of its days would fail for one bad row each.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.kinds import listed
from ..engine import checks
from ..errors import ContractError, ProductError, RefusedError, StoreError
from ..store.versions import Version, sha256
from . import cut, layout, ledger, recorded
from .dataset import Dataset


class Partition(NamedTuple):
    """What a delivery contains of a partition."""

    name: str  # as 2013-01
    good: int
    bad: int  # 0 if there are no more than the contract allows
    repeated: ledger.Repeated


class Lost(NamedTuple):
    """A published partition that the next dataset cannot use as it is."""

    why: str
    rows: Mapping[str, Any] | None = None  # the fingerprint of the rows that are gone


def is_stale(dataset: Dataset, version: Version) -> bool:
    """Whether a partition was made by other code or SQL, or from other rows of the tables that come whole."""
    now = dataset.code, dataset.others
    return (version.inputs["code"], version.inputs["rows"]["others"]) != now


def known(dataset: Dataset, published: Version | None) -> tuple[dict[str, Version], dict[str, Lost]]:
    """The partitions of the published version, and what is wrong with those that are lost or made by another
    contract."""
    if published is None:
        return {}, {}
    _require_same_rows(dataset, published)
    promise, lost = sha256(dataset.contract.path), {}
    found = recorded.partitions(dataset, published)
    for name, version in [*found.items()]:
        if version.inputs["contract"] != promise:
            lost[name] = Lost("it was made with another contract. Nothing new is published.")
        if not version.folder.is_dir():
            had = found.pop(name).inputs["rows"]
            over = f" from {had['first']} to {had['last']}" if had["first"] else ""
            again = f"deliver its rows again, all {had['rows']:,}{over}, in one file"
            lost[name] = Lost(f"{version.folder} is gone; {again}. Nothing new is published.", had)
    return found, lost


def _require_same_rows(dataset: Dataset, published: Version) -> None:
    """Refuse another grain, or another source, than that by which rows delivered earlier are kept."""
    was, now = published.facts["grain"], dataset.grain
    here, there = (f"one for each {grain}" if grain else "a single one" for grain in (was, now))
    source, text = published.facts["source"], ""
    if was != now:
        text = f"{dataset.contract.path}: the published dataset has other partitions, {here}, and not {there}"
    elif source != dataset.source.name and not dataset.source.is_dataset:
        sql = dataset.statements[dataset.name].path
        text = f"{sql}: the published partitions are made from rows of {source}, not of {dataset.source.name}"
    elif not dataset.source.is_dataset and _lack_source_rows(dataset, published):
        text = f"{dataset.source.path}: the published partitions are made from {source} as it was made here, "
        text += "not delivered: they do not keep its rows"
    if text:
        hint = f"undo the change; or move {dataset.published.root} aside and deliver everything again"
        raise RefusedError("PB004", text, hint)


def _lack_source_rows(dataset: Dataset, published: Version) -> bool:
    """Whether the partitions were made from a dataset, which keeps its rows itself, and is a source now."""
    folders = [dataset.partitions.root / each for each in published.facts["partitions"].values()]
    return any(each.is_dir() and not (each / f"{dataset.source.name}.parquet").exists() for each in folders)


def touched(
    dataset: Dataset,
    delivery: Version,
    known: dict[str, Version],
    lost: dict[str, Lost],
    span: cut.Span,
    repeated: Callable[[str], ledger.Repeated],
) -> list[Partition]:
    """The partitions in the span that have to be made, in order: their delivered rows differ from the known
    rows and do not come from a file delivered before; or they were made by other code. Those made with
    another contract are always included, as they would not fit the others."""
    source, engine = dataset.source, dataset.job.engine
    if source.is_dataset:  # it has all rows, so partitions that it lacks have none
        engine.read_folder("delivered", delivery.file(layout.FOLDER))
        empty, bad = dict.fromkeys(known, _fingerprint(dataset)), {}
    else:
        engine.read("delivered", delivery.file(f"{source.name}.parquet"))
        engine.read("refused", delivery.file(checks.QUARANTINE))
        bad = dict(engine.rows(f"select {dataset.partition_name}, count(*) from refused group by 1"))
        empty = {}
    delivered = empty | _fingerprints(dataset, "delivered")
    good = {name: found["rows"] for name, found in delivered.items()}
    # If a partition has no good row, its time may be wrong: compare its bad rows with the whole delivery.
    everything = sum(good.values()) + sum(bad.values())
    whole = {name: good[name] + rows if name in good else everything for name, rows in bad.items()}
    many = {name: rows for name, rows in bad.items() if source.refuses(rows, whole[name])}
    stale = {name for name, version in known.items() if is_stale(dataset, version)}
    same = {
        name
        for name in (known.keys() & good.keys()) - many.keys() - stale
        if known[name].inputs["rows"] == delivered[name]
        or (repeated(name).known and not _adds(dataset, name, known[name], repeated(name)))
    }
    names = (good.keys() | many.keys() | stale) - same
    wanted = {name for name in names if name == cut.WITHOUT_TIME or span[0] <= name <= span[1]}
    misfits = lost.keys() & known.keys()
    complete = source.is_dataset or source.deliveries == "complete"
    gone = {name: each.rows for name, each in lost.items() if each.rows}
    short = {name for name, had in gone.items() if not _holds(delivered.get(name), had, complete)}
    names = (wanted | misfits) - short
    return [Partition(name, good.get(name, 0), many.get(name, 0), repeated(name)) for name in sorted(names)]


def _adds(dataset: Dataset, partition: str, known: Version, repeated: ledger.Repeated) -> bool:
    """Whether a file delivered before has new rows after all: the contract may accept more than it did. Rows
    that a later delivery deleted are not new."""
    source, engine = dataset.source, dataset.job.engine
    if source.deliveries == "complete" and repeated.superseded:
        return False
    try:
        dataset.partitions.open(known.id)
    except StoreError:  # which is told when it is made again
        return True
    engine.read("known", known.file(f"{source.name}.parquet"))
    mine = f"(select * from delivered where {dataset.within(partition)})"
    missing = f"select 1 from {mine} anti join known using ({listed(source.keys)}) limit 1"
    return bool(engine.rows(missing))


def _holds(found: Mapping[str, Any] | None, needed: Mapping[str, Any], complete: bool) -> bool:
    """Whether rows with that fingerprint can replace a lost partition: at least as many, over the same time;
    any of a complete delivery."""
    if complete:
        return found is not None
    if found is None or found["rows"] < needed["rows"]:
        return False
    return not needed["first"] or bool(found["first"] <= needed["first"] and needed["last"] <= found["last"])


def failed(made: dict[str, Version], wrong: dict[str, ProductError], lost: dict[str, Lost]) -> dict[str, str]:
    """Partition -> why it is not new. An error that blames the contract or the SQL concerns all of them: if
    there is nothing to publish, it is raised, and not listed once for each."""
    found = {name: each.why for name, each in lost.items() if name not in made}
    found |= {name: f"{error.message.removesuffix('.')}; {error.hint}" for name, error in wrong.items()}
    blamed = [error for error in wrong.values() if isinstance(error, ContractError)]
    if blamed and (not made or found.keys() & lost.keys()):
        raise blamed[0]
    return found


def fingerprint(dataset: Dataset, rows: Path) -> dict[str, Any]:
    """How many source rows the file of a partition has, their first and last time, and the sum of their
    hashes: the same for the same rows, unlike the bytes of a parquet file; and `Dataset.others`."""
    dataset.job.engine.read(dataset.source.name, rows)
    return next(iter(_fingerprints(dataset, dataset.source.name).values()), _fingerprint(dataset))


def _fingerprints(dataset: Dataset, table: str) -> dict[str, dict[str, Any]]:
    # Spark's hash skips nulls: a value would hash the same in this column and in the next one.
    columns = ", ".join(f'"{name}", "{name}" is null' for name in dataset.source.sql_types)
    total = f"sum(cast(hash({columns}) as decimal(38, 0)))"  # both engines' integers are too small
    time = cut.time_of(dataset.source)
    cell = f'"{time.name}"' if time else "cast(null as date)"
    counts = f"count(*), min({cell}), max({cell}), {total}"
    sums = dataset.job.engine.rows(f'select {dataset.partition_name}, {counts} from "{table}" group by 1')
    return {name: _fingerprint(dataset, *found) for name, *found in sums}


def _fingerprint(
    dataset: Dataset, rows: int = 0, first: date | None = None, last: date | None = None, total: Any = 0
) -> dict[str, Any]:
    return {
        "rows": rows,
        "first": first and first.isoformat(),
        "last": last and last.isoformat(),
        "hash": f"{int(total):x}",
        "others": dataset.others,
    }
