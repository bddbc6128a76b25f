"""The metrics of a run are complete, and never make the run fail."""

import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from subprocess import PIPE

import pytest

from datadevops.telemetry import run_metrics

COMMAND = "shop-orders"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = {
    "sources": {
        "orders": {"newest": "2025-12-31T23:00:00", "arrived_at": "2026-01-01T00:00:00+00:00"},
        "shops": {"newest": None, "arrived_at": "2025-12-01T00:00:00+00:00"},
    },
    "checks": {
        "orders": {"read": 12, "good": 10, "bad": 2},
        "shops": {"read": 4, "good": 4, "bad": 0},
        "features": {"read": 10, "good": 10, "bad": 0},
    },
    "drift": {"size": 0.25},
}
GOOD = {"error": "", "failed": {}}
NEWEST = "product_run_newest_timestamp_seconds"


def record(folder, gateway=None):
    run_metrics.record(COMMAND, folder, FACTS, BEGIN, BEGIN + timedelta(seconds=90), gateway)
    return (folder / run_metrics.FILE).read_text()


def test_a_run_writes_its_metrics_for_the_textfile_collector(tmp_path):
    text = record(tmp_path)

    mine = f'product="{COMMAND}"'
    assert f"product_run_duration_seconds{{{mine}}} 90.0\n" in text
    (end,) = re.findall(rf"^product_run_last_success_timestamp_seconds{{{mine}}} (.*)$", text, re.M)
    assert float(end) == BEGIN.timestamp() + 90
    assert f'product_run_rows{{{mine},source="orders",state="quarantined"}} 2.0\n' in text
    assert f'product_run_quarantined_ratio{{{mine},source="orders"}} {2 / 12}\n' in text
    assert f'product_run_quarantined_ratio{{{mine},source="shops"}} 0.0\n' in text
    assert "features" not in text
    ages = re.findall(r'source_newest_timestamp_seconds{.*source="(\w+)"} (.*)$', text, re.MULTILINE)
    assert {source: BEGIN.timestamp() - float(newest) for source, newest in ages} == {
        "orders": 3_600,
        "shops": 31 * 86_400,
    }
    assert f'product_run_drift_psi{{column="size",{mine}}} 0.25\n' in text


def test_a_source_that_delivered_nothing_has_no_age_and_no_bad_rows(tmp_path):
    nothing = {
        "sources": {"orders": {"newest": None, "arrived_at": None}},
        "checks": {"orders": {"read": 0, "good": 0, "bad": 0}},
    }

    run_metrics.record(COMMAND, tmp_path, nothing, BEGIN, BEGIN, None)

    text = (tmp_path / run_metrics.FILE).read_text()
    mine = f'{{product="{COMMAND}",source="orders"}}'
    assert f"product_run_quarantined_ratio{mine} 0.0\n" in text
    assert f"{run_metrics.SOURCE_NEWEST}{mine}" not in text


def test_each_dataset_says_whether_it_failed(tmp_path):
    found = {
        "good": {"error": "", "failed": {}},
        "in part": {"error": "", "failed": {"2025-05": "12 rows"}},
        "none": {"error": "no", "failed": {}},
    }

    run_metrics.record(COMMAND, tmp_path, FACTS | {"datasets": found}, BEGIN, BEGIN, None)

    text = (tmp_path / run_metrics.FILE).read_text()
    lines = re.findall(r'^product_run_dataset_failed{dataset="(.*)",product=".*"} (.*)$', text, re.M)
    assert lines == [("good", "0.0"), ("in part", "1.0"), ("none", "1.0")]


PUBLISHED = {  # what a report says -> the tables that have a newest row
    "predictions": ({"newest": "2026-01-01T00:00:00"}, ["predictions"]),
    "two datasets, one of them without a time": (
        {"datasets": {"daily": GOOD | {"newest": "2026-01-01T00:00:00"}, "shops": GOOD | {"newest": None}}},
        ["daily"],
    ),
    "two datasets": (
        {"datasets": {n: GOOD | {"newest": "2026-01-01T00:00:00"} for n in ("a", "b")}},
        ["a", "b"],
    ),
}


@pytest.mark.parametrize(("facts", "tables"), PUBLISHED.values(), ids=PUBLISHED)
def test_the_newest_row_is_that_of_each_table_that_is_published(tmp_path, facts, tables):
    run_metrics.record(COMMAND, tmp_path, FACTS | facts, BEGIN, BEGIN, None)

    text = (tmp_path / run_metrics.FILE).read_text()
    lines = [line for line in text.splitlines() if line.startswith(NEWEST)]
    expected = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert [line.partition(" ")[0] for line in lines] == [
        f'{NEWEST}{{dataset="{table}",product="{COMMAND}"}}' for table in tables
    ]
    assert {float(line.partition(" ")[2]) for line in lines} == {expected}


