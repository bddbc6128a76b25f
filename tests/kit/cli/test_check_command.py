"""What a user sees when a file is checked or given to a run: results, messages, exit codes."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rows as sample_rows
from runs import rows

SPOILT = {
    "duplicate keys": ("from sample union all from (from sample limit 5)", "key:duplicate: "),
    "NaN": ("select * replace ('nan'::double as takings) from sample limit 9", "takings:finite: 9 rows"),
    "infinity": (
        "select * replace ('-inf'::double as temperature_c) from sample limit 9",
        "temperature_c:finite: 9 rows",
    ),
    "a time between the hours": (
        "select * replace (opened_at + interval 1 minute as opened_at) from sample limit 9",
        "full_hour: 9 rows",
    ),
    "a date out of range": (
        "select * replace (opened_at - interval 50 year as opened_at) from sample limit 9",
        "opened_at:minimum: 9 rows, e.g. shop market, opened_at 1975-01-01 00:00:00",
    ),
    "two columns that contradict each other": (
        "select * replace (visitors + 1 as buyers) from sample limit 9",
        "buyers_are_visitors: 9 rows",
    ),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_bad_rows_are_named_by_rule(command, altered, fault):
    sql, message = SPOILT[fault]

    answer = command("check", altered(sql), "--contract", "source")

    assert answer.code == 2
    assert message in answer.err
    assert answer.err.startswith("error[DQ005]")


def test_a_missing_file(command, tmp_path):
    answer = command("run", "--source", tmp_path / "none.parquet")

    assert answer.code == 2
    assert f"error[DQ001] {tmp_path}/none.parquet: there is no such file" in answer.err


@pytest.mark.parametrize("words", [("check", "", "--contract", "source"), ("run", "--source", "")])
def test_an_empty_file_name_is_an_error_and_not_the_contract_s_file(command, words):
    answer = command(*words)

    assert (answer.code, answer.out) == (2, "")
    assert "error[DQ001] the name of the file is empty" in answer.err


def test_a_file_that_is_neither_parquet_nor_csv(command, tmp_path):
    (tmp_path / "notes.parquet").write_text("shop,opened_at")

    answer = command("run", "--source", tmp_path / "notes.parquet")

    assert answer.code == 2
    assert "error[DQ002]" in answer.err
    assert "neither parquet nor .csv" in answer.err


def test_a_column_that_cannot_be_read_is_named_and_the_contract_is_not_blamed(command, altered):
    file = altered("from sample limit 2")
    table = pq.read_table(file)
    cells = pa.array([0, -(2**63)]).view(pa.timestamp("ms"))  # no number of microseconds
    pq.write_table(table.set_column(table.schema.names.index("opened_at"), "opened_at", cells), file)

    answer = command("check", file, "--contract", "source")

    assert answer.code == 2
    assert f"error[DQ002] {file} cannot be read\n  opened_at: Conversion Error: Could not" in answer.err
    assert answer.err.count("Error: ") == 1


@pytest.mark.parametrize(("share", "name"), [(0.1, "a.parquet"), (0.5, "a.parquet"), (0.8, "parquet.csv")])
def test_a_file_damaged_in_the_middle_is_named_and_the_contract_is_not_blamed(
    command, altered, tmp_path, share, name
):
    spoilt, file = bytearray(altered("from sample").read_bytes()), tmp_path / name
    at = int(share * len(spoilt))
    spoilt[at : at + 2000] = bytes(2000)
    file.write_bytes(spoilt)

    answer = command("check", file, "--contract", "source")

    assert answer.code == 2
    assert f"error[DQ002] {file} cannot be read\n  " in answer.err
    assert "Traceback" not in answer.err


def test_an_empty_file(command, altered, tmp_path):
    answer = command("run", "--source", altered("from sample limit 0"))

    assert answer.code == 2
    assert f"error[DQ003] {tmp_path / 'altered.parquet'}: " in answer.err
    assert "no rows" in answer.err


def test_missing_columns_and_wrong_types_are_all_named_at_once(command, altered, tmp_path):
    sql = "select * exclude (takings) replace (opened_at::varchar as opened_at) from sample"

    answer = command("run", "--source", altered(sql))

    assert answer.code == 2
    assert f"error[DQ004] {tmp_path / 'altered.parquet'}: " in answer.err
    assert "opened_at: VARCHAR, must be timestamp" in answer.err
    assert "takings: missing, must be number" in answer.err


def test_extra_columns_are_allowed_and_reported_in_one_line(command, altered):
    sql = "select *, 1 as sky, 2 as sea from sample where opened_at < '2025-02-01'"

    answer = command("check", altered(sql), "--contract", "source")

    assert answer.code == 0
    assert "source v1.0.0: 2,232 rows, 0 of them bad" in answer.out
    assert "\n  2 columns are not in the contract, so they are left out: sky, sea\n" in answer.out


def test_a_rule_of_the_whole_table_fails_a_file_without_a_bad_row(command, own, altered):
    path = own.contracts / "sources" / "source.yaml"
    path.write_text(path.read_text().replace("mustBeGreaterThan: 0", "mustBeGreaterThan: 999", 1))

    answer = command("check", altered("from sample limit 99"), "--contract", "source", product=own)

    assert answer.code == 2
    assert answer.out == "source v1.0.0: 99 rows, 0 of them bad\n"
    assert "error[DQ005]" in answer.err


def test_a_rule_that_only_warns_is_told_and_stops_nothing(command, altered):
    file = altered("select * replace (null::double as takings) from sample limit 99")

    answer = command("check", file, "--contract", "source")

    assert (answer.code, answer.err) == (0, "")
    assert "source v1.0.0: 99 rows, 0 of them bad\n  " in answer.out
    assert "takings_missing" in answer.out


def test_a_file_without_good_rows(command, altered):
    answer = command("run", "--source", altered("select * replace (999 as queue_minutes) from sample"))

    assert answer.code == 2
    assert "error[DQ007]" in answer.err
    assert f"queue_minutes:maximum: {sample_rows.READ:,} rows" in answer.err


def test_a_csv_file_gives_the_same_answer_as_parquet(command, sample, tmp_path):
    rows(f"copy (from '{sample}') to '{tmp_path}/shops.csv'")

    answer = command("check", tmp_path / "shops.csv", "--contract", "source")

    assert answer.code == 2
    assert f"2 of {sample_rows.READ:,} rows break 2 rules" in answer.err


def test_a_csv_cell_of_a_wrong_type_is_named(command, tmp_path):
    (tmp_path / "new.csv").write_text("shop,opened_at,visitors\nnorth,2025-01-01T00:00:00,many\n")

    answer = command("check", tmp_path / "new.csv", "--contract", "source")

    assert answer.code == 2
    assert "error[DQ004]" in answer.err
    assert "visitors" in answer.err
    assert "many" in answer.err


def test_a_typo_in_a_contract_names_the_place_and_the_nearest_key(command, own, sample):
    file = own.contracts / "sources" / "source.yaml"
    file.write_text(file.read_text().replace("required: true", "requird: true", 1))

    answer = command("check", sample, "--contract", "source", product=own)

    assert answer.code == 2
    assert "error[CT002]" in answer.err
    assert "schema.source.properties.shop: no key 'requird', did you mean 'required'?" in answer.err


def test_a_contract_that_contradicts_itself_lists_every_contradiction(command, own, sample):
    file = own.contracts / "sources" / "source.yaml"
    text = file.read_text().replace("{minimum: 0, maximum: 20000}", "{minimum: 30000, maximum: 20000}")
    file.write_text(text.replace("{minimum: 0, maximum: 200}", "{minimum: 300, maximum: 200}"))

    answer = command("check", sample, "--contract", "source", product=own)

    assert answer.code == 2
    assert "error[CT003]" in answer.err
    assert "queue_minutes: " in answer.err
    assert "takings: 30000: Input should be less than or equal to 20000" in answer.err


def test_for_an_unknown_contract_the_nearest_is_suggested(command, sample):
    answer = command("check", sample, "--contract", "sorce")

    assert answer.code == 2
    assert "hint: did you mean 'source'?" in answer.err


def test_a_source_contract_without_a_file_is_reported(command, own):
    file = own.contracts / "sources" / "source.yaml"
    before, _, after = file.read_text().partition("servers:\n")
    file.write_text(before + after.partition("\n")[2])

    answer = command("run", product=own)

    assert answer.code == 2
    assert f"error[DQ001] {file} does not say where its file is stored" in answer.err


def test_the_hint_says_what_a_run_does_with_bad_rows(command, sample, forecast, statistics, homes):
    one, other = (
        command("check", sample, "--contract", "source", product=product)
        for product in (forecast, statistics)
    )

    assert "a run puts bad rows in quarantine; it stops above 0.10% of the rows" in one.err
    assert "a run puts bad rows in quarantine; it refuses a partition above 0.10% of the rows" in other.err
