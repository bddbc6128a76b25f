"""A line of the log is JSON, with the given facts."""

import json
import logging
import sys

from datadevops.telemetry import logs, traces


def line_of(**record):
    return json.loads(logs.JsonLines(dict).format(logging.makeLogRecord({"msg": "read", **record})))


def test_a_log_line_has_the_given_facts():
    record = logging.makeLogRecord({"msg": "read %d rows", "args": (3,), "facts": {"rows": 3}})

    line = logs.JsonLines(lambda: {"model_version": None}).format(record)

    assert '"message": "read 3 rows"' in line
    assert '"rows": 3' in line


def test_a_log_line_says_when_it_was_written_in_utc_how_grave_it_is_and_by_whom():
    line = line_of(created=1_767_225_600.25, levelname="WARNING", name="shop.features")

    assert line == {
        "time": "2026-01-01T00:00:00.250+00:00",
        "level": "warning",
        "message": "read",
        "logger": "shop.features",
    }


def test_a_log_line_of_a_request_has_its_ids():
    before = traces.current.set(traces.Trace("r1", "a" * 32, "b" * 16))
    line = line_of()
    traces.current.reset(before)

    assert (line["request_id"], line["trace_id"]) == ("r1", "a" * 32)
    assert "request_id" not in line_of()


def test_a_log_line_of_an_error_has_its_traceback():
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        line = line_of(exc_info=sys.exc_info())

    assert line["exception"].endswith("ZeroDivisionError: division by zero")
    assert "exception" not in line_of()
