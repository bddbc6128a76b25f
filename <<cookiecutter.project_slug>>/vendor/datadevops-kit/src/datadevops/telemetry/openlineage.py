"""The inputs and outputs of a run, for a catalogue: OpenLineage events (https://openlineage.io) by line.

In:       what a run is about: product, contracts, where each table is stored; the facts of the run.
Out:      START, then COMPLETE or FAIL, appended to a file of JSON lines for a collector. If the run has made
          something, also the events of its steps: each table, from which columns of which others.
Failure:  OSError if the file cannot be written; the errors of `graph`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..contract.values import Contract
from ..product import Product

Entry = dict[str, Any]
SPEC = "https://openlineage.io/spec"
PRODUCER = "urn:datadevops-kit"  # the code that makes these events
ERROR = "1-0-1/ErrorMessageRunFacet"
PARENT = "1-2-0/ParentRunFacet"
ROWS_READ = "1-0-3/DataQualityMetricsInputDatasetFacet"
ROWS_WRITTEN = "1-0-2/OutputStatisticsOutputDatasetFacet"
SCHEMA = "1-2-0/SchemaDatasetFacet"
VERSION = "1-0-1/DatasetVersionDatasetFacet"
COLUMNS = "1-2-0/ColumnLineageDatasetFacet"


@dataclass(frozen=True)
class About:
    """What the events of a run are about."""

    product: Product
    contracts: Mapping[str, Contract]
    places: Mapping[str, str]  # table -> where it is stored: a whole path, or an address

    @property
    def published(self) -> list[str]:
        """The tables that consumers read."""
        return [table for table, contract in self.contracts.items() if contract.is_published]

    def job(self, step: str = "") -> Entry:
        name = ".".join(filter(None, (self.product.command, step)))
        return {"namespace": self.contracts[self.published[0]].owner or "default", "name": name}

    def name(self, table: str) -> Entry:
        """Namespace and name; OpenLineage: the namespace of an object is its bucket."""
        place = self.places[table]
        if bucket := re.match("[^:]+://[^/]+(?=/)", place):
            return {"namespace": bucket[0], "name": place[bucket.end() + 1 :]}
        return {"namespace": "file", "name": place}


@contextmanager
def recorded(log: Path | None, about: About, facts: Mapping[str, Any]) -> Iterator[None]:
    """Record the run of the block in `log`, if given; `facts` stay empty until the run adds them."""
    run = str(uuid4())
    sources = [name for name, contract in about.contracts.items() if contract.is_source]

    def append(kind: str, error: str = "") -> None:
        if log is None:
            return
        facets = {"errorMessage": _facet(ERROR, message=error, programmingLanguage="PYTHON")} if error else {}
        inputs = [_input(about, table, facts) for table in sources]
        outputs = [_output(about, table, facts) for table in about.published]
        events = [_event(kind, {"runId": run, "facets": facets}, about.job(), inputs, outputs)]
        if facts:
            events = [*_of_steps(about, run, facts), *events]
        with log.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in events)

    append("START")
    try:
        yield
    except BaseException as error:
        append("FAIL", str(error) or type(error).__name__)
        raise
    failed = "; ".join(f"{name}: {message}" for name, message in facts.get("failed", {}).items())
    append("FAIL" if failed else "COMPLETE", failed)


def _of_steps(about: About, parent: str, facts: Mapping[str, Any]) -> Iterator[Entry]:
    """START and COMPLETE of each table that the run has made, or found made before from the same inputs."""
    from . import column_lineage  # it loads a parser of SQL

    for step in column_lineage.steps(about.product, about.contracts):
        if step.table in about.published and step.table not in facts["versions"]:
            continue  # nothing was published
        of_parent = _facet(PARENT, run={"runId": parent}, job=about.job())
        run = {"runId": str(uuid4()), "facets": {"parent": of_parent}}
        inputs = [about.name(table) for table in step.reads]
        output = _output(about, step.table, facts)
        if step.fields is not None:
            rows = [_column(about, *base, "INDIRECT", kinds) for base, kinds in step.rows.items()]
            fields = {
                name: {"inputFields": [_column(about, *base, "DIRECT") for base in bases]}
                for name, bases in step.fields.items()
            }
            output["facets"]["columnLineage"] = _facet(COLUMNS, fields=fields, dataset=rows)
        for kind in ("START", "COMPLETE"):
            yield _event(kind, run, about.job(step.table), inputs, [output])


def _column(about: About, table: str, column: str, how: str, kinds: Sequence[str] = ()) -> Entry:
    ways = [{"type": how, "subtype": kind} for kind in kinds] or [{"type": how}]
    return about.name(table) | {"field": column, "transformations": ways}


def _event(kind: str, run: Entry, job: Entry, inputs: list[Entry], outputs: list[Entry]) -> Entry:
    return {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": PRODUCER,
        "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": run,
        "job": job,
        "inputs": inputs,
        "outputs": outputs,
    }


def _input(about: About, table: str, facts: Mapping[str, Any]) -> Entry:
    found = about.name(table)
    if facts:
        rows = _facet(ROWS_READ, rowCount=facts["checks"][table]["read"], columnMetrics={})
        if sha256 := facts["sources"][table]["sha256"]:  # else nothing was delivered
            found["facets"] = {"version": _facet(VERSION, datasetVersion=sha256)}
        found["inputFacets"] = {"dataQualityMetrics": rows}
    return found


def _output(about: About, table: str, facts: Mapping[str, Any]) -> Entry:
    facets: Entry = {}
    if contract := about.contracts.get(table):
        fields = [
            {"name": c.name, "type": c.sql_type, "description": c.description} for c in contract.columns
        ]
        facets["schema"] = _facet(SCHEMA, fields=fields)
    found = about.name(table) | {"facets": facets}
    if version := facts.get("versions", {}).get(table):
        facets["version"] = _facet(VERSION, datasetVersion=version)
    made = [facts[kind][table] for kind in ("datasets", "tables") if table in facts.get(kind, {})]
    rows = [*made, facts][0].get("rows")  # of predictions, a report says it at the top
    if version and rows is not None:
        found["outputFacets"] = {"outputStatistics": _facet(ROWS_WRITTEN, rowCount=rows)}
    return found


def _facet(schema: str, **fields: Any) -> Entry:
    name = schema.partition("/")[2]
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{schema}.json#/$defs/{name}", **fields}
