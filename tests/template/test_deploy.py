"""What a product is deployed by: its Dockerfile, compose.yaml and manifests pass other people's
tools, and a real Prometheus takes its configuration and sees the product.
"""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

import bake
import manifests
import workshop
from declaration import ROOT, choices

pytestmark = pytest.mark.gates

TYPES = choices()["product_type"]
# A service is deployed otherwise by what an outage costs; of a pipeline only objectives differ.
PRODUCTS = [("model-service", impact) for impact in choices()["outage_impact"]] + [("data-pipeline", "high")]


@pytest.fixture(scope="module")
def products(
    template: Path, tmp_path_factory: pytest.TempPathFactory, environment: Path
) -> dict[tuple[str, str], Path]:
    """A product of each of PRODUCTS, on each provider, for a cluster, with its rules for the operator."""
    folder = tmp_path_factory.mktemp("products")
    rows = zip(PRODUCTS, cycle(choices()["ci"]), strict=False)
    baked = {
        (kind, impact): bake.by_cookiecutter(
            template,
            folder / kind / impact,
            product_type=kind,
            outage_impact=impact,
            ci=ci,
            deploy="kubernetes",
        )
        for (kind, impact), ci in rows
    }
    for product in baked.values():
        render_rules(product, environment)
    return baked


@pytest.fixture(scope="module")
def deployable(baked: Path, tmp_path_factory: pytest.TempPathFactory, environment: Path) -> Path:
    """The product of the default answers with its rules for the operator. Read only."""
    product = shutil.copytree(baked, tmp_path_factory.mktemp("deployable") / baked.name)
    render_rules(product, environment)
    return product


def render_rules(product: Path, environment: Path) -> None:
    """What ci/kubernetes.py does before it deploys."""
    (package,) = (path.parent.name for path in product.glob("src/*/cli.py"))
    words = ["slo", "render", "--kubernetes", "deploy/kubernetes/monitoring"]
    done = workshop.at_work(
        product, environment, "python", "-c", f"import {package}.cli as c; c.app()", *words
    )
    assert done.returncode == 0, done.stderr


def complaints(*command: str | Path) -> str:
    done = bake.run(*command, cwd=Path.cwd())
    return "" if done.returncode == 0 else done.stdout + done.stderr


def hadolint(product: Path) -> str:
    return complaints(bake.command("hadolint"), "--no-color", product / "Dockerfile")


def compose(product: Path) -> str:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    return complaints(bake.command("check-jsonschema"), *schema, product / "compose.yaml")


@pytest.mark.parametrize("linter", [hadolint, compose])
def test_every_product_is_clean(linter: Callable[[Path], str], products: dict[tuple[str, str], Path]) -> None:
    distinct = {
        tuple((product / name).read_bytes() for name in ("Dockerfile", "compose.yaml")): product
        for product in products.values()
    }

    assert "".join(linter(product) for product in distinct.values()) == ""


def test_the_dockerfile_is_clean_before_it_is_rendered() -> None:
    assert hadolint(ROOT / bake.TREE) == ""


BREAKS = {
    "a latest image": (hadolint, "Dockerfile", "python:3.13-slim-trixie", "python", "DL3006"),
    "a cd": (hadolint, "Dockerfile", "WORKDIR /app", "RUN cd /app", "DL3003"),
    "a misspelt key": (compose, "compose.yaml", "read_only", "readonly", "readonly"),
    "a port that is none": (compose, "compose.yaml", '["127.0.0.1:3000:3000"]', "yes", "ports"),
}


@pytest.mark.parametrize(("linter", "file", "old", "new", "said"), BREAKS.values(), ids=BREAKS)
def test_a_linter_sees_what_is_broken(
    linter: Callable[[Path], str],
    file: str,
    old: str,
    new: str,
    said: str,
    baked: Path,
    tmp_path: Path,
) -> None:
    broken = edited(baked, tmp_path, file, old, new)

    assert said in linter(broken)


