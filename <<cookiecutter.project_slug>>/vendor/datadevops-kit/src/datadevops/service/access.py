"""Who may send requests: everybody on this machine; from other machines, callers with a token.

In:       a file of SHA-256 hashes of tokens, one per line, as sha256sum writes them: the hash, then
          any text, such as the owner. Old and new tokens can be valid at the same time.
Out:      whether a request is allowed.
Failure:  SettingsError CF002 (open to other machines without tokens), CF003 (the file is not usable).
"""

import hmac
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from ..errors import SettingsError

log = logging.getLogger(__name__)

EMPTY = sha256(b"").hexdigest()  # what the README's command writes if TOKEN is not set


def hashes(path: Path) -> list[bytes]:
    """The hashes in the file `path`; lines that begin with # are comments."""
    hint = 'printf %s "$TOKEN" | sha256sum >> FILE, with a TOKEN from `openssl rand -hex 32`'
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("CF003", f"{path} cannot be read: {error}", hint) from None
    wanted = [line.split()[0].lower() for line in lines if line.strip() and not line.startswith("#")]
    for place, word in enumerate(wanted, start=1):
        if not re.fullmatch("[0-9a-f]{64}", word):
            raise SettingsError("CF003", f"{path}: entry {place} is not a SHA-256 hash", hint)
        if word == EMPTY:
            raise SettingsError("CF003", f"{path}: entry {place} is the hash of an empty token", hint)
    if not wanted:
        raise SettingsError("CF003", f"{path} contains no hash, so every request would be refused", hint)
    return [bytes.fromhex(word) for word in wanted]


def watched(path: Path) -> Callable[[], list[bytes]]:
    """A function that returns the hashes now in the file; if the file is invalid, the last valid ones."""
    known, stamp = hashes(path), path.stat().st_mtime_ns

    def now() -> list[bytes]:
        nonlocal known, stamp
        changed = 0  # if the file is gone
        with suppress(OSError):
            changed = path.stat().st_mtime_ns
        if changed != stamp:
            stamp = changed
            try:
                known = hashes(path)
                log.info("%d tokens are valid now", len(known))
            except SettingsError as error:
                log.error("the previous tokens stay valid: %s", error)
        return known

    return now


def require_tokens(host: str, tokens: Path | None, anonymous: bool) -> None:
    """Raise SettingsError CF002 if other machines could send requests without a token."""
    if tokens is None and not anonymous and not is_loopback(host):
        text = f"{host} can be reached from other machines, and no --tokens file says who may send requests"
        hint = "give --tokens FILE, or --insecure-anonymous if a proxy in front authenticates callers"
        raise SettingsError("CF002", text, hint)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allows(known: list[bytes], authorization: bytes) -> bool:
    """Whether the header `Authorization: Bearer TOKEN` has a valid token; takes constant time."""
    scheme, _, token = authorization.partition(b" ")
    token = token.strip()
    digest = sha256(token).digest()
    matches = [hmac.compare_digest(digest, each) for each in known]  # no early exit: it would leak time
    return scheme.lower() == b"bearer" and token != b"" and any(matches)
