"""Logs as lines of JSON, with the trace of the request they belong to.

In:       log records; facts for every line.
Out:      one line of JSON for each record, on stderr.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from .traces import current


class JsonLines(logging.Formatter):
    """One line of JSON per record; `facts` are added to every line."""

    def __init__(self, facts: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self._facts = facts

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            **self._facts(),
        }
        if (asked := current.get()) is not None:
            line |= {"request_id": asked.request_id, "trace_id": asked.trace_id}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line | getattr(record, "facts", {}))


def start(facts: Callable[[], Mapping[str, Any]]) -> None:
    """From now on every log record is a line of JSON on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(facts))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
