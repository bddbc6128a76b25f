"""The model passes the gate, and the service answers in the form of what is predicted."""

import json

import pytest
from datadevops import testing

from rain_forecast import PRODUCT

ANSWERS = {
    "binary": {"probability", "decision"},
    "classes": {"value", "probabilities"},
    "regression": {"value", "low", "high"},
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> testing.Run:
    return testing.run(PRODUCT, tmp_path_factory.mktemp("run"))


def test_the_model_passes_the_gate(ran: testing.Run) -> None:
    assert [check for check in ran.report.facts["gate"] if not check["passed"]] == []


def test_the_service_answers_its_own_example(ran: testing.Run) -> None:
    with testing.serving(PRODUCT, ran.store) as server:
        predict = server.ask("/openapi.json")["paths"]["/v1/predict"]["post"]
        example = predict["requestBody"]["content"]["application/json"]["example"]

        (prediction,) = server.ask("/v1/predict", json.dumps(example).encode())["predictions"]

    assert prediction.keys() == ANSWERS[ran.report.facts["model"]["output"]["kind"]]
    assert prediction.get("low", 0) <= prediction.get("high", 0)


def test_each_row_of_the_sources_is_in_one_place(ran: testing.Run) -> None:
    for check in ran.report.facts["checks"].values():
        assert check["read"] == check["good"] + check["bad"]
