"""The champion is replaced while requests run; a bad one is never used."""

import json
import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from datadevops.contract import synthetic
from datadevops.contract.target import Target
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.models import drift, scorer
from datadevops.service import management, request
from datadevops.service.request import matrix_of
from datadevops.service.serving import WINDOW_ROWS, Serving
from datadevops.store import aliases

BINARY = Target("binary")


@pytest.fixture
def serving(served):
    return Serving(served.product, served.root, served.features, BINARY)


def value(serving, name, **labels):
    return serving.metrics.registry.get_sample_value(name, labels)


def spoil(served, version):
    model = served.models.root / version / scorer.MODEL
    model.write_bytes(model.read_bytes()[:-100])


def test_objectives_are_read_from_a_file_that_ends_with_a_document_separator(forecast, tmp_path):
    objectives = (forecast.folder / "ops" / "slo.yaml").read_text(encoding="utf-8")
    (tmp_path / "slo.yaml").write_text(f"{objectives}---\n", encoding="utf-8")

    found, why = management.read_objectives(tmp_path / "slo.yaml")

    assert why == ""
    assert [each["name"] for each in found] == [
        "availability",
        "latency",
        "freshness",
        "data-quality",
        "drift",
        "model-age",
    ]


def test_a_target_is_shown_in_percent_beside_the_words_of_its_objective(tmp_path):
    objective = {"displayName": "requests that are answered", "target": 0.9995}
    document = {"kind": "SLO", "metadata": {"name": "availability"}, "spec": {"objectives": [objective]}}
    (tmp_path / "slo.yaml").write_text(json.dumps(document))

    (found,), _ = management.read_objectives(tmp_path / "slo.yaml")

    assert found == {
        "name": "availability",
        "objective": "requests that are answered",
        "target": "99.95 %",
    }


BROKEN = "ops/slo.yaml is not valid; `slo check` says why."


@pytest.mark.parametrize(
    "text",
    ["", "kind: [", "just text", "- a", "kind: SLO", "{kind: SLO, spec: {objectives: [{target: high}]}}"],
)
def test_a_broken_file_of_objectives_does_not_break_the_page(tmp_path, text):
    (tmp_path / "slo.yaml").write_text(text)

    assert management.read_objectives(tmp_path / "slo.yaml") == ([], BROKEN)


def test_the_page_says_whether_the_objectives_are_absent_or_may_not_be_read(tmp_path):
    file = tmp_path / "slo.yaml"
    absent = management.read_objectives(file)
    file.write_text("kind: SLO")
    file.chmod(0)

    with another_user():
        hidden = management.read_objectives(file)

    assert absent == ([], "There is no ops/slo.yaml here.")
    assert hidden == ([], "ops/slo.yaml may not be read: Permission denied.")


