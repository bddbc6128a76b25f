"""A dataset in partitions: each one that a delivery touches is made again, then all are published.

In:       a delivery that has been checked; transforms/dataset.sql.
Out:      versions of the partitions, and of the dataset of all of them.
Failure:  a partition that fails keeps its previous version and is named in the report; the others are
          published.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..datasets import cut, deletions, layout, ledger, merge, partitions, publication, recorded, whole
from ..datasets.partitions import Partition
from ..errors import ProductError
from ..job import RAW, Job
from ..store import aliases
from ..store.versions import Version, sha256


def make_partitions(job: Job) -> dict[str, Version]:
    """All partitions by name; those that the delivery touches are made from rows delivered earlier and now.

    Empty if a published partition is lost: then nothing new can be published.
    """
    before = job.notes["dataset_before"] = aliases.current(job.store("dataset"), aliases.PUBLISHED)
    known, lost = partitions.known(job, before)
    name = partitions.source_of(job).name
    delivery = job.made[name]
    source = job.sources[name].place, delivery.inputs["sha256"]
    repeated = ledger.already_delivered(job.store("dataset"), *source)
    made: dict[str, Version] = {}
    wrong: dict[str, ProductError] = {}
    span: cut.Span = job.options.get("span", cut.ALL_TIME)
    for partition in partitions.touched(job, delivery, known, lost, span, repeated):
        try:
            made[partition.name] = _make(job, partition, delivery, known.get(partition.name))
        except ProductError as error:
            wrong[partition.name] = error
        job.progress(partition.name, partition.good, delivery.facts["check"]["good"])
    failed = partitions.failed(made, wrong, lost)
    brought = ledger.NOTHING
    if job.sources[name].there:
        brought = ledger.Delivery(*source, *span, sorted(failed), sorted(made.keys() - known.keys()))
    complete = not failed.keys() & lost.keys()
    job.notes.update(partitions=made, failed=failed, brought=brought)
    return known | made if complete else {}


def _make(job: Job, partition: Partition, delivery: Version, known: Version | None) -> Version:
    """One partition of the dataset, from its rows delivered earlier and now."""
    sql, promise = job.product.transforms / "dataset.sql", job.contracts["dataset"]
    source = partitions.source_of(job)
    rows = f"{source.name}.parquet"
    if known:
        known = job.store("partitions").open(known.id)
    with TemporaryDirectory(dir=job.settings.store, prefix=".partition-") as folder:
        merged = Path(folder)
        facts = merge.rows(job, partition, known, delivery, merged)

        def read(folder: Path) -> dict[str, Any]:
            for file in merged.iterdir():
                file.rename(folder / file.name)
            job.engine.read(source.name, folder / rows)
            for table, statement in job.statements.items():
                file = folder / RAW if table == "dataset" else merged / f"{table}.parquet"
                job.engine.read(table, job.engine.transform(statement.path, file))
            whole.require_rows_in_partition(job, partition.name, sql)
            return facts

        found = partitions.fingerprint(job, source, merged / rows)
        gone = deletions.count(job, source) if known and not facts["refused"] else 0
        inputs = {"partition": partition.name, "rows": found, "contract": sha256(promise.path)}
        version = job.dataset("dataset", inputs, read, store="partitions")
        job.notes["deleted"] = job.notes.get("deleted", 0) + gone
        return version


def publish_dataset(job: Job, made: dict[str, Version]) -> Version | None:
    """Publish the dataset of these partitions; None if there is none."""
    if not made:
        return None
    versions = {name: version.id for name, version in made.items()}
    shared = layout.unchanged(job.notes["dataset_before"], made)

    def write(folder: Path) -> dict[str, Any]:
        contract = job.contracts["dataset"]
        layout.copy_others(made, shared, folder)
        rows = sum(version.facts["check"]["good"] for version in made.values())
        newest = whole.newest(job, made)
        warnings = whole.check_dataset(job, rows, folder / layout.FOLDER, made)
        shutil.copy(contract.path, folder)
        about = {"rows": rows, "newest": newest, "warnings": warnings, "grain": contract.grain}
        return about | recorded.facts(made, job.code)

    dataset = job.make("dataset", versions, write, shared)
    job.made["dataset"] = publication.publish(
        job.store("dataset"),
        dataset.id,
        job.notes["dataset_before"],
        job.notes["brought"],
        job.clock(),
        job.settings.local,
    )
    return job.made["dataset"]
