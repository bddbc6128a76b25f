"""The option of a run that records what it reads and writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..contract.values import Contract
from ..datasets import publication
from ..product import Product, Settings
from ..telemetry.openlineage import About
from .files import in_folder, place_of


def _log(path: Path | None) -> Path | None:
    return path and in_folder(path)


Events = Annotated[
    Path | None,
    typer.Option("--openlineage", help="A file to append OpenLineage events to.", callback=_log),
]


def about(
    product: Product, settings: Settings, contracts: Mapping[str, Contract], files: Mapping[str, str]
) -> About:
    """What a run reads and writes. `files`: those given for sources."""
    store = settings.store.absolute()
    made = ["predictions", *(sql.stem for sql in product.transforms.glob("*.sql"))]
    places = {table: str(store / table) for table in made}
    places |= {table: str(store / publication.folder(table)) for table in product.datasets}
    for table, contract in contracts.items():
        if contract.is_source:
            places[table] = place_of(files.get(table), contract, settings.home)
    return About(product, contracts, places)
