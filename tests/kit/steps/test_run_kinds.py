"""A number and classes are trained, judged, published and reported as yes or no is."""

from dataclasses import replace
from shutil import copytree

import numpy as np
import pytest

import shop_crowds
import shop_visitors
from datadevops.errors import ContractError, RefusedError
from runs import rows, run_into

NUMBER, CLASSES = shop_visitors.PRODUCT, shop_crowds.PRODUCT


@pytest.fixture(scope="module")
def number(run_once):
    return run_once(NUMBER)


@pytest.fixture(scope="module")
def classes(run_once):
    return run_once(CLASSES)


def published(run, columns):
    (file,) = run.store.glob("predictions/*/predictions.parquet")
    return rows(f"select {columns} from '{file}'")


def test_a_number_passes_the_gate_with_its_own_checks(number):
    names = [check["name"] for check in number.facts["gate"]]

    assert names == [
        "days to evaluate on",
        "skill over persistence",
        "skill over climatology",
        "outcomes in their 90 % interval",
        "bias, in spreads",
    ]
    assert all(check["passed"] for check in number.facts["gate"])


def test_classes_pass_the_gate_with_their_own_checks(classes):
    names = [check["name"] for check in classes.facts["gate"]]

    assert names == [
        "days to evaluate on",
        "skill over persistence",
        *(f"skill in {shop}" for shop in ("market", "north", "station")),
        "calibration error",
    ]
    assert all(check["passed"] for check in classes.facts["gate"])


def test_a_number_is_published_with_the_ends_of_its_interval(number):
    bounds = published(number, "min(low), count(*) filter (low <= value and value <= high), count(*)")
    labels = number.store / "labels" / number.facts["versions"]["labels"] / "labels.parquet"
    (file,) = number.store.glob("predictions/*/predictions.parquet")
    joined = f"'{file}' join '{labels}' using (shop, opened_at) where opened_at >= '2025-04-24'"

    ((least, inside, count),) = bounds
    assert least >= 0
    assert inside == count
    ((covered,),) = rows(
        f"select avg(cast(label between low and high as integer)) from {joined} and label is not null"
    )
    assert 0.85 < covered < 0.95


def test_a_class_is_published_with_the_probability_of_each(classes):
    each = "probability_quiet, probability_busy, probability_quite_full"

    found = published(classes, f"value, probability, {each}")

    words = np.array(["quiet", "busy", "Quite Full"])
    table = np.array([row[2:] for row in found])
    assert table.sum(axis=1) == pytest.approx(np.ones(len(table)))
    assert [row[0] for row in found] == words[table.argmax(axis=1)].tolist()
    assert [row[1] for row in found] == table.max(axis=1).tolist()
    assert {row[0] for row in found} == {*words}


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        ("number", ["mean_absolute_error", "root_mean_squared_error", "bias"]),
        ("classes", ["log_loss", "accuracy", "macro_f1"]),
    ],
)
def test_the_figures_are_those_of_the_kind(request, kind, figures):
    facts = request.getfixturevalue(kind).facts["model"]["figures"]["all"]

    assert all(list(of_one) == figures for of_one in facts.values())
    assert facts["candidate"][figures[0]] < 0.9 * facts["persistence"][figures[0]]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("number", ["gives a number of people with its 90 % interval", "Coverage", "mean outcome, people"]),
        ("classes", ["gives the probabilities of quiet, busy, Quite Full", "Recall of each class"]),
    ],
)
def test_the_report_has_the_pictures_of_the_kind(request, kind, words):
    page = (request.getfixturevalue(kind).store / "report.html").read_text(encoding="utf-8")

    assert [word for word in words if word not in " ".join(page.split())] == []
    assert ("spreads of the label" in page) is (kind == "number")


@pytest.mark.parametrize("kind", ["number", "classes"])
def test_the_report_shows_which_inputs_the_model_uses(request, kind):
    run = request.getfixturevalue(kind)

    first = run.facts["model"]["importance"]["inputs"][0]

    assert "visitors" in first["names"]
    assert first["skill"] > 0.1
    page = " ".join((run.store / "report.html").read_text(encoding="utf-8").split())
    assert "What this model uses, not what causes the outcome" in page


@pytest.mark.parametrize("kind", ["number", "classes"])
def test_the_drift_of_the_outcome_is_measured(request, kind):
    drift = request.getfixturevalue(kind).facts["drift"]

    assert 0 <= drift["label"] < 0.25


def test_an_outcome_that_moved_is_seen(sample, write_altered, tmp_path):
    more = "case when opened_at >= '2025-04-24' then visitors + 100 else visitors end"
    moved = write_altered(f"select * replace ({more} as visitors) from sample", tmp_path / "moved.parquet")

    facts = run_into(NUMBER, tmp_path / "store", moved).facts

    assert facts["drift"]["label"] > 1
    assert "champion" not in facts["versions"]  # its intervals are far too low


def test_a_median_is_judged_by_the_absolute_error(shorter, tmp_path, monkeypatch):
    monkeypatch.setattr(shop_visitors.model, "VALUE", "median", raising=False)

    facts = run_into(NUMBER, tmp_path / "store", shorter).facts

    assert facts["model"]["loss"] == "absolute error"
    assert "bias, in spreads" not in [check["name"] for check in facts["gate"]]


def test_two_months_are_too_few_days_and_no_champion_is_made(shorter, tmp_path):
    facts = run_into(NUMBER, tmp_path / "store", shorter).facts

    assert [check["name"] for check in facts["gate"] if check["passed"] is None] == ["days to evaluate on"]
    assert "champion" not in facts["versions"]


LABELS = {
    "a label and a reason": ("then null", "then 'known'", r"label_or_reason: \d"),
    "neither": ("then 'the outcome is in the future'", "then null", r"label_or_reason: 3 rows"),
    "a key twice": (
        "select * from labels",
        "select * from labels union all select * from labels where label > 100",
        "key:duplicate",
    ),
    "out of its range": ("next_visitors as label", "next_visitors - 5 as label", r"label:minimum: \d+ rows"),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_that_break_their_contract_stop_the_run(sample, tmp_path, case):
    own = replace(NUMBER, at=copytree(NUMBER.folder, tmp_path / "own"))
    sql, (old, new, message) = own.transforms / "labels.sql", LABELS[case]
    text = sql.read_text()
    assert old in text
    sql.write_text(text.replace(old, new))

    with pytest.raises(RefusedError, match=f"(?s)DQ006.*labels.yaml.*{message}"):
        run_into(own, tmp_path / "store", sample)


def test_a_label_of_another_type_than_the_contract_is_refused(sample, tmp_path):
    own = replace(NUMBER, at=copytree(NUMBER.folder, tmp_path / "own"))
    sql = own.transforms / "labels.sql"
    sql.write_text(sql.read_text().replace("next_visitors as label", "next_visitors > 9 as label"))

    with pytest.raises(ContractError, match=r"(?s)CT006.*label: BOOLEAN, must be integer"):
        run_into(own, tmp_path / "store", sample)