def edited(product: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the product with another text in one of its files."""
    copy = shutil.copytree(product, folder / "edited")
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


@pytest.mark.parametrize("kind", TYPES)
def test_every_port_is_of_this_machine_alone_and_no_file_holds_a_password(
    kind: str, products: dict[tuple[str, str], Path]
) -> None:
    text = (products[kind, "high"] / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]

    published = [port for each in services.values() for port in each.get("ports", [])]
    assert published
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in published)
    assert "password" not in text.replace("no password either", "").lower()
    assert all(re.search(r":[^:]*(\d\.\d|\$)", each["image"]) for each in services.values())


@pytest.mark.parametrize("kind", TYPES)
def test_every_file_that_compose_mounts_is_there(kind: str, products: dict[tuple[str, str], Path]) -> None:
    product = products[kind, "high"]
    services = yaml.safe_load((product / "compose.yaml").read_text(encoding="utf-8"))["services"]

    mounts = [volume for each in services.values() for volume in each.get("volumes", [])]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert len(files) > 3
    assert [name for name in files if not (product / name).exists()] == []


@pytest.mark.parametrize("overlay", ["staging", "production"])
@pytest.mark.parametrize(("kind", "impact"), PRODUCTS)
def test_a_cluster_would_take_every_product(
    kind: str, impact: str, overlay: str, products: dict[tuple[str, str], Path]
) -> None:
    folder = products[kind, impact] / "deploy" / "kubernetes" / "overlays" / overlay

    found = manifests.resources(folder)

    kinds = {each["kind"] for each in found}
    assert {"CronJob", "NetworkPolicy", "ServiceAccount"} <= kinds
    serves = {"Deployment", "Service", "PodDisruptionBudget"}
    assert (serves <= kinds) == (kind == "model-service")
    busy = kind == "model-service" and impact in ("critical", "high")
    assert ("HorizontalPodAutoscaler" in kinds) == busy
    assert ("PrometheusRule" in kinds) == (overlay == "production")
    assert [each for check in manifests.CHECKS for each in check(found)] == []


def test_the_operator_gets_the_rules_that_are_tested(
    products: dict[tuple[str, str], Path],
) -> None:
    for product in products.values():
        rule = product / "deploy" / "kubernetes" / "monitoring" / "prometheus-rule.yaml"
        tested = product / "ops" / "generated" / "rules.yml"

        assert yaml.safe_load(rule.read_bytes())["spec"] == yaml.safe_load(tested.read_bytes())


CRON, DEPLOYMENT = "base/cron-job.yaml", "base/deployment.yaml"
BROKEN: dict[str, tuple[str, str, str, str]] = {
    "a word for a number": ("invalid", CRON, "backoffLimit: 2", "backoffLimit: two"),
    "a misspelt field": ("invalid", DEPLOYMENT, "livenessProbe", "livelinessProbe"),
    "an unknown kind": ("invalid", "base/disruption-budget.yaml", "kind: Pod", "kind: Pot"),
    "a misspelt endpoint": ("invalid", "monitoring/service-monitor.yaml", "path", "route"),
    "a rule with a number": (
        "invalid",
        "monitoring/prometheus-rule.yaml",
        "severity: page",
        "severity: 1",
    ),
    "root": ("unrestricted", CRON, "runAsNonRoot: true", "runAsNonRoot: false"),
    "more rights": ("unrestricted", DEPLOYMENT, "drop: [ALL]", "drop: [KILL]"),
    "a folder of the node": ("unrestricted", CRON, "emptyDir: {}", "hostPath: {path: /tmp}"),
    "a root to write to": (
        "unrestricted",
        CRON,
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
    ),
    "variables of services": ("entangled", DEPLOYMENT, "enableServiceLinks: false", ""),
    "no limit": ("unbounded", CRON, "limits: {cpu", "limits: {pods"),
    "another claim": ("loose", "base/store.yaml", "-store", "-shop"),
    "another account": ("loose", CRON, "serviceAccountName: rain", "serviceAccountName: snow"),
    "another port": ("loose", "base/service.yaml", "targetPort: public", "targetPort: open"),
    "a probe of nothing": ("loose", DEPLOYMENT, "/readyz, port: management", "/readyz, port: x"),
    "a policy for nobody": ("loose", "base/kustomization.yaml", "includeTemplates: true", ""),
    "nothing to scale": ("loose", "base/autoscaler.yaml", "name: rain-forecast}", "name: rain}"),
}


@pytest.mark.parametrize(("check", "file", "old", "new"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_seen_by_its_check(
    check: str, file: str, old: str, new: str, deployable: Path, tmp_path: Path
) -> None:
    broken = edited(deployable, tmp_path, f"deploy/kubernetes/{file}", old, new)

    found = manifests.resources(broken / "deploy" / "kubernetes" / "overlays" / "production")

    assert [each.__name__ for each in manifests.CHECKS if list(each(found))] == [check]


def need(tool: str) -> str:
    return shutil.which(tool) or pytest.skip(f"NOT RUN: {tool} is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: str | Path, cwd: Path, **more: str) -> Iterator[None]:
    with (cwd / "log").open("ab") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=bake.environment(**more),
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def ask(port: int, path: str, **asked: str) -> Any:
    """What Prometheus answers; None while it does not."""
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(asked)}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["data"]
    except OSError:
        return None


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while not (said := true()) and time.monotonic() < end:
        time.sleep(0.2)
    return said


@pytest.mark.drill
@pytest.mark.parametrize("kind", TYPES)
def test_a_real_prometheus_takes_the_configuration_and_sees_the_product(
    kind: str, products: dict[tuple[str, str], Path], tmp_path: Path, environment: Path
) -> None:
    product = shutil.copytree(products[kind, "high"], tmp_path / "product")
    watched = ["run", "up"] if kind == "model-service" else ["run"]

    with at_work(product, tmp_path, environment) as port:
        seen = {name: bool(until(partial(result, port, QUERIES[name]))) for name in watched}
        until(lambda: "unknown" not in health(port))

        assert seen == dict.fromkeys(watched, True)
        assert health(port) == {"ok"}


@pytest.mark.drill
def test_a_configuration_that_names_things_otherwise_is_seen(
    baked: Path, tmp_path: Path, environment: Path
) -> None:
    file = "deploy/compose/prometheus.yml"
    broken = edited(baked, tmp_path, file, 'job_name: "rain-forecast"', "job_name: rain")
    text = (broken / file).read_text(encoding="utf-8")
    (broken / file).write_text(text.replace("honor_labels: true", "honor_labels: false"))

    with at_work(broken, tmp_path, environment) as port:
        until(lambda: result(port, 'up{job="rain"} == 1'))
        until(lambda: result(port, "product_run_last_success_timestamp_seconds"))

        assert [result(port, query) for query in QUERIES.values()] == [[], []]


CONFIGURED = ["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb"]
# What the alerts ask for: the figures of a run, the service.
QUERIES = {
    "run": 'product_run_last_success_timestamp_seconds{job=~"rain-(forecast|statistics)"}',
    "up": 'up{job="rain-forecast"} == 1',
}


@contextmanager
def at_work(product: Path, folder: Path, environment: Path) -> Iterator[int]:
    """The port of a Prometheus with the configuration of compose.yaml: other addresses, more haste.

    The product has run once, and serves if it is one that does.
    """
    prometheus, gateway = need("prometheus"), need("prometheus-pushgateway")
    pushed, served, inner, port = (free_port() for _ in range(4))
    text = (product / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8")
    for address, here in {"pushgateway:9091": pushed, "service:9000": inner}.items():
        text = text.replace(address, f"127.0.0.1:{here}")
    (folder / "prometheus.yml").write_text(text.replace("15s", "1s"), encoding="utf-8")
    shutil.copy(product / "ops" / "generated" / "rules.yml", folder)
    assert complaints(need("promtool"), "check", "config", folder / "prometheus.yml") == ""
    (package,) = (path.name for path in product.glob("src/*"))
    start = f"import {package}.cli as c; c.app()"
    call: list[str | Path] = [environment / "bin" / "python", "-c", start]
    settings = {
        "PYTHONPATH": workshop.sources(product),
        f"{package.upper()}_PUSHGATEWAY": f"http://127.0.0.1:{pushed}",
    }
    serves = (product / "src" / package / "service.py").exists()
    serve = [*call, "serve", "--port", str(served), "--management-port", str(inner)]
    at = "--web.listen-address=127.0.0.1"
    with (
        running(gateway, f"{at}:{pushed}", cwd=folder),
        running(prometheus, *CONFIGURED, f"{at}:{port}", cwd=folder),
        running(*(serve if serves else ["true"]), cwd=product, **settings),
    ):
        until(lambda: ask(pushed, "status"))
        done = bake.run(*call, "run", cwd=product, **settings)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        yield port


def result(port: int, query: str) -> Any:
    return (ask(port, "query", query=query) or {}).get("result")


def health(port: int) -> set[str]:
    """How the rules of Prometheus are."""
    groups = (ask(port, "rules") or {}).get("groups", [])
    return {rule["health"] for group in groups for rule in group["rules"]}
