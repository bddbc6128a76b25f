"""The checks that every product passes, made from its own contracts, SQL and ops files.

In:       a product, its checkout.
Out:      `Check`s; a product's tests/test_product.py calls each with an empty folder.
Failure:  AssertionError, with every fault on a line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ..contract import odcs, parts
from ..contract.values import Contract
from ..engine import portable
from ..errors import ProductError, for_command
from ..product import Product
from . import agreement, card, catalog, documents, engines, future, images, made_up, operations
from .check import Check
from .running import Run, Server, run, serving, transformed

__all__ = ["Check", "Run", "Server", "checks", "run", "serving", "transformed"]


def checks(product: Product) -> list[Any]:
    """Every check of this product, in the order in which they help; those that take minutes have the marks
    `image` and `spark`."""
    home = product.folder.parents[1]
    contracts = odcs.load_all(product.contracts)
    found: list[Any] = [Check("no part of the product is missing", lambda _: _missing(product))]
    found += _of_contracts(product, contracts)
    found += operations.checks(product, home)
    found += documents.checks(product, home)
    found += catalog.checks(product, home)
    found += card.checks(product, home) if product.serves else ()
    found = [_reported(product, check) for check in found]
    same = Check("Spark gives the rows that DuckDB gives", partial(engines.differences, product))
    found.append(pytest.param(same, marks=pytest.mark.spark))
    return found + [pytest.param(check, marks=pytest.mark.image) for check in images.checks(product, home)]


def _of_contracts(product: Product, contracts: dict[str, Contract]) -> Iterator[Check]:
    for name, contract in contracts.items():
        agree = partial(agreement.disagreements, contract, requests=product.serves)
        yield Check(f"{name}: all that checks a value agrees on every edge", agree)
        yield Check(f"{name}: made-up rows keep the contract", partial(made_up.broken_rules, contracts, name))
    yield Check("SQL carries over to Spark, or says `duckdb only`", lambda _: _unportable(product))
    if product.serves and not parts.missing(product) and contracts["features"].timed:
        yield Check("no feature looks ahead", partial(future.faults, product, contracts))


def _reported(product: Product, check: Check) -> Check:
    """The check, with each error of the product as one of its faults; both name the product's command."""

    def faults(folder: Path) -> Iterator[str]:
        try:
            yield from (for_command(fault, product.command) for fault in check.faults(folder))
        except ProductError as error:
            yield for_command(str(error), product.command)

    return replace(check, faults=faults)


def _missing(product: Product) -> Iterable[str]:
    parts.require(product)
    return ()


def _unportable(product: Product) -> Iterable[str]:
    portable.refuse(product.folder, exempt=True)
    return ()
