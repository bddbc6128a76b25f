# The template's file: edits here meet template updates (copier update merges them).
"""What every request passes, and the one route that must be fast.

FastAPI is for endpoints of one's own; its route handling costs three times a prediction, so POST
/v1/predict goes past it. Callers, metrics and the OpenAPI document see no difference.

In:       a FastAPI application, the models, hashes of tokens (None: everybody may ask).
Out:      an ASGI application.
Failure:  a problem document (RFC 9457) that never repeats what was sent; 500 only for a fault of ours.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.client import responses
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from . import access, request, telemetry
from .serving import Serving
from .telemetry import PREDICT

BODY_BYTES = 1_048_576
BODY_SECONDS = 10.0  # for all of a body to arrive
IN_FLIGHT = 64  # with 1,000 rows each the last one waits for about 0.3 s
LATE = f"the body did not arrive within {BODY_SECONDS:.0f} s"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
MOST_NAMED = 20  # of the rows that break the contract, in an answer
PROBLEM = "application/problem+json"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
log = logging.getLogger(__name__)
encode = msgspec.json.Encoder().encode


class Prediction(msgspec.Struct, gc=False):
    probability: float
    decision: bool


class Answer(msgspec.Struct, gc=False):
    """One prediction for each row, in the order of the rows."""

    model_version: str
    threshold: float
    request_id: str
    predictions: list[Prediction]


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457. `violations` names row, column and rule, of 20 rows at most."""

    title: str
    status: int
    detail: str
    request_id: str
    violations: list[request.Violation] = []


class Refusal(HTTPException):
    def __init__(self, status: int, detail: str, named: Any = (), **headers: str) -> None:
        super().__init__(status, detail, {name.replace("_", "-"): text for name, text in headers.items()})
        self.named = list(named)


class HungUpError(Exception):
    """There is nobody to answer."""


