"""Split rows into good and bad; make tables by SQL.

In:       the files of the sources; transforms/*.sql.
Out:      a version of each table: its good rows, its quarantine.
Failure:  the errors of `checks` and of `earlier`; ContractError CT006 (the SQL returns other columns).
"""

import time
from pathlib import Path
from typing import Any

from ..engine import checks
from ..engine.blame import named
from ..engine.graph import Statement
from ..job import RAW, Delivered, Job
from ..store.versions import Version, sha256
from . import earlier


def check(job: Job) -> dict[str, Version]:
    """The rows delivered for each source, divided into good rows and quarantine; of a source that has
    delivered nothing, the newest good version.

    More bad rows than the contract of a source allows stop the run. In a data pipeline they stop what is made
    from them, later: a partition, or a dataset that needs the source as a whole. Here it needs one good row.
    """
    for table in job.sources:
        job.made[table] = _checked(job, table)
    return {table: job.made[table] for table in job.sources}


def _checked(job: Job, table: str) -> Version:
    delivered = job.sources[table]
    if not delivered.there:
        return earlier.version_of(job, table)
    version = _of_delivery(job, table, delivered)
    job.store(table).renew(version)
    return version


def _of_delivery(job: Job, table: str, delivered: Delivered) -> Version:
    contract = job.contracts[table]
    with named(delivered.path, delivered.name):
        job.engine.read(table, delivered.path, *contract.reading)
        with job.engine.unchanged(table):
            inputs = {"file": delivered.path.name, "sha256": sha256(delivered.path)}
        if job.product.serves:
            return job.table(table, inputs, lambda _: {})
        version = job.split(table, inputs, lambda _: {})
        lenient = contract.model_copy(update={"allowed_bad_ratio": 1})
        result = checks.Result(**version.facts["check"])
        checks.enforce(job.engine, lenient, result, version.file(checks.QUARANTINE))
        return version


def transform(job: Job) -> Version:
    """The features and the labels, and every table that transforms/*.sql make for them, each from the tables
    that its SQL reads. A table with a contract is checked against it."""
    for table, statement in job.statements.items():
        job.made[table] = _made(job, table, statement)
    return job.made["features"]


def _made(job: Job, table: str, statement: Statement) -> Version:
    def write(folder: Path) -> dict[str, Any]:
        began, contract = time.monotonic(), job.contracts.get(table)
        file = folder / (RAW if contract else f"{table}.parquet")
        job.engine.read(table, job.engine.transform(statement.path, file))
        job.notes.setdefault("seconds", {})[table] = time.monotonic() - began
        return {} if contract else {"rows": job.engine.rows(f'select count(*) from "{table}"')[0][0]}

    made_from = {name: job.made[name].id for name in statement.reads}
    if table in job.contracts:
        return job.table(table, made_from, write)
    version = job.make(table, made_from, write)
    job.engine.read(table, version.file(f"{table}.parquet"))
    return version
