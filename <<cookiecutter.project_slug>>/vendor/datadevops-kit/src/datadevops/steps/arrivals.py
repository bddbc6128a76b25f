"""What the report says of each source: its file, when that arrived, how new its rows are.

In:       a job whose sources have been checked.
Out:      facts by source. `newest` is the time of the newest row, None for a source without a time;
          `arrived_at` is when its file came first, `delivered` whether one came now.
Failure:  none of its own.
"""

from typing import Any

from ..datasets import cut, dataset
from ..job import Job
from ..store import accepted


def of_sources(job: Job) -> dict[str, dict[str, Any]]:
    """The facts, by source."""
    return {name: _of_source(job, name) for name in job.sources}


def _of_source(job: Job, name: str) -> dict[str, Any]:
    store, version = job.store(name), job.made[name]
    last = version if version.facts["check"]["read"] else accepted.last_delivery(store)
    return {
        **version.inputs,
        "version": version.id,
        "delivered": job.sources[name].there,
        "arrived_at": accepted.arrived_at(store, last) if last else None,
        "newest": _newest(job, name),
    }


def _newest(job: Job, name: str) -> str | None:
    """The time of the newest good row: of all partitions that are published, where rows are kept in those."""
    if not (time := cut.time_of(job.contracts[name])):
        return None
    if cut_into := [each for each in job.product.datasets if dataset.of(job, each).source.name == name]:
        published = (job.made.get(each) or job.notes["datasets"][each].before for each in cut_into)
        rows = (row for version in published if version for row in version.facts["source_rows"].values())
        return max((row["last"] for row in rows if row["last"]), default=None)
    job.engine.read(name, job.made[name].file(f"{name}.parquet"))
    ((newest,),) = job.engine.rows(f'select max("{time.name}") from "{name}"')
    return str(newest.isoformat()) if newest else None
