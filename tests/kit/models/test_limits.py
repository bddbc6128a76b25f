"""A limit that cannot be is refused when model.py is loaded, with its name and what it can be."""

import inspect
import math
import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

import house_prices
from datadevops.errors import ContractError
from datadevops.models.limits import POSSIBLE, Limits
from house_prices import houses
from runs import environment


def faults(**given):
    """What is said of these limits, line by line."""
    with pytest.raises(ContractError, match="ML002") as error:
        Limits(**given)
    first, *found = error.value.message.split("\n  ")
    assert first == "model.py: its Limits(...) do not fit"
    assert "LIMITS in model.py" in error.value.hint
    return found


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("skill", "0.1", "skill is '0.1'; it must be a number below 1"),
        ("skill", 10, "skill is 10; it must be a number below 1"),
        ("skill", 1.0, "skill is 1.0; it must be a number below 1"),
        ("skill", True, "skill is True; it must be a number below 1"),
        ("skill", None, "skill is None; it must be a number below 1"),
        ("skill", math.nan, "skill is nan; it must be a number below 1"),
        ("skill", -math.inf, "skill is -inf; it must be a number below 1"),
        ("group_skill", 1, "group_skill is 1; it must be a number below 1"),
        ("champion_loss", -1, "champion_loss is -1; it must be a number above -1"),
        ("group_rows", 0, "group_rows is 0; it must be a whole number from 1 on"),
        ("calibration_error", 1.01, "calibration_error is 1.01; it must be a number from 0 to 1"),
        ("calibration_error", -0.01, "calibration_error is -0.01; it must be a number from 0 to 1"),
        ("bias", -0.001, "bias is -0.001; it must be a number from 0 on"),
        ("bias", math.inf, "bias is inf; it must be a number from 0 on"),
        ("blocks", 1, "blocks is 1; it must be a whole number from 2 on"),
        ("blocks", 20.0, "blocks is 20.0; it must be a whole number from 2 on"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_can_be(name, value, words):
    assert faults(**{name: value}) == [words]


def test_an_unknown_limit_is_named_with_the_nearest():
    assert faults(skil=0.1) == ["there is no limit skil, did you mean 'skill'?"]


def test_all_that_does_not_fit_is_said_at_once():
    assert len(faults(skil=0.1, bias=-1, blocks=0)) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skill", -99),
        ("skill", 0.99),
        ("group_skill", 0.99),
        ("champion_loss", -0.99),
        ("champion_loss", 2),
        ("group_rows", 1),
        ("calibration_error", 0),
        ("calibration_error", 1),
        ("bias", 0),
        ("bias", 99),
        ("blocks", 2),
    ],
)
def test_what_can_be_is_taken(name, value):
    assert getattr(Limits(**{name: value}), name) == value


def test_limits_stay_checked_when_one_is_replaced():
    assert replace(Limits(), skill=0.1) == Limits(skill=0.1)
    with pytest.raises(ContractError, match="ML002"):
        replace(Limits(), skill=2)


def test_the_help_still_shows_names_and_defaults():
    shown = inspect.signature(Limits).parameters

    assert {name: each.default for name, each in shown.items()} == {
        each.name: each.default for each in fields(Limits)
    }
    assert [*POSSIBLE] == [*shown]


def test_a_limit_that_cannot_be_ends_a_run_with_its_name_and_no_traceback(tmp_path):
    """In a process of its own, as model.py is loaded once in each."""
    product = Path(shutil.copytree(house_prices.PRODUCT.folder, tmp_path / "house_prices"))
    sold = houses.write(tmp_path / "houses.parquet")
    code = (product / "model.py").read_text(encoding="utf-8")
    (product / "model.py").write_text(
        code.replace("Limits()", 'Limits(skil=0.1, bias="0.1")'), encoding="utf-8"
    )
    known = environment(house_prices.PRODUCT, HOME=tmp_path, STORE=tmp_path / "store")
    path = os.pathsep.join([str(tmp_path), known["PYTHONPATH"]])
    start = "from house_prices.cli import app; app()"

    ended = subprocess.run(
        [sys.executable, "-c", start, "run", "--source", str(sold)],
        env=known | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert (
        "error[ML002] model.py: its Limits(...) do not fit\n  there is no limit skil, did you" in ended.stderr
    )
    assert "bias is '0.1'; it must be a number from 0 on" in ended.stderr
    assert "Traceback" not in ended.stderr
