"""The inputs and outputs of a run, for a catalogue: OpenLineage events (https://openlineage.io) by line.

In:       the command of the product, the address of each source, the file written and its contract, the
          facts of the run.
Out:      START, then COMPLETE or FAIL, appended to a file of JSON lines for a collector.
Failure:  OSError if the file cannot be written.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..contract.values import Contract

SPEC = "https://openlineage.io/spec"
PRODUCER = "urn:datadevops-kit"  # the code that makes these events
ERROR = "1-0-1/ErrorMessageRunFacet"
ROWS_READ = "1-0-3/DataQualityMetricsInputDatasetFacet"
ROWS_WRITTEN = "1-0-2/OutputStatisticsOutputDatasetFacet"
SCHEMA = "1-2-0/SchemaDatasetFacet"
VERSION = "1-0-1/DatasetVersionDatasetFacet"


@contextmanager
def recorded(
    log: Path | None,
    command: str,
    sources: Mapping[str, str],
    target: Path,
    promise: Contract,
    facts: Mapping[str, Any],
) -> Iterator[None]:
    """Record the run of the block in `log`, if given; `facts` stay empty until the run adds them."""
    run = str(uuid4())

    def append(kind: str, error: str = "") -> None:
        if log is None:
            return
        facets = {"errorMessage": _facet(ERROR, message=error, programmingLanguage="PYTHON")} if error else {}
        event = {
            "eventType": kind,
            "eventTime": datetime.now(UTC).isoformat(),
            "producer": PRODUCER,
            "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": run, "facets": facets},
            "job": {"namespace": promise.owner or "default", "name": command},
            "inputs": [_input(table, place, facts) for table, place in sources.items()],
            "outputs": [_output(target, promise, facts)],
        }
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")

    append("START")
    try:
        yield
    except BaseException as error:
        append("FAIL", str(error) or type(error).__name__)
        raise
    failed = "; ".join(f"{name}: {message}" for name, message in facts.get("failed", {}).items())
    append("FAIL" if failed else "COMPLETE", failed)


def _input(table: str, place: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    bucket = re.match("[^:]+://[^/]+(?=/)", place)  # OpenLineage: the namespace of an object is its bucket
    found: dict[str, Any] = {"namespace": "file", "name": place}
    if bucket:
        found = {"namespace": bucket[0], "name": place[bucket.end() + 1 :]}
    if facts:
        rows = _facet(ROWS_READ, rowCount=facts["checks"][table]["read"], columnMetrics={})
        found["facets"] = {"version": _facet(VERSION, datasetVersion=facts["sources"][table]["sha256"])}
        found["inputFacets"] = {"dataQualityMetrics": rows}
    return found


def _output(path: Path, promise: Contract, facts: Mapping[str, Any]) -> dict[str, Any]:
    fields = [{"name": c.name, "type": c.sql_type, "description": c.description} for c in promise.columns]
    facets = {"schema": _facet(SCHEMA, fields=fields)}
    found = {"namespace": "file", "name": str(path.absolute()), "facets": facets}
    if version := facts.get("versions", {}).get("dataset"):
        facets["version"] = _facet(VERSION, datasetVersion=version)
        found["outputFacets"] = {"outputStatistics": _facet(ROWS_WRITTEN, rowCount=facts["rows"])}
    return found


def _facet(schema: str, **fields: Any) -> dict[str, Any]:
    name = schema.partition("/")[2]
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{schema}.json#/$defs/{name}", **fields}
