"""What a user sees: results, messages, exit codes."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from << cookiecutter.__package >> import model, pipeline, settings
from << cookiecutter.__package >>.kit.engine import DuckDB

SPOILT = {
    "duplicate keys": ("from sample union all from sample limit 26120", "key:duplicate: "),
    "NaN": (
        "select * replace ('nan'::double as temperature_c) from sample limit 9",
        "temperature_c:finite: 9 rows",
    ),
    "infinity": (
        "select * replace ('-inf'::double as dew_point_c) from sample limit 9",
        "dew_point_c:finite: 9 rows",
    ),
    "a date out of range": (
        "select * replace (observed_at - interval 50 year as observed_at) from sample limit 9",
        "observed_at:minimum: 9 rows, e.g. station EWR, observed_at 1963-01-01 06:00:00",
    ),
}


@pytest.fixture
def contracts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the package's contracts, to be spoilt."""
    shutil.copytree(settings.PACKAGE / "contracts", tmp_path / "contracts")
    monkeypatch.setattr(settings, "PACKAGE", tmp_path)
    return tmp_path / "contracts"


@pytest.mark.parametrize("fault", SPOILT)
def test_spoilt_rows_are_named_by_rule(command: Any, altered: Any, fault: str) -> None:
    sql, message = SPOILT[fault]

    answer = command("check", altered(sql), "--contract", "source")

    assert answer.code == 2
    assert message in answer.err
    assert answer.err.startswith("error[DQ005]")


def test_a_missing_file(command: Any, tmp_path: Path) -> None:
    answer = command("run", "--source", tmp_path / "none.parquet")

    assert answer.code == 2
    assert f"error[DQ001] {tmp_path}/none.parquet: there is no such file" in answer.err


