"""The OpenAPI document is true: its example works, and no request made from it causes a 5xx."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st


def test_the_example_of_the_document_works_unchanged(running):
    document = running.ask("/openapi.json").json
    request = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]

    answer = running.ask(body=json.dumps(request["example"]).encode())

    assert answer.status == 200
    assert "/card" in document["paths"]
    assert running.ask("/openapi.json", management=True).json == document


@pytest.mark.parametrize("place", [("/v1/predict", "POST"), ("/card", "POST")])
@pytest.mark.parametrize("examples", [30, pytest.param(300, marks=pytest.mark.long)])
def test_no_request_made_from_the_document_causes_a_5xx(running, place, examples):
    path, method = place
    operation = schemathesis.openapi.from_dict(running.ask("/openapi.json").json)[path][method]

    @hypothesis_settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def is_answered(data):
        mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))

        answer = case.call(base_url=f"http://127.0.0.1:{running.port}")

        assert answer.status_code < 500
        assert path == "/card" or str(answer.status_code) in operation.definition.raw["responses"]

    is_answered()