RUN = """
import time
from pathlib import Path
import duckdb
from datadevops.telemetry import run_metrics
engine = duckdb.connect(config={{"threads": 1}})  # with more, the end of the query comes first at times
with run_metrics.recorded("shop-orders", Path(), None):
    print("begun", flush=True)
    {work}
"""
WORK = {
    "Python": "time.sleep(60)",
    "a query": 'engine.execute("select sum(range) from range(1_000_000_000_000)")',
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_a_run_stopped_by_sigterm_counts_as_failed(tmp_path, work):
    command = [sys.executable, "-c", RUN.format(work=work)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=PIPE, stderr=PIPE, text=True) as run:
        run.stdout.readline()
        time.sleep(0.5)  # the work begins
        run.terminate()
        _, said = run.communicate(timeout=60)

    assert (run.returncode, said) == (143, "")
    assert f'product_run_failed{{product="{COMMAND}"}} 1.0\n' in (tmp_path / run_metrics.FILE).read_text()


def test_after_a_run_sigterm_does_what_it_did_before(tmp_path):
    before = signal.getsignal(signal.SIGTERM)

    with run_metrics.recorded(COMMAND, tmp_path, None):
        during = signal.getsignal(signal.SIGTERM)

    assert (signal.getsignal(signal.SIGTERM), during == before) == (before, False)


def test_a_failed_run_keeps_the_metrics_of_the_last_good_one(tmp_path):
    mine = f'{{product="{COMMAND}"}}'
    with run_metrics.recorded(COMMAND, tmp_path, None) as facts:
        facts |= FACTS | {
            "datasets": {"daily": GOOD | {"newest": "2026-01-01T00:00:00"}, "shops": GOOD | {"newest": None}}
        }
    good = (tmp_path / run_metrics.FILE).read_text()

    with pytest.raises(ZeroDivisionError), run_metrics.recorded(COMMAND, tmp_path, None):
        1 / 0  # noqa: B018

    text = (tmp_path / run_metrics.FILE).read_text()
    assert (f"product_run_failed{mine} 0.0" in good, f"product_run_failed{mine} 1.0" in text) == (True, True)
    kept = ("last_success_timestamp_seconds", "rows", "drift_psi", "newest_timestamp_seconds")
    for name in (*kept, "source_newest_timestamp_seconds"):
        lines = [line for line in good.splitlines() if line.startswith(f"product_run_{name}{{")]
        assert lines
        assert [line for line in lines if line not in text] == []


SPOILT = {
    "a broken line": b"product_run_rows{state=\n",
    "no text": b"\xff\x00\n",
    "a metric of others": b"node_load1 0.5\n",
    "our metric with other labels": b'product_run_failed{job="x"} 1\n',
    "our metric of another product": b'product_run_failed{product="another"} 1\n',
}


@pytest.mark.parametrize("line", SPOILT.values(), ids=SPOILT)
def test_a_damaged_file_hides_no_error_and_loses_none_of_our_metrics(tmp_path, line):
    good = record(tmp_path)
    (tmp_path / run_metrics.FILE).write_bytes(line + good.encode())

    with pytest.raises(ZeroDivisionError), run_metrics.recorded(COMMAND, tmp_path, None):
        1 / 0  # noqa: B018

    text = (tmp_path / run_metrics.FILE).read_text()
    assert f'product_run_rows{{product="{COMMAND}",source="orders",state="quarantined"}} 2.0\n' in text
    assert f'product_run_failed{{product="{COMMAND}"}} 1.0\n' in text
    assert not any(word in text for word in ("node_load1", 'job="x"', "another"))


def test_a_partly_failed_run_records_its_rows_but_no_success(tmp_path):
    with run_metrics.recorded(COMMAND, tmp_path, None) as facts:
        facts |= FACTS | {"failed": {"2013-05": "12 of 20 rows"}}

    text = (tmp_path / run_metrics.FILE).read_text()
    assert 'state="quarantined"} 2.0\n' in text
    assert "product_run_last_success_timestamp_seconds{" not in text


def test_only_the_complete_file_is_left(tmp_path):
    record(tmp_path)
    record(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [run_metrics.FILE]


@pytest.fixture
def gateway():
    """The address of a Pushgateway, and what was posted there."""
    posted = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", posted
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_pushgateway_gets_the_same_metrics(tmp_path, gateway):
    address, posted = gateway

    text = record(tmp_path, address)

    assert posted == [(f"/metrics/job/{COMMAND}", text)]


def test_a_pushgateway_gets_the_metrics_even_if_the_store_cannot_be_written(tmp_path, gateway):
    address, posted = gateway
    (tmp_path / run_metrics.FILE).mkdir()

    with pytest.raises(OSError, match=run_metrics.FILE):
        record(tmp_path, address)

    assert posted


def test_a_pushgateway_that_does_not_answer_is_a_warning_and_the_run_succeeds(tmp_path, capsys):
    text = record(tmp_path, "http://127.0.0.1:1")

    assert "product_run_duration_seconds" in text
    assert "the Pushgateway http://127.0.0.1:1 did not accept the metrics" in capsys.readouterr().err
