# The template's file: edits here meet template updates (copier update merges them).
"""Prometheus and Alertmanager for a drill: production's configuration with short waits.

In:       ops/generated; what is scraped; an address that is every receiver.
Out:      their files in a folder. Expressions, labels and routes are those of production; what differs is
          how often is scraped and evaluated, how long an alert waits, and who receives.
Failure:  NotRunError OP004 (they are not installed).
"""

import urllib.parse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from . import promtool

WAIT = "4s"  # for every `for`: longer than a scrape that fails once
TIMES = {"group_wait": "1s", "group_interval": "1s"}  # one wait, so that a page can silence its ticket
SCRAPES = {"scrape_interval": "2s", "scrape_timeout": "1900ms", "evaluation_interval": "500ms"}


def programs() -> tuple[str, str]:
    """Prometheus and Alertmanager; Debian has another name for the second one."""
    server = promtool.found("the drill was", "prometheus")
    return server, promtool.found("the drill was", "prometheus-alertmanager", "alertmanager")


def write(
    folder: Path, generated: Path, jobs: Mapping[str, Sequence[str]], alertmanager: str, hook: str
) -> None:
    """prometheus.yml without rules yet, alertmanager.yml. `jobs`: name -> addresses that are scraped;
    `alertmanager`: where it will listen; `hook`: the address that is every receiver."""
    receivers = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
    scraped = [{"job_name": n, "static_configs": [{"targets": list(each)}]} for n, each in jobs.items()]
    config = {"global": SCRAPES, "rule_files": ["rules/*.yml"], "alerting": receivers}
    _write(folder / "prometheus.yml", config | {"scrape_configs": scraped})
    routing = _read(generated / "alertmanager.yml")
    for route in (routing["route"], *routing["route"]["routes"]):
        route |= TIMES
    for receiver in routing["receivers"]:
        for each in receiver.get("webhook_configs", ()):
            each["url"] = f"{hook}/{urllib.parse.quote(each['url'], safe='')}"
    _write(folder / "alertmanager.yml", routing)


def write_rules(folder: Path, generated: Path) -> None:
    (folder / "rules").mkdir()
    for path in (generated / "rules").glob("*.yml"):
        content = _read(path)
        for group in content["groups"]:
            for rule in group["rules"]:
                rule |= {"for": WAIT} if "for" in rule else {}
        _write(folder / "rules" / path.name, content)


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
