"""What a user of the dataset sees: the run, versions, rollbacks."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from datadevops.contract import odcs
from runs import about, environment, program


@pytest.fixture
def product(statistics):
    return statistics


def test_failed_months_are_named_with_what_to_do(command, ran, altered):
    minutes = "case when opened_at::date = '2025-05-02' then -1 else queue_minutes end"
    file = altered(f"select * replace ({minutes} as queue_minutes) from sample")

    answer = command("run", "--source", file, store=ran.store)

    assert answer.code == 1
    assert "error[DQ008] failed: 1; nothing new is published" in answer.err
    broken = "73 of 2,232 rows break the contract (72 x queue_minutes:minimum, 1 x temperature_spike)"
    assert f"2025-05: {broken}; 0.10% may be bad. The month stays as it was; see {ran.store}" in answer.err
    assert "1 FAILED: 2025-05" in answer.out
    assert "product_run_failed{product=" in (ran.store / "run.prom").read_text()


def test_only_the_months_of_a_span_are_made(command, tmp_path):
    answer = command("run", "--from", "2025-02", "--to", "2025-03", "--json", store=tmp_path / "store")

    assert list(json.loads(answer.out)["datasets"]["shop_days"]["made"]) == ["2025-02", "2025-03"]


def test_a_span_that_ends_before_it_begins_is_a_usage_error(command, tmp_path):
    answer = command("run", "--from", "2026-06", "--to", "2026-05", store=tmp_path / "store")

    assert answer.code == 2
    message = " ".join(answer.err.split())
    assert "--from 2026-06 is later than --to 2026-05: swap them" in message
    assert not (tmp_path / "store").exists()


@pytest.fixture
def sql(own):
    """sql("select ..."): the product, with this select around its shop_days.sql."""

    def change(select):
        path = own.transforms / "shop_days.sql"
        path.write_text(f"{select} from ({path.read_text().rstrip()})")
        return own

    return change


def test_bad_rows_that_the_sql_makes_for_one_month_fail_only_that_month(command, ran, sql):
    spoilt = sql(
        "select * replace (case when day < '2025-02-01' then -1 else queue_minutes end as queue_minutes)"
    )

    dry = command("run", "--dry-run", store=ran.store, product=spoilt)
    answer = command("run", store=ran.store, product=spoilt)

    assert (dry.code, answer.code) == (1, 1)
    assert "error[DQ008] failed: 1; the others are published" in answer.err
    assert "queue_minutes:minimum: 93 rows" in answer.err
    assert "It stays as it was; see" in answer.err
    assert "error[DQ008] dry run: failed: 1; the others would be published" in dry.err
    assert "othing new is published" not in answer.err


def test_if_each_month_fails_what_was_published_stays_and_no_version_is_added(command, ran, sql):
    before = command("publish", "list", store=ran.store).out
    spoilt = sql("select * replace (-1 as queue_minutes)")

    answer = command("run", store=ran.store, product=spoilt)

    assert "error[DQ008] failed: 5; nothing new is published" in answer.err
    assert answer.err.count("queue_minutes:minimum: ") == 3
    assert "\n  and 2 more: shop_days 2025-04, shop_days 2025-05\n" in answer.err
    assert command("publish", "list", store=ran.store).out == before


def test_a_mixture_of_months_by_old_and_new_sql_is_a_warning(command, ran, sql):
    other = sql("select * replace (queue_minutes + 0 as queue_minutes)")

    part = command("run", "--from", "2025-05", store=ran.store, product=other)
    page = (ran.store / "shop_days" / "README.md").read_text()
    whole = command("run", store=ran.store, product=other)

    warning = "4 of 5 months, 2025-01 to 2025-04, were made by other code, SQL or sources"
    assert f"warning: {warning}; `shop-statistics run` without" in part.out
    assert warning in page
    assert "other code" not in whole.out + (ran.store / "shop_days" / "README.md").read_text()


def test_if_nothing_is_published_the_message_says_so(command, altered, tmp_path):
    minutes = "case when opened_at::date = '2025-01-02' then -1 else queue_minutes end"
    rows = f"select * replace ({minutes} as queue_minutes) from sample where opened_at < '2025-02-01'"
    file = altered(rows)

    answer = command("run", "--source", file, store=tmp_path / "store")

    assert answer.code == 1
    assert "error[DQ008] failed: 1; nothing new is published" in answer.err
    assert "nothing new is published" in (tmp_path / "store" / "report.html").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_rows_and_rate_are_shown(product, homes, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    around = environment(product, HOME=homes(product), STORE=tmp_path / "store")
    around |= {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen([*program(product), "run"], env=around, stdout=subprocess.DEVNULL, stderr=theirs):
        os.close(theirs)
        text = b""
        try:
            while part := os.read(ours, 4096):
                text += part
        except OSError:  # a terminal whose other side is closed
            pass
    os.close(ours)

    assert re.search(r": 10,848 rows, [\d,]+ per second", text.decode())


def test_a_pipeline_that_wants_colours_is_no_terminal_and_is_shown_nothing(command, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert command("run").err == ""


def test_versions_are_listed_rolled_back_and_promoted(command, ran_twice):
    listed = json.loads(command("publish", "list", "--json", store=ran_twice.store).out)
    second, first = (version["version"] for version in listed)

    back = command("publish", "rollback", store=ran_twice.store)
    after = command("publish", "list", store=ran_twice.store).out
    again = command("publish", "rollback", store=ran_twice.store)
    run = command("run", store=ran_twice.store)
    forth = command("publish", "promote", second, store=ran_twice.store)

    assert [version["published"] for version in listed] == [True, False]
    assert f"{second}  {listed[0]['made_at']}  453 rows to 2025-05-31  rolled back\n" in after
    assert (back.code, again.code, run.code, forth.code) == (0, 2, 1, 0)
    assert f"published is {first}" in back.out
    assert back.out.endswith(f" publish promote {second}`\n")
    ends = {line.split()[0]: line.split("  ")[-1] for line in after.splitlines()}
    assert ends == {first: "published", second: "rolled back"}
    assert "error[ST003]" in again.err
    assert "error[PB001]" in run.err


def test_the_status_says_since_when_a_dataset_is_published(command, ran_twice):
    log = ran_twice.store / "shop_days" / "log.jsonl"
    first, last = log.read_text().splitlines()
    log.write_text(f"{re.sub('20..-', '2019-', first)}\n{last}\n")

    (found,) = json.loads(command("status", "--json", store=ran_twice.store).out)["datasets"]

    last = json.loads(last)
    assert (found["version"], found["published_at"]) == (last["version"], last["at"])


def test_a_damaged_version_does_not_hide_the_others(command, ran_twice):
    second, first = json.loads(command("publish", "list", "--json", store=ran_twice.store).out)
    (ran_twice.store / "shop_days" / first["version"] / "manifest.json").write_text("{")

    plain = command("publish", "list", store=ran_twice.store)
    found = json.loads(command("publish", "list", "--json", store=ran_twice.store).out)

    assert plain.code == 0
    assert f"{first['version']}  damaged\n" in plain.out
    assert found[0] == second
    assert (found[1]["version"], found[1]["damaged"]) == (first["version"], True)


def test_of_several_datasets_one_has_to_be_named(command, own, first_run):
    path = own.contracts / "datasets" / "shop_days.yaml"
    path.with_name("more_days.yaml").write_text(path.read_text().replace("shop_days", "more_days"))

    unnamed, named, unknown = (
        command("publish", "list", *words, product=own, store=first_run.store)
        for words in ([], ["shop_days"], ["shop_dais"])
    )

    assert (unnamed.code, named.code, unknown.code) == (2, 0, 2)
    assert "say of which dataset: more_days, shop_days" in " ".join(unnamed.err.split())
    assert first_run.facts["versions"]["shop_days"] in named.out
    assert "there is no dataset 'shop_dais'\n\nhint: did you mean 'shop_days'?" in unknown.err


@pytest.mark.parametrize("version", ["../shop_days", "zzz", "0" * 12])
def test_a_version_that_there_is_not_cannot_be_published(command, first_run, version):
    answer = command("publish", "promote", version, store=first_run.store)

    assert answer.code == 2
    assert "error[ST00" in answer.err


def test_the_page_for_consumers_shows_columns_sla_and_owner(first_run, product):
    page = (first_run.store / "shop_days" / "README.md").read_text(encoding="utf-8")

    promise = odcs.load(product.contracts / "datasets" / "shop_days.yaml")
    assert [column.name for column in promise.columns if f"| `{column.name}` |" not in page] == []
    assert promise.owner in page
    assert promise.purpose in page
    assert all(f"{sla['value']} {sla['unit']}" in page for sla in promise.sla_properties)
    assert first_run.facts["versions"]["shop_days"] in page


@pytest.mark.parametrize(
    "library", ["duckdb", "pandas", "polars", pytest.param("pyspark", marks=pytest.mark.spark)]
)
def test_the_page_s_three_lines_read_the_dataset(first_run, library, tmp_path):
    """Also in a folder whose name would be a pattern."""
    store = first_run.store
    page = (store / "shop_days" / "README.md").read_text(encoding="utf-8")
    if library != "pyspark":
        page = page.replace(str(store), str(shutil.copytree(store, tmp_path / "a [b] {c}", symlinks=True)))
    (lines,) = [code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if library in code]

    count = "print('rows:', rows.count() if hasattr(rows, 'rdd') else len(rows))"
    done = subprocess.run([sys.executable, "-c", lines + count], capture_output=True, text=True)

    assert len(lines.splitlines()) == 3
    assert f"rows: {about(first_run)['rows']}\n" in done.stdout, done.stderr


def test_the_published_major_version_is_not_retired(command, first_run):
    answers = [command("publish", "retire", major, store=first_run.store) for major in ("v1", "1")]

    assert [answer.code for answer in answers] == [1, 2]
    assert "error[PB005] shop_days v1 is the version that is published now" in answers[0].err
    assert "1 is no major version, write it as v1" in answers[1].err
