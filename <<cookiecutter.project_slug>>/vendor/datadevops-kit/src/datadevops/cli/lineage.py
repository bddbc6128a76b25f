"""The option of a run that records what it reads and writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..contract import odcs
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
    product: Product, settings: Settings, files: Mapping[str, str], published: str, place: Path
) -> About:
    """What a run reads and writes. `files`: those given for sources; `published`: the table that consumers
    read, and its place."""
    contracts, store = odcs.load_all(product.contracts), settings.store.absolute()
    places = {sql.stem: str(store / sql.stem) for sql in product.transforms.glob("*.sql")}
    places[published] = str(place.absolute())
    for table, contract in odcs.load_sources(product.contracts).items():
        places[table] = place_of(files.get(table), contract, settings.home)
    return About(product, contracts, published, places)
