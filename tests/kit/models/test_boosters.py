"""LightGBM and XGBoost are served as they were fitted, nulls included; a missing extra is named."""

import sys

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from datadevops.errors import ContractError
from datadevops.models import artifact, boosters, scorer
from datadevops.models.fitting import Fitted

X = np.random.default_rng(0).normal(size=(800, 4)).astype(np.float32)
X[np.random.default_rng(1).random(X.shape) < 0.1] = np.nan
Z = np.nan_to_num(X[:, 0]) + np.random.default_rng(2).normal(0, 0.3, 800)
BINARY = {"kind": "binary"}, (Z > 0.3).astype(int)
CLASSES = {"kind": "classes", "classes": list("abc"), "places": [0, 1, 2]}, np.digitize(Z, [-0.5, 0.5])
NUMBER = {"kind": "regression", "offset": 0.0, "scale": 1.0, "minimum": None, "maximum": None}, Z
KINDS = {"binary": BINARY, "classes": CLASSES, "number": NUMBER}


def estimator(package, kind):
    if package == "lightgbm":
        import lightgbm

        made = lightgbm.LGBMRegressor if kind == "number" else lightgbm.LGBMClassifier
        return made(n_estimators=20, verbose=-1, n_jobs=1)
    import xgboost

    made = xgboost.XGBRegressor if kind == "number" else xgboost.XGBClassifier
    return made(n_estimators=20, n_jobs=1)


@pytest.mark.boosters
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("package", boosters.PACKAGES)
@pytest.mark.parametrize("piped", [False, True], ids=["alone", "in a pipeline"])
def test_an_estimator_of_another_package_is_served_as_it_was_fitted(package, kind, piped):
    output, y = KINDS[kind]
    made = estimator(package, kind)
    fitted = Fitted(
        make_pipeline(SimpleImputer(strategy="constant"), made).fit(X, y) if piped else made.fit(X, y), output
    )

    onnx, gap = artifact.export(fitted, X)

    assert gap < 2e-6
    assert scorer.Scorer("", {}, output, onnx).forecast(X) == pytest.approx(fitted.forecast(X), abs=1e-5)


def test_without_the_extra_the_remedy_is_named(monkeypatch):
    other = type("LGBMClassifier", (LogisticRegression,), {"__module__": "lightgbm.sklearn"})
    monkeypatch.setitem(sys.modules, "lightgbm", None)

    with pytest.raises(ContractError, match=r"(?s)ML003.*lightgbm cannot be converted.*the extra 'lightgbm'"):
        artifact.export(Fitted(other().fit(np.nan_to_num(X), BINARY[1]), BINARY[0]), X)


def test_scikit_learn_alone_needs_nothing_more():
    assert boosters.prepare([LogisticRegression(), FunctionTransformer()]) is None
