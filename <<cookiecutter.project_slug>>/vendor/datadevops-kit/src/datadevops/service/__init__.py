"""Answers requests over HTTP with the champion; the contract defines their types.

In:       the store, the contract of the features, the team's own endpoints.
Out:      an ASGI application for callers, and one for health, metrics and the status page.
Failure:  a refused request gets a problem document (RFC 9457); a damaged new model is not used.

A product's service.py imports `Serving`.
"""

from .serving import Serving

__all__ = ["Serving"]
