"""The main job on the sample: what it finds, what it publishes, what it refuses."""

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from << cookiecutter.__package >> import model, pipeline, settings
from << cookiecutter.__package >>.kit import aliases
from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.kit.errors import ContractError, RefusedError
from << cookiecutter.__package >>.kit.store import Store


def rows(sql: str) -> list[tuple[Any, ...]]:
    with DuckDB() as engine:
        return engine.rows(sql)


def champion(store: Path) -> str:
    return aliases.require(Store(store / "models"), "champion").id


def test_the_two_impossible_rows_of_the_sample_and_no_others_are_in_quarantine(first_run: Any) -> None:
    (file,) = first_run.store.glob("source/*/quarantine.parquet")

    found = rows(f"select station, observed_at::varchar, broken_rules from '{file}' order by 1")

    assert found == [
        ("EWR", "2013-02-12 08:00:00", "wind_speed_ms:maximum"),
        ("JFK", "2013-05-09 02:00:00", "temperature_spike"),
    ]


def test_no_row_is_lost_between_source_and_predictions(first_run: Any) -> None:
    facts = first_run.report.facts
    read, made = facts["checks"]["source"], facts["checks"]["features"]

    assert read["good"] + read["bad"] == read["read"] == 26_115
    assert made["read"] == read["good"]
    (predictions,) = first_run.store.glob("predictions/*/predictions.parquet")
    assert rows(f"select count(*) from '{predictions}'") == [(read["good"],)]
    used = facts["model"]["rows"]
    unused = read["good"] - sum(facts["unknown"].values()) - sum(used.values())
    assert 0 <= unused <= 12  # rows whose label looks across a border between slices


def test_the_model_beats_persistence_by_far_where_it_should(first_run: Any) -> None:
    figures = first_run.report.facts["model"]["figures"]["all"]

    assert figures["candidate"]["average_precision"] == pytest.approx(0.77, abs=0.02)
    assert figures["persistence"]["average_precision"] == pytest.approx(0.53, abs=0.01)
    assert figures["candidate"]["brier"] < 0.03 < figures["persistence"]["brier"]
    assert figures["climatology"]["average_precision"] < 0.1


def test_the_threshold_is_chosen_without_the_newest_rows(first_run: Any) -> None:
    facts = first_run.report.facts["model"]

    assert facts["newest_from"].startswith("2013-10-01")
    assert 0.2 < facts["threshold"] < 0.6


def test_predictions_say_which_model_made_them_and_keep_their_contract(first_run: Any) -> None:
    (file,) = first_run.store.glob("predictions/*/predictions.parquet")

    found = rows(f"select distinct model_version, decision = (probability >= threshold) from '{file}'")

    assert found == [(champion(first_run.store), True)]


def test_what_is_published_is_what_the_gate_has_judged(first_run: Any) -> None:
    versions = first_run.report.facts["versions"]
    published = first_run.store / "predictions" / versions["predictions"] / "predictions.parquet"
    judged = first_run.store / "models" / versions["champion"] / "holdout.parquet"

    with DuckDB() as engine:
        engine.read("published", published)
        engine.read("judged", judged)
        apart = "count(*), max(abs(probability - candidate))"
        ((rows, most),) = engine.rows(
            f"select {apart} from published join judged using (station, observed_at)"
        )

    assert rows == first_run.report.facts["model"]["rows"]["newest"]
    assert most == 0


def test_a_second_run_does_no_work(first_run: Any, run: Callable[..., Any]) -> None:
    again = run(first_run.store)

    assert again.steps == []
    assert again.report.id == first_run.report.id


def test_a_run_deletes_old_versions_and_none_that_is_in_use(ran: Any, run: Callable[..., Any]) -> None:
    stores = {path.name: Store(path) for path in ran.store.iterdir() if path.is_dir()}
    keep = settings.contract("predictions").keep_versions
    for store in stores.values():
        for number in range(keep):
            old = store.make({"old": str(number)}, lambda _: {})
            os.utime(old.folder, (number, number))

    again = run(ran.store)

    assert again.steps == []
    assert {len(store.versions()) for store in stores.values()} == {keep}
    assert {*stores} == {*pipeline.STORES}


@pytest.mark.xdist_group("second run")
def test_the_same_data_and_code_give_the_same_versions_in_another_folder(
    first_run: Any, second_run: Any
) -> None:
    one, other = (run.report.facts["versions"] for run in (first_run, second_run))

    assert first_run.store != second_run.store
    assert [one[name] for name in one] == [other[name] for name in one]


MADE = "customProperties: [{property: synthetic, value: {sql: upper('jfk')}}]"


@pytest.mark.parametrize(
    ("made", "told"),
    [("", "'station': its values cannot be guessed"), (MADE, "station has no example, and 'x' breaks its")],
)
def test_features_that_nobody_can_make_up_are_refused_before_anything_is_learnt(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: str, told: str
) -> None:
    shutil.copytree(pipeline.PACKAGE / "contracts", tmp_path / "contracts")
    monkeypatch.setattr(pipeline, "PACKAGE", tmp_path)
    path = tmp_path / "contracts" / "features.yaml"
    pattern = 'logicalTypeOptions: {pattern: "[A-Z]{3}"}'
    text, changed = re.subn(r"enum: \[.*EWR.*", f"{pattern}\n        {made}", path.read_text())
    path.write_text(text)

    with pytest.raises(ContractError, match=f"CT007.*{told}"):
        run(tmp_path / "store")

    assert changed == 1
    assert not (tmp_path / "store" / "models").exists()


