"""The model.py that is left without the example fits whatever the labels say is predicted."""

import runpy
from datetime import timedelta
from importlib.resources import files
from types import SimpleNamespace

import numpy as np
import pytest

import house_prices
import shop_crowds
import shop_forecast
from datadevops.contract import odcs, target
from datadevops.errors import ContractError
from datadevops.models import baselines, fitting
from datadevops.models.definition import define

PLAIN = files("datadevops.example").joinpath("model.txt")
ROWS = 60


@pytest.fixture
def plain():
    """What a product that has this text as its model.py imports."""
    return SimpleNamespace(**runpy.run_path(str(PLAIN)))


def outcomes(goal):
    """Made-up outcomes of the kind, which the one input tells."""
    return {
        "binary": np.arange(ROWS) % 2 == 0,
        "classes": np.arange(ROWS) % (len(goal.classes) or 1),
        "regression": np.arange(ROWS) / 7,
    }[goal.kind]


@pytest.mark.parametrize("product", [shop_forecast, shop_crowds, house_prices], ids=lambda p: p.__name__)
def test_it_fits_and_forecasts_each_kind_of_target(plain, product):
    contracts = odcs.load_all(product.PRODUCT.contracts)
    features, goal = contracts["features"], target.of(contracts)
    if features.timed:
        plain.HORIZON = timedelta(hours=1)
    y, past = outcomes(goal), np.arange(ROWS) < ROWS // 2

    model = define(plain, features, goal)
    fitted = fitting.fit(model, goal, y.astype(np.float32).reshape(-1, 1), y)
    naive = baselines.forecasts(model, goal, {"x": y}, y, past, ~past)

    assert fitted.forecast(y.astype(np.float32).reshape(-1, 1)).shape[0] == ROWS
    assert naive["as_usual"].shape[0] == ROWS // 2


def test_it_asks_for_what_only_the_team_knows_of_rows_with_a_time(plain):
    contracts = odcs.load_all(shop_forecast.PRODUCT.contracts)

    with pytest.raises(ContractError, match=r"ML002(.|\n)*HORIZON says how far ahead the label looks"):
        define(plain, contracts["features"], target.of(contracts))
