"""Query a Prometheus server.

In:       its address; PromQL.
Out:      samples.
Failure:  NotRunError OP010 (it does not answer, or not as a Prometheus does).
"""

import json
import urllib.error
import urllib.parse
from contextlib import suppress
from http.client import HTTPException
from typing import Any, NamedTuple

from ..errors import NotRunError
from . import direct

# Errors of urllib: no answer, no HTTP, or an invalid address.
UNANSWERED = (OSError, ValueError, HTTPException)


class Sample(NamedTuple):
    labels: dict[str, str]
    value: float


def query(address: str, expression: str) -> list[Sample]:
    """The current value of the expression, one sample for each set of labels."""
    try:
        found = ask(address, "query", query=expression)["result"]
        return [Sample(each["metric"], float(each["value"][1])) for each in found]
    except (*UNANSWERED, LookupError, TypeError) as error:
        text = f"{address} does not answer as Prometheus does: {reason(error)}"
        raise NotRunError("OP010", text, "name the address of your Prometheus with --prometheus") from None


def ask(address: str, path: str, **asked: object) -> Any:
    """The data at a path of the HTTP API. Raises one of UNANSWERED."""
    return fetch(f"{address.rstrip('/')}/api/v1/{path}?{urllib.parse.urlencode(asked)}")["data"]


def fetch(url: str) -> Any:
    with direct.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def reason(error: Exception) -> str:
    """The error, with the body of the answer if there is one."""
    if not isinstance(error, urllib.error.HTTPError):
        return str(error)
    body = ""
    with error, suppress(*UNANSWERED):  # the connection may break
        body = error.read().decode(errors="replace")[:500]
    return f"{error}: {body}"
