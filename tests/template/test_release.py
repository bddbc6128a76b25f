"""A release deploys what was built, and nothing else; what is worse is taken back.

The product's own steps run for real, as git does and `kubectl kustomize`; the registry, the
cluster, the machine and the callers are stand-ins that write down what they were asked.
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

import bake

DIGEST = "sha256:" + "ab" * 32
IMAGES = {name: f"ghcr.io/acme/{name}@{DIGEST}" for name in ("rain-forecast", "rain-forecast-job")}
KUBECTL = shutil.which("kubectl")
STAND_INS = {
    # A build says what it has pushed; an image that was pulled bears the same digest.
    "docker": f"""
case "$*" in
  *"image inspect"*) echo "[example@{DIGEST}]" ;;
  *) before=; for word in "$@"; do
       [ "$before" = --metadata-file ] && echo '{{"containerimage.digest": "{DIGEST}"}}' > "$word"
       before="$word"
     done ;;
esac
exit 0""",
    "cosign": "exit 0",
    "kubectl": f"""
case "$1" in --kubeconfig=*) shift ;; esac
case "$1" in
  kustomize) exec {KUBECTL} "$@" ;;
  apply) cat >> "$LOGS/applied.yaml"; printf "\\n---\\n" >> "$LOGS/applied.yaml" ;;
  get) cat "$LOGS/today.json" 2> /dev/null || true ;;
  port-forward) echo "Forwarding"; exec sleep 20 ;;
esac""",
    # The product's own command: its answers are those of the callers.
    "rain-forecast": """
case "$1 $2" in
  "canary judge") exit "$JUDGED" ;;
  "probe --url") exit "$PROBED" ;;
  "slo render") echo "{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: x}}" \
    > deploy/kubernetes/monitoring/prometheus-rule.yaml ;;
esac""",
    "ssh": """
