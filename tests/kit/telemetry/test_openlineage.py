"""A run records what it read and wrote in the schema of OpenLineage, whether it succeeded or not."""

import json

import pytest
from jsonschema_rs import Draft202012Validator
from openlineage.client import event_v2 as standard
from openlineage.client.generated import column_lineage_dataset, parent_run

import shop_forecast
import shop_statistics
from datadevops.contract import odcs
from datadevops.telemetry import openlineage

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


COLUMN = {
    "type": "object",
    "required": ["namespace", "name", "field"],
    "properties": {
        "namespace": TEXT,
        "name": TEXT,
        "field": TEXT,
        "transformations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"enum": ["DIRECT", "INDIRECT"]}, "subtype": TEXT},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
COLUMNS = {"type": "array", "items": COLUMN}
# What spec 1-2-0 says of a ColumnLineageDatasetFacet.
COLUMN_LINEAGE = {
    "type": "object",
    "required": ["_producer", "_schemaURL", "fields"],
    "properties": {
        "_producer": URI,
        "_schemaURL": URI,
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["inputFields"],
                "properties": {"inputFields": COLUMNS},
                "additionalProperties": False,
            },
        },
        "dataset": COLUMNS,
    },
    "additionalProperties": False,
}


@pytest.fixture(params=[shop_forecast.PRODUCT, shop_statistics.PRODUCT], ids=lambda each: each.package)
def product(request):
    return request.param


@pytest.fixture
def published(product):
    return "predictions" if product.serves else "shop_days"


@pytest.fixture
def events(product, published, tmp_path):
    """events(run): the events recorded for a run, which is called with the dictionary for its facts."""

    def record(run, source=str(tmp_path / "in.parquet"), product=product):
        log, contracts = tmp_path / "events.jsonl", odcs.load_all(product.contracts)
        log.unlink(missing_ok=True)
        tables = [path.stem for path in product.transforms.glob("*.sql")]
        places = {table: f"/store/{table}" for table in (*tables, published)} | {"source": source}
        about = openlineage.About(product, contracts, places)
        try:
            with openlineage.recorded(log, about, facts := {}):
                run(facts)
        except ArithmeticError:
            pass
        return [json.loads(line) for line in log.read_text().splitlines()]

    return record


@pytest.fixture
def runs(first_run):
    """Name -> what a run adds to its facts, and the event in which it ends."""
    return {
        "good": (lambda facts: facts.update(first_run.facts), "COMPLETE"),
        "failed in part": (
            lambda facts: facts.update(first_run.facts, failed={"2025-05": "12 rows"}),
            "FAIL",
        ),
        "failed": (lambda _: 1 / 0, "FAIL"),
    }


def of_job(events, name):
    return [event for event in events if event["job"]["name"] == name]


@pytest.mark.parametrize("name", ["good", "failed in part", "failed"])
def test_every_event_is_valid_and_those_of_a_job_have_the_same_run(events, runs, product, name):
    run, end = runs[name]

    found = events(run)

    validator = Draft202012Validator(RUN_EVENT, validate_formats=True)
    assert [error.message for event in found for error in validator.iter_errors(event)] == []
    mine = of_job(found, product.command)
    assert [event["eventType"] for event in mine] == ["START", end]
    assert mine[0]["run"]["runId"] == mine[1]["run"]["runId"]
    assert mine == [found[0], found[-1]]
    assert {event["job"]["namespace"] for event in found} == {"shop-data"}  # the owner


@pytest.mark.parametrize(
    ("error", "message"), [(ZeroDivisionError("no rows"), "no rows"), (OverflowError(), "OverflowError")]
)
def test_a_run_that_fails_says_why_or_at_least_how(events, error, message):
    def fail(_):
        raise error

    facets = events(fail)[-1]["run"]["facets"]

    assert facets["errorMessage"]["message"] == message


def test_without_an_owner_the_job_is_in_the_default_namespace(product):
    contracts = {
        name: contract.model_copy(update={"owner": ""})
        for name, contract in odcs.load_all(product.contracts).items()
    }

    assert openlineage.About(product, contracts, {}).job()["namespace"] == "default"


def test_the_schema_in_this_test_finds_an_error(events, runs):
    event = events(runs["good"][0])[0]

    assert not Draft202012Validator(RUN_EVENT).is_valid(event | {"run": {}})


