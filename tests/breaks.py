"""For each rule: how a product is broken in the one way that the rule is about.

In:       the folder of a product that may be changed.
Out:      the same, broken.
Failure:  AssertionError where the product has changed and a break breaks nothing.
"""

import json
import re
from pathlib import Path

from breaking import Break, append, both, delete, edit, write

CONTRACTS = "src/rain_forecast/contracts"
GATES = ".github/workflows/gates.yml"
KEY = "AKIA" + "IOSFODNN7EXAMPLQ"  # of no account; in two parts, so that it is no finding here


def without_gates(*names: str) -> Break:
    """The pipeline does not run these environments of tox."""
    return edit(GATES, *((f"{name}, ", "") for name in names))


def disabled_renovate(product: Path) -> None:
    settings = json.loads((product / "renovate.json").read_text(encoding="utf-8")) | {"enabled": False}
    (product / "renovate.json").write_text(json.dumps(settings), encoding="utf-8")


def kit_of(number: str) -> Break:
    """The product has the kit of this release."""

    def changed(product: Path) -> None:
        path = product / "vendor" / "datadevops-kit" / "pyproject.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'(?m)^version = ".*"', f'version = "{number}"', text), encoding="utf-8")

    return changed


WAIVER = (
    '\n[tool.datadevops-review.waivers]\nDD404 = {reason = "moving", owner = "weather-data", until = %s}\n'
)
TESTS_RUN = tuple((f'          - {{gate: test, python: "3.{n}"}}\n', "") for n in (11, 12, 13, 14))

BREAKS: dict[str, Break] = {
    "DD001": append("pyproject.toml", WAIVER % "2026-01-31"),
    "DD002": write("settings/broken.yaml", "receivers: [\n"),
    "DD101": edit("CODEOWNERS", ("* @acme/weather-data", "docs/ @acme/weather-data")),
    "DD102": edit("catalog-info.yaml", ("  lifecycle: production\n", "")),
    "DD103": edit(
        "README.md",
        ("| team | weather-data, [weather-data@example.com](mailto:weather-data@example.com) |", ""),
    ),
    "DD104": edit("ops/slo.yaml", ('team: "weather-data"', 'team: "climate"')),
    "DD105": edit("pyproject.toml", ('license = "LicenseRef-Proprietary"', "")),
    "DD201": delete("src/*/contracts/*.yaml"),
    "DD202": edit(f"{CONTRACTS}/predictions.yaml", ("version: 1.0.0", "version: newest")),
    "DD203": edit(f"{CONTRACTS}/predictions.yaml", ("IATA code of the airport.", "Station")),
    "DD204": edit(
        f"{CONTRACTS}/predictions.yaml",
        ("Probability of rain within the next hour, 0 to 1.", "How wet it gets."),
    ),
    "DD205": edit(f"{CONTRACTS}/sources/weather.yaml", ("        primaryKey: true\n", "")),
    "DD206": edit(f"{CONTRACTS}/predictions.yaml", ("slaProperties:", "customProperties:")),
    "DD207": edit(GATES, ('"breaking,upstream"', "upstream")),
    "DD208": edit(
        f"{CONTRACTS}/predictions.yaml", ("      - name: model_version\n", "      - name: customer_email\n")
    ),
    "DD209": edit(f"{CONTRACTS}/predictions.yaml", ("  limitations: ", "  note: ")),
    "DD210": edit(f"{CONTRACTS}/consumers/airport-display.yaml", ("table: predictions", "table: features")),
    "DD301": write("tests/test_nothing.py", "def test_it_works() -> None:\n    assert True\n"),
    "DD302": edit(GATES, *TESTS_RUN),
    "DD303": without_gates("type", "hooks"),
    "DD304": edit("ci/run.sh", ('exec uv run tox -e "$GATE"', 'uv run tox -e "$GATE" || true')),
    "DD305": write("src/rain_forecast/transforms/forgotten.sql", "select 1\n"),
    "DD401": edit(GATES, ("  pull_request:\n", "")),
    "DD402": edit(GATES, ('      UV_LOCKED: "1"\n', "")),
    "DD403": edit("pyproject.toml", ('requires-python = ">=3.11,<3.15"', 'requires-python = ">=3.8"')),
    "DD404": delete("docs/rollback.md"),
    "DD405": edit("deploy/kubernetes/base/deployment.yaml", ("readinessProbe", "lifecycle")),
    "DD411": edit(".copier-answers.yml", ("_src_path", "_source")),
    "DD412": edit(".copier-answers.yml", ('_commit: "v1.0.0"', '_commit: "v0.9.0"')),
    "DD413": kit_of("0.9.0"),
    "DD414": append("vendor/datadevops-kit/src/datadevops/errors.py", "# an edit\n"),
    "DD501": edit("ops/slo.yaml", ("target: 0.995", "target: 1")),
    "DD502": delete("ops/runbooks/DriftBreach.md"),
    "DD503": write("ops/runbooks/DriftBreach.md", "# DriftBreach\n\nTODO\n"),
    "DD504": edit(
        "ops/generated/alertmanager.yml",
        ("""'severity="ticket"'], repeat""", """'severity="tickets"'], repeat"""),
    ),
    "DD505": edit("ops/generated/rules_test.yml", ("alertname: DriftBreach", "alertname: DriftSeen")),
    "DD601": edit("Dockerfile", ("USER 10001:10001\n", "")),
    "DD602": edit("Dockerfile", ("python:3.13-slim-trixie", "python:latest")),
    "DD603": edit(
        GATES, ("actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "actions/checkout@v6")
    ),
    "DD604": edit(GATES, ("permissions: {}\n", "")),
    "DD605": edit(
        "deploy/kubernetes/base/cron-job.yaml", ("allowPrivilegeEscalation: false", "privileged: true")
    ),
    "DD611": write("notes.md", f"aws_access_key_id = {KEY}\n"),
    "DD612": both(without_gates("secrets"), edit(".pre-commit-config.yaml", ("detect-secrets-hook", "true"))),
    "DD613": without_gates("audit"),
    "DD614": disabled_renovate,
    "DD615": both(
        without_gates("sbom"),
        edit(GATES, ("sbom", "list")),
        edit(".github/workflows/release.yml", ("sbom", "list")),
        edit("ci/release.py", ("cyclonedx", "list"), ("sbom", "list")),
    ),
    "DD616": write("SECURITY.md", "# Security\n\nWe care.\n"),
    "DD701": append("README.md", "\nTODO: say what it is for.\n"),
    "DD702": delete("ops/postmortem.md"),
    "DD703": edit(GATES, ("          - {gate: drill, packages: prometheus prometheus-alertmanager}\n", "")),
    "DD705": edit("docs/model-card.md", ("## Limits", "## More")),
    "DD704": write("CONTRIBUTING.md", "# Working on it\n\nAsk us.\n"),
}
# Their tests are apart: they need a template, or another strictness.
APART = {"DD415", "DD506"}