for script; do :; done  # the last word
case "$script" in sleep*) ;; *) cd "$MACHINE"; sh -c "$script" ;; esac""",
}


class Pipeline:
    """A product at its release, and the world around it."""

    def __init__(self, product: Path, folder: Path) -> None:
        self.product, self.logs = product, folder / "logs"
        self.logs.mkdir()
        for tool, script in STAND_INS.items():
            program = self.logs / tool
            program.write_text(f'#!/bin/sh\necho "$@" >> "$LOGS/{tool}.log"\n{script}\n', "utf-8")
            program.chmod(0o755)

    def step(self, script: str, *words: str, **more: str) -> tuple[int, str]:
        """Take a step; its exit code, and what it says."""
        settings = {
            "PATH": f"{self.logs}:{os.environ['PATH']}",
            "LOGS": str(self.logs),
            "VERSION": "v1.1.0",
            "REGISTRY": "ghcr.io/Acme",
            "PROMETHEUS": "http://prometheus",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/rain-forecast",
            "GITHUB_REF": "refs/tags/v1.1.0",
            "GITHUB_OUTPUT": str(self.logs / "outputs"),
            "CANARY_SECONDS": "0",
            "PROBED": "0",
            "SSH_KEY": "key",
            "SSH_KNOWN_HOSTS": "hosts",
        }
        done = bake.run(sys.executable, script, *words, cwd=self.product, **(settings | more))
        return done.returncode, done.stdout + done.stderr

    def asked(self, tool: str) -> str:
        """All that a tool was asked, a line for each call."""
        log = self.logs / f"{tool}.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture
def pipeline(baked: Path, tmp_path: Path) -> Pipeline:
    product = shutil.copytree(baked, tmp_path / "rain-forecast")
    changelog = product / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(
        text.replace("## [Unreleased]\n", "## [Unreleased]\n\n## [1.1.0] - 2026-11-22\n"), "utf-8"
    )
    bake.commit(product, "release", "v1.1.0")
    (product / "dist").mkdir()
    (product / "dist" / "images.json").write_text(json.dumps(IMAGES), encoding="utf-8")
    return Pipeline(product, tmp_path)


def test_each_image_is_built_once_and_what_is_signed_is_its_digest(pipeline: Pipeline) -> None:
    (pipeline.product / "dist" / "images.json").unlink()

    code, said = pipeline.step("ci/release.py", "notes", "build", "sign", "verify")

    assert code == 0, said
    built = json.loads((pipeline.product / "dist" / "images.json").read_text(encoding="utf-8"))
    assert built == IMAGES
    builds = [line for line in pipeline.asked("docker").splitlines() if "buildx build" in line]
    assert ["--target service" in builds[0], "--target job" in builds[1], len(builds)] == [1, 1, 2]
    for line in pipeline.asked("cosign").splitlines():
        assert line.endswith(DIGEST)
    assert pipeline.asked("cosign").count("sign --yes") == 2
    identity = "https://github.com/acme/rain-forecast/.github/workflows/release.yml@refs/tags/v1.1.0"
    assert pipeline.asked("cosign").count(f"--certificate-identity={identity} ") == 2
    notes = (pipeline.product / "dist" / "notes.md").read_text(encoding="utf-8")
    assert notes.startswith("### Added\n\n- Rain Forecast: ")


def test_a_release_whose_contracts_are_not_decided_is_not_built(pipeline: Pipeline) -> None:
    contract = pipeline.product / "src/rain_forecast/contracts/sources/weather.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(re.sub("description: .*", "description: 'TODO: what it is'", text, count=1), "utf-8")

    code, said = pipeline.step("ci/release.py", "notes", "build")

    assert code == 1
    assert "a TODO is left in src/rain_forecast/contracts/sources/weather.yaml: `contract check`" in said
    assert pipeline.asked("docker") == ""


def test_a_release_that_tells_its_users_nothing_is_not_built(pipeline: Pipeline) -> None:
    code, said = pipeline.step("ci/release.py", "notes", "build", VERSION="v9.9.9")

    assert code == 1
    assert "CHANGELOG.md says nothing below `## [9.9.9]`" in said
    assert pipeline.asked("docker") == ""


def applied(pipeline: Pipeline) -> list[dict[str, object]]:
    path = pipeline.logs / "applied.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [each for each in yaml.safe_load_all(text) if each]


def images_of(manifests: list[dict[str, object]]) -> set[str]:
    text = json.dumps(manifests)
    return {part.split('"')[0] for part in text.split('"image": "')[1:]}


needs_kubectl = pytest.mark.skipif(not KUBECTL, reason="NOT RUN: kubectl is not installed")


@needs_kubectl
def test_staging_runs_the_images_that_were_built_and_is_tried(pipeline: Pipeline) -> None:
    code, said = pipeline.step("ci/kubernetes.py", "deploy", "staging", KUBE_CONFIG="text")

    assert code == 0, said
    assert images_of(applied(pipeline)) == set(IMAGES.values())
    assert "probe --url" in pipeline.asked("rain-forecast")
    assert "--namespace=rain-forecast-staging" in pipeline.asked("kubectl")


@needs_kubectl
def test_a_version_that_does_not_answer_ends_in_staging(pipeline: Pipeline) -> None:
    code, said = pipeline.step("ci/kubernetes.py", "deploy", "staging", PROBED="1")

    assert code == 1
    assert "1.1.0 does not answer" in said


@needs_kubectl
def test_an_overlay_with_other_images_is_refused(pipeline: Pipeline) -> None:
    overlay = pipeline.product / "deploy/kubernetes/overlays/staging/kustomization.yaml"
    text = overlay.read_text(encoding="utf-8")
    overlay.write_text(text.replace("/rain-forecast, ", "/other, "), encoding="utf-8")

    code, said = pipeline.step("ci/kubernetes.py", "deploy", "staging")

    assert code == 1
    assert "runs no image rain-forecast" in said
    assert applied(pipeline) == []


@needs_kubectl
@pytest.mark.parametrize(
    ("judged", "promoted"), [(0, True), (1, False), (3, False)], ids=["good", "bad", "quiet"]
)
def test_a_canary_is_promoted_when_it_is_good_and_gone_in_any_case(
    judged: int, promoted: bool, pipeline: Pipeline
) -> None:
    pipeline.step("ci/kubernetes.py", "deploy", "production")
    (today,) = (each for each in applied(pipeline) if each["kind"] == "Deployment")
    today["metadata"] = {"name": "x", "annotations": {"app.kubernetes.io/version": "1.0.0"}}
    (pipeline.logs / "today.json").write_text(json.dumps(today), encoding="utf-8")
    (pipeline.logs / "applied.yaml").unlink()

    code, said = pipeline.step("ci/kubernetes.py", "canary", "production", JUDGED=str(judged))

    assert code == judged, said
    canary, *rest = applied(pipeline)
    assert canary["metadata"] == {"name": "rain-forecast-canary"}
    assert canary["spec"]["replicas"] == 1  # type: ignore[index]
    assert images_of([canary]) == {IMAGES["rain-forecast"]}
    assert bool(rest) == promoted
    assert "delete deployment rain-forecast-canary" in pipeline.asked("kubectl")
    asked = "canary judge --prometheus http://prometheus --stable 1.0.0 --canary 1.1.0"
    looks = pipeline.asked("rain-forecast").count(asked)
    assert looks == (10 if judged == 3 else 1), "the judge's error rate is that of ten looks"
    assert ("NOT RUN" in said) == (judged == 3)


@pytest.mark.parametrize(("probed", "runs"), [("0", "v1.1.0"), ("1", "v1.0.0")])
def test_on_one_machine_what_does_not_answer_is_taken_back(
    probed: str, runs: str, template: Path, pipeline: Pipeline, tmp_path: Path
) -> None:
    shutil.rmtree(pipeline.product)
    bake.by_cookiecutter(template, tmp_path, deploy="compose")
    bake.commit(pipeline.product, "one", "v1.0.0")
    (pipeline.product / "dist").mkdir()
    (pipeline.product / "dist" / "images.json").write_text(json.dumps(IMAGES), encoding="utf-8")
    machine = tmp_path / "machine"
    bake.git("clone", "-q", pipeline.product, machine / "rain-forecast", cwd=tmp_path)
    bake.git("checkout", "-q", "v1.0.0", cwd=machine / "rain-forecast")
    bake.git("commit", "-q", "--allow-empty", "-m", "two", cwd=pipeline.product)
    bake.git("tag", "v1.1.0", cwd=pipeline.product)

    code, said = pipeline.step("ci/compose.py", "me@there", PROBED=probed, MACHINE=str(machine))

    assert code == int(probed), said
    now = bake.git("describe", "--tags", cwd=machine / "rain-forecast").strip()
    assert now == runs
    assert f"fixed-strings {DIGEST}" in pipeline.asked("ssh")
