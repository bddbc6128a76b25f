"""What a run takes of a source that has delivered nothing since: its newest good version.

In:       a job, a source without a delivery.
Out:      the version, whose rows are the table of that name.
Failure:  DataError DQ001 (nothing was ever accepted); the errors of `checks` if the contract has changed and
          the rows are worse than it allows now.

The rows of a source that is cut into partitions are in the published ones: for these, nothing is taken of it.
"""

from typing import Any

from ..datasets import dataset
from ..engine.blame import named
from ..errors import DataError
from ..job import Job
from ..store import accepted
from ..store.versions import Version


def version_of(job: Job, table: str) -> Version:
    """The newest good version of the source; one without rows if no dataset needs it as a whole."""
    datasets = [dataset.of(job, name) for name in job.product.datasets]
    if not (job.product.serves or any(table in each.whole for each in datasets)):
        return _without_rows(job, table)
    found = accepted.newest(job.store(table), job.contracts[table])
    if found is None:
        raise _nothing(job, table, f"no good version of {table} is in the store yet")
    if found.inputs["code"] == job.code:
        job.engine.read(table, found.file(f"{table}.parquet"))
        return found
    return _checked_again(job, table, found)


def _checked_again(job: Job, table: str, found: Version) -> Version:
    """The rows of a version by the contract as it is now, which may be another one."""
    contract = job.contracts[table]
    arrived = accepted.arrived_at(job.store(table), found)
    inputs = {name: found.inputs[name] for name in ("file", "sha256")}
    file = found.file(f"{table}.parquet")
    with named(file, f"version {found.id} of {table}, as nothing new was delivered"):
        job.engine.read(table, file, *contract.reading)
        return job.table(table, inputs | {"rows_of": found.id, "arrived_at": arrived}, lambda _: {})


def without_rows(job: Job, table: str, published: Version | None) -> Version:
    """A version without rows of a source that is cut into partitions; `published`: what has its rows."""
    if published is None:
        raise _nothing(job, table, "no dataset made from it is published yet")
    return _without_rows(job, table)


def _without_rows(job: Job, table: str) -> Version:
    cells = ", ".join(
        f'cast(null as {type_}) as "{name}"' for name, type_ in job.contracts[table].sql_types.items()
    )

    def read(_: Any) -> dict[str, Any]:
        job.engine.keep(table, f"select {cells} where false")
        return {}

    return job.split(table, {"file": "", "sha256": ""}, read, store=table)


def _nothing(job: Job, table: str, why: str) -> DataError:
    text = f"{job.sources[table].name}: there is no such file, and {why}"
    hint = f"deliver one there, or name it: `COMMAND run --source {table}=FILE`"
    if not job.settings.at_home:
        wrong = f"{job.settings.home.absolute()} is not the product's folder"
        hint += f"\n      {wrong}: perhaps set {job.product.prefix}HOME to it"
    return DataError("DQ001", text, hint)
