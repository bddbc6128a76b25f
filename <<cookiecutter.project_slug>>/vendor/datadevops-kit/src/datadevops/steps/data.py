"""Split rows into good and bad; make tables by SQL.

In:       the files of the sources; transforms/*.sql.
Out:      a version of each table: its good rows, its quarantine.
Failure:  the errors of `checks`; ContractError ML001 (a feature known only after the outcome), CT006 (the
          SQL returns other columns), CT007 (no example row can be made).
"""

from pathlib import Path
from typing import Any

from ..engine import checks
from ..job import RAW, Job
from ..store.versions import Version, sha256


def check(job: Job, table: str) -> Version:
    """The rows delivered for `table`, divided into good rows and quarantine.

    In a model service, more bad rows than the contract allows stop the run. In a data pipeline each partition
    is checked by itself later, so here only a delivery without any good row stops the run.
    """
    delivered, contract = job.sources[table], job.contracts[table]
    job.engine.read(table, delivered.path, contract.sql_types, contract.physical_names)
    with job.engine.unchanged(table):
        inputs = {"file": delivered.path.name, "sha256": sha256(delivered.path)}
    if job.product.serves:
        version = job.dataset(table, inputs, lambda _: {})
    else:
        version = job.split(table, inputs, lambda _: {})
        lenient = contract.model_copy(update={"allowed_bad_ratio": 1})
        result = checks.Result(**version.facts["check"])
        checks.enforce(job.engine, lenient, result, version.file(checks.QUARANTINE))
    job.made[table] = version
    return version


def transform(job: Job, table: str) -> Version:
    """The table that transforms/<table>.sql makes from the tables so far; for `features` also the labels."""
    made_from = {name: version.id for name, version in job.made.items()}
    version = _made(job, table, made_from)
    if table == "features":
        _made(job, "labels", made_from)
    return version


def _made(job: Job, table: str, made_from: dict[str, str]) -> Version:
    sql = job.product.transforms / f"{table}.sql"

    def read(folder: Path) -> dict[str, Any]:
        if table == "features":
            _require_usable(job, sql)
        job.engine.read(table, job.engine.transform(sql, folder / RAW))
        return {}

    job.made[table] = job.dataset(table, made_from, read)
    return job.made[table]


def _require_usable(job: Job, sql: Path) -> None:
    """Refuse features that use the outcome, or for which no example row can be made."""
    from ..contract import synthetic
    from ..models import leak
    from ..service import example  # a data pipeline has no service

    for name in job.sources:
        leak.refuse_after_outcome(sql, job.contracts[name])
    synthetic.sql(job.contracts["features"], 1)  # a probe needs a made-up row
    example.body(job.contracts["features"])  # a server needs one to test a model
