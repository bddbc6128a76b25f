"""The checks that every product passes, made from its own contracts, SQL and ops files."""

from pathlib import Path

import pytest
from datadevops import testing

from << cookiecutter.__package >> import PRODUCT


@pytest.mark.parametrize("check", testing.checks(PRODUCT), ids=str)
def test_product(check: testing.Check, tmp_path: Path) -> None:
    check(tmp_path)
