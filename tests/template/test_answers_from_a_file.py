"""Answers of an organisation, of a file or of the last bake give the product of the same answers typed."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml

import bake
import tree
from declaration import ROOT

ORGANISATION = {"org": "globex", "owner_team": "risk", "ci": "gitlab", "license": "MIT"}
OURS = {"product_type": "data-pipeline", "project_slug": "hail-days"}


@pytest.fixture(autouse=True)
def _settings_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines look for settings and caches in the home, as a user's do."""
    for name in ("COOKIECUTTER_CONFIG", "COPIER_CACHE_DIR", "COPIER_SETTINGS_PATH"):
        monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of somebody whose organisation has defaults."""
    (tmp_path / "home").mkdir()
    settings = yaml.safe_dump({"default_context": ORGANISATION})
    (tmp_path / "home" / ".cookiecutterrc").write_text(settings, encoding="utf-8")
    return tmp_path / "home"


@pytest.fixture(scope="module")
def typed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product of the same answers, each given by hand."""
    return bake.by_cookiecutter(template, tmp_path_factory.mktemp("typed"), **ORGANISATION, **OURS)


def cookiecutter(template: Path, *words: str, home: Path) -> tuple[int, str]:
    """Bake beside the home: exit code, and what went to stderr."""
    done = bake.run(bake.command("cookiecutter"), template, *words, cwd=home.parent, HOME=str(home))
    return done.returncode, done.stderr


def given(answers: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in answers.items()]


def differences(product: Path, typed: Path) -> list[str]:
    return tree.differences(tree.snapshot(product), tree.snapshot(typed))


def test_the_defaults_of_an_organisation_are_those_of_cookiecutter_s_settings(
    template: Path, home: Path, typed: Path
) -> None:
    assert cookiecutter(template, "--no-input", *given(OURS), home=home) == (0, "")

    assert differences(home.parent / "hail-days", typed) == []


def test_copier_takes_the_same_from_a_file(template: Path, tmp_path: Path, typed: Path) -> None:
    (tmp_path / "globex.yaml").write_text(yaml.safe_dump(ORGANISATION), encoding="utf-8")
    words = [word for each in given(OURS) for word in ("--data", each)]
    copy = [sys.executable, "-m", "copier", "copy", "--defaults", "--data-file", "globex.yaml"]

    done = bake.run(*copy, *words, template, "hail-days", cwd=tmp_path, HOME=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert differences(tmp_path / "hail-days", typed) == []


def test_an_answer_on_the_command_line_wins(template: Path, home: Path) -> None:
    assert cookiecutter(template, "--no-input", "org=acme", home=home) == (0, "")

    answers = yaml.safe_load((home.parent / "rain-forecast" / ".copier-answers.yml").read_text("utf-8"))
    assert (answers["org"], answers["owner_team"], answers["ci"]) == ("acme", "risk", "gitlab")


def test_a_default_that_is_no_choice_is_warned_of(template: Path, home: Path) -> None:
    settings = home / ".cookiecutterrc"
    settings.write_text(settings.read_text(encoding="utf-8").replace("gitlab", "gitlub"), encoding="utf-8")

    _, said = cookiecutter(template, "--no-input", home=home)

    assert "Invalid default received: gitlub" in said
    assert "`Invalid default received`" in (ROOT / "docs/how-to/answer-from-a-file.md").read_text("utf-8")


@pytest.mark.parametrize("of_a_file", [False, True], ids=["the last bake", "a file"])
def test_a_replay_bakes_the_same_again(of_a_file: bool, template: Path, home: Path, typed: Path) -> None:
    cookiecutter(template, "--no-input", *given(OURS), home=home)
    shutil.rmtree(home.parent / "hail-days")
    kept = home / ".cookiecutter_replay" / "datadevops-template.json"
    file = kept.rename(home.parent / "hail.json") if of_a_file else kept

    words = ["--replay-file", str(file)] if of_a_file else ["--replay"]
    assert cookiecutter(template, *words, home=home) == (0, "")

    assert json.loads(file.read_text(encoding="utf-8"))["cookiecutter"]["org"] == "globex"
    assert differences(home.parent / "hail-days", typed) == []


def test_a_replay_of_another_version_is_refused(own_template: Path, home: Path) -> None:
    """Of each private table cookiecutter takes the one that it kept: a new file would be in every product."""
    cookiecutter(own_template, "--no-input", home=home)
    shutil.rmtree(home.parent / "rain-forecast")
    declared = json.loads((own_template / "cookiecutter.json").read_text(encoding="utf-8"))
    declared["_only_if"]["ci"]["azure"].append("NEWS")
    (own_template / "cookiecutter.json").write_text(json.dumps(declared), encoding="utf-8")

    code, said = cookiecutter(own_template, "--replay", home=home)

    assert code == 1
    assert "kept by another version of the template, with another _only_if" in said
    assert "--config-file FILE" in said
    assert not (home.parent / "rain-forecast").exists()


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A home where nobody can make a folder, not even root: it would be below a file."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "home"


def test_copier_needs_no_home_that_can_be_written(
    template: Path, baked: Path, tmp_path: Path, read_only: Path
) -> None:
    copy = [sys.executable, "-m", "copier", "copy", "--defaults"]

    done = bake.run(*copy, template, "rain-forecast", cwd=tmp_path, HOME=str(read_only))

    assert done.returncode == 0, done.stderr
    assert differences(tmp_path / "rain-forecast", baked) == []


def test_cookiecutter_needs_two_other_folders_then(
    template: Path, baked: Path, tmp_path: Path, read_only: Path
) -> None:
    folders = {name: str(tmp_path / name) for name in ("cookiecutters_dir", "replay_dir")}
    (tmp_path / "settings.yaml").write_text(yaml.safe_dump(folders), encoding="utf-8")
    surroundings = {"HOME": str(read_only), "COOKIECUTTER_CONFIG": str(tmp_path / "settings.yaml")}
    words = [bake.command("cookiecutter"), str(template), "--no-input"]

    done = bake.run(*words, cwd=tmp_path, **surroundings)

    assert (done.returncode, done.stderr) == (0, "")
    assert differences(tmp_path / "rain-forecast", baked) == []