class Service:
    def __init__(self, app: FastAPI, serving: Serving, tokens: Callable[[], list[bytes] | None]) -> None:
        self._app, self._serving, self._tokens = app, serving, tokens
        self._in_flight = 0  # those that wait for a body, or for an endpoint of the team
        self._turn = 0  # those that came in at the same moment, answered or not
        self._export = telemetry.exporter()
        self._metrics = metrics = serving.metrics
        metrics["http_server_active_requests"].set_function(lambda: self._in_flight)
        self._durations: dict[Any, Any] = {}
        for kind in (HTTPException, RequestValidationError, Exception):
            app.add_exception_handler(kind, problem)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, began_ns = time.perf_counter(), time.time_ns()
        headers, method, path = dict(scope["headers"]), scope["method"], scope["path"]
        asked = telemetry.trace(headers)
        telemetry.current.set(asked)
        status, told = 499, [(b"x-request-id", asked.request_id.encode())]  # 499: the caller hung up
        if self._serving.stopping:
            told = [*told, (b"connection", b"close")]  # ask another replica next time

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *told]
            await send(message)

        self._in_flight += 1
        if not self._turn:  # all that have come in run before this does
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._turn += 1
        try:
            self._admit(headers)
            body = await _body(headers, receive)
            if path == PREDICT:
                content = self._predict(method, headers, body, asked.request_id)
                length = b"%d" % len(content)
                about = [(b"content-type", b"application/json"), (b"content-length", length), *told]
                status = 200
                await send({"type": "http.response.start", "status": status, "headers": about})
                await send({"type": "http.response.body", "body": content})
            else:
                await self._app(scope, _again(body, receive), answer)
        except HungUpError:
            pass
        except HTTPException as refusal:
            await problem(None, refusal)(scope, receive, answer)
        except Exception as error:
            if path != PREDICT:
                raise  # FastAPI has answered already; the server logs it
            log.exception("a prediction failed")
            await problem(None, error)(scope, receive, answer)
        finally:
            self._in_flight -= 1
            route = PREDICT if path == PREDICT else getattr(scope.get("route"), "path", "")
            self._duration(method, route, status).observe(time.perf_counter() - began)
            if self._export:
                self._export(f"{method} {route}", asked, began_ns, time.time_ns(), status)

    def _end_turn(self) -> None:
        self._turn = 0

    def _duration(self, method: str, route: str, status: int) -> Any:
        key = method if method in METHODS else "_OTHER", route, str(status)
        if key not in self._durations:
            self._durations[key] = self._metrics["http_server_request_duration_seconds"].labels(*key)
        return self._durations[key]

    def _admit(self, headers: Mapping[bytes, bytes]) -> None:
        if max(self._in_flight, self._turn) > IN_FLIGHT:
            raise Refusal(503, f"more than {IN_FLIGHT} requests are in flight", retry_after="1")
        known = self._tokens()
        if known is not None and not access.allows(known, headers.get(b"authorization", b"")):
            raise Refusal(401, "show a token: Authorization: Bearer TOKEN", www_authenticate="Bearer")

    def _predict(self, method: str, headers: Mapping[bytes, bytes], body: bytes, request_id: str) -> bytes:
        if method != "POST":
            raise Refusal(405, f"{PREDICT} is asked with POST", allow="POST")
        media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if media != b"application/json" or b"content-encoding" in headers:
            raise Refusal(415, "send plain JSON, with the header content-type: application/json")
        if (model := self._serving.champion) is None:
            raise Refusal(503, "there is no model that could answer", retry_after="5")
        counted = self._serving.counted
        try:
            rows = self._serving.reader.read(body)
        except request.MalformedError as error:
            raise Refusal(400, str(error)) from None
        except request.ViolationsError as error:
            bad = len({each.row for each in error.found})
            counted["product_rows_total", "bad"] += bad
            counted["product_rows_total", "good"] += error.rows - bad
            counted.update(("product_contract_violations_total", each.rule) for each in error.found)
            raise Refusal(422, str(error), error.found[:MOST_NAMED]) from None
        # Inline, on one thread: a row takes 10 us, handing it to a thread twice the whole request.
        # One process uses one core; for more, run more of them, or more replicas.
        x, threshold = model.matrix(rows), model.scorer.threshold
        predictions = [Prediction(p, p >= threshold) for p in model.score(x).tolist()]
        if not headers.get(b"user-agent", b"").endswith(telemetry.PROBE):  # a made-up row is no drift
            model.window.add(x)
        yes = sum(each.decision for each in predictions)
        counted["product_rows_total", "good"] += len(rows)
        counted["product_predictions_total", "yes"] += yes
        counted["product_predictions_total", "no"] += len(rows) - yes
        self._serving.shadow(rows, [each.decision for each in predictions])
        return encode(Answer(model.scorer.version, threshold, request_id, predictions))


async def _body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """The whole body. Raises Refusal 413 or 408, HungUpError if the caller does."""
    length = headers.get(b"content-length", b"0")
    if len(length) > 9 or int(length) > BODY_BYTES:
        raise too_large()
    body, more = b"", True
    loop = asyncio.get_running_loop()
    task: Any = asyncio.current_task()
    late = loop.call_later(BODY_SECONDS, task.cancel, LATE)  # half of what asyncio.timeout costs
    try:
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise HungUpError
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > BODY_BYTES:
                raise too_large()
    except asyncio.CancelledError as error:
        if error.args != (LATE,):
            raise
        task.uncancel()
        raise Refusal(408, LATE, connection="close") from None
    finally:
        late.cancel()
    return body


def too_large() -> Refusal:
    """The connection stays: the server drops the rest, else many clients would not see the answer."""
    return Refusal(413, f"a body holds {BODY_BYTES:,} bytes at most")


def _again(body: bytes, receive: Receive) -> Receive:
    """`receive` for an application, with the body that has been read already."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


def problem(_: Request | None, error: Exception) -> Response:
    """The answer to `error`; what a client may know of it."""
    status, detail = 500, "a fault of ours; the log has it under the request id"
    if isinstance(error, RequestValidationError):
        places = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        status, detail = 422, "; ".join(places)
    elif isinstance(error, HTTPException):
        status, detail = error.status_code, str(error.detail)
    asked = telemetry.current.get()
    content = Problem(
        title=responses.get(status, "Refused"),
        status=status,
        detail=detail,
        request_id=asked.request_id if asked else "",
        violations=getattr(error, "named", []),
    )
    return Response(encode(content), status, getattr(error, "headers", None), PROBLEM)
