"""The product on one page of Markdown: what comes in, what goes out, its steps, objectives, where to look.

In:       a product and its folder.
Out:      the text; it is made from files only, and is the same on every machine.
Failure:  the errors of contracts, SQL, pipeline.py and ops/slo.yaml; while parts of the product are missing,
          the page says what does not fit yet instead.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..contract import odcs, parts
from ..contract.values import Contract
from ..engine import graph
from ..engine.graph import Statement
from ..errors import ProductError, for_command
from ..ops import alerts, own_objectives
from ..ops.objectives import Objectives
from ..product import Product
from ..reports.page import rendered
from . import pipeline_steps, product_file

Found = TypeVar("Found")


def of(product: Product, home: Path) -> str:
    """The text of the page."""
    missing = parts.missing(product)
    notes = [f"`{part.path}`: {for_command(part.how, product.command)}" for part in missing]

    def unless_missing(read: Callable[[], Found]) -> Found | None:
        try:
            return read()
        except ProductError as error:
            if not missing:
                raise
            notes.append(error.message.replace("\n", " "))
            return None

    contracts = odcs.load_all(product.contracts)
    facts = product_file.wanted(product, home, product_file.read(home)[1])
    statements = unless_missing(lambda: _statements(product, contracts))
    objectives = unless_missing(lambda: own_objectives.load(product, home))
    return rendered(
        "one_page.md.j2",
        product=product,
        facts=facts,
        contracts=contracts,
        steps=pipeline_steps.read(product.folder / "pipeline.py"),
        tables=statements or {},
        objectives=_objectives(objectives) if objectives else [],
        runbooks=_runbooks(home, objectives),
        missing=notes,
    )


def _statements(product: Product, contracts: Mapping[str, Contract]) -> dict[str, Statement]:
    sources = [name for name, contract in contracts.items() if contract.is_source]
    return graph.statements(product.transforms, sources, product.makes)


def _objectives(objectives: Objectives) -> list[dict[str, Any]]:
    """Each objective with its alerts: the name of each and whom it reaches."""
    found = alerts.alerts(objectives)
    return [
        {
            "name": each.name,
            "title": each.title,
            "target": f"{100 * each.target:.5g} % over {each.days} days",
            "alerts": [f"{a.name} ({a.severity})" for a in found if a.objective == each.name],
        }
        for each in objectives.slos
    ]


def _runbooks(home: Path, objectives: Objectives | None) -> Sequence[str]:
    """The runbooks of alerts that there are, as paths from the product's folder on."""
    books = [f"ops/runbooks/{each.name}.md" for each in alerts.alerts(objectives)] if objectives else []
    return [book for book in books if (home / book).is_file()]