def test_predictions_that_break_their_contract_change_no_champion(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(pipeline.PACKAGE / "contracts", tmp_path / "contracts")
    monkeypatch.setattr(pipeline, "PACKAGE", tmp_path)
    path = tmp_path / "contracts" / "predictions.yaml"
    path.write_text(path.read_text().replace("{value: EWR}, ", ""))

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*station:enum: .*Nothing new is published\."):
        run(tmp_path / "store")

    assert aliases.current(Store(tmp_path / "store" / "models"), "champion") is None


def test_a_group_for_each_hour_is_refused_before_anything_is_learnt(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, shorter: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(model, "GROUP", "observed_at")

    with pytest.raises(ContractError, match=r"ML002.*'observed_at', which has 2,\d+ values"):
        run(tmp_path / "store", shorter)


def test_a_naive_forecast_of_a_column_that_is_gone_is_named(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, shorter: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(model, "persistence", lambda features: features["sales"])

    with pytest.raises(ContractError, match=r"ML002.*reads a column 'sales' that .*(?s:.*)rain_mm"):
        run(tmp_path / "store", shorter)


def test_the_run_tells_prometheus_how_new_its_predictions_are(first_run: Any) -> None:
    assert first_run.report.facts["newest"] == "2013-12-30T23:00:00"


def test_the_report_is_one_page_that_asks_nothing_of_the_network(first_run: Any) -> None:
    page = (first_run.store / "report.html").read_text(encoding="utf-8")

    assert first_run.report.facts["versions"]["candidate"] in page
    assert "wind_speed_ms:maximum" in page.replace("<wbr>", "")
    assert "<script" not in page
    assert not [word for word in ("src=", "@import", "url(", 'href="http') if word in page]


@pytest.mark.xdist_group("second run")
def test_other_data_makes_another_version_that_is_compared_with_the_champion(second_run: Any) -> None:
    facts = second_run.report.facts

    assert facts["versions"]["candidate"] != facts["champion_before"]
    assert any("against the champion" in check["name"] for check in facts["gate"])


@pytest.mark.xdist_group("second run")
def test_a_model_somebody_rolled_back_from_does_not_come_back_by_itself(
    ran_twice: Any, run: Callable[..., Any]
) -> None:
    before = ran_twice.report.facts["champion_before"]
    models = Store(ran_twice.store / "models")
    aliases.rollback(models, "champion", "too many false alarms", datetime.now(UTC))

    again = run(ran_twice.store)

    failed = [check["name"] for check in again.report.facts["gate"] if not check["passed"]]
    assert failed == ["somebody has rolled back from it"]
    assert again.report.facts["versions"]["champion"] == before == champion(ran_twice.store)


def test_too_many_bad_rows_stop_the_run_and_publish_nothing(
    ran: Any, run: Callable[..., Any], altered: Callable[..., Path]
) -> None:
    before = champion(ran.store)
    wind = "case when hash(observed_at) % 100 = 0 then 999 else wind_speed_ms end"
    bad = altered(f"select * replace ({wind} as wind_speed_ms) from sample")

    with pytest.raises(RefusedError) as refusal:
        run(ran.store, bad)

    assert refusal.value.exit_code == 1
    text = str(refusal.value)
    assert re.search(r"wind_speed_ms:maximum: \d+ rows, e.g. station EWR, observed_at 2013", text)
    assert "0.10% of the rows may be bad. Nothing new is published." in text
    assert champion(ran.store) == before


@pytest.mark.parametrize("model_name", ["logistic regression with imputation", "random forest"])
def test_another_estimator_works_by_changing_model_py_alone(
    run: Callable[..., Any], shorter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_name: str
) -> None:
    def fit(x: Any, y: Any) -> Any:
        if model_name == "random forest":
            return RandomForestClassifier(20, min_samples_leaf=40, random_state=0).fit(x, y)
        steps = (SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=1000))
        return make_pipeline(*steps).fit(x, y)

    monkeypatch.setattr(model, "fit", fit)

    figures = run(tmp_path / "store", shorter).report.facts["model"]["figures"]["all"]

    assert figures["candidate"]["average_precision"] > figures["persistence"]["average_precision"]


@pytest.mark.parametrize(
    ("value", "told"), [(math.nan, "contains NaN.*a SimpleImputer"), (math.inf, "infinity.*32 bits")]
)
def test_an_estimator_that_takes_not_all_values_is_told_with_the_remedy(
    run: Callable[..., Any],
    shorter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    value: float,
    told: str,
) -> None:
    def fit(x: Any, y: Any) -> Any:
        return LogisticRegression().fit(np.where(np.isnan(x), value, x), y)

    monkeypatch.setattr(model, "fit", fit)

    with pytest.raises(ContractError, match=rf"(?s)ML003.*{told}"):
        run(tmp_path / "store", shorter)


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from << cookiecutter.__package >> import pipeline
from << cookiecutter.__package >>.kit.engine import DuckDB
say = lambda step: print(step, flush=True)
pipeline.run(DuckDB(), Path(sys.argv[1]), Path(sys.argv[2]), datetime.now(UTC), say)
"""


@pytest.mark.parametrize("step", ["models", "predictions"])
def test_a_killed_run_leaves_champion_and_predictions_whole(ran: Any, shorter: Path, step: str) -> None:
    before = champion(ran.store)
    words = [sys.executable, "-c", KILLED, str(ran.store), str(shorter)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while child.stdout.readline().strip() != step:
            assert child.poll() is None
        child.kill()

    assert champion(ran.store) == before
    published = aliases.require(Store(ran.store / "predictions"), "published")
    assert rows(f"select count(*) from '{published.file('predictions.parquet')}'") == [(26_113,)]
