"""A run of a product with a model: its results, what it publishes, when it does nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sklearn.tree import DecisionTreeClassifier

import rows as sample_rows
from datadevops.contract import odcs
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import RefusedError
from datadevops.store import aliases
from datadevops.store.versions import Store
from datadevops.testing import running
from runs import environment, rows, run_into
from shop_forecast import model


def champion(store):
    return aliases.require(Store(store / "models"), "champion").id


def test_the_two_bad_rows_of_the_sample_and_no_others_are_in_quarantine(first_run):
    (file,) = first_run.store.glob("source/*/quarantine.parquet")

    found = rows(f"select shop, opened_at::varchar, broken_rules from '{file}' order by 1")

    assert found == sample_rows.BAD


def test_no_row_is_lost_between_source_and_predictions(first_run):
    read, made = first_run.facts["checks"]["source"], first_run.facts["checks"]["features"]

    assert read["good"] + read["bad"] == read["read"] == sample_rows.READ
    assert made["read"] == read["good"]
    (predictions,) = first_run.store.glob("predictions/*/predictions.parquet")
    assert rows(f"select count(*) from '{predictions}'") == [(read["good"],)]
    used = first_run.facts["model"]["rows"]
    unused = read["good"] - sum(first_run.facts["unknown"].values()) - sum(used.values())
    assert 0 <= unused <= 12  # rows whose label looks across a border between slices


def test_the_model_beats_each_baseline_by_far(first_run):
    figures = dict(first_run.facts["model"]["figures"]["all"])
    candidate = figures.pop("candidate")

    assert sorted(figures) == ["climatology", "persistence"]
    for baseline in figures.values():
        assert candidate["average_precision"] > baseline["average_precision"] + 0.1
        assert candidate["brier"] < baseline["brier"] - 0.03
    assert all(check["passed"] for check in first_run.facts["gate"])


def test_the_threshold_is_chosen_without_the_newest_rows(first_run):
    facts = first_run.facts["model"]

    assert facts["newest_from"].startswith("2025-04-24")  # three quarters of the time are over
    assert 0.2 < facts["output"]["threshold"] < 0.8


def two_scores(x, y, **options):
    """A tree that knows two probabilities only."""
    return DecisionTreeClassifier(max_leaf_nodes=2, random_state=0, **options).fit(x, y)


def test_the_threshold_lies_between_the_scores_of_a_model_with_two(forecast, sample, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "fit", two_scores)

    run = run_into(forecast, tmp_path / "store", sample)

    (file,) = run.store.glob("predictions/*/predictions.parquet")
    ((least_no, least_yes),) = rows(f"""select min(threshold - probability) filter (not decision),
        min(probability - threshold) filter (decision) from '{file}'""")
    assert min(least_no, least_yes) > 0.1


def test_a_model_that_decides_the_same_for_every_row_does_not_pass(forecast, sample, tmp_path, monkeypatch):
    fitted = []

    def fit(x, y):
        weight = {0: 1, 1: 0.05 if fitted else 1}  # the model that is served has lower scores
        fitted.append(two_scores(x, y, class_weight=weight))
        return fitted[-1]

    monkeypatch.setattr(model, "fit", fit)

    run = run_into(forecast, tmp_path / "store", sample)

    wrong = {check["name"]: check["figure"] for check in run.facts["gate"] if check["passed"] is False}
    assert wrong["decisions"] == f"no in all {run.facts['model']['rows']['newest']:,} rows"
    assert "champion" not in run.facts["versions"]


def test_predictions_name_their_model_and_keep_their_contract(first_run):
    (file,) = first_run.store.glob("predictions/*/predictions.parquet")

    found = rows(f"select distinct model_version, decision = (probability >= threshold) from '{file}'")

    assert found == [(champion(first_run.store), True)]


def test_the_published_predictions_are_those_that_the_gate_evaluated(first_run):
    versions = first_run.facts["versions"]
    published = first_run.store / "predictions" / versions["predictions"] / "predictions.parquet"
    evaluated = first_run.store / "models" / versions["champion"] / "holdout.parquet"

    ((count, most),) = rows(
        "select count(*), max(abs(probability - candidate))"
        f" from '{published}' join '{evaluated}' using (shop, opened_at)"
    )

    assert count == first_run.facts["model"]["rows"]["newest"]
    assert most == 0


def test_a_second_run_does_no_work(first_run, forecast, sample):
    again = run_into(forecast, first_run.store, sample)

    assert again.steps == []
    assert again.report.id == first_run.report.id


def test_a_run_that_takes_old_rows_has_a_report_of_its_own_time(ran, forecast, sample, tmp_path, monkeypatch):
    later = running.NOON + timedelta(days=3)
    monkeypatch.setattr(running, "NOON", later)
    monkeypatch.chdir(tmp_path)  # where the contract's file is not

    delivered = run_into(forecast, ran.store, sample)
    old = run_into(forecast, ran.store)

    assert delivered.report.id == ran.report.id
    assert (old.facts["at"], old.steps) == (later.isoformat(timespec="seconds"), ["reports"])


def test_a_run_deletes_old_versions_but_none_in_use(ran, forecast, sample):
    stores = {path.name: Store(path) for path in ran.store.iterdir() if path.is_dir()}
    keep = odcs.load(forecast.contracts / "predictions.yaml").keep_versions
    for store in stores.values():
        for number in range(keep):
            old = store.make({"old": str(number)}, lambda _: {})
            os.utime(old.folder, (number, number))

    again = run_into(forecast, ran.store, sample)

    assert again.steps == []
    assert {len(store.versions()) for store in stores.values()} == {keep}
    assert {*stores} == {"source", "features", "labels", "models", "predictions", "reports"}


def test_the_same_data_and_code_give_the_same_versions_in_another_folder(first_run, second_run):
    one, other = (run.facts["versions"] for run in (first_run, second_run))

    assert first_run.store != second_run.store
    assert [one[name] for name in one] == [other[name] for name in one]


def test_the_facts_have_the_time_of_the_newest_prediction(first_run):
    assert first_run.facts["newest"] == sample_rows.NEWEST


def test_the_report_is_one_page_that_loads_nothing_from_the_network(first_run):
    page = (first_run.store / "report.html").read_text(encoding="utf-8")

    assert first_run.facts["versions"]["candidate"] in page
    assert "takings:maximum" in page.replace("<wbr>", "")
    assert "<script" not in page
    assert not [word for word in ("src=", "@import", "url(", 'href="http') if word in page]


def test_other_data_makes_another_version_that_is_compared_with_the_champion(second_run):
    assert second_run.facts["versions"]["candidate"] != second_run.facts["champion_before"]
    assert any(check["name"] == "skill against the champion" for check in second_run.facts["gate"])


def test_a_run_does_not_promote_a_model_that_was_rolled_back(ran_twice, forecast, sample):
    before = ran_twice.facts["champion_before"]
    models = Store(ran_twice.store / "models")
    aliases.rollback(models, "champion", "too many false alarms", datetime.now(UTC))

    again = run_into(forecast, ran_twice.store, sample)

    failed = [check["name"] for check in again.facts["gate"] if not check["passed"]]
    assert failed == ["it was rolled back"]
    assert again.facts["versions"]["champion"] == before == champion(ran_twice.store)


def test_too_many_bad_rows_stop_the_run_and_publish_nothing(ran, forecast, altered):
    before = champion(ran.store)
    takings = "case when epoch(opened_at) % 360000 = 0 then 99999 else takings end"
    bad = altered(f"select * replace ({takings} as takings) from sample")

    with pytest.raises(
        RefusedError, match=r"takings:maximum: \d+ rows, e.g. shop market, opened_at 2025"
    ) as error:
        run_into(forecast, ran.store, bad)

    assert error.value.exit_code == 1
    assert "0.10% of the rows may be bad. Nothing new is published." in str(error.value)
    assert champion(ran.store) == before


RUN = """
import sys
from pathlib import Path
import runs
from shop_forecast import PRODUCT
runs.run_into(PRODUCT, Path(sys.argv[1]), Path(sys.argv[2]), lambda step, *_: print(step, flush=True))
"""


@pytest.mark.parametrize("step", ["predictions", pytest.param("models", marks=pytest.mark.long)])
def test_a_killed_run_leaves_champion_and_predictions_whole(ran, forecast, shorter, step):
    before = champion(ran.store)
    words = [sys.executable, "-c", RUN, str(ran.store), str(shorter)]
    with subprocess.Popen(words, env=environment(forecast), stdout=subprocess.PIPE, text=True) as child:
        while child.stdout.readline().strip() != step:
            assert child.poll() is None
        child.kill()

    assert champion(ran.store) == before
    published = aliases.require(Store(ran.store / "predictions"), "published")
    with DuckDB() as engine:
        engine.read("published", published.file("predictions.parquet"))
        assert engine.rows("select count(*) from published") == [(sample_rows.GOOD,)]
