"""The three providers run the same gates, and what runs them is clean by other people's linters.

The files of a provider depend on few answers: every pair of those is linted once.
"""

import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from itertools import product as combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import bake
from declaration import DECLARED, ROOT, answer_sets, choices

CATALOG = Path(__file__).with_name("catalog-info.schema.json")
ASKED = ("product_type", "outage_impact", "ci", "deploy")
PROVIDERS = choices()["ci"]
PYTHONS = {"3.11", "3.12", "3.13", "3.14"}
GATES = {"lint", "type", "test", "ops", "drill", "image", "scan", "audit", "sbom", "secrets"}
GATES |= {"breaking", "hooks"}
# The kinds of files with a schema, and more words for the tool that holds them against it.
SCHEMAS = {
    ".github/workflows/*.yml": ["vendor.github-workflows"],
    ".github/workflows/*.y*ml": ["custom.github-workflows-require-timeout"],
    ".github/ISSUE_TEMPLATE/*.yml": ["vendor.github-issue-forms"],
    ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "azure-pipelines.yml": [
        *("vendor.azure-pipelines", "--data-transform", "azure-pipelines"),
        *("--regex-variant", "nonunicode"),  # as in the tool's own hook: one pattern is not Unicode
    ],
    "renovate.json": ["vendor.renovate"],
}


def found(folders: list[Path], *patterns: str) -> list[Path]:
    """The files of the folders, one for each content."""
    paths = [path for each in folders for pattern in patterns for path in sorted(each.glob(pattern))]
    return list({(path.name, path.read_bytes()): path for path in paths}.values())


def complaint(tool: str, *words: str | Path) -> list[str]:
    done = bake.run(bake.command(tool), *words, cwd=ROOT)
    return [f"{tool}: {done.stdout}{done.stderr}"] if done.returncode else []


def schemas(folders: list[Path]) -> list[str]:
    said = []
    for pattern, (schema, *more) in SCHEMAS.items():
        if files := found(folders, pattern):
            said += complaint("check-jsonschema", "--builtin-schema", schema, *more, *files)
    known = Draft7Validator(json.loads(CATALOG.read_text(encoding="utf-8")))
    for path in found(folders, "catalog-info.yaml"):
        for entity in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            said += [f"{path}: {error.message}" for error in known.iter_errors(entity)]
    return said


def shellcheck(folders: list[Path]) -> list[str]:
    return complaint("shellcheck", *found(folders, "ci/*.sh", ".ci/*"))


def yamllint(folders: list[Path]) -> list[str]:
    config = folders[0] / ".yamllint.yaml"
    return complaint("yamllint", "--strict", "-c", config, *found(folders, "**/*.yaml", "**/*.yml"))


def zizmor(folders: list[Path]) -> list[str]:
    words = ["--offline", "--no-progress", "--quiet"]
    files = found(folders, ".github/workflows/*.yml")
    return complaint("zizmor", *words, *files) if files else []


def hadolint(folders: list[Path]) -> list[str]:
    files = found(folders, "Dockerfile", ".devcontainer/Dockerfile")
    return complaint("hadolint", *files) if files else []


LINTERS: list[Callable[[list[Path]], list[str]]] = [
    schemas,
    hadolint,
    shellcheck,
    yamllint,
    zizmor,
]


