"""The online service as a user meets it: the README's line, the same numbers as `score`, the page."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from << cookiecutter.__package >> import settings
from << cookiecutter.__package >>.kit.engine import DuckDB

ROOT = Path(__file__).parents[1]
SERVE = "from << cookiecutter.__package >>.cli import main; main()"


@pytest.fixture(scope="module")
def service(first_run: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of a server on the sample's champion: public, management."""
    words = [sys.executable, "-c", SERVE, "serve", "--port", "0", "--management-port", "0"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment[f"{settings.PREFIX}STORE"] = str(first_run.store)
    log = tmp_path_factory.mktemp("service") / "log.jsonl"
    with log.open("wb") as errors:
        process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout
    try:
        told = process.stdout.readline().decode()
        public, management = re.findall(r"http://127.0.0.1:\d+", told)
        yield public, management
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def post(url: str, body: bytes) -> Any:
    request = urllib.request.Request(url, body, {"content-type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as refused:  # it says why
        raise AssertionError(refused.read().decode()) from None


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
        return str(answer.read().decode())


def test_the_readme_s_request_gets_the_forecast_that_is_shown(service: Any) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    url, body = re.findall(
        r"curl -s (\S+) -H 'content-type: application/json' -d '(.*?)'", readme, re.DOTALL
    )[0]

    answer = post(url.replace("http://127.0.0.1:8000", service[0]), body.encode())

    (prediction,) = answer["predictions"]
    shown = re.search(r'"probability":([\d.]+),"decision":(true|false)', readme)
    assert shown
    assert prediction["probability"] == pytest.approx(float(shown[1]), abs=0.001)
    assert prediction["decision"] is (shown[2] == "true")


def test_the_service_gives_the_numbers_of_score_bit_for_bit(
    service: Any, command: Any, first_run: Any, tmp_path: Path
) -> None:
    (features,) = first_run.store.glob("features/*/features.parquet")
    with DuckDB() as engine:
        engine.read("features", features)
        engine.write("from features order by hash(station, observed_at) limit 500", tmp_path / "in.parquet")
        engine.read("few", tmp_path / "in.parquet")
        spelt = "strftime(observed_at, '%Y-%m-%dT%H:%M:%S') as observed_at"
        ordered = f"select * replace ({spelt}) from few order by station, observed_at"
        rows = [row for (row,) in engine.rows(f"select to_json(t)::varchar from ({ordered}) t")]
    words = ("score", tmp_path / "in.parquet", tmp_path / "out.parquet", "--contract", "features")
    command(*words, store=first_run.store)
    columns = "probability, decision, threshold, model_version"
    with DuckDB() as engine:
        engine.read("scored", tmp_path / "out.parquet")
        scored = engine.rows(f"select {columns} from scored order by station, observed_at")

    answer = post(f"{service[0]}/v1/predict", f'{{"rows": [{", ".join(rows)}]}}'.encode())

    facts = answer["threshold"], answer["model_version"]
    found = [(each["probability"], each["decision"], *facts) for each in answer["predictions"]]
    assert len(found) == 500
    assert found == scored


def test_an_endpoint_of_the_team_answers_beside_it(service: Any, first_run: Any) -> None:
    answer = json.loads(get(f"{service[0]}/v1/threshold"))

    assert answer["threshold"] == first_run.report.facts["model"]["threshold"]


def test_the_status_page_says_what_answers_and_asks_nothing_of_the_network(
    service: Any, first_run: Any
) -> None:
    page = get(service[1])

    assert first_run.report.facts["versions"]["champion"] in page
    assert "2013-12-30 23:00 UTC" in page  # the newest row of the sample
    for document in yaml.safe_load_all((ROOT / "ops" / "slo.yaml").read_text(encoding="utf-8")):
        assert document["kind"] != "SLO" or document["metadata"]["name"] in page
    assert "weather-data" in page or "mailto:" in page or "https://" in page
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)", page)
    assert [link for link in loaded if not link.startswith("data:")] == []


def test_serving_to_other_machines_without_tokens_is_refused(command: Any, first_run: Any) -> None:
    answer = command("serve", "--host", "0.0.0.0", store=first_run.store)  # noqa: S104

    assert answer.code == 2
    assert answer.err.startswith("error[CF002]")


def test_an_address_that_is_none_is_named(command: Any, first_run: Any) -> None:
    answer = command("serve", "--host", "127.0.0..1", "--insecure-anonymous", store=first_run.store)

    assert answer.code == 2
    assert "error[CF004] 127.0.0..1 port 8000 cannot be taken" in answer.err


def test_a_port_that_is_taken_is_named(command: Any, first_run: Any, service: Any) -> None:
    port = service[0].rpartition(":")[2]

    answer = command("serve", "--port", port, store=first_run.store)

    assert answer.code == 2
    assert f"error[CF004] 127.0.0.1 port {port}" in answer.err
