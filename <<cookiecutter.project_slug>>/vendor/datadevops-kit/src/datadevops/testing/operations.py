"""Alerts and runbooks can be trusted at night: as promised, complete, and what they say to type works.

In:       a product and its folder ops/.
Out:      checks.
Failure:  the checks that read the objectives are skipped, which says NOT RUN, where ops/slo.yaml is refused:
          one check says why.
"""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ..cli.objectives import differences
from ..contract import odcs
from ..errors import SloError
from ..ops import alerts, own_objectives, runbooks
from ..ops.objectives import Objectives
from ..product import Product
from .check import Check
from .commands import fault

USABLE = "the objectives of ops/slo.yaml can be measured and are what the contracts promise"
PROGRAMS = ("curl",)  # what a runbook may call beside the product


def checks(product: Product, home: Path) -> Iterator[Check]:
    ops = home / "ops"
    yield Check(USABLE, lambda _: _refused(product, home))
    yield Check("ops/generated is what ops/slo.yaml says", lambda _: _stale(product, home))
    if (product.contracts / "features.yaml").exists():
        name = "the drift limit of ops/slo.yaml is that of the contract"
        yield Check(name, lambda _: _other_drift_limit(product, home))
    yield Check("every alert has a runbook, and the other way round", lambda _: _unmatched(product, home))
    yield Check("every runbook has its sections and a query", lambda _: _incomplete(ops))
    yield Check("every command of a runbook can be typed", lambda _: _commands(product, ops))
    yield Check("every command of a release can be typed", lambda _: _scripts(product, home / "ci"))
    yield Check("every query asks for series that exist", lambda _: _unknown(product, home))


def _refused(product: Product, home: Path) -> Iterable[str]:
    own_objectives.load(product, home)
    return ()


def _objectives(product: Product, home: Path) -> Objectives:
    try:
        return own_objectives.load(product, home)
    except SloError:
        pytest.skip(f"NOT RUN: ops/slo.yaml is refused; the check '{USABLE}' says why")


def _stale(product: Product, home: Path) -> Iterator[str]:
    texts = alerts.render(_objectives(product, home), product.command)
    if found := differences(home / "ops" / "generated", texts):
        yield f"run `{product.command} slo render`\n{found}"


def _other_drift_limit(product: Product, home: Path) -> Iterator[str]:
    limit = odcs.load(product.contracts / "features.yaml").drift_limit
    for each in _objectives(product, home).slos:
        if "product_drift_psi" in each.query and each.limit != limit:
            yield f"ops/slo.yaml: {each.name} is {each.limit:g}, driftLimit in features.yaml is {limit:g}"


def _unmatched(product: Product, home: Path) -> Iterator[str]:
    names = {alert.name for alert in alerts.alerts(_objectives(product, home))}
    written = {book.stem for book in runbooks.books(home / "ops")}
    yield from (f"{name} has no runbook ops/runbooks/{name}.md" for name in sorted(names - written))
    yield from (f"ops/runbooks/{name}.md is about no alert" for name in sorted(written - names))


def _incomplete(ops: Path) -> Iterator[str]:
    for book in runbooks.books(ops):
        text = book.read_text(encoding="utf-8")
        if not text.startswith(f"# {book.stem}\n"):
            yield f"{book.name}: its title is not {book.stem}"
        if tuple(re.findall(r"^## (.*)$", text, re.M)) != runbooks.SECTIONS:
            yield f"{book.name}: its sections are not {', '.join(runbooks.SECTIONS)}"
        if not runbooks.blocks(text, "promql"):
            yield f"{book.name}: it asks Prometheus nothing"


def _commands(product: Product, ops: Path) -> Iterator[str]:
    for book in runbooks.books(ops):
        for line in runbooks.blocks(book.read_text(encoding="utf-8"), "sh"):
            program, *words = shlex.split(line)
            if program == product.command:
                yield from (f"{book.name}: {line}: {wrong}" for wrong in fault(product, words))
            elif program not in PROGRAMS:
                yield f"{book.name}: {line}: it calls neither {product.command} nor {', '.join(PROGRAMS)}"


def _scripts(product: Product, folder: Path) -> Iterator[str]:
    """Commands of the product in the scripts of the pipeline: lists that begin with PRODUCT."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.List) and node.elts and getattr(node.elts[0], "id", "") == "PRODUCT":
                words = [str(e.value) if isinstance(e, ast.Constant) else "x" for e in node.elts[1:]]
                yield from (f"{path.name}: {' '.join(words)}: {wrong}" for wrong in fault(product, words))


def _unknown(product: Product, home: Path) -> Iterator[str]:
    known = {*own_objectives.exported(product), *runbooks.PROMETHEUS}
    known |= {rule["record"] for rule in runbooks.rules(home / "ops") if "record" in rule}
    for place, query in runbooks.queries(home / "ops"):
        yield from (f"{place}: nothing exports {name}" for name in sorted(runbooks.series_in(query) - known))
