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
data/weather.parquet
deploy/compose/grafana/dashboards/product.yaml
deploy/compose/grafana/datasources/prometheus.yaml
deploy/compose/prometheus.yml
docs/delivery.md
docs/errors.md
docs/outgrow-one-machine.md
docs/rollback.md
ops/generated/alertmanager.yml
ops/generated/dashboard.json
ops/generated/rules/data-quality.yml
ops/generated/rules/telemetry.yml
ops/generated/tests/data-quality.yml
ops/generated/tests/healthy.yml
ops/generated/tests/telemetry.yml
ops/postmortem.md
ops/runbooks/TelemetryMissing.md
ops/runbooks/Watchdog.md
ops/slo.yaml
pyproject.toml
renovate.json
src/PACKAGE/__init__.py
src/PACKAGE/cli.py
src/PACKAGE/contracts/source.yaml
src/PACKAGE/drill_cli.py
src/PACKAGE/kit/__init__.py
src/PACKAGE/kit/alerts.py
src/PACKAGE/kit/aliases.py
src/PACKAGE/kit/cases.py
src/PACKAGE/kit/checks.py
src/PACKAGE/kit/columns.py
src/PACKAGE/kit/compatibility.py
src/PACKAGE/kit/contract.py
src/PACKAGE/kit/csv_file.py
src/PACKAGE/kit/drill.html
src/PACKAGE/kit/drill.py
src/PACKAGE/kit/engine.py
src/PACKAGE/kit/errors.py
src/PACKAGE/kit/job.py
src/PACKAGE/kit/journal.py
src/PACKAGE/kit/objects.py
src/PACKAGE/kit/odcs.py
src/PACKAGE/kit/ops/alertmanager.yml.j2
src/PACKAGE/kit/ops/dashboard.json.j2
src/PACKAGE/kit/ops/openslo.yaml
src/PACKAGE/kit/ops/rules.yml.j2
src/PACKAGE/kit/ops/test.yml.j2
src/PACKAGE/kit/page.css
src/PACKAGE/kit/page.py
src/PACKAGE/kit/portable.py
src/PACKAGE/kit/predicates.py
src/PACKAGE/kit/prometheus.py
src/PACKAGE/kit/promtool.py
src/PACKAGE/kit/receivers.py
src/PACKAGE/kit/scenarios.py
src/PACKAGE/kit/slo.py
src/PACKAGE/kit/spark.py
src/PACKAGE/kit/steps.py
src/PACKAGE/kit/store.py
src/PACKAGE/kit/synth.py
src/PACKAGE/kit/watchers.py
src/PACKAGE/ops_cli.py
src/PACKAGE/pipeline.py
src/PACKAGE/settings.py
src/PACKAGE/terminal.py
tests/conftest.py
tests/kit/conftest.py
tests/kit/orders.yaml
tests/kit/promise.yaml
tests/kit/store_process.py
tests/kit/test_alerts.py
tests/kit/test_aliases.py
tests/kit/test_cases.py
tests/kit/test_checks.py
tests/kit/test_compatibility.py
tests/kit/test_contract.py
tests/kit/test_drill.py
tests/kit/test_edges.py
tests/kit/test_engine.py
tests/kit/test_errors_doc.py
tests/kit/test_image.py
tests/kit/test_job.py
tests/kit/test_objects.py
tests/kit/test_ops_cli.py
tests/kit/test_portable.py
tests/kit/test_rules.py
tests/kit/test_runbooks.py
tests/kit/test_slo.py
tests/kit/test_spark.py
tests/kit/test_steps.py
tests/kit/test_store.py
tests/kit/test_synth.py
tests/test_cli.py
tox.toml
""".split()
MODEL_FILES = """
ops/generated/rules/availability.yml
ops/generated/rules/drift.yml
ops/generated/rules/model-age.yml
ops/generated/tests/availability.yml
ops/generated/tests/drift.yml
ops/generated/tests/model-age.yml
ops/runbooks/AvailabilityBurnFast.md
ops/runbooks/AvailabilityBurnSlow.md
ops/runbooks/AvailabilitySilent.md
ops/runbooks/DataQualityBurnSlow.md
ops/runbooks/DriftBreach.md
ops/runbooks/ModelAgeBreach.md
src/PACKAGE/contracts/features.yaml
src/PACKAGE/contracts/predictions.yaml
src/PACKAGE/kit/access.py
src/PACKAGE/kit/artifact.py
src/PACKAGE/kit/body.py
src/PACKAGE/kit/canary.py
src/PACKAGE/kit/drift.py
src/PACKAGE/kit/example.py
src/PACKAGE/kit/faults.py
src/PACKAGE/kit/gate.py
src/PACKAGE/kit/http.py
src/PACKAGE/kit/labels.py
src/PACKAGE/kit/leak.py
src/PACKAGE/kit/management.py
src/PACKAGE/kit/openapi.py
src/PACKAGE/kit/problems.py
src/PACKAGE/kit/replica.py
src/PACKAGE/kit/report.html
src/PACKAGE/kit/report.py
src/PACKAGE/kit/request.py
src/PACKAGE/kit/run.txt
src/PACKAGE/kit/scorer.py
src/PACKAGE/kit/server.py
src/PACKAGE/kit/serving.py
src/PACKAGE/kit/status.html
src/PACKAGE/kit/telemetry.py
src/PACKAGE/kit/traffic.py
src/PACKAGE/model.py
src/PACKAGE/models_cli.py
src/PACKAGE/score_cli.py
src/PACKAGE/service.py
src/PACKAGE/service_cli.py
src/PACKAGE/training.py
src/PACKAGE/transforms/features.sql
src/PACKAGE/transforms/labels.sql
tests/kit/serve_process.py
tests/kit/test_access.py
tests/kit/test_artifact.py
tests/kit/test_drift.py
tests/kit/test_gate.py
tests/kit/test_http.py
tests/kit/test_labels.py
tests/kit/test_leak.py
tests/kit/test_look_ahead.py
tests/kit/test_prometheus.py
tests/kit/test_request.py
tests/kit/test_service_cli.py
tests/kit/test_serving.py
tests/kit/test_spark_scoring.py
tests/kit/test_telemetry.py
tests/test_models_cli.py
tests/test_pipeline.py
tests/test_service.py
tests/test_transforms.py
""".split()
DATASET_FILES = """
ops/generated/rules/duration.yml
ops/generated/rules/run-success.yml
ops/generated/tests/duration.yml
ops/generated/tests/run-success.yml
ops/runbooks/DataQualityBreach.md
ops/runbooks/DurationBreach.md
ops/runbooks/RunSuccessBreach.md
src/PACKAGE/contracts/dataset.yaml
src/PACKAGE/kit/consumers.md.j2
src/PACKAGE/kit/dataset.html
src/PACKAGE/kit/dataset.txt
src/PACKAGE/kit/deliveries.py
src/PACKAGE/kit/ledger.py
src/PACKAGE/kit/lineage.py
src/PACKAGE/kit/merge.py
src/PACKAGE/kit/months.py
src/PACKAGE/kit/publication.py
src/PACKAGE/publish_cli.py
src/PACKAGE/transforms/dataset.sql
tests/kit/test_lineage.py
tests/kit/test_months.py
tests/kit/test_publication.py
tests/test_dataset.py
tests/test_publish_cli.py
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
ops/generated/kubernetes/kustomization.yaml
ops/generated/kubernetes/prometheus-rule.yaml
src/PACKAGE/kit/prometheus_rule.py
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
    **dict.fromkeys(CLUSTER_FILES, lambda answers: answers["deploy"] == "kubernetes"),
    **dict.fromkeys(
        CLUSTER_MODEL_FILES,
        lambda answers: (
            answers["deploy"] == "kubernetes" and answers["product_type"] == "model-service"
        ),
    ),
    "deploy/kubernetes/base/autoscaler.yaml": lambda answers: (
        answers["deploy"] == "kubernetes"
        and answers["product_type"] == "model-service"
        and answers["outage_impact"] in ("critical", "high")
    ),
    **{
        f"ops/{name}": lambda answers: answers["outage_impact"] != "low"
        for name in (
            "generated/rules/freshness.yml",
            "generated/tests/freshness.yml",
            "runbooks/FreshnessBreach.md",
        )
    },
    **{
        f"ops/{name}": lambda answers: (
            answers["outage_impact"] != "low" and answers["product_type"] == "model-service"
        )
        for name in (
            "generated/rules/latency.yml",
            "generated/tests/latency.yml",
            "runbooks/LatencyBurnFast.md",
            "runbooks/LatencyBurnSlow.md",
        )
    },
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
    assert sorted(tree.files(product)) == sorted(expected)


@pytest.mark.parametrize("check", tree.CHECKS, ids=lambda check: check.__name__)
def test_a_product_passes(product: Path, check: Callable[[Path], list[str]]) -> None:
    assert check(product) == []


def test_the_licence_is_the_one_chosen_and_the_organisation_holds_it(
    template: Path, tmp_path: Path
) -> None:
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
