"""The report has a figure for what there is, and none for what there is not."""

import time
from dataclasses import replace

import pytest
import yaml

import rows as sample_rows
from runs import about, run_into
from shop_forecast import model


@pytest.mark.parametrize("name", ["forecast", "statistics"])
def test_a_source_has_its_time_of_arrival_and_that_of_its_newest_row(request, run_once, name):
    run = run_once(request.getfixturevalue(name))

    source = run.facts["sources"]["source"]

    assert (source["file"], source["delivered"]) == ("shops.parquet", True)
    assert source["newest"] == sample_rows.NEWEST
    assert source["arrived_at"]
    assert source["version"] == run.facts["versions"]["source"]


def test_a_source_without_a_time_has_no_newest_row(wide, given, tmp_path):
    began = time.monotonic()

    facts = run_into(wide, tmp_path / "store", given).facts

    assert facts["sources"]["areas"]["newest"] is None
    assert facts["sources"]["source"]["newest"] == sample_rows.NEWEST
    took = facts["tables"]["hourly"]["seconds"]
    assert 0 < took < time.monotonic() - began


@pytest.fixture
def refused(ran, own, shorter, monkeypatch):
    """A run whose candidate is refused, beside a champion that needs a column which the features lack."""
    path = own.contracts / "features.yaml"
    content = yaml.safe_load(path.read_text())
    (table,) = content["schema"]
    table["properties"] = [each for each in table["properties"] if each["name"] != "takings"]
    path.write_text(yaml.safe_dump(content))
    monkeypatch.setattr(model, "LIMITS", replace(model.LIMITS, skill=0.9))
    return run_into(own, ran.store, shorter)


def test_where_no_model_fits_there_are_no_predictions_and_drift_is_measured_from_the_candidate(refused, ran):
    facts = refused.facts

    assert facts["champion_before"] == facts["versions"]["champion"] == ran.facts["versions"]["champion"]
    assert facts["model"]["drift_baseline"] == facts["versions"]["candidate"]
    assert (facts["rows"], facts["newest"]) == (0, None)
    assert "predictions" not in facts["versions"]


def test_the_drift_of_a_champion_that_fits_is_measured_from_its_training(second_run):
    facts = second_run.facts

    assert facts["model"]["drift_baseline"] == facts["champion_before"]
    assert (facts["rows"], facts["newest"]) == (sample_rows.GOOD, sample_rows.NEWEST)


def test_a_dataset_of_which_no_partition_could_be_made_has_no_rows(statistics, altered, tmp_path):
    minutes = "case when opened_at::date = '2025-01-02' then -1 else queue_minutes end as queue_minutes"
    file = altered(f"select * replace ({minutes}) from sample where opened_at < '2025-02-01'")

    run = run_into(statistics, tmp_path / "store", file)

    found = about(run)
    assert (found["version"], found["rows"], found["newest"]) == (None, 0, None)
    assert (found["made"], found["partitions"], list(found["failed"])) == ({}, {}, ["2025-01"])
    assert list(run.facts["failed"]) == ["shop_days 2025-01"]
    assert run.facts["tables"]["shop_days"]["rows"] is None
