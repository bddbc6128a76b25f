"""Runbooks as they are written: what they say to type, what they ask Prometheus.

In:       the folder ops/ of a product.
Out:      the lines of their code blocks; every query of rules, panels and runbooks.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from .. import yaml_file
from . import promtool

SECTIONS = (
    *("What it means for users", "See it", "Stop the harm"),
    *("Find the cause", "Whom to call", "Afterwards"),
)
PROMETHEUS = {"up", "ALERTS"}  # series of its own


def books(ops: Path) -> list[Path]:
    return sorted((ops / "runbooks").glob("*.md"))


def blocks(text: str, language: str) -> list[str]:
    """The lines of the fenced blocks of a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
    return [line for block in found for line in block.splitlines()]


def rules(ops: Path) -> list[dict[str, str]]:
    """The rules of ops/generated, as Prometheus reads them."""
    content = yaml_file.document((ops / "generated" / "rules.yml").read_text(encoding="utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


def queries(ops: Path) -> Iterator[tuple[str, str]]:
    """Every expression of rules, panels and runbooks, with its place."""
    for rule in rules(ops):
        yield rule.get("alert") or rule["record"], rule["expr"]
    dashboard = json.loads((ops / "generated" / "dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])
    for book in books(ops):
        yield from ((book.name, line) for line in blocks(book.read_text(encoding="utf-8"), "promql"))


def check_queries(ops: Path) -> None:
    """Raise RefusedError OP005 if promtool finds that one of the queries is not PromQL."""
    found = [{"record": f"query:{n}", "expr": query} for n, (_, query) in enumerate(queries(ops))]
    with TemporaryDirectory() as folder:
        text = yaml.safe_dump({"groups": [{"name": "queries", "rules": found}]})
        (Path(folder) / "queries.yml").write_text(text, encoding="utf-8")
        promtool.run("promtool", "check", "rules", "queries.yml", folder=Path(folder))


def series_in(query: str) -> set[str]:
    """The series that a query selects by labels.

    >>> sorted(series_in('1 - sum(rate(x_total{job="a{"}[5m])) / slo:y{}'))
    ['slo:y', 'x_total']
    """
    bare = re.sub(r'"[^"]*"', '""', query)
    return set(re.findall(r"([a-zA-Z_:][\w:]*)\{", bare))
