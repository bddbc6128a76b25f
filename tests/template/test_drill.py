"""A baked product's own drill: broken on purpose, it tells the right people.

Slow, and needs the package index, prometheus and alertmanager: `tox -e drill`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
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


@pytest.fixture(params=[False, True], ids=["quiet", "busy"])
def machine(request: pytest.FixtureRequest) -> Iterator[None]:
    """As it is, or with an endless loop for each core."""
    endless = [sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(endless) for _ in range((os.cpu_count() or 1) * request.param)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


@pytest.mark.drill
@pytest.mark.long  # benchmarks/drills.py repeats it
@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("outage_impact", DECLARED["outage_impact"])
@pytest.mark.parametrize("product_type", DECLARED["product_type"])
def test_no_drill_fails_because_a_machine_is_busy(
    product_type: str, outage_impact: str, whole_template: Path, tmp_path: Path
) -> None:
    answers = {"product_type": product_type, "outage_impact": outage_impact}
    product = bake.by_cookiecutter(whole_template, tmp_path, **answers)

    done = bake.run("uv", "run", product.name, "drill", cwd=product)

    assert done.returncode in (0, 3), done.stdout + done.stderr
    if done.returncode:
        assert "error[OP014]" in done.stderr, done.stderr
