"""What an overlay of a product asks of a cluster, and whether a cluster would take it.

In:       a folder with a kustomization.
Out:      its resources; what is wrong with them, a line each.
Failure:  NOT RUN, a skip, where there is no kubectl that knows kustomize 5.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft7Validator

import bake

Resource = dict[str, Any]

CLUSTER = "1.31"  # the oldest that the manifests are held against
CUSTOM = {
    path.name.partition(".")[0]: Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
    for path in Path(__file__).parent.glob("[A-Z]*.schema.json")
}
# The pod security standard "restricted", as far as these pods could break it.
POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}
OF_THE_NODE = {"hostNetwork", "hostPID", "hostIPC"}


def resources(overlay: Path) -> list[Resource]:
    """What `kubectl kustomize` makes of the folder."""
    if not shutil.which("kubectl"):
        pytest.skip("NOT RUN: kubectl is not installed")
    said = bake.run("kubectl", "version", "--client", "-o", "json", cwd=overlay).stdout
    if not json.loads(said or "{}").get("kustomizeVersion", "").startswith("v5"):
        pytest.skip("NOT RUN: this kubectl has no kustomize 5")
    done = bake.run("kubectl", "kustomize", ".", cwd=overlay)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr
    return list(yaml.safe_load_all(done.stdout))


def pods(found: list[Resource]) -> Iterator[tuple[str, Resource]]:
    """The template of each kind of pod, by the resource that makes it."""
    for each in found:
        spec = each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each.get("spec")
        if spec and "template" in spec:
            yield f"{each['kind']}/{each['metadata']['name']}", spec["template"]


def invalid(found: list[Resource]) -> Iterator[str]:
    """What its schema refuses; a kind without a schema is refused, too."""
    for each in found:
        if validator := CUSTOM.get(each["kind"]):
            for error in validator.iter_errors(each):
                yield f"{each['kind']}: {error.json_path}: {error.message}"
            continue
        try:
            kubernetes_validate.validate(each, CLUSTER, strict=True)
        except (
            kubernetes_validate.ValidationError,
            kubernetes_validate.SchemaNotFoundError,
        ) as error:
            yield f"{each['kind']}: {error.message}"


def unrestricted(found: list[Resource]) -> Iterator[str]:
    """What a namespace that enforces `restricted` would refuse, and a root that can be written."""
    for name, pod in pods(found):
        spec = pod["spec"]
        own = spec.get("securityContext", {})
        yield from (f"{name}: {key}" for key, value in POD.items() if own.get(key) != value)
        yield from (f"{name}: {key}" for key in OF_THE_NODE & spec.keys())
        for volume in spec["volumes"]:
            yield from (f"{name}: {key}" for key in volume.keys() - VOLUMES - {"name"})
        for container in spec["containers"]:
            context = container.get("securityContext", {})
            wanted = CONTAINER | {"readOnlyRootFilesystem": True}
            yield from (f"{name}: {key}" for key, v in wanted.items() if context.get(key) != v)


def entangled(found: list[Resource]) -> Iterator[str]:
    """Pods that get a variable for each service: those of its own look like its settings."""
    for name, pod in pods(found):
        if pod["spec"].get("enableServiceLinks") is not False:
            yield f"{name}: enableServiceLinks"


def unbounded(found: list[Resource]) -> Iterator[str]:
    """Containers that do not say what they need and what they may take."""
    for name, pod in pods(found):
        for container in pod["spec"]["containers"]:
            for kind in ("requests", "limits"):
                given = container.get("resources", {}).get(kind, {})
                yield from (f"{name}: {kind}.{w}" for w in ("cpu", "memory") if w not in given)


def loose(found: list[Resource]) -> Iterator[str]:
    """What names or selects something that is not there."""
    there = {(each["kind"], each["metadata"]["name"]) for each in found}
    labels = [pod["metadata"]["labels"].items() for _, pod in pods(found)]
    for _, pod in pods(found):
        for container in pod["spec"]["containers"]:
            there |= {("port", port["name"]) for port in container.get("ports", [])}
    for each in found:
        of_service = each["kind"] == "Service"
        there |= {("Service port", p["name"]) for p in each["spec"]["ports"]} if of_service else set()
    for who, kind, name in references(found):
        if (kind, name) not in there:
            yield f"{who}: {kind} {name}"
    for who, pairs in selectors(found):
        if not any(pairs.items() <= each for each in labels):
            yield f"{who}: selects nothing"


def references(found: list[Resource]) -> Iterator[tuple[str, str, str]]:
    """Who names something, its kind, its name."""
    for who, pod in pods(found):
        spec = pod["spec"]
        yield who, "ServiceAccount", spec["serviceAccountName"]
        for volume in spec["volumes"]:
            if claim := volume.get("persistentVolumeClaim"):
                yield who, "PersistentVolumeClaim", claim["claimName"]
        for container in spec["containers"]:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe in container:
                    yield who, "port", container[probe]["httpGet"]["port"]
    for each in found:
        who, spec = each["kind"], each.get("spec", {})
        if who == "Service":
            yield from ((who, "port", port["targetPort"]) for port in spec["ports"])
        elif who == "ServiceMonitor":
            yield from ((who, "Service port", endpoint["port"]) for endpoint in spec["endpoints"])
        elif who == "HorizontalPodAutoscaler":
            yield who, spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]
        elif who == "NetworkPolicy":
            ports = [port["port"] for rule in spec.get("ingress", []) for port in rule["ports"]]
            yield from ((who, "port", port) for port in ports)


def selectors(found: list[Resource]) -> Iterator[tuple[str, dict[str, str]]]:
    """Who selects pods, and the labels it asks for."""
    for each in found:
        selector = each.get("spec", {}).get("podSelector" if each["kind"] == "NetworkPolicy" else "selector")
        if selector and each["kind"] != "ServiceMonitor":  # which selects a Service
            yield each["kind"], selector.get("matchLabels", selector)


CHECKS = [invalid, unrestricted, entangled, unbounded, loose]
