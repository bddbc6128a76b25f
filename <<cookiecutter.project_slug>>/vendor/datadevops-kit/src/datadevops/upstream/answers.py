"""Read upstream contracts, all at once, from files and from https addresses.

In:       the upstream contracts; how long to wait for all of them.
Out:      the bytes of each, or why it cannot be read, without anything that may be secret.
Failure:  none.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..telemetry.direct import is_here
from .declared import Upstream

MOST_BYTES = 1_000_000  # the largest contract of the standard's examples has 20 kB
Answer = bytes | str  # the contract, or why it cannot be read


def of(upstreams: Iterable[Upstream], patience_seconds: float) -> dict[str, Answer]:
    """The answer of each, by table. Each has a thread, which nobody waits for longer: a host may be looked up
    for any time, or answer byte by byte."""
    answers: dict[str, Answer] = {}

    def ask(upstream: Upstream) -> None:
        answers[upstream.table] = _answer(upstream, patience_seconds)

    asked = {each.table: Thread(target=ask, args=[each], daemon=True) for each in upstreams}
    for thread in asked.values():
        thread.start()
    deadline = time.monotonic() + patience_seconds
    for thread in asked.values():
        thread.join(max(0, deadline - time.monotonic()))
    return dict.fromkeys(asked, f"no answer within {patience_seconds:g} s") | answers


def _answer(upstream: Upstream, patience_seconds: float) -> Answer:
    try:
        content = _content(upstream, patience_seconds)
    except urllib.error.HTTPError as error:
        return f"it answers {error.code}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except OSError as error:
        return error.strerror or str(error)
    except (ValueError, HTTPException) as error:  # their texts may repeat the address
        return type(error).__name__
    return content if len(content) <= MOST_BYTES else f"it is larger than {MOST_BYTES:,} bytes"


def _content(upstream: Upstream, patience_seconds: float) -> bytes:
    """At most one byte more than is allowed."""
    parts = urlsplit(upstream.url)
    if parts.scheme not in ("http", "https"):
        path = upstream.contract.parent / (url2pathname(parts.path) if parts.scheme else upstream.url)
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    proxies = urllib.request.ProxyHandler({} if is_here(parts.hostname or "") else None)
    opener = urllib.request.build_opener(proxies, _OnlyToHttps)
    with opener.open(upstream.url, timeout=patience_seconds) as answer:
        content: bytes = answer.read(MOST_BYTES + 1)
        if answer.length and len(content) <= MOST_BYTES:  # of what it announced, this is left
            raise OSError("the answer is cut off")
    return content


class _OnlyToHttps(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            raise urllib.error.URLError("it redirects to an address without https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
