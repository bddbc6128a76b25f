"""Read the whole body of a request, within limits of size and time.

In:       the request's headers, ASGI's `receive`.
Out:      bytes; a `receive` that returns the same bytes again, for an application that reads the body itself.
Failure:  Refusal 413 (too large), 408 (too slow); HungUpError (the caller disconnected).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from .problems import Refusal

BODY_BYTES = 1_048_576
BODY_SECONDS = 10.0  # for all of a body to arrive
LATE = f"the body did not arrive within {BODY_SECONDS:.0f} s"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class HungUpError(Exception):
    """The caller disconnected, so there is nobody to answer."""


async def read(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """The complete body."""
    length = headers.get(b"content-length", b"").lstrip(b"0") or b"0"
    if len(length) > 9 or int(length) > BODY_BYTES:
        raise _too_large()
    body, more = b"", True
    loop = asyncio.get_running_loop()
    task: Any = asyncio.current_task()
    late = loop.call_later(BODY_SECONDS, task.cancel, LATE)  # costs half as much as asyncio.timeout
    try:
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise HungUpError
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > BODY_BYTES:
                raise _too_large()
    except asyncio.CancelledError as error:
        if error.args != (LATE,):
            raise
        task.uncancel()
        raise Refusal(408, LATE, connection="close") from None
    finally:
        late.cancel()
    return body


def _too_large() -> Refusal:
    """The connection stays open: if the server closed it, many clients would not see the answer."""
    return Refusal(413, f"the body may have at most {BODY_BYTES:,} bytes")


def replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` for an application, which returns the body that has been read already."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
