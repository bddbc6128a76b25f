"""A run records what it read and wrote in the schema of OpenLineage, whether it succeeded or not."""

import json

import pytest
from jsonschema_rs import Draft202012Validator
from openlineage.client import event_v2 as standard

from datadevops.telemetry import openlineage

FACTS = {
    "checks": {"orders": {"read": 12, "good": 10, "bad": 2}},
    "sources": {"orders": {"file": "in.parquet", "sha256": "0" * 64}},
    "versions": {"dataset": "3f2a9c0d1b4e"},  # pragma: allowlist secret
    "rows": 5,
    "failed": {},
}
TEXT, URI = {"type": "string"}, {"type": "string", "format": "uri", "pattern": "^[a-z]+:."}
FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {"_producer": URI, "_schemaURL": URI},
    },
}
DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {
        "namespace": TEXT,
        "name": TEXT,
        "facets": FACETS,
        "inputFacets": FACETS,
        "outputFacets": FACETS,
    },
    "additionalProperties": False,
}
# What spec 2-0-2 says of a RunEvent, as far as it binds.
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "format": "date-time", "pattern": "T.*(Z|[+]00:00)$"},
        "producer": URI,
        "schemaURL": URI,
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {
                "runId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
                "facets": FACETS,
            },
        },
        "job": {
            "type": "object",
            "required": ["namespace", "name"],
            "properties": {"namespace": TEXT, "name": TEXT},
        },
        "inputs": {"type": "array", "items": DATASET},
        "outputs": {"type": "array", "items": DATASET},
    },
    "additionalProperties": False,
}


@pytest.fixture
def events(tmp_path, orders):
    """events(run): the events recorded for a run, which is called with the dictionary for its facts."""

    def record(run, source=str(tmp_path / "in.parquet")):
        log = tmp_path / "events.jsonl"
        try:
            with openlineage.recorded(
                log, "shop-orders", {"orders": source}, tmp_path / "out.parquet", orders, facts := {}
            ):
                run(facts)
        except ZeroDivisionError:
            pass
        return [json.loads(line) for line in log.read_text().splitlines()]

    return record


RUNS = {
    "good": (lambda facts: facts.update(FACTS), "COMPLETE"),
    "failed in part": (lambda facts: facts.update(FACTS, failed={"2013-05": "12 of 20 rows"}), "FAIL"),
    "failed": (lambda _: 1 / 0, "FAIL"),
}


@pytest.mark.parametrize(("run", "end"), RUNS.values(), ids=RUNS)
def test_every_event_is_valid_and_both_have_the_same_run(events, run, end):
    found = events(run)

    validator = Draft202012Validator(RUN_EVENT, validate_formats=True)
    assert [error.message for event in found for error in validator.iter_errors(event)] == []
    assert [event["eventType"] for event in found] == ["START", end]
    assert found[0]["run"]["runId"] == found[1]["run"]["runId"]


def test_the_schema_in_this_test_finds_an_error(events):
    event = events(RUNS["good"][0])[0]

    assert not Draft202012Validator(RUN_EVENT).is_valid(event | {"run": {}})


def test_input_and_output_are_named_with_version_rows_and_columns(events, orders):
    event = events(RUNS["good"][0])[1]

    (read,), (written,) = event["inputs"], event["outputs"]
    assert read["facets"]["version"]["datasetVersion"] == FACTS["sources"]["orders"]["sha256"]
    assert read["inputFacets"]["dataQualityMetrics"]["rowCount"] == 12
    assert written["facets"]["version"]["datasetVersion"] == "3f2a9c0d1b4e"  # pragma: allowlist secret
    assert written["outputFacets"]["outputStatistics"]["rowCount"] == 5
    assert [f["name"] for f in written["facets"]["schema"]["fields"]] == list(orders.sql_types)


def test_an_object_is_named_by_its_bucket_and_key(events):
    event = events(RUNS["failed"][0], "s3://lake/shops/2025/in.parquet")[1]

    (read,) = event["inputs"]
    assert (read["namespace"], read["name"]) == ("s3://lake", "shops/2025/in.parquet")


def test_a_failed_run_has_its_error_message(events):
    event = events(RUNS["failed in part"][0])[1]

    assert event["run"]["facets"]["errorMessage"]["message"] == "2013-05: 12 of 20 rows"


def test_the_package_of_the_standard_reads_every_event(events):
    for each in (event for run, _ in RUNS.values() for event in events(run)):
        run = standard.Run(each["run"]["runId"])
        event = standard.RunEvent(
            eventType=standard.RunState(each["eventType"]),
            eventTime=each["eventTime"],
            producer=each["producer"],
            run=run,
            job=standard.Job(each["job"]["namespace"], each["job"]["name"]),
        )
        assert event.schemaURL == each["schemaURL"]
