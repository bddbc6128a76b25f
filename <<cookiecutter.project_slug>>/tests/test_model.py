"""About the sample: the figures of its model, and the request that the README shows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from datadevops import testing

from << cookiecutter.__package >> import PRODUCT

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")


def test_two_rows_of_the_sample_are_bad(ran: testing.Run) -> None:
    check = ran.report.facts["checks"]["weather"]

    assert (check["read"], check["good"], check["bad"]) == (26_115, 26_113, 2)
    assert check["broken"] == {"temperature_spike": 1, "wind_speed_ms:maximum": 1}


def test_the_model_is_better_than_each_naive_forecast(ran: testing.Run) -> None:
    figures = ran.report.facts["model"]["figures"]["all"]

    assert figures["candidate"]["average_precision"] == pytest.approx(0.770, abs=0.02)
    assert figures["candidate"]["brier"] == pytest.approx(0.0264, abs=0.001)
    assert figures["persistence"]["average_precision"] == pytest.approx(0.528, abs=0.001)
    assert all(check["passed"] for check in ran.report.facts["gate"])


def test_nothing_of_the_sample_looks_like_a_leak(ran: testing.Run) -> None:
    assert ran.report.facts["model"]["suspicious"] == {}


def test_a_second_run_makes_nothing_again(ran: testing.Run) -> None:
    again = testing.run(PRODUCT, ran.store.parent)

    assert again.report.facts["versions"] == ran.report.facts["versions"]
    assert set(again.steps) <= {"reports"}


@pytest.fixture(scope="module")
def server(ran: testing.Run) -> Iterator[testing.Server]:
    with testing.serving(PRODUCT, ran.store) as server:
        yield server


def test_the_request_of_the_readme_gets_the_answer_of_the_readme(server: testing.Server) -> None:
    (body,) = re.findall(r"-d '(\{.*?\})'", README, re.DOTALL)
    (shown,) = re.findall(r"^    (\{\"model_version\".*\})$", README, re.MULTILINE)

    answer = server.ask("/v1/predict", body.encode())

    (prediction,), (expected,) = answer["predictions"], json.loads(shown)["predictions"]
    assert answer.keys() == json.loads(shown).keys()
    assert prediction["probability"] == pytest.approx(expected["probability"], abs=0.02)
    assert prediction["decision"] is expected["decision"]


def test_the_threshold_can_be_asked(server: testing.Server, ran: testing.Run) -> None:
    threshold = ran.report.facts["model"]["output"]["threshold"]

    assert server.ask("/v1/threshold") == {"threshold": pytest.approx(threshold)}
