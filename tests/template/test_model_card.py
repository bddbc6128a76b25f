"""The model card that a product is born with says what its contracts say; a pipeline has none."""

import json
from pathlib import Path

import bake
import workshop

FAULTS = """
import json
from pathlib import Path
from {package} import PRODUCT
from datadevops import testing
checks = [check for check in testing.checks(PRODUCT) if "model-card" in str(check)]
print(json.dumps([[*check.faults(Path.cwd())] for check in checks]))
"""
TO_WRITE = """
from {package} import PRODUCT
from datadevops.contract import odcs
from datadevops.models import card
print(card.of_contracts(odcs.load_all(PRODUCT.contracts)))
"""


def answer(product: Path, environment: Path, program: str) -> str:
    (package,) = (path.parent.name for path in product.glob("src/*/cli.py"))
    done = workshop.at_work(product, environment, "python", "-c", program.format(package=package))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_what_the_contracts_say_from_the_first_day(
    template: Path, environment: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(
        template,
        tmp_path,
        owner_team="a-b",
        owner_contact="https://example.com/a",
        description="Is it so or not?",
    )

    found = json.loads(answer(product, environment, FAULTS))

    assert found == [[], []], f"docs/model-card.md needs:\n{answer(product, environment, TO_WRITE)}"
