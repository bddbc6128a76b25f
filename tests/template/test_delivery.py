"""The three providers run the same gates, and release alike."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from itertools import product as combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

import bake
import workshop
from declaration import ROOT, choices

pytestmark = pytest.mark.gates

PROVIDERS = choices()["ci"]
PYTHONS = {"3.11", "3.12", "3.13", "3.14"}
GATES = {"lint", "type", "test", "ops", "drill", "image", "scan", "audit", "sbom", "secrets"}
GATES |= {"breaking", "upstream", "hooks", "review"}


def test_a_release_of_the_template_has_notes(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "notes", tmp_path / ".ci")
    text = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026\n\n- new\n\n## [1.0.0]\n\n- old\n"
    (tmp_path / "CHANGELOG.md").write_text(text, encoding="utf-8")

    told = {tag: bake.run(".ci/notes", tag, cwd=tmp_path) for tag in ("v1.1.0", "v1.0.0", "v9.9.9")}

    assert (told["v1.1.0"].stdout.strip(), told["v1.0.0"].stdout.strip()) == ("- new", "- old")
    assert [each.returncode for each in told.values()] == [0, 0, 1]


def of_github(folder: Path) -> Iterator[dict[str, str]]:
    matrix = workflow(folder / ".github/workflows/gates.yml")["jobs"]["gate"]["strategy"]["matrix"]
    for gate in matrix["gate"]:
        more = [row for row in matrix["include"] if row["gate"] == gate]
        yield from more or [{"gate": gate}]
    yield from (row for row in matrix["include"] if row["gate"] not in matrix["gate"])


def of_gitlab(folder: Path) -> Iterator[dict[str, str]]:
    names = {"GATE": "gate", "PACKAGES": "packages", "UV_PYTHON": "python"}
    for job in workflow(folder / ".gitlab-ci.yml").values():
        if isinstance(job, dict) and job.get("extends") == ".gate":
            for row in job.get("parallel", {}).get("matrix") or [job["variables"]]:
                known = {names[key]: row[key] for key in row if key in names}
                lists = [each if isinstance(each, list) else [each] for each in known.values()]
                for values in combinations(*lists):
                    yield dict(zip(known, values, strict=True))


def of_azure(folder: Path) -> Iterator[dict[str, str]]:
    stages = {each["stage"]: each for each in workflow(folder / "azure-pipelines.yml")["stages"]}
    names = {"GATE": "gate", "PACKAGES": "packages", "UV_PYTHON": "python"}
    for row in stages["gates"]["jobs"][0]["strategy"]["matrix"].values():
        yield {names[key]: value for key, value in row.items()}


READERS = {"github": of_github, "gitlab": of_gitlab, "azure": of_azure}


def workflow(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def gates(provider: str, folder: Path) -> set[tuple[str, str, bool]]:
    """Each gate that a provider runs: its name, its Python, whether Prometheus is installed."""
    return {
        (name, row.get("python", ""), "prometheus" in row.get("packages", ""))
        for row in READERS[provider](folder)
        for name in row["gate"].split(",")
    }


@pytest.mark.parametrize("product_type", choices()["product_type"])
def test_every_provider_runs_the_same_gates_and_all_that_tox_has(
    product_type: str, template: Path, tmp_path: Path
) -> None:
    asked = {"product_type": product_type}
    products = {each: bake.by_cookiecutter(template, tmp_path / each, ci=each, **asked) for each in PROVIDERS}
    tox = tomllib.loads((products["github"] / "tox.toml").read_text(encoding="utf-8"))["env"]

    run = {provider: gates(provider, folder) for provider, folder in products.items()}

    for found in run.values():
        assert {gate for gate, _, _ in found} == GATES & set(tox)
        assert {python for gate, python, _ in found if gate == "test"} == PYTHONS
        assert {gate for gate, _, tools in found if tools} == {"ops", "drill"} & set(tox)
    assert run["github"] == run["gitlab"] == run["azure"]
    assert GATES - set(tox) <= {"ops", "drill"}
    assert "update" in tox


def test_every_python_that_is_tested_is_one_that_is_supported(baked: Path) -> None:
    project = tomllib.loads((baked / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["requires-python"] == ">=3.11,<3.15"


A_GATE_LESS = {
    "github": (".github/workflows/gates.yml", "sbom, secrets,", "sbom,"),
    "gitlab": (".gitlab-ci.yml", "sbom, secrets,", "sbom,"),
    "azure": ("azure-pipelines.yml", "            secrets: {GATE: secrets}\n", ""),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_gate_less_is_seen(provider: str, by_provider: dict[str, Path], tmp_path: Path) -> None:
    broken = shutil.copytree(by_provider[provider], tmp_path / "broken")
    file, old, new = A_GATE_LESS[provider]
    workshop.edit(broken / file, old, new)

    missing = gates(provider, by_provider[provider]) - gates(provider, broken)

    assert missing == {("secrets", "", False)}


FILES = {
    "github": [".github/workflows/release.yml", ".github/workflows/update.yml"],
    "gitlab": [".gitlab-ci.yml"],
    "azure": ["azure-pipelines.yml"],
}
STEPS = ["ci/release.py notes build sign verify", "deploy staging", "canary production"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_release_takes_the_same_steps_and_each_week_brings_the_template(
    provider: str, by_provider: dict[str, Path]
) -> None:
    folder = by_provider[provider]
    text = "".join((folder / name).read_text(encoding="utf-8") for name in FILES[provider])

    places = [text.find(step) for step in STEPS]

    assert -1 not in places
    assert places == sorted(places)
    assert text.count("bash ci/update.sh") == 1


def test_every_gate_is_explained_and_every_hook_is_one(baked: Path) -> None:
    guide = (baked / "docs" / "delivery.md").read_text(encoding="utf-8")
    hooks = bake.run(bake.command("pre-commit"), "validate-config", cwd=baked)

    assert [gate for gate in sorted(GATES) if f"`{gate}`" not in guide] == []
    assert hooks.returncode == 0, hooks.stdout


def test_each_provider_asks_the_same_of_a_change(by_provider: dict[str, Path]) -> None:
    places = {
        "github": ".github/pull_request_template.md",
        "gitlab": ".gitlab/merge_request_templates/Default.md",
        "azure": ".azuredevops/pull_request_template.md",
    }

    texts = {(by_provider[each] / path).read_text("utf-8") for each, path in places.items()}

    assert len(texts) == 1
    for word in ("Data", "Contract", "Service level", "Rollback"):
        assert f"**{word}**" in texts.copy().pop()


def test_an_action_is_pinned_once_everywhere(by_provider: dict[str, Path]) -> None:
    workflows = [
        *by_provider["github"].glob(".github/workflows/*.yml"),
        *ROOT.glob(".github/**/*.yml"),
    ]
    texts = [path.read_text(encoding="utf-8") for path in workflows]
    used = {each for text in texts for each in re.findall(r"uses: ([^@\s]+)@(\S+) # (v\S+)", text)}

    assert len(used) == len({name for name, _, _ in used})
    assert all(re.fullmatch("[0-9a-f]{40}", commit) for _, commit, _ in used)
