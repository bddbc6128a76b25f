"""What runs a product's gates is clean by other people's linters, and each linter is seen to find a fault.

The files of a provider depend on few answers: every pair of those is linted once.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from jsonschema import Draft7Validator

import bake
import workshop
from declaration import DECLARED, ROOT, answer_sets

CATALOG = Path(__file__).with_name("catalog-info.schema.json")
ASKED = ("product_type", "outage_impact", "ci", "deploy")
# The kinds of files with a schema, and more options of the tool that checks them.
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
            words = ["--builtin-schema", schema, *more, *map(str, files)]
            done = CliRunner().invoke(check_jsonschema, words)  # a process for each would take a second
            said += [f"check-jsonschema: {done.output}"] if done.exit_code else []
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
    "an unknown key of a step": ("azure", "azure-pipelines.yml", "- script:", "- scrip:", "schemas"),
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

    workshop.edit(broken / file, old, new)

    assert [each.__name__ for each in LINTERS if each([broken])] == [seen]
