"""The command `serve` as a user sees it: the numbers of `score`, the page, the team's endpoint."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest
import yaml

import rows as sample_rows
from datadevops.contract import odcs
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.service import example
from runs import environment, program


@pytest.fixture(scope="module")
def addresses(forecast, homes, run_once, tmp_path_factory):
    """The addresses of a server on the sample's champion: public, management."""
    words = [*program(forecast), "serve", "--port", "0", "--management-port", "0"]
    around = environment(forecast, STORE=run_once(forecast).store, HOME=homes(forecast))
    log = tmp_path_factory.mktemp("service") / "log.jsonl"
    with log.open("wb") as errors:
        process = subprocess.Popen(words, env=around, stdout=subprocess.PIPE, stderr=errors)
    try:
        public, management = re.findall(r"http://127.0.0.1:\d+", process.stdout.readline().decode())
        yield public, management
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def post(url, body):
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:  # it says why
        raise AssertionError(refused.read().decode()) from None


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def test_an_example_gets_a_forecast(addresses, forecast):
    body = example.body(odcs.load(forecast.contracts / "features.yaml"))

    answer = post(f"{addresses[0]}/v1/predict", body)

    (prediction,) = answer["predictions"]
    assert 0 <= prediction["probability"] <= 1
    assert prediction["decision"] is (prediction["probability"] >= answer["threshold"])


def test_the_service_returns_the_numbers_of_score_bit_for_bit(addresses, command, first_run, tmp_path):
    (features,) = first_run.store.glob("features/*/features.parquet")
    with DuckDB() as engine:
        engine.read("features", features)
        engine.write("from features order by hash(shop, opened_at) limit 500", tmp_path / "in.parquet")
        engine.read("few", tmp_path / "in.parquet")
        spelt = "strftime(opened_at, '%Y-%m-%dT%H:%M:%S') as opened_at"
        ordered = f"select * replace ({spelt}) from few order by shop, opened_at"
        rows = [row for (row,) in engine.rows(f"select to_json(t)::varchar from ({ordered}) t")]
    words = ("score", f"features={tmp_path / 'in.parquet'}", tmp_path / "out.parquet")
    command(*words, store=first_run.store)
    columns = "probability, decision, threshold, model_version"
    with DuckDB() as engine:
        engine.read("scored", tmp_path / "out.parquet")
        scored = engine.rows(f"select {columns} from scored order by shop, opened_at")

    answer = post(f"{addresses[0]}/v1/predict", f'{{"rows": [{", ".join(rows)}]}}'.encode())

    facts = answer["threshold"], answer["model_version"]
    found = [(each["probability"], each["decision"], *facts) for each in answer["predictions"]]
    assert len(found) == 500
    assert found == scored


def test_an_endpoint_of_the_team_answers_too(addresses, first_run):
    answer = json.loads(get(f"{addresses[0]}/v1/threshold"))

    assert answer["threshold"] == first_run.facts["model"]["output"]["threshold"]


def test_the_status_page_shows_the_model_and_loads_nothing_from_the_network(addresses, first_run, forecast):
    page = get(addresses[1])

    assert first_run.facts["versions"]["champion"] in page
    assert sample_rows.NEWEST.replace("T", " ")[:16] + " UTC" in page
    assert re.search(
        r"<dt>source source</dt><dd>newest of <time .*2025-05-31 23:00 UTC</time>, .* days ago", page
    )
    slo = (forecast.folder / "ops" / "slo.yaml").read_text(encoding="utf-8")
    for document in yaml.safe_load_all(slo):
        assert document["kind"] != "SLO" or document["metadata"]["name"] in page
    assert "mailto:shop-data@example.com" in page
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)", page)
    assert [link for link in loaded if not link.startswith("data:")] == []


def test_serving_to_other_machines_without_tokens_is_refused(command, first_run):
    answer = command("serve", "--host", "0.0.0.0", store=first_run.store)  # noqa: S104

    assert answer.code == 2
    assert answer.err.startswith("error[CF002]")


def test_an_invalid_address_is_named(command, first_run):
    answer = command("serve", "--host", "127.0.0..1", "--insecure-anonymous", store=first_run.store)

    assert answer.code == 2
    assert "error[CF004] 127.0.0..1 port 8000 cannot be used" in answer.err


def test_a_port_in_use_is_named(command, first_run, addresses):
    port = addresses[0].rpartition(":")[2]

    answer = command("serve", "--port", port, store=first_run.store)

    assert answer.code == 2
    assert f"error[CF004] 127.0.0.1 port {port}" in answer.err
