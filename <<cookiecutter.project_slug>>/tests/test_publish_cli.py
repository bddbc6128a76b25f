"""What a user of the dataset sees: the run, versions, the way back."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from << cookiecutter.__package >> import pipeline, settings
from << cookiecutter.__package >>.settings import contract


def test_before_the_first_run_status_says_what_to_do(command: Any) -> None:
    answer = command("status")

    assert answer.code == 2
    assert "there is no published version yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_tells_its_figures_and_json_tells_the_same(command: Any, ran: Any) -> None:
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "26,115 rows: 26,113 good, 2 in quarantine" in plain.out
    assert data["versions"]["dataset"] in plain.out
    assert "\x1b" not in plain.out + plain.err


def test_the_readme_shows_what_the_first_run_prints(command: Any, tmp_path: Any) -> None:
    readme = (settings.PACKAGE.parents[1] / "README.md").read_text(encoding="utf-8")

    lines = command("run", store=tmp_path / "store").out.splitlines()[:-1]

    shown = [re.sub("[0-9a-f]{12}", "VERSION", line) for line in readme.splitlines()]
    assert [line for line in lines if "    " + re.sub("[0-9a-f]{12}", "VERSION", line) not in shown] == []


def test_months_that_fail_are_named_with_what_to_do(command: Any, ran: Any, altered: Any) -> None:
    rain = "case when observed_at::date = '2013-05-02' then -1 else precipitation_mm end"
    file = altered(f"select * replace ({rain} as precipitation_mm) from sample")

    answer = command("run", "--source", file, store=ran.store)

    assert answer.code == 1
    assert "error[DQ008] failed months: 1; nothing new is published" in answer.err
    broken = "73 of 2,232 rows break the contract (72 x precipitation_mm:minimum, 1 x temperature_spike)"
    assert f"2013-05: {broken}; 0.10% may. The month stays as it was; see {ran.store}" in answer.err
    assert "1 FAILED: 2013-05" in answer.out
    assert "product_run_failed{product=" in (ran.store / "run.prom").read_text()


def test_only_the_months_of_a_span_are_made(command: Any, tmp_path: Any) -> None:
    answer = command("run", "--from", "2013-02-10", "--to", "2013-03-05", "--json", store=tmp_path / "store")

    assert list(json.loads(answer.out)["made"]) == ["2013-02", "2013-03"]


def test_a_span_that_ends_before_it_begins_is_wrong_use(command: Any, tmp_path: Any) -> None:
    answer = command("run", "--from", "2026-06-01", "--to", "2026-05-01", store=tmp_path / "store")

    assert answer.code == 2
    told = " ".join(answer.err.split())
    assert "--from 2026-06-01 is later than --to 2026-05-01: exchange them" in told
    assert not (tmp_path / "store").exists()


def test_a_run_tells_a_catalogue_on_request(command: Any, ran: Any, tmp_path: Any) -> None:
    command("run", "--openlineage", tmp_path / "events.jsonl", store=ran.store)

    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]
    version = events[1]["outputs"][0]["facets"]["version"]["datasetVersion"]
    assert version == ran.report.facts["versions"]["dataset"]


def test_a_catalogue_is_told_of_a_source_that_cannot_be_had(command: Any, tmp_path: Any) -> None:
    command("run", "--source", "no://where/in.parquet", "--openlineage", tmp_path / "events.jsonl")

    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "FAIL"]
    assert events[1]["inputs"][0]["name"] == "in.parquet"


def test_a_catalogue_s_file_in_no_folder_is_refused_at_once(command: Any, tmp_path: Any) -> None:
    answer = command("run", "--openlineage", tmp_path / "no" / "events.jsonl", store=tmp_path / "store")

    assert answer.code == 2
    assert f"error[DQ001] {tmp_path / 'no'}: there is no such folder" in answer.err
    assert not (tmp_path / "store").exists()


def test_a_folder_where_a_catalogue_s_file_belongs_is_refused_at_once(command: Any, tmp_path: Any) -> None:
    answer = command("run", "--openlineage", tmp_path, store=tmp_path / "store")

    assert answer.code == 2
    assert f"error[DQ002] {tmp_path} is a folder" in answer.err
    assert not (tmp_path / "store").exists()


def test_what_the_sql_makes_badly_of_a_month_is_not_called_the_whole(
    command: Any, ran: Any, sql: Any
) -> None:
    sql("select * replace (case when day < '2013-02-01' then -1 else rain_mm end as rain_mm)")

    answer = command("run", store=ran.store)

    assert answer.code == 1
    assert "error[DQ008] failed months: 1; the others are published" in answer.err
    assert "rain_mm:minimum: 93 rows" in answer.err
    assert "It stays as it was; see" in answer.err
    assert "othing new is published" not in answer.err


def test_months_of_old_and_new_sql_beside_each_other_are_told(command: Any, ran: Any, sql: Any) -> None:
    sql("select * replace (rain_mm + 0 as rain_mm)")

    part = command("run", "--from", "2013-12-01", store=ran.store)
    page = (ran.store / "dataset" / "README.md").read_text()
    whole = command("run", store=ran.store)

    warning = "11 of 12 months, 2013-01 to 2013-11, were made by other code or SQL"
    assert f"warning: {warning}; `<< cookiecutter.project_slug >> run` without" in part.out
    assert warning in page
    assert "other code" not in whole.out + (ran.store / "dataset" / "README.md").read_text()


@pytest.fixture
def sql(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """sql("select ...") lets dataset.sql give this of what it gave, and so be other code."""

    def change(select: str) -> None:
        old = pipeline.DATASET.read_text(encoding="utf-8").rstrip()
        (tmp_path / "dataset.sql").write_text(f"{select} from ({old})", encoding="utf-8")
        monkeypatch.setattr(pipeline, "DATASET", tmp_path / "dataset.sql")
        monkeypatch.setattr(pipeline, "code_sha256", lambda _: "of other SQL")

    return change


def test_where_nothing_is_published_the_message_does_not_say_so(
    command: Any, altered: Any, tmp_path: Any
) -> None:
    rain = "case when observed_at::date = '2013-01-02' then -1 else precipitation_mm end"
    rows = f"select * replace ({rain} as precipitation_mm) from sample where observed_at < '2013-02-01'"
    file = altered(rows)

    answer = command("run", "--source", file, store=tmp_path / "store")

    assert answer.code == 1
    assert "error[DQ008] failed months: 1; nothing new is published" in answer.err
    assert "nothing new is published" in (tmp_path / "store" / "report.html").read_text()


RUN = "import sys; from << cookiecutter.__package >> import cli; sys.argv = ['x', 'run']; cli.main()"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_rows_and_rate_are_shown_and_in_a_pipe_nothing(tmp_path: Any) -> None:
    import pty

    def told(name: str, terminal: bool) -> str:
        ours, theirs = pty.openpty() if terminal else os.pipe()
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TERM": "xterm",
            "COLUMNS": "120",
        }
        environment[f"{settings.PREFIX}STORE"] = str(tmp_path / name)
        with subprocess.Popen(
            [sys.executable, "-c", RUN], env=environment, stdout=subprocess.DEVNULL, stderr=theirs
        ):
            os.close(theirs)
            text = b""
            try:
                while part := os.read(ours, 4096):
                    text += part
            except OSError:  # how a terminal says that the other side is gone
                pass
        os.close(ours)
        return text.decode()

    assert re.search(r": 26,113 rows, [\d,]+ a second", told("one", True))
    assert told("two", False) == ""


def test_versions_are_listed_rolled_back_and_promoted(command: Any, ran_twice: Any) -> None:
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


def test_the_page_for_consumers_tells_columns_promise_and_owner(first_run: Any) -> None:
    page = (first_run.store / "dataset" / "README.md").read_text(encoding="utf-8")

    promise = contract("dataset")
    assert [column.name for column in promise.columns if f"| `{column.name}` |" not in page] == []
    assert promise.owner in page
    assert promise.purpose in page
    assert all(f"{sla['value']} {sla['unit']}" in page for sla in promise.sla_properties)
    assert first_run.report.facts["versions"]["dataset"] in page


@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars", "pyspark"])
def test_the_page_s_three_lines_read_the_dataset(first_run: Any, library: str) -> None:
    page = (first_run.store / "dataset" / "README.md").read_text(encoding="utf-8")
    (lines,) = [code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if library in code]
    if not importlib.util.find_spec(library) or (library == "pyspark" and not shutil.which("java")):
        pytest.skip(f"NOT RUN: {library} is not installed")

    count = "print('rows:', rows.count() if hasattr(rows, 'rdd') else len(rows))"
    done = subprocess.run([sys.executable, "-c", lines + count], capture_output=True, text=True)

    assert len(lines.splitlines()) == 3
    assert f"rows: {first_run.report.facts['rows']}\n" in done.stdout, done.stderr
