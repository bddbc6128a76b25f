"""Open an address; one of this machine is asked directly, whatever proxies the environment names.

In:       a URL or a request of urllib.
Out:      the answer, as `urllib.request.urlopen` returns it.
Failure:  what urllib raises.
"""

import urllib.request
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit


def urlopen(asked: str | urllib.request.Request, data: bytes | None = None, *, timeout: float | None) -> Any:
    url = asked if isinstance(asked, str) else asked.full_url
    here = is_here(urlsplit(url).hostname or "")
    proxies = urllib.request.ProxyHandler({} if here else None)  # None: those of the environment
    return urllib.request.build_opener(proxies).open(asked, data, timeout=timeout)


def handler(
    url: str, method: str, timeout: float | None, headers: list[tuple[str, str]], data: bytes
) -> Callable[[], None]:
    """The same for the push of prometheus_client."""
    request = urllib.request.Request(url, data, dict(headers), method=method)  # noqa: S310
    return lambda: urlopen(request, timeout=timeout).close()


def is_here(host: str) -> bool:
    """Whether `host` is this machine by its name.

    >>> [is_here(host) for host in ("localhost", "127.0.0.1", "::1", "prometheus", "10.0.0.1")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
