"""The description for catalogues says what contracts and answers say.

In:       a product and its checkout.
Out:      a check.
"""

from collections.abc import Iterator
from pathlib import Path

from ..catalog import product_file
from ..product import Product
from .check import Check


def checks(product: Product, home: Path) -> Iterator[Check]:
    name = "product.odps.yaml says what contracts and answers say"
    yield Check(name, lambda _: _differences(product, home))


def _differences(product: Product, home: Path) -> Iterator[str]:
    if found := product_file.faults(product, home):
        yield f"run `{product.command} describe`"
        yield from found