def test_input_and_output_are_named_with_version_rows_and_columns(
    events, runs, product, published, first_run
):
    event = events(runs["good"][0])[-1]

    (read,), (written,) = event["inputs"], event["outputs"]
    facts, contract = first_run.facts, odcs.load_all(product.contracts)[published]
    rows = facts["rows"] if product.serves else facts["datasets"][published]["rows"]
    assert read["facets"]["version"]["datasetVersion"] == facts["sources"]["source"]["sha256"]
    assert read["inputFacets"]["dataQualityMetrics"]["rowCount"] == 10_850
    assert written["name"] == f"/store/{published}"
    assert written["facets"]["version"]["datasetVersion"] == facts["versions"][published]
    assert written["outputFacets"]["outputStatistics"]["rowCount"] == rows > 0
    assert [f["name"] for f in written["facets"]["schema"]["fields"]] == list(contract.sql_types)


def test_each_table_that_is_made_has_a_job_below_that_of_the_run(events, runs, product):
    found = events(runs["good"][0])

    mine, parent = of_job(found, product.command)[0], openlineage.PARENT
    made = ["features", "labels", "predictions"] if product.serves else ["shop_days"]
    names = [event["job"]["name"] for event in found if event["eventType"] == "START"]
    assert sorted(names[1:]) == [f"{product.command}.{table}" for table in made]
    for table in made:
        start, end = of_job(found, f"{product.command}.{table}")
        assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
        assert start["run"] == end["run"]
        facet = start["run"]["facets"]["parent"]
        assert facet["run"]["runId"] == mine["run"]["runId"]
        assert facet["job"]["name"] == product.command
        assert facet["_schemaURL"] == parent_run.ParentRunFacet._get_schema()
        assert parent.startswith("1-2-0")
        assert [each["name"] for each in end["outputs"]] == [f"/store/{table}"]


def columns_of(events, job):
    """The facet about the columns of what a job has made."""
    (output,) = of_job(events, job)[-1]["outputs"]
    return output["facets"]["columnLineage"]


def pairs(entries):
    return {(each["name"], each["field"]) for each in entries}


def test_the_lineage_of_columns_is_valid_and_accepted_by_the_package_of_the_standard(events, runs):
    for event in events(runs["good"][0]):
        for output in event["outputs"]:
            facet = output["facets"].get("columnLineage")
            if facet is None:
                assert "parent" not in event["run"]["facets"]
                continue
            assert [*Draft202012Validator(COLUMN_LINEAGE).iter_errors(facet)] == []
            assert facet["_schemaURL"] == column_lineage_dataset.ColumnLineageDatasetFacet._get_schema()
            for field in facet["fields"].values():
                for each in field["inputFields"]:
                    column_lineage_dataset.InputField(**each)


FROM = {  # job -> column -> the columns of its table that it is made from
    shop_forecast.PRODUCT: {
        "features": {
            "visitors_change_1h": ("source.parquet", {"visitors", "shop", "opened_at"}),
            "buyers": ("source.parquet", {"buyers"}),
        },
        "labels": {"label": ("source.parquet", {"queue_minutes"})},
        "predictions": {"shop": ("/store/features", {"shop"})},
    },
    shop_statistics.PRODUCT: {
        "shop_days": {
            "longest_minutes": ("source.parquet", {"queue_minutes"}),
            "shop": ("source.parquet", {"shop"}),
        },
    },
}


def test_each_column_names_the_columns_it_is_made_from(events, runs, product):
    found = events(runs["good"][0], "/data/source.parquet")

    for job, columns in FROM[product].items():
        fields = columns_of(found, f"{product.command}.{job}")["fields"]
        for column, (place, names) in columns.items():
            made_from = pairs(fields[column]["inputFields"])
            assert made_from <= {(place.replace("source.", "/data/source."), name) for name in names}
            assert {name for _, name in made_from} & names


