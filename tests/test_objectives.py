"""What an hour of outage costs decides what is promised about the service."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import bake
from declaration import choices

# The answer, and of each objective its target, with the limit in seconds where it has one.
PROMISED = {
    "critical": {"availability": (0.999,), "latency": (0.99, "0.25"), "freshness": (0.99, 5400)},
    "high": {"availability": (0.995,), "latency": (0.99, "0.5"), "freshness": (0.99, 10800)},
    "moderate": {"availability": (0.99,), "latency": (0.95, "1.0"), "freshness": (0.99, 7200)},
    "low": {"availability": (0.95,)},
}


def limit(spec: dict[str, Any]) -> tuple[Any, ...]:
    """The limit in seconds that an objective puts, as its metric has it; nothing if none."""
    good = spec["indicator"]["spec"].get("ratioMetric", {}).get("good")
    if good:
        query = good["metricSource"]["spec"]["query"]
        return (query.partition('le="')[2].partition('"')[0],)
    value = spec["objectives"][0].get("value")
    return (value,) if value else ()


@pytest.mark.parametrize("impact", choices()["outage_impact"])
def test_the_objectives_follow_the_impact(template: Path, tmp_path: Path, impact: str) -> None:
    product = bake.by_cookiecutter(template, tmp_path, outage_impact=impact)

    documents = list(yaml.safe_load_all((product / "ops" / "slo.yaml").read_text(encoding="utf-8")))

    service, *slos = documents
    assert service["metadata"]["labels"]["outage_impact"] == [impact]
    found = {
        slo["metadata"]["name"]: (slo["spec"]["objectives"][0]["target"], *limit(slo["spec"]))
        for slo in slos
    }
    assert found == PROMISED[impact]
    assert {document["apiVersion"] for document in documents} == {"openslo/v1"}
