"""The rules as the Kubernetes resource that the Prometheus Operator reads.

In:       the text of rules.yml.
Out:      the file of a PrometheusRule. It is written when the product is deployed, not committed.
Failure:  none.
"""

import json

import yaml

from .. import yaml_file

FILE = "prometheus-rule.yaml"  # deploy/kubernetes/monitoring/kustomization.yaml names it


def render(rules: str, name: str) -> dict[str, str]:
    """The resource `name` with the groups of rules, by the name of its file."""
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": name},
        # Through JSON, so that YAML writes labels that rules share in full and not as aliases.
        "spec": json.loads(json.dumps(yaml_file.document(rules))),
    }
    return {FILE: yaml.safe_dump(resource, sort_keys=False, allow_unicode=True, width=1000)}
