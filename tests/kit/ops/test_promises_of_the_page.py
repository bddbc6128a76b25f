"""The promises that "Bring your own data" shows are those of a product as it is baked, and are kept to."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import shop_forecast
from datadevops.contract import odcs, promises
from datadevops.errors import SloError
from datadevops.ops import own_objectives

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "bring-your-own-data.md").read_text(encoding="utf-8")
(SHOWN,) = re.findall(r"```yaml\n(slaProperties:\n.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def promising(tmp_path):
    """promising(text): the product whose contract of the predictions has these promises, and its folder."""

    def make(text):
        package = shutil.copytree(shop_forecast.PRODUCT.folder, tmp_path / "shop_forecast")
        contract = package / "contracts" / "predictions.yaml"
        plain = re.sub(r"^slaProperties:\n(  .*\n)*", "", contract.read_text(encoding="utf-8"), flags=re.M)
        contract.write_text(plain.replace("schema:\n", f"{text}schema:\n", 1), encoding="utf-8")
        return replace(shop_forecast.PRODUCT, at=package), package

    return make


def test_the_promises_of_the_page_are_read_and_fit_the_objectives_of_a_product(promising):
    product, home = promising(SHOWN)

    promised = promises.of(odcs.load(product.contracts / "predictions.yaml"))

    assert promised == {"availability": (99.5, "percent"), "freshness": (3, "h")}
    assert {o.name for o in own_objectives.load(product, home).slos} >= {"availability", "freshness"}


def test_the_page_says_beside_a_promise_what_its_objective_has():
    beside = {
        property_: float(value)
        for property_, value in re.findall(r"property: (\w+),.*# .*(?:target|value): ([\d.]+)", SHOWN)
    }
    found = {each["property"]: each for each in yaml.safe_load(SHOWN)["slaProperties"]}

    assert beside.keys() == {"availability", "freshness"}
    assert beside == {name: promises.amount(found[name]["value"], found[name]["unit"]) for name in beside}


@pytest.mark.parametrize("name", ["availability", "freshness"])
def test_another_value_than_the_objective_s_is_refused(promising, name):
    spoilt = re.sub(rf"(property: {name}, value: )[\d.]+", r"\g<1>1", SHOWN)
    product, home = promising(spoilt)

    with pytest.raises(SloError, match=rf"{name}: [\d.]+, but the contract of predictions promises"):
        own_objectives.load(product, home)
