"""A baked product's own drill: broken on purpose, it tells the right people.

Slow, and needs the package index, prometheus and alertmanager: `tox -e drill`.
"""

import re
from pathlib import Path

import pytest

import bake
from declaration import DECLARED


@pytest.mark.drill
@pytest.mark.parametrize("product_type", DECLARED["product_type"])
def test_every_fault_of_a_baked_product_is_told_and_its_drill_can_fail(
    product_type: str, whole_template: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(whole_template, tmp_path, product_type=product_type)

    done = bake.run("uv", "run", "tox", "-e", "drill", cwd=product)

    said = done.stdout + done.stderr
    if unjudged := re.search(r"error\[OP0(04|14)\].*", said):  # no Prometheus, or too slow a machine
        pytest.skip(f"NOT RUN: {unjudged[0]}")
    assert done.returncode == 0, said
    assert (product / "store" / "drill.html").exists()
