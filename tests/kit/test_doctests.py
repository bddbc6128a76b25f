"""The examples in the docstrings of the library give what they show."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import datadevops

PACKAGE = Path(datadevops.__file__).parent
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    found = doctest.testmod(import_module(name))

    assert found.attempted > 0
    assert found.failed == 0
