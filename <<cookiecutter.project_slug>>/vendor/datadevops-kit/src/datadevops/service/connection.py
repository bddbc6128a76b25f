"""A connection of a caller, within limits that hold before any token is read.

uvicorn's protocol has no limits for headers and connections. It ends a request at an `Upgrade` that nobody
accepts, and drops the answer if the caller closes its half of the connection (RFC 9110, RFC 9112).

In:       the bytes of a caller.
Out:      requests for the application. One that is refused here is a request too, with a Refusal in its
          scope: it is answered in its turn and counted, and then the connection is closed.
Failure:  Refusal 400, 405, 408, 429, 431. A connection above the limits closes the one that was idle longest;
          503 if all wait for an answer.
"""

import asyncio
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from . import head
from .problems import Refusal

HEAD_SECONDS = 10.0  # for the headers to arrive; after a refusal, for the rest of the body
PIPELINED = 100  # requests that wait for the answer to an earlier one on the same connection
LATE = f"the headers did not arrive within {HEAD_SECONDS:.0f} s"
REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP/1\.[01]\r\n")

log = logging.getLogger(__name__)


@dataclass
class Limits:
    connections: int  # in all
    per_client: int  # from one address; behind a proxy all connections come from one
    closed: int = 0  # to make room for others, since the last line in the log

    def log_closed(self) -> None:
        if self.closed:
            text = "%d connections closed to make room: there may be %d, and %d from one address"
            log.warning(text, self.closed, self.connections, self.per_client)
            self.closed = 0


class Connection(HttpToolsProtocol):
    def __init__(self, limits: Limits, **options: Any) -> None:
        super().__init__(**options)
        self._limits = limits
        self._unparsed = 0  # bytes since the last part that was complete: about what the parser holds
        self._incomplete: float | None = None  # since when a request has been incomplete
        self._quiet = 0.0  # when the last answer was complete
        self._in_body = self._in_excess = self._refused = False

    @property
    def _busy(self) -> bool:
        """Whether a request waits for its answer."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._incomplete = self._quiet = self.loop.time()
        if len(self.connections) > self._limits.connections:
            self._make_room(self.connections)
        elif len(self.connections) > self._limits.per_client:
            same: set[Any] = self.connections
            own = [each for each in same if (each.client or "")[:1] == (self.client or "")[:1]]
            if len(own) > self._limits.per_client:
                self._make_room(own)

    def _make_room(self, among: Iterable[Any]) -> None:
        """Close a connection: rather one that never sent a whole request; then the one idle for longest."""
        idle = [each for each in among if each is not self and not each._busy]
        if idle:
            victim = min(idle, key=lambda each: (each._incomplete is None, each._quiet))
            self.connections.discard(victim)
            victim.transport.abort()
            self._limits.closed += 1
        self._in_excess = not idle

    def expire(self) -> None:
        """Close the connection if its next request takes too long to arrive."""
        now = self.loop.time()
        if self._busy or self._incomplete is None or now - self._incomplete < HEAD_SECONDS:
            return
        if self._unparsed and not self.transport.is_closing():
            self._refuse(Refusal(408, LATE))
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._refused:
            return
        if self._incomplete is None:
            self._incomplete = self.loop.time()
        self._unparsed += len(data)
        try:
            self._parse(data)
        except httptools.HttpParserError as error:
            refusal = Refusal(400, f"this is not HTTP/1.1: {error}")
            if isinstance(error, httptools.HttpParserInvalidMethodError) and REQUEST_LINE.match(data):
                refusal = Refusal(405, "there is no such method", allow=head.METHODS)
            self._refuse(error.__context__ if isinstance(error.__context__, Refusal) else refusal)
        else:
            if self._unparsed > head.BYTES:
                self._refuse(Refusal(431, head.LARGE))

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as paused:  # it takes the rest for another protocol
                version = self.parser.get_http_version().encode()
                line = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, version)
                fields = [b"%s: %s\r\n" % each for each in self.headers if each[0] != b"upgrade"]
                data = b"".join([line, *fields, b"\r\n", data[paused.args[0] :]])
                self.parser = httptools.HttpRequestParser(self)

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with `refusal` after the requests before; read nothing more."""
        self._refused = True
        if not self._in_body:  # the refused request never became one
            self.parser = httptools.HttpRequestParser(self)
            self.parser.feed_data(b"GET / HTTP/1.0\r\n\r\n")
            self.scope["method"] = "_OTHER"
        elif self.cycle.response_complete:
            self.transport.close()
        self.cycle.scope["refusal"] = refusal  # type: ignore[typeddict-unknown-key]
        self.cycle.keep_alive = self.cycle.more_body = False
        self.cycle.message_event.set()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._incomplete = self.loop.time()

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        if not self._refused:
            head.require_valid(self.parser.get_method(), self.url, version, self.headers, self._unparsed)
            if self._in_excess:
                raise Refusal(503, "too many connections wait for an answer", retry_after="1")
            if len(self.pipeline) >= PIPELINED:
                raise Refusal(429, f"more than {PIPELINED} requests wait for answers on this connection")
        self._unparsed = 0
        if self.parser.should_upgrade():
            return  # `_parse` reads the headers again, without `upgrade`
        self.expect_100_continue &= version == "1.1"  # older callers do not know it
        if not self.url.startswith((b"/", b"*")):  # http://host/path
            parsed = httptools.parse_url(self.url)
            self.url = (parsed.path or b"/") + (b"?" + parsed.query if parsed.query else b"")
        super().on_headers_complete()
        self.headers = []  # those of the scope stay as they are: fields after the body are not among them
        self._in_body = True

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._in_body:
            self._unparsed, self._incomplete, self._in_body = 0, None, False
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._quiet = self.loop.time()
        if self._incomplete is not None:
            self._incomplete = self._quiet  # the rest of a body that nobody reads, or the next headers
        super().on_response_complete()

    def eof_received(self) -> bool:  # type: ignore[override]
        """True: the caller sends no more, but its requests are still to be answered."""
        if not self._busy or self._in_body:
            return False
        self.cycle.keep_alive = False
        return True
