"""If contract, model.py or SQL is wrong, a run stops before it trains or publishes anything."""

import math
import re

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import ContractError, RefusedError
from datadevops.reports import page
from datadevops.store import aliases
from datadevops.store.versions import Store
from runs import run_into
from shop_forecast import model

MADE = "customProperties: [{property: synthetic, value: {sql: upper('market')}}]"


@pytest.mark.parametrize(
    ("made", "message"),
    [("", "'shop': its values cannot be guessed"), (MADE, "shop has no example, and 'x' breaks its")],
)
def test_features_without_an_example_row_are_refused_before_training(own, sample, tmp_path, made, message):
    path = own.contracts / "features.yaml"
    pattern = 'logicalTypeOptions: {pattern: "[A-Z]{6}"}'
    text, changed = re.subn(r"enum: \[.*market.*", f"{pattern}\n        {made}", path.read_text())
    path.write_text(text)

    with pytest.raises(ContractError, match=f"CT007.*{message}"):
        run_into(own, tmp_path / "store", sample)

    assert changed == 1
    assert not (tmp_path / "store" / "models").exists()


def test_predictions_that_break_their_contract_change_no_champion(own, sample, tmp_path):
    path = own.contracts / "predictions.yaml"
    path.write_text(path.read_text().replace("{value: market}, ", ""))

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*shop:enum: .*Nothing new is published\."):
        run_into(own, tmp_path / "store", sample)

    assert aliases.current(Store(tmp_path / "store" / "models"), "champion") is None


def test_a_group_for_each_hour_is_refused_before_training(forecast, shorter, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "GROUP", "opened_at")

    with pytest.raises(ContractError, match=r"ML002.*'opened_at', which has 1,\d+ values"):
        run_into(forecast, tmp_path / "store", shorter)


def test_a_group_that_is_not_of_the_key_is_refused(forecast, shorter, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "GROUP", "buyers")

    with pytest.raises(ContractError, match=r"ML002.*(?s:.*)'buyers', which is not a column of the key"):
        run_into(forecast, tmp_path / "store", shorter)


@pytest.mark.parametrize(
    ("returned", "shape"), [(2.0, r"\(1\d\d\d,\)"), ([0.5], r"\(1,\)"), (np.nan, r"\(1\d\d\d,\)")], ids=str
)
def test_a_baseline_that_returns_no_probabilities_is_named(
    forecast, shorter, tmp_path, monkeypatch, returned, shape
):
    def habit(past, outcomes, rows):
        return returned if isinstance(returned, list) else np.full(len(rows["shop"]), returned)

    monkeypatch.setattr(model, "BASELINES", (habit,))

    with pytest.raises(ContractError, match=rf"ML002.*habit does not return one probability.*{shape}"):
        run_into(forecast, tmp_path / "store", shorter)


def test_a_baseline_that_reads_a_missing_column_is_named(forecast, shorter, tmp_path, monkeypatch):
    def habit(past, outcomes, rows):
        return past["label"]

    monkeypatch.setattr(model, "BASELINES", (model.persistence, habit))

    with pytest.raises(
        ContractError, match=r"ML002.*habit reads a column 'label' that .*(?s:.*)queue_minutes"
    ) as error:
        run_into(forecast, tmp_path / "store", shorter)

    assert "label" not in error.value.hint


def test_a_group_that_is_gone_is_shown_and_does_not_keep_a_model_from_use(forecast, shorter, tmp_path):
    with DuckDB() as engine:
        engine.read("sample", shorter)
        engine.write(
            "from sample where shop <> 'station' or opened_at < '2025-01-25'", tmp_path / "group.parquet"
        )

    run = run_into(forecast, tmp_path / "store", tmp_path / "group.parquet")

    (check,) = (each for each in run.facts["gate"] if not each["judged"])
    printed, count = page.rendered("run.txt", **run.facts), len(run.facts["gate"])
    assert (check["name"], check["figure"]) == ("skill in station", "no newest row")
    assert "champion" in run.facts["versions"]
    assert f"gate         passed, 1 of {count} checks not judged\n" in printed
    assert re.search(r"\n +- +skill in station +no newest row   shown only: below 200 rows\n", printed)
    assert f"Of {count} checks of the gate {count - 1} passed, 0 failed" in " ".join(
        (run.store / "report.html").read_text(encoding="utf-8").split()
    )


def test_no_baseline_sees_the_outcome_of_the_rows_it_forecasts(forecast, shorter, tmp_path, monkeypatch):
    seen = []

    def spy(past, outcomes, rows):
        seen.append((set(past), len(outcomes) == len(past["shop"]), set(rows)))
        return np.zeros(len(rows["shop"]))

    monkeypatch.setattr(model, "BASELINES", (spy,))
    run_into(forecast, tmp_path / "store", shorter)

    for past, fits, rows in seen:  # of the newest rows, and of the validation rows
        assert fits
        assert past == rows
        assert "label" not in rows
        assert "last_outcome" in rows


def nameless(past, outcomes, rows):
    return np.zeros(len(rows["shop"]))


nameless.__name__ = "candidate"
BASELINES = {"none": (), "two of one name": (model.persistence,) * 2, "a reserved name": (nameless,)}


