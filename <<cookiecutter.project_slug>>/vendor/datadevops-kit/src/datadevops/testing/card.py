"""The model card of the team is not stale.

In:       a product with a model, its checkout; the store, if there is one.
Out:      checks.
Failure:  the check of the champion is skipped, which says NOT RUN, where the card describes a model and this
          store has no champion, as in a fresh clone.
"""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..contract import odcs
from ..models import card
from ..product import Product
from ..store import aliases
from ..store.versions import Store
from .check import Check


def checks(product: Product, home: Path) -> Iterator[Check]:
    yield Check(f"{card.FILE} says what the contracts say", lambda _: _contracts(product, home))
    yield Check(f"{card.FILE} describes no other model than the champion", lambda _: _champion(product, home))


def _contracts(product: Product, home: Path) -> Iterator[str]:
    try:
        text = (home / card.FILE).read_text(encoding="utf-8")
        wanted = card.filled(text, card.CONTRACTS, card.of_contracts(odcs.load_all(product.contracts)))
    except OSError as error:
        yield str(error)
        return
    yield from _differences(product, text, wanted)


def _champion(product: Product, home: Path) -> Iterator[str]:
    """Faults of a card that describes a model; an empty one makes no promise."""
    path = home / card.FILE
    text = path.read_text(encoding="utf-8") if path.exists() else card.new(product)
    if not card.described(text):
        return
    settings = product.settings(os.environ | {f"{product.prefix}HOME": str(home)})
    champion = aliases.current(Store(settings.store / "models"), "champion")
    if champion is None:
        pytest.skip(f"NOT RUN: there is no champion in {settings.store}")
    yield from _differences(product, text, card.filled(text, card.CHAMPION, card.of_champion(champion)))


def _differences(product: Product, text: str, wanted: str) -> Iterator[str]:
    if text != wanted:
        yield f"run `{product.command} model-card`"
        lines = difflib.unified_diff(text.splitlines(), wanted.splitlines(), n=0, lineterm="")
        yield from (line for line in lines if not line.startswith(("---", "+++", "@@")))