@contextmanager
def another_user():
    """Root may read everything, so it becomes nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_without_a_champion_it_is_not_ready_until_one_is_promoted(start, served):
    (served.models.root / aliases.LOG).unlink()
    with start() as running:
        early = running.ask("/readyz", management=True), running.ask(body=served.body())
        served.promote(served.versions[1])
        ready = running.until(lambda: running.ask("/readyz", management=True).status == 200)
        answer = running.ask(body=served.body())

    assert [each.status for each in early] == [503, 503]
    assert early[0].json["why"] == "there is no champion yet"
    assert ready
    assert answer.json["model_version"] == served.versions[1]


def test_the_challenger_can_answer_in_place_of_the_champion(served):
    serving = Serving(served.product, served.root, served.features, BINARY, "challenger")
    serving.look()
    early = serving.why

    served.promote(served.versions[1], "challenger")
    serving.look()

    assert early == "there is no challenger yet"
    assert serving.champion.version.id == served.versions[1]
    assert serving.challenger is None
    assert value(serving, "product_model_info", version=served.versions[1]) == 1


def test_a_champion_that_is_damaged_at_the_start_is_never_used(start, served):
    spoil(served, served.versions[0])
    with start() as running:
        ready, answer = running.ask("/readyz", management=True), running.ask(body=served.body())
        alive = running.ask("/livez", management=True)
        page = running.ask("/", management=True)

    assert (ready.status, answer.status, alive.status) == (503, 503, 200)
    assert "damaged" in ready.json["why"]
    assert "Not ready" in page.body.decode()


def test_a_new_champion_that_is_damaged_is_refused_and_the_old_one_answers(start, served):
    spoil_after = served.versions[1]
    with start() as running:
        served.promote(spoil_after)
        spoil(served, spoil_after)
        refused = running.until(lambda: running.metric('product_model_reloads_total{outcome="refused"}') == 1)
        swapped = running.metric('product_model_reloads_total{outcome="swapped"}')
        answer = running.ask(body=served.body())
        page = running.ask("/", management=True).body.decode()
        lines = running.lines()

    if refused:  # otherwise it was loaded before it was damaged, which is correct too
        assert answer.json["model_version"] == served.versions[0]
        assert "A newer version was refused" in page
        assert any(line["level"] == "error" and "damaged" in line["message"] for line in lines)
    assert swapped >= 1


def test_a_version_for_other_columns_is_refused(served, serving):
    serving.look()
    inputs = {"quantity": [], "colour": ["red"]}
    facts = dict(served.models.open(served.versions[1]).facts) | {"inputs": inputs}

    def write(folder):
        shutil.copy(served.models.root / served.versions[1] / scorer.MODEL, folder)
        return facts

    served.promote(served.models.make({"other": "columns"}, write).id)
    serving.look()

    assert serving.champion.version.id == served.versions[0]
    assert "colour" in serving.refused
    assert value(serving, "product_model_reloads_total", outcome="refused") == 1


def test_a_version_that_was_never_tried_with_nulls_is_refused_if_nulls_are_allowed(served, serving):
    facts = dict(served.models.open(served.versions[1]).facts) | {"nullable": []}

    def write(folder):
        shutil.copy(served.models.root / served.versions[1] / scorer.MODEL, folder)
        return facts

    served.promote(served.models.make({"knows": "no nulls"}, write).id)
    serving.look()

    assert serving.champion is None
    assert "does not fit orders.yaml: stars may be null now, the model does not take" in serving.refused
    assert all(f"{name} may be null now" in serving.refused for name in ("discount", "paid"))


def test_a_log_without_read_permission_is_reported_once(served, serving, monkeypatch):
    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(served.models.root), "read_bytes", closed)

    for _ in range(3):
        serving.look()

    assert value(serving, "product_model_reloads_total", outcome="refused") == 1


def test_a_refused_version_is_tried_again_only_when_something_changed(served, serving):
    serving.look()
    spoil(served, served.versions[0])
    before = aliases.stack(served.models, "champion")
    (served.models.root / aliases.LOG).touch()

    for _ in range(3):
        serving.look()

    assert value(serving, "product_model_reloads_total", outcome="refused") == 1
    assert aliases.stack(served.models, "champion") == before


def test_the_challenger_is_scored_in_the_shadow_and_disagreement_is_counted(start, served):
    served.promote(served.versions[1], "challenger")
    rows = [json.loads(served.body(quantity=quantity))["rows"][0] for quantity in range(1, 101)]
    reader = request.Reader(served.features)
    decided = []
    for version in served.versions:
        loaded = scorer.load(served.models.open(version))
        x = matrix_of(served.features, loaded.inputs)(reader.read(json.dumps({"rows": rows}).encode()))
        decided.append(loaded.forecast(scorer.rounded(x)) >= 0.5)

    with start() as running:
        answer = running.ask(body=json.dumps({"rows": rows}).encode())
        running.until(lambda: running.metric("product_shadow_rows_total") == 100)
        found = (
            running.metric("product_shadow_rows_total"),
            running.metric("product_shadow_disagreements_total"),
        )

    assert answer.json["model_version"] == served.versions[0]
    assert found == (100, (decided[0] != decided[1]).sum())


def test_drift_is_measured_once_the_window_is_full_and_equals_that_of_sql(served, serving, tmp_path):
    serving.look()
    with DuckDB() as engine:
        engine.keep("orders", synthetic.sql(served.features, WINDOW_ROWS + 300, seed=5))
        columns = engine.columns("from orders")
        x = scorer.matrix(serving.champion.scorer.inputs, columns).astype(float)
        exact = np.column_stack(
            [np.ma.filled(np.ma.asarray(columns[n]).astype(float), np.nan) for n in ("quantity",)]
        )
        newest = f"(from orders limit {WINDOW_ROWS} offset 300)"
        expected = drift.compare(engine, newest, serving.champion.version.facts["drift_baseline"])

    forecast = serving.champion.score(x)
    serving.champion.window.add(x[:900], forecast[:900])
    early = serving.champion.window.psi()
    serving.champion.window.add(x[900:], forecast[900:])
    serving.measure()

    assert early == {}
    assert len(exact) == WINDOW_ROWS + 300
    assert value(serving, "product_drift_psi", column="forecast") < 0.1
    for name in ("quantity", "stars", "paid"):
        assert value(serving, "product_drift_psi", column=name) == pytest.approx(expected[name], abs=1e-9)


def test_a_reload_under_load_fails_no_request(start, served):
    with start() as running, ThreadPoolExecutor(4) as pool:
        end = time.monotonic() + 3

        def caller():
            answers = []
            while time.monotonic() < end:
                answers.append(running.ask(body=served.body()))
            return answers

        calling = [pool.submit(caller) for _ in range(4)]
        while time.monotonic() < end:
            for version in reversed(served.versions):
                served.promote(version)
                time.sleep(0.3)
        answers = [answer for each in calling for answer in each.result()]

    assert {answer.status for answer in answers} == {200}
    assert {answer.json["model_version"] for answer in answers} == set(served.versions)


def test_a_server_that_gets_sigterm_loses_no_request(start, served):
    with start() as running, ThreadPoolExecutor(5) as pool:

        def caller():
            """Send requests until the server closes the connection."""
            while (answer := running.ask(body=served.body())).status == 200:
                if answer.headers.get("connection") == "close":
                    return 200
            return answer.status

        calling = [pool.submit(caller) for _ in range(4)]
        time.sleep(0.3)
        slow = pool.submit(running.ask, "/slow")
        time.sleep(0.1)
        running.process.send_signal(signal.SIGTERM)
        not_ready = running.until(lambda: running.ask("/readyz", management=True).status == 503, 1)
        answers = [slow.result().status, *(each.result() for each in calling)]
        code = running.process.wait(10)

    assert not_ready
    assert answers == [200] * 5
    assert code == 0
