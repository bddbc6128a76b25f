# The template's file: edits here meet template updates (copier update merges them).
"""The rules once more, as the resource that Prometheus Operator takes them from.

kustomize cannot read a file of rules into a resource, so it is written beside them.

In:       the texts made from ops/slo.yaml.
Out:      the resource, and the file by which a kustomization finds it.
Failure:  none.
"""

from collections.abc import Mapping
from textwrap import indent

from . import COMMAND

RESOURCE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {{name: "{name}"}}
spec:
  groups:
{groups}"""
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [prometheus-rule.yaml]
"""


def render(texts: Mapping[str, str]) -> dict[str, str]:
    rules = [text.partition("groups:\n") for name, text in texts.items() if name.startswith("rules/")]
    header = rules[0][0]
    groups = indent("".join(below for _, _, below in rules), "  ")
    return {
        "kubernetes/kustomization.yaml": header + KUSTOMIZATION,
        "kubernetes/prometheus-rule.yaml": header + RESOURCE.format(name=COMMAND, groups=groups),
    }
