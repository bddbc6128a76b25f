"""Prometheus and Alertmanager for a drill: production's configuration with short waits.

In:       ops/generated; the addresses to scrape; one address that receives every notification.
Out:      their files in a folder. Expressions, labels and routes are those of production. Only the scrape
          and evaluation intervals, the `for` of each alert and the receivers differ.
Failure:  NotRunError OP004 (they are not installed).
"""

import urllib.parse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from .. import yaml_file
from ..ops import promtool

WAIT = "4s"  # for every `for`: longer than one failed scrape
TIMES = {"group_wait": "1s", "group_interval": "1s"}  # not 0, so that a page can silence its ticket
SCRAPE_SECONDS = 2
SCRAPES = {
    "scrape_interval": f"{SCRAPE_SECONDS}s",
    "scrape_timeout": "1900ms",
    "evaluation_interval": "500ms",
}


def programs() -> tuple[str, str]:
    """The paths of Prometheus and Alertmanager; Debian has another name for the second one."""
    server = promtool.find("the drill was", "prometheus")
    return server, promtool.find("the drill was", "prometheus-alertmanager", "alertmanager")


def write(
    folder: Path, generated: Path, jobs: Mapping[str, Sequence[str]], alertmanager: str, hook: str
) -> None:
    """Write prometheus.yml and alertmanager.yml; `write_rules` comes later. `jobs`: name -> addresses to
    scrape; `alertmanager`: where it will listen; `hook`: the address that receives every notification."""
    receivers = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
    scraped = [{"job_name": n, "static_configs": [{"targets": list(each)}]} for n, each in jobs.items()]
    config = {"global": SCRAPES, "rule_files": ["rules.yml"], "alerting": receivers}
    _write(folder / "prometheus.yml", config | {"scrape_configs": scraped})
    routing = _read(generated / "alertmanager.yml")
    for route in (routing["route"], *routing["route"]["routes"]):
        route |= TIMES
    for receiver in routing["receivers"]:
        for each in receiver.get("webhook_configs", ()):
            each["url"] = f"{hook}/{urllib.parse.quote(each['url'], safe='')}"
    _write(folder / "alertmanager.yml", routing)


def write_rules(folder: Path, generated: Path) -> None:
    """Write rules.yml. Prometheus reads it when its configuration is reloaded."""
    content = _read(generated / "rules.yml")
    for group in content["groups"]:
        for rule in group["rules"]:
            rule |= {"for": WAIT} if "for" in rule else {}
    _write(folder / "rules.yml", content)


def _read(path: Path) -> Any:
    return yaml_file.document(path.read_text(encoding="utf-8"))


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
