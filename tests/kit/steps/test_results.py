"""The same inputs give the same results; if they do not, `RESULTS` in datadevops/release.py has to rise."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from datadevops import release
from datadevops.store.versions import Store
from runs import rows

GOLDEN = json.loads(Path(__file__).with_name("results.json").read_text(encoding="utf-8"))
HINT = "raise RESULTS in datadevops/release.py, so that stores make everything again, and update results.json"


def table(path):
    """How many rows, and a hash of all cells; floats by 7 digits, since sums depend on their order."""
    found = rows(f"from '{path}'")
    lines = sorted(
        "|".join(f"{cell:.7g}" if isinstance(cell, float) else str(cell) for cell in row) for row in found
    )
    return [len(lines), sha256("\n".join(lines).encode()).hexdigest()[:16]]


def results(run):
    store, versions = run.store, run.facts["versions"]
    found = {
        f"{name}/{file.name}": table(file)
        for name in ("source", "features", "labels")
        if name in versions
        for file in sorted((store / name / versions[name]).glob("*.parquet"))
    }
    for name in run.facts.get("datasets", ()):
        found[name] = table(store / name / versions[name] / "dataset" / "*.parquet")
    if "model" in run.facts:
        found["figures"] = run.facts["model"]["figures"]["all"]["candidate"]
        found["threshold"] = run.facts["model"]["output"]["threshold"]
    return found


@pytest.mark.parametrize("name", ["forecast", "statistics"])
def test_changed_results_need_a_new_number(request, run_once, name):
    product = request.getfixturevalue(name)

    found = results(run_once(product))

    expected, learnt = dict(GOLDEN[product.package]), {"figures", "threshold"}
    for key in learnt & found.keys() & expected.keys():  # equal on one machine, nearly equal on another
        expected[key] = pytest.approx(expected[key], abs=0.005)
    assert found == expected, f"{HINT}:\n{json.dumps(found)}"


def test_the_expected_results_are_those_of_the_current_number():
    assert GOLDEN["number"] == release.RESULTS


@pytest.mark.parametrize("name", ["forecast", "statistics"])
def test_a_version_is_promoted_and_published_after_it_was_made(request, run_once, name):
    run = run_once(request.getfixturevalue(name))

    for log in run.store.glob("*/log.jsonl"):
        for event in map(json.loads, log.read_text().splitlines()):
            assert Store(log.parent).open(event["version"]).made_at <= event["at"]
