"""A baked product gives the same on Spark.

Slow, and needs the package index and Java 17 or later: `tox -e spark`.
"""

import re
from pathlib import Path

import pytest

import bake


@pytest.mark.spark
@pytest.mark.parametrize(
    "product_type", ["model-service", pytest.param("data-pipeline", marks=pytest.mark.long)]
)
def test_a_baked_product_gives_the_same_on_spark(
    product_type: str, whole_template: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(whole_template, tmp_path, product_type=product_type)

    done = bake.run("uv", "run", "tox", "-e", "spark", cwd=product)

    said = done.stdout + done.stderr
    if told := re.search(r"NOT RUN: .*", said):
        pytest.skip(told[0])
    assert done.returncode == 0, said
    assert re.search(r"\d passed", said), said
