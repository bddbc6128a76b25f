"""A product that is not complete says which file comes next."""

import pytest

import shop_forecast
import shop_statistics
from datadevops.contract import parts
from datadevops.ops import own_objectives

ORDER = {
    shop_forecast.PRODUCT: [
        "contracts/sources/TABLE.yaml",
        "transforms/features.sql",
        "contracts/features.yaml",
        "transforms/labels.sql",
        "contracts/labels.yaml",
        "contracts/predictions.yaml",
    ],
    shop_statistics.PRODUCT: [
        "contracts/sources/TABLE.yaml",
        "transforms/TABLE.sql",
        "contracts/datasets/TABLE.yaml",
    ],
}


def file(product, part):
    """The file of that part in a product of these tests."""
    return product.folder / part.replace("TABLE", "source" if "sources" in part else "shop_days")


def order(product):
    return next(paths for each, paths in ORDER.items() if each.package == product.package)


@pytest.mark.parametrize("product", ORDER, ids=lambda product: product.package)
def test_each_part_that_is_missing_is_named_in_its_order(own, command):
    for path in order(own):
        file(own, path).unlink()

    answer = command("run", product=own)

    expected = order(own)
    assert answer.code == 2
    assert [line.strip() for line in answer.err.splitlines() if line.startswith(("  c", "  t"))] == expected
    assert f"hint: next is {expected[0]}: " in answer.err
    assert f"`{own.command} new-contract FILE`" in answer.err


@pytest.mark.parametrize(
    ("product", "path"),
    [pytest.param(p, path, id=path) for p, paths in ORDER.items() for path in paths[1:]],
)
def test_a_part_that_alone_is_missing_comes_next(own, path, command):
    file(own, path).unlink()

    answer = command("run", product=own)

    assert "error[CT024]" in answer.err
    assert f"hint: next is {path}: " in answer.err


@pytest.mark.parametrize("product", ORDER, ids=lambda product: product.package)
def test_of_a_whole_product_no_part_is_missing(product):
    assert parts.missing(product) == []


def test_contracts_that_are_there_are_checked_while_others_are_missing(own, command):
    (own.contracts / "labels.yaml").unlink()

    answer = command("contract", "check", product=own)

    assert answer.code == 0
    assert answer.out == (
        "valid: features, predictions, source\n"
        "missing, the next one first: contracts/labels.yaml\n"
        "predictions version 1: nobody is declared to read it\n"
    )


def test_objectives_can_be_read_before_the_product_is_complete(own, homes):
    (own.contracts / "predictions.yaml").unlink()
    (own.contracts / "features.yaml").unlink()

    assert own_objectives.load(own, homes(own)).slos
