"""What data catalogues read of a product: product.odps.yaml says what its contracts and answers say.

Other people's tool judges it by the standard: `tox -e contracts`.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import bake
import workshop

FILE = "product.odps.yaml"
# Each type of product, each provider of a pipeline.
BAKES = [("model-service", "github"), ("data-pipeline", "gitlab"), ("model-service", "azure")]
FAULTS = """
import json
from pathlib import Path
from {package} import PRODUCT
from datadevops.catalog import product_file
print(json.dumps(product_file.faults(PRODUCT, Path.cwd())))
"""
LINTER = """
import json, sys
from dataproduct.data_product import DataProduct
for path in sys.argv[1:]:
    run = DataProduct(data_product_file=path, local_references=True, reference_search_dir=".").lint()
    wrong = [check.reason for check in run.checks if check.result.value != "passed"]
    print(json.dumps([run.result.value, wrong]))
"""


def faults(product: Path, environment: Path) -> list[str]:
    """What the kit says of the file of a product."""
    (package,) = (path.parent.name for path in product.glob("src/*/cli.py"))
    done = workshop.at_work(product, environment, "python", "-c", FAULTS.format(package=package))
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize(("kind", "provider"), BAKES)
def test_it_says_what_contracts_and_answers_say_from_the_first_day(
    kind: str, provider: str, template: Path, environment: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(
        template, tmp_path, product_type=kind, ci=provider, org="sky-3", owner_team="a-b"
    )

    assert faults(product, environment) == []


def test_another_answer_is_told(template: Path, environment: Path, tmp_path: Path) -> None:
    product = bake.by_cookiecutter(template, tmp_path)
    workshop.edit(product / ".copier-answers.yml", 'org: "acme"', 'org: "sky"')

    assert faults(product, environment) == ["tenant is 'acme', must be 'sky'"]


def test_the_software_catalogue_points_to_it(baked: Path) -> None:
    component, _ = yaml.safe_load_all((baked / "catalog-info.yaml").read_text(encoding="utf-8"))

    pointed = component["metadata"]["annotations"]["bitol.io/data-product"]

    assert (baked / pointed).is_file()


@pytest.mark.contracts
def test_the_tool_of_the_standard_accepts_it_and_refuses_one_that_breaks_the_standard(
    template: Path, tmp_path: Path
) -> None:
    products = [
        bake.by_cookiecutter(template, tmp_path / ci / kind, product_type=kind, ci=ci) for kind, ci in BAKES
    ]
    for path in tmp_path.glob("**/contracts/**/*.yaml"):  # it looks for files of this name
        if path.parent.name != "consumers":
            shutil.copy(path, path.with_suffix(".odcs.yaml"))
    broken = tmp_path / FILE
    text = (products[0] / FILE).read_text(encoding="utf-8")
    broken.write_text(
        text.replace("outputPorts:", "outputPort:").replace(":weather", ":wether"), encoding="utf-8"
    )

    *whole, last = linted(tmp_path, *(product / FILE for product in products), broken)

    assert whole == [["passed", []]] * len(products)
    assert last[0] == "failed"
    assert "outputPort" in last[1][0]
    assert "urn:acme:rain-forecast:wether" in last[1][1]


def linted(folder: Path, *files: Path) -> list[Any]:
    """Of each file: the result, and the reason of each check that it does not pass."""
    words = ["uv", "run", "--no-project", "--with", "dataproduct-cli", "python", "-c", LINTER]
    done = bake.run(*words, *files, cwd=folder)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
