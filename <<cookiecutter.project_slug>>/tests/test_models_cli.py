"""What a user of the model sees: the run, its refusals, versions, scores."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from << cookiecutter.__package >> import model, pipeline
from << cookiecutter.__package >>.kit.engine import DuckDB


@pytest.mark.parametrize("when", ["< '2013-01-20'", "= '2013-01-20 12:00:00'"])
def test_too_little_data_to_judge_on(command: Any, altered: Any, when: str) -> None:
    answer = command("run", "--source", altered(f"from sample where observed_at {when}"))

    assert answer.code == 2
    assert "error[ML005]" in answer.err


@pytest.fixture
def forgetful(contracts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract of the features has one column less than the champion takes."""
    content = yaml.safe_load((contracts / "features.yaml").read_text())
    (table,) = content["schema"]
    table["properties"] = [each for each in table["properties"] if each["name"] != "wind_gust_ms"]
    (contracts / "features.yaml").write_text(yaml.safe_dump(content))
    monkeypatch.setattr(pipeline, "PACKAGE", contracts.parent)


@pytest.mark.usefixtures("forgetful")
def test_a_champion_of_other_columns_cannot_be_compared_and_stays(
    command: Any, ran: Any, sample: Path
) -> None:
    answer = command("run", "--source", sample, store=ran.store)

    assert answer.code == 3
    assert "error[ML007]" in answer.err
    assert "NOT RUN: it takes other columns" in answer.err


