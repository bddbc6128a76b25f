"""Settings: what they may be, and the error for an invalid one."""

import json
import os

import pytest

from datadevops.cli import files, output
from datadevops.contract import odcs
from datadevops.errors import ProductError


@pytest.fixture
def settings(forecast):
    """settings(STORE="x"): the settings read from these variables."""
    return lambda **given: forecast.settings({forecast.prefix + name: value for name, value in given.items()})


def test_for_an_unknown_setting_the_nearest_is_suggested(command, product, monkeypatch):
    monkeypatch.setenv(f"{product.prefix}STOR", "x")

    answer = command("status")

    assert answer.code == 2
    assert f"did you mean '{product.prefix}STORE'?" in answer.err


def test_a_setting_of_another_product_is_ignored(forecast, statistics):
    assert forecast.settings({f"{statistics.prefix}STOR": "x"}).engine == "duckdb"


@pytest.mark.parametrize("limit", ["plenty", "..GB", "0GB", "0%", "200%"])
def test_for_an_invalid_memory_limit_an_example_is_shown(command, product, monkeypatch, sample, limit):
    monkeypatch.setenv(f"{product.prefix}MEMORY_LIMIT", limit)

    answer = command("check", sample, "--contract", "source")

    assert answer.code == 2
    assert f"error[CF006] {product.prefix}MEMORY_LIMIT={limit} is not a valid amount of memory" in answer.err
    assert "4GB" in answer.err


@pytest.mark.parametrize("limit", ["4GB", "1.5 GiB", ".5t", "512MiB", "80%", "0.5%", "100%"])
def test_a_memory_limit_may_be(settings, limit):
    assert settings(MEMORY_LIMIT=limit).memory_limit == limit


@pytest.mark.parametrize(("limit", "error"), [("1MB", "CF009"), ("99999999TB", "CF006")])
def test_too_little_or_impossible_memory_is_an_error(command, product, monkeypatch, limit, error):
    monkeypatch.setenv(f"{product.prefix}MEMORY_LIMIT", limit)

    answer = command("run")

    assert answer.code == 2
    assert f"error[{error}]" in answer.err


def test_a_store_may_be_in_the_home_folder(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert settings(STORE="~/st").store == tmp_path / "st"
    assert settings(HOME="~/pr").home == tmp_path / "pr"


def test_by_default_the_store_is_in_the_home_of_the_product(settings, tmp_path):
    assert settings(HOME=str(tmp_path)).store == tmp_path / "store"


def test_the_home_folder_of_an_unknown_user_is_refused(command):
    answer = command("run", store="~nobody-of-that-name/store")

    assert answer.code == 2
    assert "error[CF001]" in answer.err
    assert "hint: write the whole path, from / on" in answer.err


def test_a_disk_without_write_permission_is_an_error_with_the_path(command):
    answer = command("run", store="/sys/store")  # not even by root

    assert answer.code == 2
    assert "error[CF009] /sys/store" in answer.err


def test_a_store_that_is_a_device_is_refused(command):
    assert "error[CF001] the store cannot be /dev/null" in command("run", store="/dev/null").err


@pytest.mark.parametrize("below", ["", "deeper/store"])
def test_a_store_that_is_a_file_is_refused_with_the_remedy(command, product, tmp_path, below):
    file = tmp_path / "notes.txt"
    file.write_text("")

    answer = command("run", store=file / below)

    assert answer.code == 2
    assert f"error[CF001] the store cannot be {file / below}: {file} is a file" in answer.err
    assert f"hint: set {product.prefix}STORE to a folder" in answer.err


def test_a_source_has_one_name_however_it_is_spelt(forecast, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    contract = odcs.load(forecast.contracts / "sources" / "source.yaml")

    one, other = (
        files.place_of(name, contract, tmp_path)
        for name in ("data/../a.parquet", str(tmp_path / "a.parquet"))
    )

    assert one == other


def test_files_of_a_killed_fetch_are_deleted_after_a_day(forecast, settings, tmp_path):
    contract = odcs.load(forecast.contracts / "sources" / "source.yaml")
    old, new = tmp_path / ".fetched-old", tmp_path / ".fetched-new"
    for folder in (old, new):
        folder.mkdir()
    (old / "part").write_text("")
    os.utime(old, (0, 0))

    address = "no://where/in.parquet"
    with pytest.raises(ProductError), files.delivered(address, contract, settings(STORE=str(tmp_path))):
        pass

    assert not old.exists()
    assert new.exists()


def test_json_has_null_for_a_missing_figure(capsys):
    output.show({"roc_auc": float("nan")}, as_json=True, text="")

    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {"roc_auc": None}


HEADER = "# Template-owned: `copier update` reads and writes your answers here. Do not edit it.\n"


@pytest.mark.parametrize("words", [["run"], ["status"], ["slo", "render"]], ids=" ".join)
def test_a_product_that_was_baked_without_the_hooks_says_so_at_its_first_command(
    command, own, tmp_path, words
):
    (tmp_path / ".copier-answers.yml").write_text(HEADER + "\n", encoding="utf-8")

    answer = command(*words, product=own)

    assert answer.code == 2
    assert "error[CF013]" in answer.err
    assert "--accept-hooks no" in answer.err
    assert "bake again" in answer.err


def test_a_product_with_its_answers_and_one_without_the_file_say_nothing_of_hooks(own, tmp_path):
    assert own.settings({}).engine == "duckdb"

    (tmp_path / ".copier-answers.yml").write_text(HEADER + 'ci: "github"\n', encoding="utf-8")
    assert own.settings({}).engine == "duckdb"
