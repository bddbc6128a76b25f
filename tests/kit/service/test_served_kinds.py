"""A number and classes are answered as they are scored, and described in the OpenAPI document."""

import json
import math

import numpy as np
import pytest

import shop_crowds
import shop_visitors
from datadevops import testing
from datadevops.contract import odcs, target
from datadevops.errors import ContractError
from datadevops.models import matching
from datadevops.service import answers, example
from datadevops.service.serving import Serving
from datadevops.store import aliases
from datadevops.store.versions import Store
from runs import rows

NUMBER, CLASSES = shop_visitors.PRODUCT, shop_crowds.PRODUCT


def serving(product, run):
    contracts = odcs.load_all(product.contracts)
    return Serving(product, run.store, contracts["features"], target.of(contracts))


@pytest.mark.parametrize("product", [NUMBER, CLASSES], ids=["number", "classes"])
def test_the_service_answers_a_kind_and_describes_it(run_once, product):
    body = example.body(odcs.load(product.contracts / "features.yaml"))

    with testing.serving(product, run_once(product).store) as server:
        answer = server.ask("/v1/predict", body)
        document = server.ask("/openapi.json")

    (prediction,), schemas = answer["predictions"], document["components"]["schemas"]
    assert "threshold" not in answer
    if product is NUMBER:
        assert 0 <= prediction["low"] <= prediction["value"] <= prediction["high"]
        assert schemas["Number"]["properties"]["value"]["description"] == "people"
    else:
        assert sum(prediction["probabilities"].values()) == pytest.approx(1)
        best = max(prediction["probabilities"], key=prediction["probabilities"].get)
        assert prediction["value"] == best
        assert schemas["Class"]["properties"]["value"]["enum"] == ["quiet", "busy", "Quite Full"]


COLUMNS = {
    NUMBER: ("value", "low", "high"),
    CLASSES: ("value", "probability_quiet", "probability_quite_full"),
}


@pytest.mark.parametrize("product", COLUMNS, ids=["number", "classes"])
def test_a_request_is_answered_as_the_published_predictions_are(run_once, product):
    run = run_once(product)
    models = serving(product, run)
    models.look()
    (features,) = run.store.glob("features/*/features.parquet")
    (predictions,) = run.store.glob("predictions/*/predictions.parquet")
    of_rows = f"select features.* from '{features}' as features order by shop, opened_at limit 50"
    asked = json.dumps(
        {"rows": [json.loads(row) for (row,) in rows(f"select to_json(t) from ({of_rows}) as t")]}
    )
    asked = asked.replace("2025-01-01 ", "2025-01-01T").replace("2025-01-02 ", "2025-01-02T")
    asked = asked.replace("2025-01-03 ", "2025-01-03T")

    read = models.reader.read(asked.encode())
    model = models.champion
    found = model.kind.predict(model.score(model.matrix(read)), model.scorer.output)

    wanted = rows(
        f"select {', '.join(COLUMNS[product])} from '{predictions}' order by shop, opened_at limit 50"
    )
    if product is NUMBER:
        answered = [(each.value, each.low, each.high) for each in found]
    else:
        words = ("quiet", "Quite Full")
        answered = [(each.value, *(each.probabilities[word] for word in words)) for each in found]
    assert answered == wanted


def test_a_model_of_another_kind_is_refused(run_once):
    store = run_once(CLASSES).store
    number = odcs.load_all(NUMBER.contracts)
    version = aliases.require(Store(store / "models"), "champion")

    with pytest.raises(ContractError, match=r"ML008.*: .*label is of another kind"):
        matching.require(version, number["features"], target.of(number))


def test_a_model_of_other_classes_is_refused(run_once):
    version = aliases.require(Store(run_once(CLASSES).store / "models"), "champion")
    contracts = odcs.load_all(CLASSES.contracts)

    odd = matching.mismatches(version, contracts["features"], target.Target("classes", ("quiet", "busy")))

    assert odd == ["label has other classes"]


POSSIBLE = {
    "a probability": (answers.YesOrNo(0.5, True), True),
    "no probability": (answers.YesOrNo(math.nan, False), False),
    "probabilities": (answers.Class("a", {"a": 1.0, "b": 0.0}), True),
    "no probabilities": (answers.Class("a", {"a": math.nan, "b": 0.0}), False),
    "a number": (answers.Number(1.0, 0.0, 2.0), True),
    "no number": (answers.Number(math.inf, 0.0, 2.0), False),
}


@pytest.mark.parametrize(("prediction", "possible"), POSSIBLE.values(), ids=POSSIBLE)
def test_what_is_no_prediction_is_known(prediction, possible):
    assert answers.possible(prediction) is possible


OUTPUT = {
    "threshold": 0.5,
    "intervals": {"edges": [], "low": [-1.0], "high": [2.0]},
    "minimum": 0,
    "maximum": None,
}
DIFFER = {
    "binary": (np.array([0.4, 0.6]), np.array([0.45, 0.4]), [False, True]),
    "classes": (np.array([[0.6, 0.4]] * 2), np.array([[0.9, 0.1], [0.4, 0.6]]), [False, True]),
    "regression": (np.array([5.0, 5.0]), np.array([6.9, 7.1]), [False, True]),
}


@pytest.mark.parametrize(
    ("answer", "good"), [({"value": 1, "low": 0, "high": 2}, True), ({"value": 1}, False)]
)
def test_an_answer_is_known_by_the_kind_of_the_target(answer, good):
    whole = {"model_version": "3f2a9c0d1b4e", "request_id": "1", "predictions": [answer]}

    assert answers.is_one(whole, target.Target("regression")) is good


@pytest.mark.parametrize("kind", DIFFER)
def test_a_challenger_differs_where_it_decides_otherwise_or_leaves_the_interval(kind):
    one, other, expected = DIFFER[kind]

    assert answers.KINDS[kind].differ(one, other, OUTPUT, OUTPUT).tolist() == expected


def test_decisions_are_counted_from_the_start(run_once):
    models = serving(CLASSES, run_once(CLASSES))

    found = [
        models.metrics.registry.get_sample_value("product_predictions_total", {"decision": word})
        for word in ("quiet", "Quite Full")
    ]

    assert found == [0, 0]