@pytest.mark.parametrize("product", [shop_forecast.PRODUCT], indirect=True)
def test_predictions_are_made_from_the_inputs_of_the_model_but_what_the_model_brings(first_run, events, runs):
    fields = columns_of(events(runs["good"][0]), "shop-forecast.predictions")["fields"]

    inputs = {("/store/features", name) for name in first_run.facts["model"]["inputs"]}
    assert pairs(fields["probability"]["inputFields"]) == inputs == pairs(fields["decision"]["inputFields"])
    assert not {"threshold", "model_version"} & fields.keys()


def test_columns_that_decide_about_rows_are_named_with_what_they_do(own, events, runs, published):
    table = "features" if own.serves else "shop_days"
    path = own.transforms / f"{table}.sql"
    path.write_text(
        f"select * from ({path.read_text()}) join (select shop from source where complaints > 2) using (shop)"
    )

    facet = columns_of(events(runs["good"][0], product=own), f"{own.command}.{table}")

    kinds = {(each["field"], how["subtype"]) for each in facet["dataset"] for how in each["transformations"]}
    assert {("complaints", "FILTER"), ("shop", "JOIN")} <= kinds
    assert len(facet["dataset"]) == len({(each["name"], each["field"]) for each in facet["dataset"]})


def test_a_table_between_passes_its_columns_on(own, events, runs):
    table = "features" if own.serves else "shop_days"
    path = own.transforms / f"{table}.sql"
    (own.transforms / "priced.sql").write_text("select *, takings / buyers as each from source")
    path.write_text(
        path.read_text()
        .replace("from source", "from priced")
        .replace("join source on source", "join priced as source on source")
        .replace("source.*", "source.* exclude (each)")
    )

    found = events(runs["good"][0], "/data/source.parquet", product=own)

    fields = columns_of(found, f"{own.command}.priced")["fields"]
    assert pairs(fields["each"]["inputFields"]) == {
        ("/data/source.parquet", "takings"),
        ("/data/source.parquet", "buyers"),
    }
    last = columns_of(found, f"{own.command}.{table}")
    assert "/store/priced" in {name for name, _ in pairs(last["dataset"])}


def test_sql_that_hides_its_columns_still_says_which_tables_it_reads(own, events, runs):
    table = "labels" if own.serves else "shop_days"
    path = own.transforms / f"{table}.sql"
    path.write_text(f"select columns(*) from ({path.read_text()})")

    event = of_job(events(runs["good"][0], product=own), f"{own.command}.{table}")[-1]

    assert "columnLineage" not in event["outputs"][0]["facets"]
    assert [each["field"] if "field" in each else each["namespace"] for each in event["inputs"]] == ["file"]


@pytest.mark.parametrize("product", [shop_statistics.PRODUCT], indirect=True)
def test_a_dataset_that_was_not_published_has_no_step_and_the_others_have(own, events, runs):
    for folder in (own.contracts / "datasets", own.transforms):
        (path,) = folder.glob("shop_days.*")
        text = path.read_text(encoding="utf-8").replace("shop_days", "no_days")
        path.with_stem("no_days").write_text(text, encoding="utf-8")

    found = events(runs["good"][0], product=own)

    names = {event["job"]["name"] for event in found}
    assert names == {own.command, f"{own.command}.shop_days"}
    assert {each["name"] for each in found[-1]["outputs"]} == {"/store/no_days", "/store/shop_days"}


def test_a_failed_run_has_no_steps(events, runs):
    assert len(events(runs["failed"][0])) == 2


def test_an_object_is_named_by_its_bucket_and_key(events, runs):
    event = events(runs["failed"][0], "s3://lake/shops/2025/in.parquet")[1]

    (read,) = event["inputs"]
    assert (read["namespace"], read["name"]) == ("s3://lake", "shops/2025/in.parquet")


def test_a_failed_run_has_its_error_message(events, runs):
    event = events(runs["failed in part"][0])[-1]

    assert event["run"]["facets"]["errorMessage"]["message"] == "2025-05: 12 rows"


def test_the_package_of_the_standard_reads_every_event(events, runs):
    for each in (event for run, _ in runs.values() for event in events(run)):
        run = standard.Run(each["run"]["runId"])
        event = standard.RunEvent(
            eventType=standard.RunState(each["eventType"]),
            eventTime=each["eventTime"],
            producer=each["producer"],
            run=run,
            job=standard.Job(each["job"]["namespace"], each["job"]["name"]),
        )
        assert event.schemaURL == each["schemaURL"]
