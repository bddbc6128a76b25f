"""What a user of the dataset sees: the run, versions, the way back."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

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
