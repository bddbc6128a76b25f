"""What the report says of each source: its file, when that arrived, how new its rows are.

In:       a job whose sources have been checked.
Out:      facts by source. `newest` is the time of the newest row, None for a source without a time;
          `arrived_at` is when its file came first, `delivered` whether one came now.
Failure:  none of its own.
"""

from typing import Any

from ..datasets import cut, partitions
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
    if not job.product.serves and name == partitions.source_of(job).name:
        dataset = job.made.get("dataset") or job.notes["dataset_before"]
        rows = dataset.facts["source_rows"].values() if dataset else ()
        return max((each["last"] for each in rows if each["last"]), default=None)
    ((newest,),) = job.engine.rows(f'select max("{time.name}") from "{name}"')
    return str(newest.isoformat())
