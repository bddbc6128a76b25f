"""A line of the log is JSON, with the given facts."""

import logging

from datadevops.telemetry import logs


def test_a_log_line_has_the_given_facts():
    record = logging.makeLogRecord({"msg": "read %d rows", "args": (3,), "facts": {"rows": 3}})

    line = logs.JsonLines(lambda: {"model_version": None}).format(record)

    assert '"message": "read 3 rows"' in line
    assert '"rows": 3' in line
