# The template's file: edits here meet template updates (copier update merges them).
"""The commands of operation: parse, call one function, print."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any

import typer

from . import settings
from .kit import COMMAND, prometheus, promtool, slo
from .kit.errors import NotRunError, RefusedError
from .terminal import PLAIN, show

ADDRESS = "http://127.0.0.1:9090"  # of the Prometheus in compose.yaml

app = typer.Typer(help="Objectives, and the alerts that are made from them.", **PLAIN)
Prometheus = Annotated[str, typer.Option("--prometheus", metavar="URL", help="Where Prometheus answers.")]
Slo = Annotated[bool, typer.Option("--slo", help="How the objectives stand, as Prometheus sees it.")]


def attach(parent: typer.Typer) -> None:
    """Make these commands known to the product's command line."""
    parent.command()(drill)
    parent.add_typer(app, name="slo")


def promise() -> slo.Promise:
    """What ops/slo.yaml says; it must fit the metrics there are and the contract of what is published."""
# <% if cookiecutter.product_type == 'model-service' %>
    from .service_cli import PROMISE, known
# <% else %>
    from .publish_cli import PROMISE, known
# <% endif %>

    promised = slo.promised(settings.contract(PROMISE))
    return slo.load(operations() / "slo.yaml", known(), promised)


def operations() -> Path:
    return settings.read(os.environ).home / "ops"


def texts_of(promise: slo.Promise) -> dict[str, str]:
    """Every file of ops/generated, by its path there."""
    from .kit import alerts

    texts = alerts.render(promise)
# <% if cookiecutter.deploy == 'kubernetes' %>
    from .kit import prometheus_rule

    texts |= prometheus_rule.render(texts)
# <% endif %>
    return texts


@app.command()
def render() -> None:
    """Write ops/generated anew from ops/slo.yaml: rules, their tests, routes, a dashboard.

    \b
    Example:    << cookiecutter.project_slug >> slo render
    Exit code:  0 written; 2 ops/slo.yaml cannot be used
    """
    folder, texts = operations() / "generated", texts_of(promise())
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{folder}: {len(texts)} files")


@app.command()
def check() -> None:
    """Is ops/generated what ops/slo.yaml says, and does every alert fire when it should?

    \b
    Example:    << cookiecutter.project_slug >> slo check
    Exit code:  0 yes; 1 no; 2 ops/slo.yaml cannot be used; 3 promtool or amtool is not installed
    """
    from .kit import alerts

    folder, said = operations() / "generated", promise()
    texts = texts_of(said)
    if difference := differences(folder, texts):
        hint = f"`{COMMAND} slo render`, then commit what it writes"
        raise RefusedError("OP003", f"{folder} is not what slo.yaml says\n{difference}", hint)
    rules, tests = ([name for name in texts if name.startswith(part)] for part in ("rules/", "tests/"))
    promtool.ask("promtool", "check", "rules", *rules, folder=folder)
    promtool.ask("promtool", "test", "rules", *tests, folder=folder)
    promtool.ask("amtool", "check-config", "alertmanager.yml", folder=folder)
    print(f"{len(said.objectives)} objectives, {len(alerts.alerts(said))} alerts: up to date, valid, tested")
    if any("example.com" in address for address in said.targets.values()):
        print("note: ops/slo.yaml still names example.com, so nobody is told", file=sys.stderr)


def differences(folder: Path, texts: dict[str, str]) -> str:
    """What to change in the files below `folder` to make them `texts`; empty is nothing."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    old = {path.relative_to(folder).as_posix(): path.read_bytes().decode(errors="replace") for path in paths}
    lines: list[str] = []
    for name in sorted(old.keys() | texts.keys()):
        before, after = (each.get(name, "").splitlines(keepends=True) for each in (old, texts))
        lines += unified_diff(before, after, name, "slo.yaml")
    return "".join(lines)


def objectives(address: str, as_json: bool) -> None:
    """Tell how each objective stands."""
    found = budgets(address)
    show(found, as_json, described(found))


def budgets(address: str) -> list[dict[str, Any]]:
    """How each objective stands. Null: that Prometheus does not know yet."""
    said = promise()
    mine = f'slo_service="{said.service["name"]}"'

    def ratios(name: str) -> dict[str, float]:
        found = prometheus.query(address, f"slo:{name}:ratio{{{mine}}}")
        return {each.labels["slo"]: each.value for each in found}

    left, burns = ratios("period_error_budget_remaining"), ratios("current_burn_rate")
    fires = prometheus.query(address, f'ALERTS{{{mine},alertstate="firing"}}')
    told = [(found.labels["slo"], found.labels["alertname"], found.labels["severity"]) for found in fires]
    if not any(name == "Watchdog" for _, name, _ in told):
        text = f"{address} does not evaluate the rules of {said.service['name']}"
        raise NotRunError("OP011", text, "let it load ops/generated/rules; `slo check` tests them")
    names = {o.name: f"{o.target:.4g}" for o in said.objectives} | {"telemetry": ""}
    return [
        {
            "objective": name,
            "target": target,
            "budget_left": left.get(name),
            "burn_rate": burns.get(name),
            "alerts": [f"{a} ({severity})" for slo, a, severity in told if slo == name],
        }
        for name, target in names.items()
    ]


def described(found: Sequence[Mapping[str, Any]]) -> str:
    """What `budgets` found, as a table."""
    rows = [("objective", "target", "budget left", "burn rate", "alerts that fire")]
    for each in found:
        left = "?" if each["budget_left"] is None else f"{each['budget_left']:.1%}"
        burn = "?" if each["burn_rate"] is None else f"{each['burn_rate']:.2f}"
        rows.append((each["objective"], each["target"], left, burn, ", ".join(each["alerts"])))
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text, column below column."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def drill(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SCENARIO]...", help="None: all.")] = None,
) -> None:
    """Break the product on purpose: does the right alert reach the right people, and end?

    A real Prometheus and Alertmanager watch the real product on ports of this machine. Nothing outside
    a temporary folder is touched; store/drill.html shows what happened.

    \b
    Example:    << cookiecutter.project_slug >> drill
# <% if cookiecutter.product_type == 'model-service' %>
                << cookiecutter.project_slug >> drill corrupt-model stale-data
# <% else %>
                << cookiecutter.project_slug >> drill late-data nulls
# <% endif %>
    Exit code:  0 every alert came and ended; 1 one did not; 2 there is no such scenario;
                3 Prometheus or Alertmanager is not installed, or the main job fails
    """
    from . import drill_cli  # it needs all there is; the other commands do without

    drill_cli.command(names or [])
