"""Requests over HTTP, typed by the contract, answered by the champion.

In:       the store, the contract of the features, the endpoints of a team.
Out:      an ASGI application for callers, another one for health, metrics and the status page.
Failure:  a refused request gets a problem document (RFC 9457); a damaged model leaves the one before.

A product's service.py imports `Serving`.
"""

from .serving import Serving

__all__ = ["Serving"]
