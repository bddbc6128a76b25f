"""Publish versions of a dataset, and roll back.

In:       a version in the store of a dataset, which has its name, with its contract beside the rows.
Out:      links in that store: `latest`, and `v1` to the latest of major version 1 of the contract;
          README.md, the page for consumers: the columns, whom to ask, how to read the data.
Failure:  RefusedError PB001 (that version was rolled back), PB003 (another version was published during
          the run), PB005 (a major version that is still read); ContractError PB002 (its contract breaks one
          that consumers rely on).

The log of aliases says what is published. The links are made from it, and each is moved in one step: a
reader of `latest/dataset/` gets one whole version. After a crash the next run repairs the links.
"""

import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from ..contract import compatibility, odcs, readers
from ..contract.consumers import Consumer
from ..contract.kinds import BIGINT
from ..contract.values import Contract
from ..errors import ContractError, RefusedError, StoreError, nearest
from ..reports.page import rendered
from ..store import aliases, contents, objects
from ..store.versions import Store, Version
from . import layout, ledger

LATEST = "latest"
PAGE = "README.md"


def folder(table: str) -> Path:
    """Where readers find the rows of a dataset, in the store of the product."""
    return Path(table, LATEST, layout.FOLDER)


def publish(
    store: Store,
    version: str,
    before: Version | None,
    delivery: ledger.Delivery,
    at: datetime,
    local: bool = False,
    consumers: Sequence[Consumer] = (),
) -> Version:
    """Publish this version, which has the rows of the delivery and was made while `before` was published.
    `local`: for readers on this machine only, not in an object store. `consumers`: named on the page."""
    with store.locked():
        now = aliases.current(store, aliases.PUBLISHED)
        if now and now.id != version:  # which is linked below
            _linked(store, now, local, consumers)
        if version in aliases.rolled_back(store, aliases.PUBLISHED):
            hint = f"`COMMAND publish promote {version}` publishes it anyway"
            raise RefusedError("PB001", f"{version}: it was rolled back, so it is not published again", hint)
        if now and before != now:
            text = f"{version}: {now.id} was published by hand during the run, and stays published"
            raise RefusedError("PB003", text, "run again")
        _refuse_breaking(store, version)
        ledger.record(store, version, delivery, at)
        return _linked(store, aliases.promote(store, version, aliases.PUBLISHED, "run", at), local, consumers)


def promote(
    store: Store,
    version: str,
    why: str,
    at: datetime,
    local: bool = False,
    consumers: Sequence[Consumer] = (),
) -> Version:
    """Publish a version by hand, also one that was rolled back; a new one must not break consumers."""
    with store.locked():
        standing = {event["version"] for event in aliases.stack(store, aliases.PUBLISHED)}
        if version not in standing | aliases.rolled_back(store, aliases.PUBLISHED):
            _refuse_breaking(store, version)
        return _linked(store, aliases.promote(store, version, aliases.PUBLISHED, why, at), local, consumers)


def rollback(
    store: Store, why: str, at: datetime, local: bool = False, consumers: Sequence[Consumer] = ()
) -> Version:
    """Publish the version before this one again; called again, the one before that."""
    with store.locked():
        return _linked(store, aliases.rollback(store, aliases.PUBLISHED, why, at), local, consumers)


def retire(store: Store, major: int, consumers: Sequence[Consumer]) -> None:
    """Remove the link to an older major version that no declared consumer reads; its rows go as others do."""
    with store.locked():
        contract, link = _contract(aliases.require(store, aliases.PUBLISHED)), store.root / f"v{major}"
        if not link.is_symlink():
            known = sorted(each.name for each in store.root.glob("v*") if each.is_symlink())
            raise StoreError("ST001", f"{contract.name} has no {link.name}", nearest(link.name, known))
        if major == compatibility.major(contract):
            text = f"{contract.name} {link.name} is the version that is published now"
            raise RefusedError("PB005", text, "publish a higher major version first")
        if left := readers.of_version(consumers, contract, major):
            text = "\n  ".join([f"{contract.name} {link.name} is still read", *left])
            hint = "agree with them; then change their files in contracts/consumers/"
            raise RefusedError("PB005", text, hint)
        link.unlink()


def _refuse_breaking(store: Store, version: str) -> None:
    """Refuse a version that breaks what the published one promises, or the last one of its major version."""
    new = _contract(contents.require_dataset(store, version))
    standing = [event["version"] for event in aliases.stack(store, aliases.PUBLISHED)]
    promised = dict.fromkeys([*standing[-1:], *_last(store, compatibility.major(new), standing)])
    for old in (_contract(store.open(each)) for each in promised):
        if broken := compatibility.breaks(old, new):
            text = f"{new.path.name} v{new.version} breaks what v{old.version} promised"
            text = "\n  ".join([text, *map(str, broken)])
            highest = max(compatibility.major(each) for each in (old, new))
            hint = f"undo the change, or make it version {highest + 1}.0.0 and tell consumers"
            raise ContractError("PB002", text, hint)


def _contract(version: Version) -> Contract:
    """The contract that a version was made with; its file is named as the store of the dataset."""
    return odcs.load(version.file(f"{version.folder.parent.name}.yaml"))


def _last(store: Store, major: int, standing: Sequence[str]) -> list[str]:
    """The last version of a major version among those that are promoted; none if it no longer exists."""
    for version in reversed(standing):
        contract = store.root / version / f"{store.root.name}.yaml"
        if contract.exists() and compatibility.major(odcs.load(contract)) == major:
            return [version]
    return []


def _linked(store: Store, version: Version, local: bool, consumers: Sequence[Consumer]) -> Version:
    """Point the links and the page at this version, and return it."""
    contract = _contract(version)
    major = compatibility.major(contract)
    for name in (LATEST, f"v{major}"):
        _replace(store.root / name, lambda new: new.symlink_to(version.id))
    standing = [event["version"] for event in aliases.stack(store, aliases.PUBLISHED)]
    gone = aliases.rolled_back(store, aliases.PUBLISHED) - {*standing}
    for link in store.root.glob("v*"):  # none may point to a version that was rolled back
        if re.fullmatch(r"v\d+", link.name) and link.is_symlink() and link.readlink().name in gone:
            _repoint(store, link, standing)
    about = {"contract": contract, "major": major, "version": version.id, "at": version.made_at}
    about["readers"] = list(readers.described(consumers, contract))
    boundless = (None, *BIGINT.values())
    folder = store.root.resolve()
    text = rendered("consumers.md.j2", folder=folder, boundless=boundless, **about, **version.facts)
    _replace(store.root / PAGE, lambda new: new.write_text(text, encoding="utf-8"))
    if contract.location and objects.is_address(contract.location) and not local:
        objects.publish(version, contract.location)
    return version


def _repoint(store: Store, link: Path, standing: list[str]) -> None:
    """Point a major version's link to its last version that is still promoted and exists; else delete it."""
    for version in _last(store, int(link.name.removeprefix("v")), standing):
        return _replace(link, partial(Path.symlink_to, target=version))
    return link.unlink()


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    new = path.with_name(f".{path.name}")
    new.unlink(missing_ok=True)
    make(new)
    os.replace(new, path)
