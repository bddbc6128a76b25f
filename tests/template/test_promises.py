"""The gate of contracts: what the last release promised to consumers is kept, or refused with the reason."""

from pathlib import Path

import pytest

import bake
import workshop
from gates import gate, released


@pytest.fixture
def product(baked: Path, environment: Path, tmp_path: Path) -> Path:
    return released(baked, environment, tmp_path)


PREDICTIONS = "src/rain_forecast/contracts/predictions.yaml"
FEATURES = "src/rain_forecast/contracts/features.yaml"
PROMISES = {
    "a column less": (PREDICTIONS, "      - name: threshold\n", "      - name: limit\n", 1),
    "a new null": (
        PREDICTIONS,
        "logicalType: boolean\n        required: true",
        "logicalType: boolean",
        1,
    ),
    "another description": (PREDICTIONS, "One row per station and hour.", "A row per hour.", 0),
    "a new major version": (PREDICTIONS, "version: 1.0.0", "version: 2.0.0", 0),
    "one more to send": (
        FEATURES,
        "    properties:\n",
        "    properties:\n      - {name: sun_h, logicalType: number}\n",
        1,
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "code"), PROMISES.values(), ids=PROMISES)
def test_a_contract_that_breaks_what_the_last_release_promised_is_refused(
    file: str, old: str, new: str, code: int, product: Path, environment: Path
) -> None:
    text = (product / file).read_text(encoding="utf-8")
    assert old in text
    (product / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    bake.commit(product, "change a contract")

    done = gate(product, environment, "breaking")

    assert done.returncode == code, done.stdout + done.stderr


SUMMARIES = {
    "a provider that has a page": ({"GITHUB_STEP_SUMMARY": "summary.md"}, "summary.md", ""),
    "one that uploads it": ({"TF_BUILD": "True"}, "dist/contracts.md", "##vso[task.uploadsummary]{}"),
    "one that keeps files": ({}, "dist/contracts.md", ""),
}


@pytest.mark.parametrize(("settings", "file", "told"), SUMMARIES.values(), ids=SUMMARIES)
def test_the_request_shows_who_breaks_and_by_what(
    settings: dict[str, str], file: str, told: str, product: Path, environment: Path
) -> None:
    workshop.edit(product / PREDICTIONS, "      - name: probability\n", "      - name: chance\n")
    bake.commit(product, "rename a column")

    done = gate(product, environment, "breaking", **settings)

    assert done.returncode == 1, done.stdout + done.stderr
    page = (product / file).read_text(encoding="utf-8")
    assert (
        "| **breaking** | probability: removed | airport-display (airport-display@example.com) reads" in page
    )
    assert "not measured: no version of it is stored here" in page
    assert told.format(product / file) in done.stdout


def test_a_dataset_keeps_its_promise_too(template: Path, environment: Path, tmp_path: Path) -> None:
    product = bake.by_cookiecutter(template, tmp_path, product_type="data-pipeline")
    bake.commit(product, "as baked", "v1.0.0")
    contract = next(product.glob("src/*/contracts/datasets/daily_rain.yaml"))
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("required: true", "required: false"), encoding="utf-8")
    bake.commit(product, "promise less")

    done = gate(product, environment, "breaking")

    assert done.returncode == 1
    assert "contracts break what v1.0.0 promised" in done.stderr


def test_before_the_first_release_nothing_is_promised(product: Path, environment: Path) -> None:
    done = gate(product, environment, "breaking")  # the only release is this commit

    assert done.returncode == 0
    assert done.stdout == "there is no earlier release, so nothing is promised yet\n"


def test_a_shallow_clone_does_not_know_what_was_promised(
    product: Path, environment: Path, tmp_path: Path
) -> None:
    (product / "notes.md").write_text("more\n", encoding="utf-8")
    bake.commit(product, "one more")
    bake.git("clone", "-q", "--depth", "1", f"file://{product}", tmp_path / "shallow", cwd=tmp_path)

    done = gate(tmp_path / "shallow", environment, "breaking")

    assert done.returncode == 3
    assert "NOT RUN: this clone is shallow" in done.stderr
