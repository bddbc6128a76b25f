"""What a user of the dataset sees: the run, versions, the way back."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from datadevops.contract import odcs
from runs import environment, program


@pytest.fixture
def product(statistics):
    return statistics


def test_before_the_first_run_status_says_what_to_do(command):
    answer = command("status")

    assert answer.code == 2
    assert "there is no published version yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_tells_its_figures_and_json_tells_the_same(command, ran):
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "10,850 rows: 10,848 good, 2 in quarantine" in plain.out
    assert data["versions"]["dataset"] in plain.out
    assert "\x1b" not in plain.out + plain.err


def test_months_that_fail_are_named_with_what_to_do(command, ran, altered):
    minutes = "case when opened_at::date = '2025-05-02' then -1 else queue_minutes end"
    file = altered(f"select * replace ({minutes} as queue_minutes) from sample")

    answer = command("run", "--source", file, store=ran.store)

    assert answer.code == 1
    assert "error[DQ008] failed months: 1; nothing new is published" in answer.err
    broken = "73 of 2,232 rows break the contract (72 x queue_minutes:minimum, 1 x temperature_spike)"
    assert f"2025-05: {broken}; 0.10% may. The month stays as it was; see {ran.store}" in answer.err
    assert "1 FAILED: 2025-05" in answer.out
    assert "product_run_failed{product=" in (ran.store / "run.prom").read_text()


def test_only_the_months_of_a_span_are_made(command, tmp_path):
    answer = command("run", "--from", "2025-02-10", "--to", "2025-03-05", "--json", store=tmp_path / "store")

    assert list(json.loads(answer.out)["made"]) == ["2025-02", "2025-03"]


def test_a_span_that_ends_before_it_begins_is_wrong_use(command, tmp_path):
    answer = command("run", "--from", "2026-06-01", "--to", "2026-05-01", store=tmp_path / "store")

    assert answer.code == 2
    told = " ".join(answer.err.split())
    assert "--from 2026-06-01 is later than --to 2026-05-01: exchange them" in told
    assert not (tmp_path / "store").exists()


def test_a_run_tells_a_catalogue_on_request(command, ran, tmp_path):
    command("run", "--openlineage", tmp_path / "events.jsonl", store=ran.store)

    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]
    version = events[1]["outputs"][0]["facets"]["version"]["datasetVersion"]
    assert version == ran.facts["versions"]["dataset"]


def test_a_catalogue_is_told_of_a_source_that_cannot_be_had(command, tmp_path):
    command("run", "--source", "no://where/in.parquet", "--openlineage", tmp_path / "events.jsonl")

    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "FAIL"]
    assert events[1]["inputs"][0]["name"] == "in.parquet"


def test_a_catalogue_s_file_in_no_folder_is_refused_at_once(command, tmp_path):
    answer = command("run", "--openlineage", tmp_path / "no" / "events.jsonl", store=tmp_path / "store")

    assert answer.code == 2
    assert f"error[DQ001] {tmp_path / 'no'}: there is no such folder" in answer.err
    assert not (tmp_path / "store").exists()


def test_a_folder_where_a_catalogue_s_file_belongs_is_refused_at_once(command, tmp_path):
    answer = command("run", "--openlineage", tmp_path, store=tmp_path / "store")

    assert answer.code == 2
    assert f"error[DQ002] {tmp_path} is a folder" in answer.err
    assert not (tmp_path / "store").exists()


@pytest.fixture
def sql(own):
    """sql("select ..."): the product whose dataset.sql gives this of what it gave."""

    def change(select):
        path = own.transforms / "dataset.sql"
        path.write_text(f"{select} from ({path.read_text().rstrip()})")
        return own

    return change


def test_what_the_sql_makes_badly_of_a_month_is_not_called_the_whole(command, ran, sql):
    spoilt = sql(
        "select * replace (case when day < '2025-02-01' then -1 else queue_minutes end as queue_minutes)"
    )

    answer = command("run", store=ran.store, product=spoilt)

    assert answer.code == 1
    assert "error[DQ008] failed months: 1; the others are published" in answer.err
    assert "queue_minutes:minimum: 93 rows" in answer.err
    assert "It stays as it was; see" in answer.err
    assert "othing new is published" not in answer.err


def test_months_of_old_and_new_sql_beside_each_other_are_told(command, ran, sql):
    other = sql("select * replace (queue_minutes + 0 as queue_minutes)")

    part = command("run", "--from", "2025-05-01", store=ran.store, product=other)
    page = (ran.store / "dataset" / "README.md").read_text()
    whole = command("run", store=ran.store, product=other)

    warning = "4 of 5 months, 2025-01 to 2025-04, were made by other code or SQL"
    assert f"warning: {warning}; `shop-statistics run` without" in part.out
    assert warning in page
    assert "other code" not in whole.out + (ran.store / "dataset" / "README.md").read_text()


def test_where_nothing_is_published_the_message_does_not_say_so(command, altered, tmp_path):
    minutes = "case when opened_at::date = '2025-01-02' then -1 else queue_minutes end"
    rows = f"select * replace ({minutes} as queue_minutes) from sample where opened_at < '2025-02-01'"
    file = altered(rows)

    answer = command("run", "--source", file, store=tmp_path / "store")

    assert answer.code == 1
    assert "error[DQ008] failed months: 1; nothing new is published" in answer.err
    assert "nothing new is published" in (tmp_path / "store" / "report.html").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_rows_and_rate_are_shown_and_in_a_pipe_nothing(product, homes, tmp_path):
    import pty

    def told(name, terminal):
        ours, theirs = pty.openpty() if terminal else os.pipe()
        around = environment(product, HOME=homes(product), STORE=tmp_path / name)
        around |= {"TERM": "xterm", "COLUMNS": "120"}
        words = [*program(product), "run"]
        with subprocess.Popen(words, env=around, stdout=subprocess.DEVNULL, stderr=theirs):
            os.close(theirs)
            text = b""
            try:
                while part := os.read(ours, 4096):
                    text += part
            except OSError:  # how a terminal says that the other side is gone
                pass
        os.close(ours)
        return text.decode()

    assert re.search(r": 10,848 rows, [\d,]+ a second", told("one", True))
    assert told("two", False) == ""


def test_versions_are_listed_rolled_back_and_promoted(command, ran_twice):
    listed = json.loads(command("publish", "list", "--json", store=ran_twice.store).out)
    second, first = (version["version"] for version in listed)

    back = command("publish", "rollback", store=ran_twice.store)
    again = command("publish", "rollback", store=ran_twice.store)
    run = command("run", store=ran_twice.store)
    forth = command("publish", "promote", second, store=ran_twice.store)

    assert [version["published"] for version in listed] == [True, False]
    assert (back.code, again.code, run.code, forth.code) == (0, 2, 1, 0)
    assert f"published is {first}" in back.out
    assert "error[ST003]" in again.err
    assert "error[PB001]" in run.err


def test_the_page_for_consumers_tells_columns_promise_and_owner(first_run, product):
    page = (first_run.store / "dataset" / "README.md").read_text(encoding="utf-8")

    promise = odcs.load(product.contracts / "dataset.yaml")
    assert [column.name for column in promise.columns if f"| `{column.name}` |" not in page] == []
    assert promise.owner in page
    assert promise.purpose in page
    assert all(f"{sla['value']} {sla['unit']}" in page for sla in promise.sla_properties)
    assert first_run.facts["versions"]["dataset"] in page


@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars", "pyspark"])
def test_the_page_s_three_lines_read_the_dataset(first_run, library):
    page = (first_run.store / "dataset" / "README.md").read_text(encoding="utf-8")
    (lines,) = [code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if library in code]
    if not importlib.util.find_spec(library) or (library == "pyspark" and not shutil.which("java")):
        pytest.skip(f"NOT RUN: {library} is not installed")

    count = "print('rows:', rows.count() if hasattr(rows, 'rdd') else len(rows))"
    done = subprocess.run([sys.executable, "-c", lines + count], capture_output=True, text=True)

    assert len(lines.splitlines()) == 3
    assert f"rows: {first_run.facts['rows']}\n" in done.stdout, done.stderr
