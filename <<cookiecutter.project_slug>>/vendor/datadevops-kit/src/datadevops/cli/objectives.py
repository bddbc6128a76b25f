"""The commands for operation: objectives, the alerts rendered from them, drills."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ..errors import NotRunError, RefusedError, counted
from .options import Group, Json, home_of, product_of, settings_of
from .output import aligned, show


def render(
    context: typer.Context,
    kubernetes: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Write the PrometheusRule of Prometheus Operator to this folder."),
    ] = None,
) -> None:
    """Render ops/generated from ops/slo.yaml: rules, their tests, routes, a dashboard.

    \b
    Example:    COMMAND slo render
                COMMAND slo render --kubernetes deploy/kubernetes/monitoring
    Exit code:  0 written; 2 ops/slo.yaml cannot be used
    """
    from ..ops import alerts, own_objectives, prometheus_rule

    product, home = product_of(context), home_of(context)
    texts = alerts.render(own_objectives.load(product, home), product.command)
    folder = kubernetes or home / "ops" / "generated"
    if kubernetes:
        texts = prometheus_rule.render(texts["rules.yml"], product.command)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{folder}: {', '.join(texts)}")


def check(context: typer.Context) -> None:
    """Check that ops/generated matches ops/slo.yaml, and that every alert fires when it should.

    \b
    Example:    COMMAND slo check
    Exit code:  0 ok; 1 not; 2 ops/slo.yaml cannot be used; 3 promtool or amtool is not installed
    """
    from ..ops import alerts, own_objectives, promtool, runbooks

    product, home = product_of(context), home_of(context)
    objectives, folder = own_objectives.load(product, home), home / "ops" / "generated"
    if difference := differences(folder, alerts.render(objectives, product.command)):
        hint = "`COMMAND slo render`, then commit the files"
        raise RefusedError("OP003", f"{folder} does not match slo.yaml\n{difference}", hint)
    promtool.check(folder)
    runbooks.check_queries(home / "ops")
    found = alerts.alerts(objectives)
    what = f"{counted(len(objectives.slos), 'objective')}, {counted(len(found), 'alert')}"
    print(f"{what}: up to date, valid, tested")
    if any("example.com" in address for address in objectives.receivers.values()):
        print("note: ops/slo.yaml still names example.com, so nobody gets alerted", file=sys.stderr)


def differences(folder: Path, texts: Mapping[str, str]) -> str:
    """The diff from the files below `folder` to `texts`; empty if there is none."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    old = {path.relative_to(folder).as_posix(): path.read_bytes().decode(errors="replace") for path in paths}
    lines: list[str] = []
    for name in sorted(old.keys() | texts.keys()):
        before, after = (each.get(name, "").splitlines(keepends=True) for each in (old, texts))
        lines += unified_diff(before, after, name, "slo.yaml")
    return "".join(lines)


def show_status(context: typer.Context, address: str, as_json: Json) -> None:
    """Show the state of each objective, for `status --slo`."""
    from ..ops import own_objectives

    objectives = own_objectives.load(product_of(context), settings_of(context).home)
    found = budgets(objectives, address)
    show(found, as_json, budget_table(found))


def budgets(objectives: Any, address: str) -> list[dict[str, Any]]:
    """The state of each objective; None: no data in Prometheus yet. Raises NotRunError OP010, OP011."""
    from ..telemetry import prometheus

    service = objectives.service["name"]
    mine = f'slo_service="{service}"'

    def ratios(name: str) -> dict[str, float]:
        found = prometheus.query(address, f"slo:{name}:ratio{{{mine}}}")
        return {each.labels["slo"]: each.value for each in found}

    left, burns = ratios("period_error_budget_remaining"), ratios("current_burn_rate")
    fires = prometheus.query(address, f'ALERTS{{{mine},alertstate="firing"}}')
    firing = [(found.labels["slo"], found.labels["alertname"], found.labels["severity"]) for found in fires]
    if not any(name == "Watchdog" for _, name, _ in firing):
        text = f"{address} does not evaluate the rules of {service}"
        raise NotRunError("OP011", text, "let it load ops/generated/rules.yml; `COMMAND slo check` tests it")
    names = {o.name: f"{o.target:.4g}" for o in objectives.slos} | {"telemetry": ""}
    return [
        {
            "objective": name,
            "target": target,
            "budget_left": left.get(name),
            "burn_rate": burns.get(name),
            "alerts": [f"{alert} ({severity})" for slo, alert, severity in firing if slo == name],
        }
        for name, target in names.items()
    ]


def budget_table(found: Sequence[Mapping[str, Any]]) -> str:
    """The result of `budgets` as a table."""
    rows = [("objective", "target", "budget left", "burn rate", "firing alerts")]
    for each in found:
        left = "?" if each["budget_left"] is None else f"{each['budget_left']:.1%}"
        burn = "?" if each["burn_rate"] is None else f"{each['burn_rate']:.2f}"
        rows.append((each["objective"], each["target"], left, burn, ", ".join(each["alerts"])))
    return aligned(rows)


class Drill(TyperCommand):
    """The command `drill`, whose help lists the scenarios of this kind of product."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from ..drill import rehearsal  # it needs many packages, which only those who ask for help wait for

        with formatter.section("Scenarios"):
            scenarios = rehearsal.scenarios_of(product_of(ctx)).SCENARIOS
            formatter.write_dl([(name, each.about) for name, each in scenarios.items()])


def drill(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[SCENARIO]...", help="Default: all.")] = None,
) -> None:
    """Break the product on purpose, and check that the right alert reaches the right people and resolves.

    A real Prometheus and Alertmanager watch the real product on ports of this machine. Nothing outside
    a temporary folder is touched; store/drill.html shows what happened.

    \b
    Example:    COMMAND drill
                COMMAND drill SCENARIO
    Exit code:  0 every alert fired and resolved; 1 one did not; 2 there is no such scenario;
                3 NOT RUN, so nobody knows: Prometheus or Alertmanager is not installed, the main job
                fails, no scenario can be played, or this machine is too slow to judge
    """
    from ..drill import rehearsal  # it needs many packages; the other commands do not

    home_of(context)
    rehearsal.rehearse(product_of(context), settings_of(context), names or [])


GROUP: Group = ("Objectives, and the alerts that are rendered from them.", [render, check])
