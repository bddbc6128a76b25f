"""A dataset month by month: each month that a delivery touches is made again, then all are published.

In:       a delivery that has been checked; transforms/dataset.sql.
Out:      versions of the months, and of the dataset of all months.
Failure:  a month that fails keeps its previous version and is named in the report; the others are published.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..datasets import ledger, merge, months, publication
from ..datasets.months import Month
from ..errors import ProductError
from ..job import RAW, Job
from ..store import aliases
from ..store.versions import Version, sha256


def make_months(job: Job, delivery: Version) -> dict[str, Version]:
    """All months by name; those that the delivery touches are made from rows delivered earlier and now.

    Empty if a published month is lost: then nothing new can be published.
    """
    before = job.notes["dataset_before"] = aliases.current(job.store("dataset"), aliases.PUBLISHED)
    known, lost = months.known(job, before)
    source = job.sources["source"].place, delivery.inputs["sha256"]
    repeated = ledger.already_delivered(job.store("dataset"), *source)
    made: dict[str, Version] = {}
    wrong: dict[str, ProductError] = {}
    span: months.Span = job.options.get("span", months.ALL_TIME)
    for month in months.touched(job, delivery, known, lost, span, repeated):
        try:
            made[month.name] = _make(job, month, delivery, known.get(month.name))
        except ProductError as error:
            wrong[month.name] = error
        job.progress(month.name, month.good, delivery.facts["check"]["good"])
    failed = months.failed(made, wrong, lost)
    brought = ledger.Delivery(*source, *span, sorted(failed), sorted(made.keys() - known.keys()))
    whole = not failed.keys() & lost.keys()
    job.notes.update(months=made, failed=failed, brought=brought)
    return known | made if whole else {}


def _make(job: Job, month: Month, delivery: Version, known: Version | None) -> Version:
    """One month of the dataset, from its rows delivered earlier and now."""
    sql, promise = job.product.transforms / "dataset.sql", job.contracts["dataset"]
    with TemporaryDirectory(dir=job.settings.store, prefix=".month-") as folder:
        merged = Path(folder)
        facts = merge.rows(job, month, known, delivery, merged)

        def read(folder: Path) -> dict[str, Any]:
            for file in merged.iterdir():
                file.rename(folder / file.name)
            job.engine.read("source", folder / merge.ROWS)
            job.engine.read("dataset", job.engine.transform(sql, folder / RAW))
            months.require_rows_in_month(job, month.name, sql)
            return facts

        found = months.fingerprint(job, merged / merge.ROWS)
        inputs = {"month": month.name, "rows": found, "contract": sha256(promise.path)}
        return job.dataset("dataset", inputs, read, store="months")


def publish_dataset(job: Job, made: dict[str, Version]) -> Version | None:
    """Publish the dataset of these months; None if there is no month."""
    if not made:
        return None
    versions = {name: month.id for name, month in made.items()}

    def write(folder: Path) -> dict[str, Any]:
        contract = job.contracts["dataset"]
        for name, month in made.items():
            job.engine.read(name, month.file("dataset.parquet"))
        rows = job.engine.write(" union all ".join(f'from "{name}"' for name in sorted(made)), folder / RAW)
        job.engine.read("dataset", (folder / RAW).rename(folder / "dataset.parquet"))
        warnings = months.check_dataset(job, rows, made)
        shutil.copy(contract.path, folder)
        ((newest,),) = job.engine.rows(f'select max("{contract.time_key}") from dataset')
        source_rows = {name: month.inputs["rows"] for name, month in made.items()}
        about = {"rows": rows, "newest": newest.isoformat(), "warnings": warnings}
        return about | {"months": versions, "source_rows": source_rows}

    dataset = job.make("dataset", versions, write)
    job.made["dataset"] = publication.publish(
        job.store("dataset"),
        dataset.id,
        job.notes["dataset_before"],
        job.notes["brought"],
        job.clock(),
        job.settings.local,
    )
    return job.made["dataset"]
