"""Publish versions of a dataset, roll back, delete old versions.

In:       a version in the store `dataset`, with its contract beside the rows.
Out:      links in that store: `latest`, and `v1` to the latest of major version 1 of the contract;
          README.md, the page for consumers: what a row holds, whom to ask, how to read it.
Failure:  RefusedError PB001 (somebody has rolled back from that version), PB003 (another one was published
          meanwhile); ContractError PB002 (its contract breaks the one consumers know).

What is published is what the log of aliases says. A link is made from it and moved in one step, so who
opens `latest/dataset.parquet` gets one version, whole. A crash between the two is mended by the next run.
"""

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from ..contract import compatibility, odcs
from ..contract.kinds import BIGINT
from ..errors import ContractError, RefusedError, StoreError
from ..reports.page import rendered
from ..store import aliases, objects
from ..store.versions import Store, Version, stores
from . import ledger

LATEST = "latest"
CONTRACT = "dataset.yaml"
PAGE = "README.md"


def publish(
    store: Store,
    version: str,
    before: Version | None,
    delivery: ledger.Delivery,
    at: datetime,
    local: bool = False,
) -> Version:
    """Let readers get this version from now on, which has the rows of the delivery and was made while
    `before` was published. `local`: to readers on this machine only, not in an object store."""
    with store.locked():
        now = aliases.current(store, aliases.PUBLISHED)
        if now and now.id != version:  # which is linked below
            _linked(store, now, local)
        if version in aliases.rolled_back(store, aliases.PUBLISHED):
            hint = f"`COMMAND publish promote {version}` publishes it all the same"
            raise RefusedError("PB001", f"{version}: somebody has rolled back from it; it stays away", hint)
        if now and before != now:
            text = f"{version}: {now.id} was published meanwhile, by hand; it stays"
            raise RefusedError("PB003", text, "run again")
        if now:
            _refuse_breaking(store, now, version)
        ledger.note(store, version, delivery, at)
        return _linked(store, aliases.promote(store, version, aliases.PUBLISHED, "run", at), local)


def promote(store: Store, version: str, why: str, at: datetime, local: bool = False) -> Version:
    """Publish a version by hand, one that was rolled back, too; a new one must keep what is promised."""
    with store.locked():
        standing = {event["version"] for event in aliases.stack(store, aliases.PUBLISHED)}
        if standing and version not in standing | aliases.rolled_back(store, aliases.PUBLISHED):
            _refuse_breaking(store, aliases.require(store, aliases.PUBLISHED), version)
        return _linked(store, aliases.promote(store, version, aliases.PUBLISHED, why, at), local)


def rollback(store: Store, why: str, at: datetime, local: bool = False) -> Version:
    """Publish the version before again; said again, the one before that."""
    with store.locked():
        return _linked(store, aliases.rollback(store, aliases.PUBLISHED, why, at), local)


def _refuse_breaking(store: Store, before: Version, version: str) -> None:
    old, new = (odcs.load(each.file(CONTRACT)) for each in (before, store.open(version)))
    if broken := compatibility.breaks(old, new):
        text = "\n  ".join([f"{CONTRACT} v{new.version} breaks what v{old.version} promised", *broken])
        hint = f"take it back, or make it version {compatibility.major(old) + 1}.0.0 and tell consumers"
        raise ContractError("PB002", text, hint)


def _linked(store: Store, version: Version, local: bool) -> Version:
    """The version, after the links and the page lead readers to it."""
    contract = odcs.load(version.file(CONTRACT))
    major = compatibility.major(contract)
    for name in (LATEST, f"v{major}"):
        _replace(store.root / name, lambda new: new.symlink_to(version.id))
    standing = [event["version"] for event in aliases.stack(store, aliases.PUBLISHED)]
    gone = aliases.rolled_back(store, aliases.PUBLISHED) - {*standing}
    for link in store.root.glob("v*"):  # none may lead to a version that was rolled back
        if re.fullmatch(r"v\d+", link.name) and link.is_symlink() and link.readlink().name in gone:
            _lead_back(store, link, standing)
    about = {"contract": contract, "major": major, "version": version.id, "at": version.made_at}
    boundless = (None, *BIGINT.values())
    folder = store.root.resolve()
    text = rendered("consumers.md.j2", folder=folder, boundless=boundless, **about, **version.facts)
    _replace(store.root / PAGE, lambda new: new.write_text(text, encoding="utf-8"))
    if contract.location and objects.is_address(contract.location) and not local:
        objects.publish(version, contract.location)
    return version


def _lead_back(store: Store, link: Path, standing: list[str]) -> None:
    """Let a link of a major version lead to the last one of it that stands and is there, if any does."""
    for version in reversed(standing):
        contract = store.root / version / CONTRACT
        if contract.exists() and link.name == f"v{compatibility.major(odcs.load(contract))}":
            return _replace(link, partial(Path.symlink_to, target=version))
    return link.unlink()


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    new = path.with_name(f".{path.name}")
    new.unlink(missing_ok=True)
    make(new)
    os.replace(new, path)


def retain(root: Path, keep: int) -> None:
    """Drop versions as `aliases.retain` does, then the months that no dataset left is made of.

    What a killed run has left behind goes.
    """
    for leftover in root.glob(".month-*"):
        shutil.rmtree(leftover)
    for name in stores(root):
        if name not in ("dataset", "months"):
            aliases.retain(Store(root / name), keep)
    dataset = Store(root / "dataset")
    kept = aliases.retain(dataset, keep)
    months = Store(root / "months")
    with suppress(StoreError):  # of what a damaged or lost one was made is not known: then all months stay
        if needed := {month for each in kept for month in dataset.open(each).facts["months"].values()}:
            # A run that has not come to its end goes on from those made since.
            newest = max((dataset.root / each).stat().st_mtime for each in kept)
            since = {each for each in months.versions() if (months.root / each).stat().st_mtime > newest}
            months.keep(needed | since)
