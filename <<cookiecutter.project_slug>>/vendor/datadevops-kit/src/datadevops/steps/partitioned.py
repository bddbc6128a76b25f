"""Datasets in partitions: each partition that a delivery touches is made again, then all are published.

In:       deliveries that have been checked; transforms/*.sql.
Out:      versions of the partitions, and of each dataset of all of them.
Failure:  a partition that fails keeps its previous version and is named in the report; the others are
          published. A dataset that fails keeps its previous version too; so do those that are made from it.
          The error of the only dataset stops the run.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..contract import consumers
from ..datasets import (
    cut,
    dataset,
    deletions,
    layout,
    ledger,
    merge,
    partitions,
    publication,
    recorded,
    whole,
)
from ..datasets.dataset import Dataset
from ..datasets.outcome import Outcome
from ..datasets.partitions import Partition
from ..engine import checks
from ..errors import ProductError
from ..job import RAW, Job
from ..store import aliases
from ..store.versions import Version, sha256
from . import earlier


def datasets(job: Job) -> list[str]:
    """The datasets that the product publishes, each after those that it is made from."""
    return [name for name in job.statements if name in job.product.datasets]


def make_partitions(job: Job, name: str) -> dict[str, Version]:
    """All partitions of a dataset by name; those that the delivery touches are made from rows delivered
    earlier and now.

    Empty if a published partition is lost, or if a table that it is made from failed: then nothing new can be
    published.
    """
    mine, outcome = dataset.of(job, name), Outcome(aliases.current(job.store(name), aliases.PUBLISHED))
    job.notes.setdefault("datasets", {})[name] = outcome
    if lacking := [table for table in (mine.source.name, *mine.whole) if table not in job.made]:
        outcome.error = f"it is made from {', '.join(lacking)}, of which nothing new is published"
        return {}
    with _noted(job, outcome):
        _read_whole(mine)
        return _all_partitions(mine, outcome)
    return {}


@contextmanager
def _noted(job: Job, outcome: Outcome) -> Iterator[None]:
    """The error of a dataset ends what is done for it, and not what is done for others."""
    try:
        yield
    except ProductError as error:
        if len(job.product.datasets) == 1:
            raise
        outcome.error = f"{error.message.removesuffix('.')}; {error.hint}"


def _read_whole(mine: Dataset) -> None:
    """Make the tables that come whole known to the engine; the partitions of another dataset may be there."""
    for table in mine.whole:
        version, contract, engine = mine.job.made[table], mine.job.contracts[table], mine.job.engine
        if contract.is_dataset:
            engine.read_folder(table, version.file(layout.FOLDER))
            continue
        result = checks.Result(**version.facts["check"])
        checks.enforce(engine, contract, result, version.file(checks.QUARANTINE))
        engine.read(table, version.file(f"{table}.parquet"))


def _all_partitions(mine: Dataset, outcome: Outcome) -> dict[str, Version]:
    job, source = mine.job, mine.source
    known, lost = partitions.known(mine, outcome.before)
    span = cut.for_grain(job.options.get("span", cut.ALL_TIME), mine.grain)
    delivery, comes = job.made[source.name], source.is_source and job.sources[source.name].there
    if source.is_source and not comes:
        delivery = earlier.without_rows(job, source.name, outcome.before)
    place = job.sources[source.name].place if source.is_source else source.name
    file = place, delivery.inputs.get("sha256", delivery.id)
    repeated = ledger.already_delivered(mine.published, *file)
    wrong: dict[str, ProductError] = {}
    touched = partitions.touched(mine, delivery, known, lost, span, repeated)
    rows = sum(partition.good for partition in touched)
    for partition in touched:
        try:
            outcome.made[partition.name] = _make(
                mine, partition, delivery, known.get(partition.name), outcome
            )
        except ProductError as error:
            wrong[partition.name] = error
        job.progress(partition.name, partition.good, rows)
    outcome.failed = partitions.failed(outcome.made, wrong, lost)
    if comes:
        alone = sorted(outcome.made.keys() - known.keys())
        outcome.brought = ledger.Delivery(*file, *span, sorted(outcome.failed), alone)
    complete = not outcome.failed.keys() & lost.keys()
    return known | outcome.made if complete else {}


def _make(
    mine: Dataset, partition: Partition, delivery: Version, known: Version | None, outcome: Outcome
) -> Version:
    """One partition of the dataset, from its rows delivered earlier and now."""
    job, source = mine.job, mine.source
    rows = f"{source.name}.parquet"
    if known:
        known = mine.partitions.open(known.id)
    with TemporaryDirectory(dir=job.settings.store, prefix=".partition-") as folder:
        merged = Path(folder)
        facts = merge.rows(mine, partition, known, delivery, merged)

        def read(folder: Path) -> dict[str, Any]:
            if not source.is_dataset:  # with these rows those of later deliveries are merged
                for file in merged.iterdir():
                    file.rename(folder / file.name)
                job.engine.read(source.name, folder / rows)
            for table, statement in mine.statements.items():
                if table != mine.name and table in job.contracts:
                    _check_between(job, table, inputs)
                    continue
                file = folder / RAW if table == mine.name else merged / f"{table}.parquet"
                job.engine.read(table, job.engine.transform(statement.path, file))
            whole.require_rows_in_partition(mine, partition.name)
            return facts

        found = partitions.fingerprint(mine, merged / rows)
        gone = deletions.count(mine) if known and not facts["refused"] else 0
        contract = sha256(mine.contract.path)
        inputs = {"partition": partition.name, "rows": found, "contract": contract, "code": mine.code}
        version = job.table(mine.name, inputs, read, store=f"{mine.name}/partitions")
        outcome.deleted += gone
        return version


def _check_between(job: Job, table: str, inputs: dict[str, Any]) -> None:
    """Make a table on the way to a dataset that has a contract; its good rows of the partition are used."""

    def read(folder: Path) -> dict[str, Any]:
        job.engine.read(table, job.engine.transform(job.statements[table].path, folder / RAW))
        return {}

    job.table(table, inputs | {"contract": sha256(job.contracts[table].path)}, read, store=table)


def publish_dataset(job: Job, name: str, made: dict[str, Version]) -> Version | None:
    """Publish the dataset of these partitions; None if there are none."""
    if not made:
        return None
    mine, outcome = dataset.of(job, name), job.notes["datasets"][name]
    shared = layout.unchanged(name, outcome.before, made)

    def write(folder: Path) -> dict[str, Any]:
        layout.copy_others(name, made, shared, folder)
        rows = sum(version.facts["check"]["good"] for version in made.values())
        newest = whole.newest(mine, made)
        warnings = whole.check_dataset(mine, rows, folder / layout.FOLDER, made)
        shutil.copy(mine.contract.path, folder)
        about = {"rows": rows, "newest": newest, "warnings": warnings, "grain": mine.grain}
        about["source"] = mine.source.name
        return about | recorded.facts(made, mine.code)

    with _noted(job, outcome):
        versions = {partition: version.id for partition, version in made.items()}
        nothing_new = outcome.before if outcome.failed and not outcome.made else None
        version = nothing_new or job.make(name, versions | {"code": mine.code}, write, shared)
        job.made[name] = publication.publish(
            mine.published,
            version.id,
            outcome.before,
            outcome.brought,
            job.clock(),
            job.settings.local,
            consumers.load(job.product.contracts),
        )
        return job.made[name]
    return None
