"""The checks that every request passes, and the one route that must be fast.

FastAPI handles the team's own endpoints. Its routing costs three times as much as a prediction, so POST
/v1/predict bypasses it. Callers, metrics and the OpenAPI document see no difference.

In:       a FastAPI application, the models, hashes of tokens (None: everybody may call).
Out:      an ASGI application.
Failure:  a problem document, see `problems`.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from math import isnan

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ..telemetry import traces
from ..telemetry.service_metrics import PREDICT, PROBE
from . import access, body, request, violations
from .body import Message, Receive
from .problems import Refusal, encode, problem
from .serving import Serving

IN_FLIGHT = 64  # with 1,000 rows each, the last one waits about 0.3 s
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Send = Callable[[Message], Awaitable[None]]
log = logging.getLogger(__name__)


def _require_well_formed(scope: Message) -> None:
    if refusal := scope.get("refusal"):  # of `connection`
        raise refusal


class Service:
    def __init__(self, app: FastAPI, serving: Serving, tokens: Callable[[], list[bytes] | None]) -> None:
        self._app, self._serving, self._tokens = app, serving, tokens
        self._in_flight = 0  # requests that wait for a body or for an endpoint of the team
        self._turn = 0  # requests that arrived in this turn of the event loop, answered or not
        self._export = traces.exporter(serving.product.command)
        metrics = serving.metrics
        metrics["http_server_active_requests"].set_function(lambda: self._in_flight)
        self._duration = cache(metrics["http_server_request_duration_seconds"].labels)
        for kind in (HTTPException, RequestValidationError, Exception):
            app.add_exception_handler(kind, problem)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, began_ns = time.perf_counter(), time.time_ns()
        headers, method, path = dict(scope["headers"]), scope["method"], scope["path"]
        asked = traces.trace(headers)
        traces.current.set(asked)
        status, headers_added = 499, [(b"x-request-id", asked.request_id.encode())]  # 499: the caller hung up
        if self._serving.stopping:
            headers_added = [*headers_added, (b"connection", b"close")]  # call another replica next time

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers_added]
            await send(message)

        self._in_flight += 1
        if not self._turn:  # runs after all requests that have arrived
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._turn += 1
        try:
            _require_well_formed(scope)
            self._admit(headers)
            content = await body.read(headers, receive)
            _require_well_formed(scope)  # to the end of the body
            if path == PREDICT:
                made = self._predict(method, headers, content, asked.request_id)
                about = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(made))]
                await answer({"type": "http.response.start", "status": 200, "headers": about})
                await answer({"type": "http.response.body", "body": made})
            else:
                await self._app(scope, body.replayed(content, receive), answer)
        except body.HungUpError:
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
            known = method if method in METHODS else "_OTHER"
            self._duration(known, route, status).observe(time.perf_counter() - began)
            if self._export:
                self._export(f"{method} {route}", asked, began_ns, time.time_ns(), status)

    def _end_turn(self) -> None:
        self._turn = 0

    def _admit(self, headers: Mapping[bytes, bytes]) -> None:
        if max(self._in_flight, self._turn) > IN_FLIGHT:
            raise Refusal(503, f"more than {IN_FLIGHT} requests are in flight", retry_after="1")
        known = self._tokens()
        if known is not None and not access.allows(known, headers.get(b"authorization", b"")):
            raise Refusal(401, "send a token: Authorization: Bearer TOKEN", www_authenticate="Bearer")

    def _predict(self, method: str, headers: Mapping[bytes, bytes], sent: bytes, request_id: str) -> bytes:
        if method != "POST":
            raise Refusal(405, f"{PREDICT} accepts only POST", allow="POST")
        media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        coding = headers.get(b"content-encoding", b"").strip().lower()
        if media != b"application/json" or coding not in (b"", b"identity"):
            raise Refusal(415, "send plain JSON, with the header content-type: application/json")
        if (model := self._serving.champion) is None:
            raise Refusal(503, "no verified model is loaded yet", retry_after="5")
        counted = self._serving.counted
        try:
            rows = self._serving.reader.read(sent)
        except request.MalformedError as error:
            raise Refusal(400, str(error)) from None
        except request.ViolationsError as error:
            counted["product_rows_total", "bad"] += error.bad
            counted["product_rows_total", "good"] += error.rows - error.bad
            counted.update(("product_contract_violations_total", each.rule) for each in error.found)
            raise Refusal(422, str(error), error.found[: violations.MOST_NAMED]) from None
        # Inline, on one thread: a row takes 10 us; handing it to a thread costs twice the whole request.
        # One process uses one core; to use more, run more processes or replicas.
        x, kind, output = model.matrix(rows), model.kind, model.scorer.output
        forecast = model.score(x)
        if isnan(forecast.sum()):  # a value became infinite in 32 bits
            counted["product_rows_total", "bad"] += len(rows)
            raise Refusal(422, "values are too large for the model")
        predictions = kind.predict(forecast, output)
        if not headers.get(b"user-agent", b"").endswith(PROBE):  # made-up rows must not count as drift
            model.window.add(x, forecast)
        counted["product_rows_total", "good"] += len(rows)
        for decision in kind.decisions(predictions):
            counted["product_predictions_total", decision] += 1
        self._serving.shadow(model, rows, forecast)
        return encode(kind.wrap(model.scorer.version, output, request_id, predictions))