@pytest.mark.usefixtures("forgetful")
def test_a_champion_of_other_columns_scores_nothing(
    command: Any, ran: Any, sample: Path, tmp_path: Path
) -> None:
    answer = command("score", sample, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 2
    assert "error[ML008]" in answer.err


def test_a_champion_of_other_values_scores_nothing(
    command: Any, ran: Any, sample: Path, tmp_path: Path, contracts: Path
) -> None:
    content = (contracts / "features.yaml").read_text()
    (contracts / "features.yaml").write_text(content.replace("value: calm", "value: still"))

    answer = command("score", sample, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 2
    assert "error[ML008]" in answer.err
    assert "takes wind_sector, not as features.yaml has it" in answer.err


@pytest.mark.xdist_group("second run")
@pytest.mark.usefixtures("forgetful")
def test_going_to_a_champion_of_other_columns_says_that_nothing_comes_of_it(
    command: Any, ran_twice: Any
) -> None:
    second = ran_twice.report.facts["versions"]["champion"]

    back = command("models", "rollback", store=ran_twice.store)
    forth = command("models", "promote", second, store=ran_twice.store)

    for answer in (back, forth):
        assert answer.code == 0
        assert "run` publishes nothing (ML007), the service refuses it (ML008)" in answer.out
        assert "publishes with it" not in answer.out


def test_a_group_that_is_no_key_is_refused_before_anything_is_learnt(
    command: Any, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "GROUP", "statoin")

    answer = command("run", "--source", sample)

    assert answer.code == 2
    assert "error[ML002]" in answer.err
    assert "'statoin'" in answer.err
    assert "station, observed_at" in answer.err


def test_a_feature_from_a_column_known_only_after_the_outcome_is_refused(
    command: Any, contracts: Path, monkeypatch: pytest.MonkeyPatch, sample: Path
) -> None:
    file = contracts / "source.yaml"
    mark = "customProperties: [{property: knownAfterOutcome, value: true}, "
    hint = "customProperties: [{property: synthetic, value: {mean: 15, sd: 3}}]"
    file.write_text(file.read_text().replace(hint, mark + hint.removeprefix("customProperties: [")))
    monkeypatch.setattr(pipeline, "PACKAGE", contracts.parent)

    answer = command("run", "--source", sample)

    assert answer.code == 2
    assert "error[ML001]" in answer.err
    assert "visibility_change_1h_km comes from visibility_km" in answer.err


def test_before_the_first_run_status_says_what_to_do(command: Any) -> None:
    answer = command("status")

    assert answer.code == 2
    assert "there is no champion version yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_tells_its_figures_and_json_tells_the_same(command: Any, ran: Any) -> None:
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "26,115 rows: 26,113 good, 2 in quarantine" in plain.out
    assert "features  " not in plain.out  # as many as the source has
    assert data["versions"]["candidate"] in plain.out
    assert data["checks"]["source"]["bad"] == 2
    assert "\x1b" not in plain.out + plain.err


def test_features_of_fewer_rows_than_the_source_are_told(
    command: Any, shorter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = pipeline.FEATURES.read_text() + "where hour(observed_at) % 3 = 0"
    (tmp_path / "features.sql").write_text(fewer)
    monkeypatch.setattr(pipeline, "FEATURES", tmp_path / "features.sql")

    answer = command("run", "--source", shorter)

    page = " ".join((tmp_path / "store" / "report.html").read_text(encoding="utf-8").split())
    assert re.search(r"features +2,8\d\d rows, made from 8,6\d\d good rows of the source", answer.out)
    assert re.search(r"They are made from 8,6\d\d good rows of the source", page)


def test_a_refused_candidate_is_told_with_figure_and_bound_and_the_champion_stays(
    command: Any, ran: Any, shorter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "LIMITS", model.Limits(0.02, 0.1, calibration_error=0.0))

    answer = command("run", "--source", shorter, store=ran.store)

    assert answer.code == 1
    assert "error[ML006]" in answer.err
    assert re.search(r"calibration error: 0\.\d+, must be < 0\.0", answer.err)
    listed = json.loads(command("models", "list", "--json", store=ran.store).out)
    assert [version["alias"] for version in listed] == ["challenger", "champion"]
    assert listed[1]["version"] == ran.report.facts["versions"]["champion"]


@pytest.mark.xdist_group("second run")
def test_models_are_listed_promoted_and_rolled_back(command: Any, ran_twice: Any) -> None:
    first, second = ran_twice.report.facts["champion_before"], ran_twice.report.facts["versions"]["champion"]

    listed = json.loads(command("models", "list", "--json", store=ran_twice.store).out)
    back = command("models", "rollback", store=ran_twice.store)
    again = command("models", "rollback", store=ran_twice.store)
    forth = command("models", "promote", second, store=ran_twice.store)

    assert {model["version"]: model["alias"] for model in listed} == {first: "", second: "champion"}
    assert (back.code, again.code, forth.code) == (0, 2, 0)
    assert f"champion is {first}; `<< cookiecutter.project_slug >> run` publishes with it" in back.out
    assert "error[ST003]" in again.err


def test_a_damaged_version_does_not_hide_the_others(command: Any, ran: Any) -> None:
    (manifest,) = ran.store.glob("models/*/manifest.json")
    manifest.write_text("{")

    answer = command("models", "list", store=ran.store)

    assert answer.code == 0
    assert f"{manifest.parent.name}  damaged  champion" in answer.out


def test_a_damaged_log_is_named_with_its_path(command: Any, ran: Any) -> None:
    (ran.store / "models" / "log.jsonl").write_text("{broken\n")

    answer = command("status", store=ran.store)

    assert answer.code == 2
    assert f"error[ST005] {ran.store}/models/log.jsonl is damaged" in answer.err


def test_labels_that_training_cannot_use_stop_the_run(
    command: Any, sample: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "labels.sql").write_text(pipeline.LABELS.read_text() + " cross join range(2)")
    monkeypatch.setattr(pipeline, "LABELS", tmp_path / "labels.sql")

    answer = command("run", "--source", sample)

    assert answer.code == 2
    assert "error[CT006]" in answer.err
    assert "labels.sql must give one row for each station, observed_at: 26,113 keys come" in answer.err


@pytest.mark.parametrize("name", ["out.parquet", "out.source-quarantine.parquet"])
def test_what_is_scored_is_not_overwritten(
    command: Any, ran: Any, altered: Any, tmp_path: Path, name: str
) -> None:
    file = altered("from sample").rename(tmp_path / name)
    before = file.read_bytes()

    answer = command("score", file, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 2
    assert "it would overwrite what it is made from" in answer.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("version", ["../models", "/etc", "", "zzz", "0" * 13])
def test_a_version_that_is_none_cannot_be_promoted(command: Any, ran: Any, version: str) -> None:
    answer = command("models", "promote", version, store=ran.store)

    assert answer.code == 2
    assert "error[ST001]" in answer.err


def test_scoring_the_source_gives_what_the_run_published(
    command: Any, ran: Any, sample: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"

    answer = command("score", sample, out, store=ran.store)

    assert answer.code == 0
    (published,) = ran.store.glob("predictions/*/predictions.parquet")
    with DuckDB() as engine:
        order = "order by station, observed_at"
        assert engine.rows(f"from '{out}' {order}") == engine.rows(f"from '{published}' {order}")
        kept = tmp_path / "out.source-quarantine.parquet"
        assert engine.rows(f"select count(*) from '{kept}'") == [(2,)]


def test_what_an_earlier_scoring_refused_does_not_stay_beside_a_new_one(
    command: Any, ran: Any, altered: Any, sample: Path, tmp_path: Path
) -> None:
    out, kept = tmp_path / "out.parquet", tmp_path / "out.source-quarantine.parquet"
    command("score", sample, out, store=ran.store)
    assert kept.exists()

    answer = command("score", altered("from sample limit 99"), out, store=ran.store)

    assert answer.code == 0
    assert not kept.exists()


def test_new_rows_are_scored_without_what_is_known_only_after_the_outcome(
    command: Any, ran: Any, sample: Path, contracts: Path, tmp_path: Path
) -> None:
    shutil.copytree(pipeline.FEATURES.parent, contracts.parent / "transforms")
    content = yaml.safe_load((contracts / "source.yaml").read_text())
    later = {
        "name": "flooded_cellars",
        "logicalType": "integer",
        "required": True,
        "customProperties": [{"property": "knownAfterOutcome", "value": True}],
        "quality": [
            {"name": "most_are_counted", "metric": "nullValues", "unit": "percent", "mustBeLessThan": 50},
            {"name": "no_flood", "type": "sql", "mustBe": 0}
            | {"query": "SELECT COUNT(*) FROM ${object} WHERE flooded_cellars > 1000"},
        ],
    }
    content["schema"][0]["properties"].append(later)
    (contracts / "source.yaml").write_text(yaml.safe_dump(content))

    answer = command("score", sample, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 0, answer.err
    assert "26,113 rows scored" in answer.out
    assert "flooded_cellars" not in answer.err


def test_scoring_refuses_bad_features_and_keeps_them(command: Any, ran: Any, tmp_path: Path) -> None:
    (good,) = ran.store.glob("features/*/features.parquet")
    with DuckDB() as engine:
        engine.write(f"select * replace (101 as humidity_pct) from '{good}' limit 5", tmp_path / "in.parquet")

    out = tmp_path / "out.parquet"
    words = ("score", tmp_path / "in.parquet", out, "--contract", "features")

    answer = command(*words, store=ran.store)

    assert answer.code == 2  # not one row is good
    assert "humidity_pct:maximum: 5 rows" in answer.err
    assert not (tmp_path / "out.parquet").exists()
    assert (tmp_path / "out.features-quarantine.parquet").exists()
