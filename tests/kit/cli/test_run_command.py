"""What a user of any product sees before and after a run."""

import json
import re

import pytest


@pytest.fixture(params=["forecast", "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


def test_before_the_first_run_status_says_what_to_do(command, product):
    answer = command("status")

    assert answer.code == 2
    assert f"there is no {'champion' if product.serves else 'published'} version yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_prints_its_figures_and_json_has_the_same(command, ran, product):
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "10,850 rows: 10,848 good, 2 in quarantine" in plain.out
    assert bool(re.search(r"features +10,848 rows, from source", plain.out)) is product.serves
    assert data["versions"]["candidate" if product.serves else "dataset"] in plain.out
    assert data["checks"]["source"]["bad"] == 2
    assert "\x1b" not in plain.out + plain.err
