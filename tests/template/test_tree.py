"""Every rendered product holds the files it should, each of them whole and tidy."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import bake
import tree
from declaration import ROOT, Answers, answer_sets

# What every product holds; then what one that serves a model adds, one that publishes a dataset.
FILES = """
.copier-answers.yml
.devcontainer/Dockerfile
.devcontainer/devcontainer.json
.dockerignore
.editorconfig
.gitattributes
.gitignore
.pre-commit-config.yaml
.secrets.baseline
.yamllint.yaml
CHANGELOG.md
CONTRIBUTING.md
Dockerfile
README.md
SECURITY.md
catalog-info.yaml
ci/gate.py
ci/release.py
ci/run.sh
ci/update.sh
compose.yaml
data/README.md
deploy/compose/grafana/dashboards/product.yaml
deploy/compose/grafana/datasources/prometheus.yaml
deploy/compose/prometheus.yml
docs/delivery.md
docs/outgrow-one-machine.md
docs/rollback.md
docs/your-own-data.md
ops/generated/alertmanager.yml
ops/generated/dashboard.json
ops/generated/rules.yml
ops/generated/rules_test.yml
ops/postmortem.md
ops/runbooks/TelemetryMissing.md
ops/runbooks/Watchdog.md
ops/slo.yaml
product.odps.yaml
pyproject.toml
renovate.json
src/PACKAGE/__init__.py
src/PACKAGE/cli.py
src/PACKAGE/pipeline.py
tests/conftest.py
tests/test_product.py
tox.toml
""".split()
MODEL_FILES = """
docs/model-card.md
ops/runbooks/AvailabilityBurnFast.md
ops/runbooks/AvailabilityBurnSlow.md
ops/runbooks/AvailabilitySilent.md
ops/runbooks/DataQualityBurnSlow.md
ops/runbooks/DriftBreach.md
ops/runbooks/ModelAgeBreach.md
src/PACKAGE/model.py
src/PACKAGE/service.py
""".split()
DATASET_FILES = """
ops/runbooks/DataQualityBreach.md
ops/runbooks/DurationBreach.md
ops/runbooks/RunSuccessBreach.md
""".split()
EXAMPLE_FILES = """
.example-files
data/weather.parquet
docs/day-one.md
src/PACKAGE/contracts/consumers/airport-display.yaml
src/PACKAGE/contracts/sources/weather.yaml
""".split()
MODEL_EXAMPLE_FILES = """
data/airports.parquet
src/PACKAGE/contracts/features.yaml
src/PACKAGE/contracts/labels.yaml
src/PACKAGE/contracts/predictions.yaml
src/PACKAGE/contracts/sources/airports.yaml
src/PACKAGE/transforms/features.sql
src/PACKAGE/transforms/labels.sql
tests/test_model.py
tests/test_transforms.py
""".split()
DATASET_EXAMPLE_FILES = """
src/PACKAGE/contracts/datasets/daily_rain.yaml
src/PACKAGE/transforms/daily_rain.sql
tests/test_dataset.py
""".split()
CLUSTER_FILES = """
deploy/kubernetes/base/cron-job.yaml
deploy/kubernetes/base/kustomization.yaml
deploy/kubernetes/base/network-policy.yaml
deploy/kubernetes/base/service-account.yaml
deploy/kubernetes/base/store.yaml
deploy/kubernetes/monitoring/kustomization.yaml
deploy/kubernetes/overlays/production/kustomization.yaml
deploy/kubernetes/overlays/staging/kustomization.yaml
""".split()
CLUSTER_MODEL_FILES = """
deploy/kubernetes/base/deployment.yaml
deploy/kubernetes/base/disruption-budget.yaml
deploy/kubernetes/base/service.yaml
deploy/kubernetes/monitoring/service-monitor.yaml
""".split()


def only(question: str, answer: str) -> Callable[[Answers], bool]:
    """Whether a file comes, that comes with one answer only."""
    return lambda answers: bool(answers[question] == answer)


# Files that some answers add: path, and the answers it comes with.
SOME_FILES: dict[str, Callable[[Answers], bool]] = {
    "LICENSE": lambda answers: answers["license"] != "Proprietary",
    "CODEOWNERS": lambda answers: answers["ci"] != "azure",
    ".azuredevops/pull_request_template.md": only("ci", "azure"),
    ".github/ISSUE_TEMPLATE/problem.yml": only("ci", "github"),
    ".github/pull_request_template.md": only("ci", "github"),
    ".github/workflows/gates.yml": only("ci", "github"),
    ".github/workflows/release.yml": only("ci", "github"),
    ".github/workflows/update.yml": only("ci", "github"),
    ".gitlab-ci.yml": only("ci", "gitlab"),
    ".gitlab/issue_templates/Problem.md": only("ci", "gitlab"),
    ".gitlab/merge_request_templates/Default.md": only("ci", "gitlab"),
    "azure-pipelines.yml": only("ci", "azure"),
    "ci/compose.py": only("deploy", "compose"),
    "ci/kubernetes.py": only("deploy", "kubernetes"),
    **dict.fromkeys(MODEL_FILES, lambda answers: answers["product_type"] == "model-service"),
    **dict.fromkeys(DATASET_FILES, lambda answers: answers["product_type"] == "data-pipeline"),
    **dict.fromkeys(EXAMPLE_FILES, only("example", "rain")),
    **dict.fromkeys(
        MODEL_EXAMPLE_FILES,
        lambda answers: answers["example"] == "rain" and answers["product_type"] == "model-service",
    ),
    **dict.fromkeys(
        DATASET_EXAMPLE_FILES,
        lambda answers: answers["example"] == "rain" and answers["product_type"] == "data-pipeline",
    ),
    **dict.fromkeys(CLUSTER_FILES, lambda answers: answers["deploy"] == "kubernetes"),
    **dict.fromkeys(
        CLUSTER_MODEL_FILES,
        lambda answers: answers["deploy"] == "kubernetes" and answers["product_type"] == "model-service",
    ),
    "deploy/kubernetes/base/autoscaler.yaml": lambda answers: (
        answers["deploy"] == "kubernetes"
        and answers["product_type"] == "model-service"
        and answers["outage_impact"] in ("critical", "high")
    ),
    "ops/runbooks/FreshnessBreach.md": lambda answers: answers["outage_impact"] != "low",
    **dict.fromkeys(
        ["ops/runbooks/LatencyBurnFast.md", "ops/runbooks/LatencyBurnSlow.md"],
        lambda answers: answers["outage_impact"] != "low" and answers["product_type"] == "model-service",
    ),
}


def name_of(answers: Answers) -> str:
    return "-".join(map(str, answers.values()))


@pytest.fixture(scope="module", params=answer_sets(), ids=name_of)
def answers(request: pytest.FixtureRequest) -> Answers:
    return dict(request.param)


@pytest.fixture(scope="module")
def product(template: Path, answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake.by_cookiecutter(template, tmp_path_factory.mktemp("baked"), **answers)


def test_a_product_holds_exactly_the_files_listed_here(product: Path, answers: Answers) -> None:
    some = [name for name, wanted in SOME_FILES.items() if wanted(answers)]
    package = product.name.replace("-", "_")

    expected = [name.replace("PACKAGE", package) for name in FILES + some]
    found = [name for name in tree.files(product) if not name.startswith(tree.VENDOR)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("check", tree.CHECKS, ids=lambda check: check.__name__)
def test_a_product_passes(product: Path, check: Callable[[Path], list[str]]) -> None:
    assert check(product) == []


def test_the_licence_is_the_one_chosen_and_the_organisation_holds_it(template: Path, tmp_path: Path) -> None:
    opening = {"MIT": "MIT License\n\nCopyright (c) globex\n", "Apache-2.0": "Apache License\n"}
    for name, begins in opening.items():
        product = bake.by_cookiecutter(template, tmp_path / name, license=name, org="globex")
        text = (product / "LICENSE").read_text(encoding="utf-8")
        assert text.lstrip().startswith(begins)

    ours = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text == ours.replace("the authors of datadevops-template", "globex")


def test_git_loses_no_file_of_the_product_tree() -> None:
    """The product's own .gitignore is at work in the template's repository too."""
    command = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", bake.TREE]
    ignored = filter(None, bake.git(*command, cwd=ROOT).split("\0"))

    assert [name for name in ignored if not re.search(r"/(__pycache__|\.\w+_cache)/", name)] == []


HEAD = f"# {tree.HEADER}\n"
BREAKS: dict[str, tuple[str, str, str, str]] = {
    "a variable": ("leftover_markers", "NOTES", "by << cookiecutter.org >>\n", "NOTES:1"),
    "a block tag": ("leftover_markers", "a.py", HEAD + "# <% endif %>\n", "a.py:2"),
    "a comment": ("leftover_markers", "a.toml", HEAD + "# <# note #>\n", "a.toml:2"),
    "a bare name": ("leftover_markers", "a.sql", f"-- {HEAD}-- cookiecutter.org\n", "a.sql:2"),
    "a marker in a name": ("leftover_markers", "<<x>>", "x\n", "<<x>>: in its name"),
    "broken Python": ("unparsable", "a.py", HEAD + "def\n", "a.py"),
    "broken TOML": ("unparsable", "a.toml", HEAD + "a =\n", "a.toml"),
    "broken YAML": ("unparsable", "a.yaml", HEAD + "a: [\n", "a.yaml"),
    "broken YAML, short suffix": ("unparsable", "a.yml", HEAD + "a: b: c\n", "a.yml"),
    "broken JSON": ("unparsable", "a.json", "{'a': 1}\n", "a.json"),
    "half a parquet file": ("unparsable", "a.parquet", "PAR1\0\0", "a.parquet"),
    "CRLF": ("untidy", "NOTES", "one\r\n", "NOTES: a carriage return"),
    "trailing blanks": ("untidy", "NOTES", "one \n", "NOTES: blanks at the end"),
    "no last newline": ("untidy", "NOTES", "one", "NOTES: no newline"),
    "two last newlines": ("untidy", "NOTES", "one\n\n", "NOTES: empty lines"),
    "an empty first line": ("untidy", "NOTES", "\none\n", "NOTES: empty lines"),
    "no header": ("misattributed", "a.py", "x = 1\n", "a.py: is the template's"),
    "a wrong header": ("misattributed", "README.md", HEAD, "README.md: is the team's"),
}


@pytest.mark.parametrize(("check", "name", "text", "found"), BREAKS.values(), ids=BREAKS)
def test_what_is_broken_is_found_by_its_check_and_by_no_other(
    check: str, name: str, text: str, found: str, baked: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(baked, tmp_path / "broken")

    (broken / name).write_text(text, encoding="utf-8", newline="")

    new = {each.__name__: set(each(broken)) - set(each(baked)) for each in tree.CHECKS}
    assert [name for name, findings in new.items() if findings] == [check]
    assert [line.startswith(found) for line in new[check]] == [True]


def test_a_missing_and_a_stray_file_both_break_the_list(baked: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(baked, tmp_path / "broken")

    (broken / ".gitignore").rename(broken / "stray.txt")

    assert set(tree.files(broken)) ^ set(tree.files(baked)) == {".gitignore", "stray.txt"}
