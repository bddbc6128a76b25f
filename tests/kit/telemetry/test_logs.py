"""A line of the log is JSON, with the facts it is given."""

import logging

from datadevops.telemetry import logs


def test_a_log_line_carries_the_facts_it_is_given():
    record = logging.makeLogRecord({"msg": "read %d rows", "args": (3,), "facts": {"rows": 3}})

    line = logs.JsonLines(lambda: {"model_version": None}).format(record)

    assert '"message": "read 3 rows"' in line
    assert '"rows": 3' in line
