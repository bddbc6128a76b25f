"""A feature that alone almost predicts the outcome is named, whatever its form and whatever is predicted."""

import numpy as np
import pytest

from datadevops.contract.target import Target
from datadevops.models import losses, suspicious
from datadevops.models.split import Slices

ROWS = 4000


def slices():
    place = np.arange(ROWS)
    return Slices(place < 2000, (place >= 2000) & (place < 3000), place >= 3000, place // 40, "days", "")


def found(target, outcome, naive, columns):
    parts, loss = slices(), losses.deciding(target.kind)
    x = np.column_stack(list(columns.values())).astype(np.float32)
    held_out = parts.validation
    naive_loss = loss.of_rows(outcome[held_out], np.broadcast_to(naive, (held_out.sum(), *np.shape(naive))))
    return suspicious.find(x, list(columns), outcome, parts, naive_loss, target, loss)


def test_a_feature_that_alone_almost_predicts_yes_or_no_is_named_with_its_skill():
    rng = np.random.default_rng(0)
    outcome = rng.random(ROWS) < 0.2
    columns = {
        "copy": outcome + rng.normal(0, 0.2, ROWS),
        "opposite": -1.0 * outcome,
        "band": np.where(outcome, rng.uniform(-1, 1, ROWS), rng.choice([-3, 3], ROWS)),
        "missing": np.where(outcome, np.nan, rng.random(ROWS)),
        "good": outcome + rng.normal(0, 0.5, ROWS),
        "noise": rng.random(ROWS),
        "empty": np.full(ROWS, np.nan),
        "constant": np.ones(ROWS),
    }

    named = found(Target("binary"), outcome, outcome.mean(), columns)

    assert list(named) == ["copy", "opposite", "band", "missing"]
    assert min(named.values()) > 0.9


def test_a_feature_that_alone_almost_predicts_a_class_or_a_number_is_named():
    rng = np.random.default_rng(0)
    place, number = rng.integers(0, 4, ROWS), rng.normal(100, 20, ROWS)
    noise = {"noise": rng.random(ROWS)}

    classes = found(Target("classes", tuple("abcd")), place, np.full(4, 0.25), {"copy": place * 7.0} | noise)
    numbers = found(
        Target("regression"), number, number.mean(), {"copy": number * 2 + rng.normal(0, 5, ROWS)} | noise
    )

    assert list(classes) == list(numbers) == ["copy"]
    assert min(classes["copy"], numbers["copy"]) > 0.9


def test_what_a_feature_explains_is_judged_on_rows_that_the_tree_has_not_seen():
    rng = np.random.default_rng(0)
    outcome = rng.random(ROWS) < 0.5
    past_only = np.where(np.arange(ROWS) < 2000, outcome, rng.random(ROWS))

    assert found(Target("binary"), outcome, 0.5, {"past only": past_only}) == {}


def test_values_too_large_for_the_matrix_are_checked_too():
    outcome = np.arange(ROWS) % 2 == 0
    huge = np.where(np.arange(ROWS) % 3 == 0, 1e39, -1e39)
    answer = np.where(outcome, 1e39, np.nan)
    with np.errstate(over="ignore"):
        named = found(Target("binary"), outcome, 0.5, {"huge": huge, "answer": answer})

    assert list(named) == ["answer"]
    assert named["answer"] == pytest.approx(1, abs=1e-3)


def test_a_long_past_is_thinned_and_a_copy_of_the_outcome_is_found_all_the_same():
    rows = 30_000
    place = np.arange(rows)
    parts = Slices(
        place < 25_000, (place >= 25_000) & (place < 27_000), place >= 27_000, place, "units", None
    )
    outcome = np.random.default_rng(0).random(rows) < 0.5
    naive = np.full(2000, 0.25)

    named = suspicious.find(
        outcome[:, np.newaxis].astype(np.float32),
        ["copy"],
        outcome,
        parts,
        naive,
        Target("binary"),
        losses.BRIER,
    )

    assert named == {"copy": pytest.approx(1)}
