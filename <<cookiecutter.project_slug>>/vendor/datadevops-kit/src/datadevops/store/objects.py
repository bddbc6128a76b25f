"""Fetch a source from an object store, and publish versions there: `s3://bucket/key`.

In:       an address; credentials, region and AWS_ENDPOINT_URL from the environment, as for every S3 tool.
Out:      a local file; `<address>/<version>/` with the version's files, then the object `published.json`,
          which names the version. It is written last: readers that start from it get one whole version.
Failure:  DataError DQ001 (no such object, or another kind of address); StoreError ST006 (the object store
          does not answer, or refuses: the published version stays, and a later call continues);
          SettingsError CF008 (no extra `s3`).
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, SettingsError, StoreError, first_line
from .versions import MANIFEST, Version

if TYPE_CHECKING:
    from obstore.store import ObjectStore

POINTER = "published.json"
ELSEWHERE = {  # address that is of no object store -> what to do
    "http": "download it first: `curl -fO ADDRESS`",
    "https": "download it first: `curl -fO ADDRESS`",
    "file": "name the path, without file://",
}
MOST_COPIED = 5_000_000_000  # bytes that S3 copies in one request
RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}


class AbsentError(DataError):
    """No object is stored at an address. Its supplier delivers one."""


def is_address(place: str) -> bool:
    return "://" in place


def fetch(address: str, folder: Path) -> Path:
    """The object at `address` as a file in `folder`, complete or not at all."""
    _require_s3(address)
    above, _, name = address.rpartition("/")
    if not name or above == "s3:/":
        raise DataError("DQ001", f"{address} names no object", "write s3://bucket/key")
    part = folder / f".{name}.part"
    try:
        with _reached(above) as store, part.open("wb") as file:
            for chunk in store.get(name).stream():
                file.write(chunk)
        return part.rename(folder / name)
    finally:
        part.unlink(missing_ok=True)


def publish(version: Version, address: str) -> None:
    """Publish this version to readers of `address`. Called again, it only makes two requests, and uploads
    again what a lifecycle rule of the bucket deleted."""
    _require_s3(address)
    pointer = {"version": version.id, "manifest_sha256": version.manifest_sha256}
    with _reached(address) as store:
        before = _read(store, POINTER)
        if _read(store, f"{version.id}/{MANIFEST}") is None:  # uploaded last, so all other files are there
            known = (_read(store, f"{before['version']}/{MANIFEST}") if before else None) or {"files": {}}
            there = {hash_: f"{before['version']}/{name}" for name, hash_ in known["files"].items()}
            for name, hash_ in version.files.items():
                if not (hash_ in there and _copied(store, there[hash_], f"{version.id}/{name}")):
                    store.put(f"{version.id}/{name}", version.file(name))
            store.put(f"{version.id}/{MANIFEST}", version.file(MANIFEST))
        if before != pointer:
            store.put(POINTER, json.dumps(pointer).encode())


def _require_s3(address: str) -> None:
    scheme = address.partition("://")[0].lower()
    if scheme != "s3":
        hint = ELSEWHERE.get(scheme, "copy it to this machine, or to a store that speaks S3")
        raise DataError("DQ001", f"{address}: an address has to begin with s3://", hint)


def _copied(store: "ObjectStore", known: str, name: str) -> bool:
    """Whether the object store could copy an object that it has, so that nothing is uploaded."""
    try:
        if store.head(known)["size"] > MOST_COPIED:
            return False
        store.copy(known, name)
    except FileNotFoundError:  # a lifecycle rule deleted it
        return False
    return True


def _read(store: "ObjectStore", name: str) -> Any:
    try:
        return json.loads(bytes(store.get(name).bytes()))
    except FileNotFoundError:
        return None


@contextmanager
def _reached(address: str) -> Iterator["ObjectStore"]:
    """The object store below `address`."""
    try:
        import obstore
        from obstore.store import from_url
    except ImportError as error:
        hint = "install the extra: `uv sync --extra s3`"
        raise SettingsError("CF008", f"{address} cannot be used: {error}", hint) from None
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    try:
        yield from_url(address, client_options={"allow_http": plain}, retry_config=RETRIES)
    except FileNotFoundError as error:
        raise AbsentError("DQ001", f"{address}: {first_line(error)}", "name an object that exists") from None
    except obstore.exceptions.BaseError as error:
        hint = "check AWS_ENDPOINT_URL, AWS_REGION and the credentials, then run again: it continues"
        raise StoreError("ST006", f"{address}: {first_line(error)}", hint) from None
