"""The deliveries of a source that a run accepted, or would accept today: its good versions.

In:       the store of a source, its contract.
Out:      the newest good version; since when its rows are known.
Failure:  StoreError ST002 (a version is damaged).

The newest version is the one that was delivered last: a file that comes again is renewed (`Store.renew`).
"""

from collections.abc import Iterator
from contextlib import suppress

from ..contract.values import Contract
from ..errors import StoreError
from . import contents
from .versions import Store, Version


def newest(store: Store, contract: Contract) -> Version | None:
    """The newest version whose rows keep the contract well enough for a run, verified; None if none does."""
    return next(good(store, contract), None)


def good(store: Store, contract: Contract) -> Iterator[Version]:
    """Each such version, verified, the newest first."""
    return (store.open(each.id) for each in contents.deliveries(store) if _is_good(each, contract))


def needed(store: Store, contract: Contract) -> set[str]:
    """The version that must not be deleted: the newest good one. Damaged ones are passed over."""
    for name in store.versions():
        with suppress(StoreError):
            version = store.about(name)
            if contents.is_delivery(version) and _is_good(version, contract):
                return {name}
    return set()


def arrived_at(store: Store, version: Version) -> str:
    """When the file of these rows came first, as far as the store remembers: ISO 8601, UTC."""
    return min([_arrival(version), *map(_arrival, of_file(store, version.inputs["sha256"]))])


def last_delivery(store: Store) -> Version | None:
    """The newest version that has rows, good or bad."""
    found = contents.deliveries(store)
    return next((version for version in found if version.facts["check"]["read"]), None)


def _is_good(version: Version, contract: Contract) -> bool:
    check = version.facts["check"]
    return bool(check["good"] and not check["failures"] and not contract.refuses(check["bad"], check["read"]))


def of_file(store: Store, sha256: str) -> Iterator[Version]:
    for name in store.versions():
        with suppress(StoreError):
            version = store.about(name)
            if contents.is_delivery(version) and version.inputs["sha256"] == sha256:
                yield version


def _arrival(version: Version) -> str:
    return str(version.inputs.get("arrived_at", version.made_at))