@pytest.fixture(scope="module")
def products(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A product for each pair of the answers that matter here."""
    return {
        "-".join(answers.values()): bake.by_cookiecutter(
            template, tmp_path_factory.mktemp("products"), **answers
        )
        for answers in answer_sets({name: DECLARED[name] for name in ASKED})
    }


@pytest.fixture(scope="module")
def by_provider(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A product for each provider. Read only: copy it to break it."""
    folder = tmp_path_factory.mktemp("by-provider")
    return {each: bake.by_cookiecutter(template, folder / each, ci=each) for each in PROVIDERS}


@pytest.mark.parametrize("linter", LINTERS, ids=lambda each: each.__name__)
def test_every_pair_of_answers_is_clean(
    products: dict[str, Path], linter: Callable[[list[Path]], list[str]]
) -> None:
    assert linter(list(products.values())) == []


@pytest.mark.parametrize("linter", LINTERS, ids=lambda each: each.__name__)
def test_the_files_are_clean_before_they_are_rendered(
    tmp_path: Path, linter: Callable[[list[Path]], list[str]]
) -> None:
    for name in (".github", ".gitlab-ci.yml", ".yamllint.yaml", "azure-pipelines.yml", "ci"):
        raw = ROOT / bake.TREE / name
        copy = shutil.copytree if raw.is_dir() else shutil.copy
        copy(raw, tmp_path / name)
    with (tmp_path / ".yamllint.yaml").open("a", encoding="utf-8") as config:
        config.write("  comments-indentation: disable # tags begin their lines\n")

    assert linter([tmp_path]) == []


@pytest.mark.parametrize("linter", LINTERS, ids=lambda each: each.__name__)
def test_the_templates_own_files_are_clean(tmp_path: Path, linter: Callable[[list[Path]], list[str]]) -> None:
    for name in (".ci", ".github", ".pre-commit-config.yaml", "renovate.json"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / bake.TREE / ".yamllint.yaml", tmp_path)

    assert linter([tmp_path]) == []


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


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_gate_less_is_seen(provider: str, by_provider: dict[str, Path], tmp_path: Path) -> None:
    broken = shutil.copytree(by_provider[provider], tmp_path / "broken")
    for path in (broken / ".github/workflows/gates.yml", broken / ".gitlab-ci.yml"):
        edit(path, "sbom, secrets,", "sbom,")
    edit(broken / "azure-pipelines.yml", "            secrets: {GATE: secrets}\n", "")

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


def edit(path: Path, old: str, new: str) -> None:
    if path.exists():
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


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


BREAKS: dict[str, tuple[str, str, str, str, str]] = {
    "an action by its tag": (
        *("github", ".github/workflows/gates.yml"),
        *(
            "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
            "actions/checkout@v6",
        ),
        "zizmor",
    ),
    "a token that may do all": (
        *("github", ".github/workflows/gates.yml"),
        *("permissions: {}", "permissions: write-all", "zizmor"),
    ),
    "words of a stranger in a script": (
        *("github", ".github/workflows/gates.yml", "run: bash ci/run.sh"),
        *("run: echo ${{ github.head_ref }}", "zizmor"),
    ),
    "no limit of time": (
        *("github", ".github/workflows/gates.yml", "    timeout-minutes: 30\n", ""),
        "schemas",
    ),
    "a word that GitLab lacks": (
        "gitlab",
        ".gitlab-ci.yml",
        "  parallel:",
        "  paralel:",
        "schemas",
    ),
    "a step that is none": ("azure", "azure-pipelines.yml", "- script:", "- scrip:", "schemas"),
    "a choice that Renovate lacks": (
        *("github", "renovate.json", '"update-lockfile"', '"update"', "schemas"),
    ),
    "an owner that is nobody": ("github", "catalog-info.yaml", "  owner:", "  owners:", "schemas"),
    "another style": ("gitlab", ".gitlab-ci.yml", "[gates, build", "[gates,build", "yamllint"),
    "a tool of any version": (
        *("github", ".devcontainer/Dockerfile"),
        *("FROM ghcr.io/astral-sh/uv:0.13.9-python3.13-trixie", "FROM ghcr.io/astral-sh/uv:latest"),
        "hadolint",
    ),
    "a name unquoted": ("azure", "ci/run.sh", 'tox -e "$GATE"', "tox -e $GATE", "shellcheck"),
}


@pytest.mark.parametrize(("provider", "file", "old", "new", "seen"), BREAKS.values(), ids=BREAKS)
def test_what_is_broken_is_seen_by_its_linter_and_by_no_other(
    provider: str,
    file: str,
    old: str,
    new: str,
    seen: str,
    by_provider: dict[str, Path],
    tmp_path: Path,
) -> None:
    broken = shutil.copytree(by_provider[provider], tmp_path / "broken")

    edit(broken / file, old, new)

    assert [each.__name__ for each in LINTERS if each([broken])] == [seen]


def test_an_action_is_pinned_once_everywhere(by_provider: dict[str, Path]) -> None:
    workflows = [
        *by_provider["github"].glob(".github/workflows/*.yml"),
        *ROOT.glob(".github/**/*.yml"),
    ]
    texts = [path.read_text(encoding="utf-8") for path in workflows]
    used = {each for text in texts for each in re.findall(r"uses: ([^@\s]+)@(\S+) # (v\S+)", text)}

    assert len(used) == len({name for name, _, _ in used})
    assert all(re.fullmatch("[0-9a-f]{40}", commit) for _, commit, _ in used)
