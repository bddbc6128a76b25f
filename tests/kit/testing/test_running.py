"""What a product's own tests use: its SQL on a few rows, its main job, its service."""

from datetime import datetime

import pytest

from datadevops import testing
from datadevops.contract import odcs
from datadevops.service import example
from runs import rows


def test_sql_is_run_on_rows_that_are_written_by_hand(forecast, tmp_path):
    hour = {"shop": "north", "visitors": 7}
    given = [hour | {"opened_at": datetime(2025, 1, 1, at), "queue_minutes": at} for at in (1, 2)]

    first, second = testing.transformed(forecast, "features", given, tmp_path)

    assert (first["queue_minutes_1h_ago"], second["queue_minutes_1h_ago"]) == (None, 1)
    assert second["takings"] is None


@pytest.mark.parametrize("name", ["forecast", "statistics"])
def test_the_main_job_is_run_on_a_file(request, run_once, name):
    run = run_once(request.getfixturevalue(name))  # by testing.run, as all runs of these tests

    assert "source" in run.steps
    assert run.facts["checks"]["source"]["bad"] == 2
    assert (run.store / "report.html").is_file()


def test_the_service_is_asked_on_free_ports(forecast, first_run):
    body = example.body(odcs.load(forecast.contracts / "features.yaml"))

    with testing.serving(forecast, first_run.store) as server:
        answer = server.ask("/v1/predict", body)

    assert answer["model_version"] == first_run.facts["versions"]["champion"]
    assert rows(f"select {answer['predictions'][0]['probability']} between 0 and 1") == [(True,)]
