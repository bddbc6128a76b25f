"""A command in a folder that is not the product's names the folder, what is missing there, and what to do."""

import pytest


@pytest.fixture
def elsewhere(tmp_path):
    """An empty folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


WRITING = ["describe", "model-card", "slo render", "slo check", "drill", "example remove"]


@pytest.mark.parametrize("words", WRITING)
def test_a_command_for_the_product_s_folder_refuses_another_one_and_writes_nothing(
    command, forecast, elsewhere, monkeypatch, words
):
    monkeypatch.setenv("SHOP_FORECAST_HOME", str(elsewhere))

    answer = command(*words.split(), product=forecast)

    assert answer.code == 2
    missing = "pyproject.toml, .copier-answers.yml, ops/slo.yaml"
    assert (
        f"error[CF016] {elsewhere} is not the folder of the product: it has none of {missing}" in answer.err
    )
    assert "hint: change to that folder, or set SHOP_FORECAST_HOME to it" in answer.err
    assert list(elsewhere.iterdir()) == []


def test_a_run_in_another_folder_says_that_it_may_be_the_wrong_one(command, product, elsewhere, monkeypatch):
    monkeypatch.setenv(f"{product.prefix}HOME", str(elsewhere))

    answer = command("run")

    assert answer.code == 2
    assert f"error[DQ001] {elsewhere}/data/" in answer.err
    assert f"{elsewhere} is not the product's folder: perhaps set {product.prefix}HOME to it" in answer.err


def test_a_run_in_the_product_s_folder_says_no_such_thing(command, product, elsewhere, monkeypatch):
    monkeypatch.setenv(f"{product.prefix}HOME", str(elsewhere))
    (elsewhere / "pyproject.toml").touch()

    answer = command("run")

    assert "error[DQ001]" in answer.err
    assert "is not the product's folder" not in answer.err


def test_a_file_that_is_not_in_this_folder_is_told_with_the_folder(command, elsewhere, monkeypatch):
    monkeypatch.chdir(elsewhere)

    answer = command("check", "data/new.csv", "--contract", "source")

    assert answer.code == 2
    assert (
        f"error[DQ001] data/new.csv: there is no such file\n\nhint: name one from {elsewhere} on"
        in answer.err
    )


def test_contracts_are_not_compared_in_a_folder_without_a_repository(
    command, product, elsewhere, monkeypatch
):
    monkeypatch.setenv(f"{product.prefix}HOME", str(elsewhere))

    answer = command("contract", "diff")

    assert answer.code == 3
    assert f"error[CT011] NOT RUN: git in {elsewhere}: fatal: not a git repository" in answer.err


def test_objectives_that_are_gone_are_told_as_a_missing_file(command, product, elsewhere, monkeypatch):
    monkeypatch.setenv(f"{product.prefix}HOME", str(elsewhere))
    (elsewhere / "pyproject.toml").touch()

    answer = command("slo", "render")

    assert answer.code == 2
    assert f"error[OP001] {elsewhere}/ops/slo.yaml: there is no such file\n" in answer.err
    assert "git checkout ops/slo.yaml" in answer.err
