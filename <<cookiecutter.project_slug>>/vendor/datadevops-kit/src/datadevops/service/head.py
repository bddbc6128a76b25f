"""The request line and the headers of a request: their limits, and what HTTP forbids (RFC 9110, RFC 9112).

httptools rejects most of what HTTP forbids: two lengths, a length with chunks, folded headers.

In:       method, target, version, headers.
Out:      nothing; the request may be answered.
Failure:  Refusal 400, 405 (CONNECT), 431 (above a limit).
"""

from .problems import Refusal

BYTES = 65_536
FIELDS = 100
LARGE = f"the headers may have at most {FIELDS} fields and {BYTES:,} bytes"
ONCE = {b"authorization", b"content-type", b"host"}  # twice: a proxy may have read the other one
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def require_valid(
    method: bytes, target: bytes, version: str, fields: list[tuple[bytes, bytes]], read: int
) -> None:
    """Raise Refusal if the request must not be answered; `fields` with names in lower case, `read`: at least
    the size of the headers."""
    values = dict(fields)
    if len(fields) > FIELDS or (read > BYTES and len(target) + sum(map(len, sum(fields, ()))) > BYTES):
        raise Refusal(431, LARGE)
    if method == b"CONNECT":
        raise Refusal(405, "this is not a proxy", allow=METHODS)
    if version not in ("1.1", "1.0"):
        raise Refusal(400, "the version is neither HTTP/1.1 nor HTTP/1.0")
    if version == "1.1" and b"host" not in values:
        raise Refusal(400, "the header `host` is missing")
    if len(values) < len(fields):
        names = [name for name, _ in fields]
        if twice := [name.decode() for name in ONCE if names.count(name) > 1]:
            raise Refusal(400, f"the header `{min(twice)}` is there more than once")