@pytest.mark.parametrize("baselines", BASELINES.values(), ids=BASELINES)
def test_each_baseline_needs_its_own_name(forecast, shorter, tmp_path, monkeypatch, baselines):
    monkeypatch.setattr(model, "BASELINES", baselines)

    with pytest.raises(ContractError, match=r"(?s)ML002.*BASELINES"):
        run_into(forecast, tmp_path / "store", shorter)


@pytest.mark.parametrize("name", ["fit", "BASELINES", "LIMITS", "HORIZON"])
def test_a_name_missing_in_model_py_is_reported(forecast, shorter, tmp_path, monkeypatch, name):
    monkeypatch.delattr(model, name)

    with pytest.raises(ContractError, match=rf"(?s)ML002.*{name}"):
        run_into(forecast, tmp_path / "store", shorter)


WRONG = {
    "VALUE": ("median", "only a number has one"),
    "LIMITS": (0.02, r"LIMITS is not Limits\(\.\.\.\)"),
    "HORIZON": (1, "HORIZON says how far ahead the label looks"),
    "HORISON": (1, "there is no HORISON, did you mean 'HORIZON'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_name_in_model_py_that_does_not_fit_is_reported(forecast, shorter, tmp_path, monkeypatch, name):
    value, message = WRONG[name]
    monkeypatch.setattr(model, name, value, raising=False)

    with pytest.raises(ContractError, match=f"(?s)ML002.*{message}"):
        run_into(forecast, tmp_path / "store", shorter)


@pytest.mark.parametrize("name", ["logistic regression with imputation", "random forest"])
def test_another_estimator_works_by_changing_model_py_alone(forecast, shorter, tmp_path, monkeypatch, name):
    def fit(x, y):
        if name == "random forest":
            return RandomForestClassifier(20, min_samples_leaf=40, random_state=0).fit(x, y)
        steps = (SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=1000))
        return make_pipeline(*steps).fit(x, y)

    monkeypatch.setattr(model, "fit", fit)

    figures = run_into(forecast, tmp_path / "store", shorter).facts["model"]["figures"]["all"]

    assert figures["candidate"]["average_precision"] > figures["persistence"]["average_precision"]


def test_an_estimator_without_probabilities_is_refused_before_anything_is_registered(
    forecast, shorter, tmp_path, monkeypatch
):
    monkeypatch.setattr(model, "fit", make_pipeline(SimpleImputer(), LinearSVC()).fit)

    with pytest.raises(ContractError, match=r"(?s)ML003.*LinearSVC.* has no predict_proba.*Calibrated"):
        run_into(forecast, tmp_path / "store", shorter)

    assert Store(tmp_path / "store" / "models").versions() == []


@pytest.mark.parametrize(
    ("value", "message"), [(math.nan, "contains NaN.*a SimpleImputer"), (math.inf, "infinity.*32 bits")]
)
def test_an_estimator_that_does_not_accept_all_values_is_refused_with_the_remedy(
    forecast, shorter, tmp_path, monkeypatch, value, message
):
    def fit(x, y):
        return LogisticRegression().fit(np.where(np.isnan(x), value, x), y)

    monkeypatch.setattr(model, "fit", fit)

    with pytest.raises(ContractError, match=rf"(?s)ML003.*{message}"):
        run_into(forecast, tmp_path / "store", shorter)


def leaking(product):
    """The product, with a feature that is the outcome: minutes of the next hour."""
    sql = product.transforms / "features.sql"
    text = sql.read_text(encoding="utf-8")
    lag = "        lag(queue_minutes, 1) over hourly as queue_minutes_1h_ago,\n"
    assert lag in text
    ahead = "        lead(queue_minutes, 1) over hourly as queue_minutes_1h_ago,\n"
    sql.write_text(text.replace(lag, ahead), encoding="utf-8")
    return product


def test_a_feature_that_is_the_outcome_is_not_promoted(own, sample, tmp_path):
    facts = run_into(leaking(own), tmp_path / "store", sample).facts

    failed = [check["name"] for check in facts["gate"] if not check["passed"]]
    assert failed == ["queue_minutes_1h_ago alone"]
    assert facts["model"]["suspicious"]["queue_minutes_1h_ago"] > 0.9
    assert "champion" not in facts["versions"]


def test_it_is_promoted_if_model_py_says_why_it_is_right(own, sample, tmp_path, monkeypatch):
    why = {"queue_minutes_1h_ago": "the queue of the next hour is booked before"}
    monkeypatch.setattr(model, "ACKNOWLEDGED", why, raising=False)

    run = run_into(leaking(own), tmp_path / "store", sample)

    assert "champion" in run.facts["versions"]
    assert "booked before" in (run.store / "report.html").read_text(encoding="utf-8")


WITHOUT_REASON = {
    "a column that is no input": ({"shop": "because"}, "'shop', which is neither an input nor 'duplicates'"),
    "no reason": ({"buyers": " "}, "gives no reason for 'buyers'"),
}


@pytest.mark.parametrize(("names", "message"), WITHOUT_REASON.values(), ids=WITHOUT_REASON)
def test_an_acknowledgement_needs_an_input_and_a_reason(
    forecast, shorter, tmp_path, monkeypatch, names, message
):
    monkeypatch.setattr(model, "ACKNOWLEDGED", names, raising=False)

    with pytest.raises(ContractError, match=f"(?s)ML002.*{message}"):
        run_into(forecast, tmp_path / "store", shorter)