def test_a_file_that_is_neither_parquet_nor_csv(command: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.parquet").write_text("station,observed_at")

    answer = command("run", "--source", tmp_path / "notes.parquet")

    assert answer.code == 2
    assert "error[DQ002]" in answer.err
    assert "neither parquet nor .csv" in answer.err


def test_an_empty_file(command: Any, altered: Any) -> None:
    answer = command("run", "--source", altered("from sample limit 0"))

    assert answer.code == 2
    assert "error[DQ003]" in answer.err
    assert "no rows" in answer.err


def test_missing_columns_and_wrong_types_are_all_named_at_once(command: Any, altered: Any) -> None:
    sql = "select * exclude (pressure_hpa) replace (observed_at::varchar as observed_at) from sample"

    answer = command("run", "--source", altered(sql))

    assert answer.code == 2
    assert "error[DQ004]" in answer.err
    assert "observed_at: VARCHAR, must be timestamp" in answer.err
    assert "pressure_hpa: missing, must be number" in answer.err


def test_an_extra_column_is_allowed_and_reported(command: Any, altered: Any) -> None:
    sql = "select *, 1 as sky from sample where wind_speed_ms < 120 and observed_at < '2013-05-01'"

    answer = command("check", altered(sql), "--contract", "source")

    assert answer.code == 0
    assert "source v1.0.0: 8,608 rows, 0 of them bad" in answer.out
    assert "column sky is not in the contract" in answer.out


def test_a_file_without_one_good_row(command: Any, altered: Any) -> None:
    answer = command("run", "--source", altered("select * replace (999 as visibility_km) from sample"))

    assert answer.code == 2
    assert "error[DQ007]" in answer.err
    assert "visibility_km:maximum: 26,115 rows" in answer.err


def test_too_little_data_to_judge_on(command: Any, altered: Any) -> None:
    answer = command("run", "--source", altered("from sample where observed_at < '2013-01-20'"))

    assert answer.code == 2
    assert "error[ML005]" in answer.err


def test_a_csv_file_gives_the_same_answer_as_parquet(command: Any, sample: Path, tmp_path: Path) -> None:
    with DuckDB() as engine:
        engine.rows(f"copy (from '{sample}') to '{tmp_path}/weather.csv'")

    answer = command("check", tmp_path / "weather.csv", "--contract", "source")

    assert answer.code == 2
    assert "2 of 26,115 rows break 2 rules" in answer.err


def test_a_csv_cell_of_a_wrong_type_is_named(command: Any, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("station,observed_at,humidity_pct\nEWR,2013-01-01T00:00:00,damp\n")

    answer = command("check", tmp_path / "new.csv", "--contract", "source")

    assert answer.code == 2
    assert "error[DQ004]" in answer.err
    assert "humidity_pct" in answer.err
    assert "damp" in answer.err


def test_a_typo_in_a_contract_names_the_place_and_the_nearest_key(
    command: Any, contracts: Path, sample: Path
) -> None:
    file = contracts / "source.yaml"
    file.write_text(file.read_text().replace("required: true", "requird: true", 1))

    answer = command("check", sample, "--contract", "source")

    assert answer.code == 2
    assert "error[CT002]" in answer.err
    assert "schema.source.properties.station: no key 'requird', did you mean 'required'?" in answer.err


def test_a_contract_that_contradicts_itself_lists_every_contradiction(
    command: Any, contracts: Path, sample: Path
) -> None:
    file = contracts / "source.yaml"
    text = file.read_text().replace("{minimum: 0, maximum: 20}", "{minimum: 30, maximum: 20}")
    file.write_text(text.replace("{minimum: 0, maximum: 200}", "{minimum: 300, maximum: 200}"))

    answer = command("check", sample, "--contract", "source")

    assert answer.code == 2
    assert "error[CT003]" in answer.err
    assert "precipitation_mm: " in answer.err
    assert "visibility_km: 30 breaks maximum 20" in answer.err


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


def test_an_unknown_contract_is_answered_with_the_nearest(command: Any, sample: Path) -> None:
    answer = command("check", sample, "--contract", "sorce")

    assert answer.code == 2
    assert "hint: did you mean 'source'?" in answer.err


def test_an_unknown_setting_is_answered_with_the_nearest(
    command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{settings.PREFIX}STOR", "x")

    answer = command("status")

    assert answer.code == 2
    assert f"did you mean '{settings.PREFIX}STORE'?" in answer.err


def test_no_message_for_a_users_mistake_shows_a_traceback_and_each_has_a_paragraph(
    command: Any, tmp_path: Path
) -> None:
    answer = command("check", tmp_path / "none.csv", "--contract", "source")

    assert "Traceback" not in answer.err
    (anchor,) = re.findall(r"docs/errors\.md#(\w+)", answer.err)
    assert f"### {anchor.upper()}\n" in (settings.PACKAGE.parents[1] / "docs/errors.md").read_text()


def test_before_the_first_run_status_says_what_to_do(command: Any) -> None:
    answer = command("status")

    assert answer.code == 2
    assert "there is no champion yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_tells_its_figures_and_json_tells_the_same(command: Any, ran: Any) -> None:
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "26,115 rows: 26,113 good, 2 in quarantine" in plain.out
    assert data["versions"]["candidate"] in plain.out
    assert data["checks"]["source"]["bad"] == 2
    assert "\x1b" not in plain.out + plain.err


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
    assert f"champion is {first}" in back.out
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


def test_labels_that_are_no_truth_are_refused(
    command: Any, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = pipeline.LABELS.read_text().replace("next_mm > 0 as label", "next_mm as label")
    (tmp_path / "labels.sql").write_text(numbers)
    monkeypatch.setattr(pipeline, "LABELS", tmp_path / "labels.sql")

    answer = command("run", "--source", sample)

    assert answer.code == 2
    assert "must give a column label that is true, false or null" in answer.err


def test_a_file_is_not_scored_onto_itself(command: Any, ran: Any, altered: Any) -> None:
    file = altered("from sample")
    before = file.read_bytes()

    answer = command("score", file, file, store=ran.store)

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


def test_made_up_rows_keep_their_contract_and_are_the_same_for_the_same_seed(
    command: Any, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"

    command("synth", 3000, one)
    command("synth", 3000, two)
    checked = command("check", one, "--contract", "source")

    assert one.read_bytes() == two.read_bytes()
    assert checked.code == 0


def test_a_hint_for_made_up_rows_that_is_no_sql_is_named(
    command: Any, contracts: Path, tmp_path: Path
) -> None:
    file = contracts / "source.yaml"
    file.write_text(file.read_text().replace("mean: temperature_c - 12", "mean: temprature_c - 12"))

    answer = command("synth", 10, tmp_path / "made.parquet")

    assert answer.code == 2
    assert "error[CT007] contract source:" in answer.err
    assert "temprature_c" in answer.err
    assert list(tmp_path.glob("*made*")) == []


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["check"],
        ["score"],
        ["synth"],
        ["status"],
        ["models", "promote"],
        ["slo", "check"],
        ["probe"],
    ],
)
def test_every_help_screen_shows_an_example(command: Callable[..., Any], words: list[str]) -> None:
    answer = command(*words, "--help")

    assert answer.code == 0
    assert "Example:  " in answer.out
    assert "Exit code:  0" in answer.out


def test_every_command_is_shown_in_the_readme(command: Any) -> None:
    readme = (settings.PACKAGE.parents[1] / "README.md").read_text(encoding="utf-8")

    shown = re.findall(r"^  (\w+)  ", command("--help").out.split("Commands:")[1], re.M)

    assert len(shown) >= 6
    assert [name for name in shown if f" {name}" not in readme] == []
