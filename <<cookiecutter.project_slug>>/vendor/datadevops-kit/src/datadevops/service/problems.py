"""How a request is refused: a problem document (RFC 9457) that never repeats what was sent.

In:       an error.
Out:      the answer, with the request's id; 500 only for an error in the service.
"""

from http.client import responses
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..telemetry import traces
from .violations import Violation

PROBLEM = "application/problem+json"
encode = msgspec.json.Encoder().encode


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457. `violations` names row, column and rule, 20 at most; `detail` says of how many."""

    title: str
    status: int
    detail: str
    request_id: str
    violations: list[Violation] = []


class Refusal(HTTPException):
    def __init__(self, status: int, detail: str, named: Any = (), **headers: str) -> None:
        super().__init__(status, detail, {name.replace("_", "-"): text for name, text in headers.items()})
        self.named = list(named)


def answer_refusals(application: Any) -> Any:
    """`application`, with an answer to requests that the connection refused."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        refusal = scope.get("refusal")
        await (problem(None, refusal) if refusal else application)(scope, receive, send)

    return answer


def problem(_: Request | None, error: Exception) -> Response:
    """The answer to `error`, without details that a client must not see."""
    status, detail = 500, "an error in the service; the log has the traceback under the request id"
    if isinstance(error, RequestValidationError):
        places = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        status, detail = 422, "; ".join(places)
    elif isinstance(error, HTTPException):
        status, detail = error.status_code, str(error.detail)
    asked = traces.current.get()
    content = Problem(
        title=responses.get(status, "Refused"),
        status=status,
        detail=detail,
        request_id=asked.request_id if asked else "",
        violations=getattr(error, "named", []),
    )
    return Response(encode(content) + b"\n", status, getattr(error, "headers", None), PROBLEM)
