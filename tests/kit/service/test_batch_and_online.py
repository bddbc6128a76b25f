"""A row gets the same forecast in a batch of all rows, in a request of many and in a request of its own.

To the bit for trees. A linear model or a network multiplies matrices, whose sums depend on how many rows are
multiplied at once: they may differ by 1e-6, a tenth of what ONNX and the estimator may.
"""

import json

import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shop_forecast
import shop_visitors
from datadevops.contract import odcs, target
from datadevops.models import Limits
from datadevops.service.serving import Serving
from runs import rows, run_into

ANY = Limits(skill=-99, group_skill=-99, calibration_error=1, bias=99)  # however good the model is
NETWORK = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0, "tol": 0.1}
FORECAST, VISITORS = shop_forecast.PRODUCT, shop_visitors.PRODUCT
# Name -> product, its estimator (None: trees, as they are), how much two forecasts may differ: probabilities,
# or numbers in spreads of the label.
MODELS = {
    "trees for yes or no": (FORECAST, None, 0),
    "trees for a number": (VISITORS, None, 0),
    "a linear model for yes or no": (FORECAST, LogisticRegression(), 1e-6),
    "a linear model for a number": (VISITORS, Ridge(), 1e-6),
    "a network for yes or no": (FORECAST, MLPClassifier(**NETWORK), 1e-6),
    "a network for a number": (VISITORS, MLPRegressor(**NETWORK), 1e-6),
}


@pytest.fixture
def run(run_once, sample, tmp_path, monkeypatch):
    """run(product, estimator): a run whose model is this estimator, behind what fills nulls and scales."""

    def make(product, estimator):
        if estimator is None:
            return run_once(product)
        model = product.module("model")
        steps = make_pipeline(SimpleImputer(), StandardScaler(), estimator)
        monkeypatch.setattr(model, "fit", lambda x, y: steps.fit(x, y))
        monkeypatch.setattr(model, "LIMITS", ANY)
        return run_into(product, tmp_path / "store", sample)

    return make


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("name", MODELS)
def test_batch_and_online_give_the_same_forecast(run, name):
    product, estimator, most = MODELS[name]
    made = run(product, estimator)
    contracts = odcs.load_all(product.contracts)
    serving = Serving(product, made.store, contracts["features"], target.of(contracts))
    serving.look()
    (features,) = made.store.glob("features/*/features.parquet")
    (predictions,) = made.store.glob("predictions/*/predictions.parquet")
    value, as_text = ("probability" if product is FORECAST else "value"), "'%Y-%m-%dT%H:%M:%S'"
    of_rows = (
        f"* replace (strftime(opened_at, {as_text}) as opened_at) from '{features}' order by opened_at, shop"
    )
    asked = [json.loads(row) for (row,) in rows(f"select to_json(t) from (select {of_rows} limit 30) as t")]

    def answered(some):
        read = serving.reader.read(json.dumps({"rows": some}).encode())
        champion = serving.champion
        found = champion.kind.predict(champion.score(champion.matrix(read)), champion.scorer.output)
        return [getattr(each, value) for each in found]

    spread = 1.0 if product is FORECAST else serving.champion.scorer.output["scale"]
    batch = [
        each for (each,) in rows(f"select {value} from '{predictions}' order by opened_at, shop limit 30")
    ]
    assert len(set(batch)) > 10
    assert answered(asked) == pytest.approx(batch, abs=most * spread, rel=0)
    assert [answered([row])[0] for row in asked] == pytest.approx(batch, abs=most * spread, rel=0)
