"""What a user sees: results, messages, exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from << cookiecutter.__package >> import cli, settings, terminal
from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.kit.errors import ProductError

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
    "a time between the hours": (
        "select * replace (observed_at + interval 1 minute as observed_at) from sample limit 9",
        "full_hour: 9 rows",
    ),
    "a date out of range": (
        "select * replace (observed_at - interval 50 year as observed_at) from sample limit 9",
        "observed_at:minimum: 9 rows, e.g. station EWR, observed_at 1963-01-01 06:00:00",
    ),
}


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


@pytest.mark.parametrize("words", [("check", "", "--contract", "source"), ("run", "--source", "")])
def test_an_empty_name_is_not_the_file_that_the_contract_names(command: Any, words: tuple[str, ...]) -> None:
    answer = command(*words)

    assert (answer.code, answer.out) == (2, "")
    assert "error[DQ001] the name of the file is empty" in answer.err


def test_a_source_has_one_name_however_it_is_spelt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert terminal.origin("data/../a.parquet") == terminal.origin(str(tmp_path / "a.parquet"))


def test_a_file_that_is_neither_parquet_nor_csv(command: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.parquet").write_text("station,observed_at")

    answer = command("run", "--source", tmp_path / "notes.parquet")

    assert answer.code == 2
    assert "error[DQ002]" in answer.err
    assert "neither parquet nor .csv" in answer.err


@pytest.mark.parametrize(("share", "name"), [(0.1, "a.parquet"), (0.5, "a.parquet"), (0.8, "parquet.csv")])
def test_a_file_that_is_damaged_in_the_middle_is_named_and_no_contract_blamed(
    command: Any, altered: Any, tmp_path: Path, share: float, name: str
) -> None:
    spoilt, file = bytearray(altered("from sample").read_bytes()), tmp_path / name
    at = int(share * len(spoilt))
    spoilt[at : at + 2000] = bytes(2000)
    file.write_bytes(spoilt)

    answer = command("check", file, "--contract", "source")

    assert answer.code == 2
    assert f"error[DQ002] {file} is damaged: " in answer.err
    assert "Traceback" not in answer.err


def test_an_empty_file(command: Any, altered: Any, tmp_path: Path) -> None:
    answer = command("run", "--source", altered("from sample limit 0"))

    assert answer.code == 2
    assert f"error[DQ003] {tmp_path / 'altered.parquet'}: " in answer.err
    assert "no rows" in answer.err


def test_missing_columns_and_wrong_types_are_all_named_at_once(
    command: Any, altered: Any, tmp_path: Path
) -> None:
    sql = "select * exclude (pressure_hpa) replace (observed_at::varchar as observed_at) from sample"

    answer = command("run", "--source", altered(sql))

    assert answer.code == 2
    assert f"error[DQ004] {tmp_path / 'altered.parquet'}: " in answer.err
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
    assert "visibility_km: 30: Input should be less than or equal to 20" in answer.err


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


@pytest.mark.parametrize("limit", ["plenty", "..GB", "0GB", "0%", "200%"])
def test_a_memory_limit_that_is_none_is_answered_with_an_example(
    command: Any, monkeypatch: pytest.MonkeyPatch, sample: Path, limit: str
) -> None:
    monkeypatch.setenv(f"{settings.PREFIX}MEMORY_LIMIT", limit)

    answer = command("check", sample, "--contract", "source")

    assert answer.code == 2
    assert f"error[CF006] {settings.PREFIX}MEMORY_LIMIT={limit} is no amount of memory" in answer.err
    assert "4GB" in answer.err


def test_a_command_starts_without_what_only_some_need() -> None:
    heavy = ["duckdb", "fastapi", "jinja2", "numpy", "onnxruntime", "pyspark", "sklearn", "sqlglot"]
    text = "import sys; from << cookiecutter.__package >> import cli; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)

    assert [name for name in heavy if name in loaded.stdout.split()] == []


@pytest.mark.parametrize("limit", ["4GB", "1.5 GiB", ".5t", "512MiB", "80%", "0.5%", "100%"])
def test_a_memory_limit_may_be(limit: str) -> None:
    assert settings.read({f"{settings.PREFIX}MEMORY_LIMIT": limit}).memory_limit == limit


def test_a_store_may_lie_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert settings.read({f"{settings.PREFIX}STORE": "~/st"}).store == tmp_path / "st"
    assert settings.read({f"{settings.PREFIX}HOME": "~/pr"}).home == tmp_path / "pr"


def test_the_home_folder_of_somebody_unknown_is_refused(command: Any) -> None:
    answer = command("run", store="~nobody-of-that-name/store")

    assert answer.code == 2
    assert "error[CF001]" in answer.err
    assert "hint: write the path from / on" in answer.err


def test_json_has_null_where_a_figure_cannot_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show({"roc_auc": float("nan")}, as_json=True, text="")

    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {"roc_auc": None}


def test_a_disk_that_may_not_be_written_is_told_with_the_place(command: Any) -> None:
    answer = command("run", store="/sys/store")  # not even by root

    assert answer.code == 2
    assert "error[CF009] /sys/store" in answer.err


@pytest.mark.parametrize(("limit", "told"), [("1MB", "CF009"), ("99999999TB", "CF006")])
def test_memory_that_does_not_last_or_cannot_be_is_told(
    command: Any, monkeypatch: pytest.MonkeyPatch, limit: str, told: str
) -> None:
    monkeypatch.setenv(f"{settings.PREFIX}MEMORY_LIMIT", limit)

    answer = command("run")

    assert answer.code == 2
    assert f"error[{told}]" in answer.err


def test_a_store_that_is_a_device_is_refused(command: Any) -> None:
    assert "error[CF001] the store cannot be /dev/null" in command("run", store="/dev/null").err


def test_what_a_killed_fetch_has_left_goes_after_a_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(f"{settings.PREFIX}STORE", str(tmp_path))
    old, new = tmp_path / ".fetched-old", tmp_path / ".fetched-new"
    for folder in (old, new):
        folder.mkdir()
    (old / "part").write_text("")
    os.utime(old, (0, 0))

    with pytest.raises(ProductError), terminal.delivered("no://where/in.parquet"):
        pass

    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("below", ["", "deeper/store"])
def test_a_store_that_is_a_file_is_refused_with_the_remedy(command: Any, tmp_path: Path, below: str) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("")

    answer = command("run", store=file / below)

    assert answer.code == 2
    assert f"error[CF001] the store cannot be {file / below}: {file} is a file" in answer.err
    assert f"hint: let {settings.PREFIX}STORE name a folder" in answer.err


def test_no_message_for_a_users_mistake_shows_a_traceback_and_each_has_a_paragraph(
    command: Any, tmp_path: Path
) -> None:
    answer = command("check", tmp_path / "none.csv", "--contract", "source")

    assert "Traceback" not in answer.err
    (anchor,) = re.findall(r"docs/errors\.md#(\w+)", answer.err)
    assert f"### {anchor.upper()}\n" in (settings.PACKAGE.parents[1] / "docs/errors.md").read_text()


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


def test_made_up_rows_that_a_rule_ties_together_are_refused_with_the_remedy(
    command: Any, contracts: Path, tmp_path: Path
) -> None:
    file = contracts / "source.yaml"
    text = file.read_text().replace("dew_point_c > temperature_c + 0.5", "wind_speed_ms > humidity_pct / 10")
    file.write_text(text)

    answer = command("synth", 1000, tmp_path / "made.parquet")

    assert answer.code == 2
    assert re.search(r"error\[CT007\] .*: of 1,000 made-up rows \d+ break dew_point_above", answer.err)
    assert "let the custom property synthetic: {sql: ...} make the columns" in answer.err


def test_a_source_contract_that_names_no_file_is_told(command: Any, contracts: Path) -> None:
    file = contracts / "source.yaml"
    text, count = re.subn(r"(?s)servers:\n.*?\n(?=\S)", "", file.read_text())
    file.write_text(text)

    answer = command("run")

    assert (answer.code, count) == (2, 1)
    assert f"error[DQ001] {file} does not say where its file lies" in answer.err


def commands(group: Any, *before: str) -> list[tuple[str, ...]]:
    """The words of every command there is."""
    if not hasattr(group, "commands"):
        return [before]
    return [words for name, each in group.commands.items() for words in commands(each, *before, name)]


@pytest.mark.parametrize("words", commands(typer.main.get_command(cli.app)), ids=" ".join)
def test_every_help_screen_shows_an_example(command: Any, words: tuple[str, ...]) -> None:
    answer = command(*words, "--help")

    assert answer.code == 0
    assert "Example:  " in answer.out
    assert "Exit code:  0" in answer.out


def test_every_command_is_shown_in_the_readme(command: Any) -> None:
    readme = (settings.PACKAGE.parents[1] / "README.md").read_text(encoding="utf-8")

    shown = re.findall(r"^  (\w+)  ", command("--help").out.split("Commands:")[1], re.M)

    assert len(shown) >= 5
    assert [name for name in shown if f" {name}" not in readme] == []
