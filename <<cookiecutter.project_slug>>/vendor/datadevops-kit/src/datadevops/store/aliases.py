"""Which version is in use: `champion`, `challenger`, `published`.

An alias has no file of its own. It is computed from the append-only log, so the two cannot disagree.

In:       a store, the name of an alias.
Out:      the version it stands for; `log.jsonl`, one line for each event; versions that nothing needs are
          deleted.
Failure:  StoreError ST003 (nothing to roll back to), ST004 (the alias is not set yet), ST005
          (the log is damaged).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from ..errors import StoreError
from . import journal
from .versions import Store, Version, damaged

PUBLISHED = "published"  # of datasets
ALIASES = ("champion", "challenger", PUBLISHED)
LOG = "log.jsonl"
NEEDED = {"at", "action", "alias", "version", "manifest_sha256"}


def stack(store: Store, alias: str) -> list[dict[str, Any]]:
    """The promotions in effect, the current one last; a rollback removes the last one for good."""
    return _replay(store, alias)[0]


def rolled_back(store: Store, alias: str) -> set[str]:
    """Versions that were rolled back and not promoted since."""
    return _replay(store, alias)[1]


def _replay(store: Store, alias: str) -> tuple[list[dict[str, Any]], set[str]]:
    path = store.root / LOG
    standing: list[dict[str, Any]] = []
    gone: set[str] = set()
    for event in journal.read(path, NEEDED):
        version = event["version"]
        if event["alias"] != alias:
            continue
        if event["action"] != "rollback":
            standing.append(event)
        elif [version] == [each["version"] for each in standing[-2:-1]]:
            gone.add(standing.pop()["version"])
        else:
            raise journal.damaged(path, f"{version} is not the version before the one that was rolled back")
        gone.discard(version)  # also the version that a rollback returns to
    return standing, gone


def current(store: Store, alias: str) -> Version | None:
    """The verified version `alias` stands for, None if it is not set."""
    standing = stack(store, alias)
    return _verified(store, standing[-1]) if standing else None


def require(store: Store, alias: str) -> Version:
    """As `current`; raises StoreError ST004 if the alias is not set."""
    if version := current(store, alias):
        return version
    raise StoreError(
        "ST004", f"{store.root.name}: there is no {alias} version yet", "`COMMAND run` makes one"
    )


def promote(store: Store, version: str, alias: str, why: str, at: datetime) -> Version:
    """Let `alias` stand for `version`. Readers see the old version or the new one, never a mixture."""
    opened = store.open(version)
    with store.locked():
        standing = stack(store, alias)
        if not standing or standing[-1]["manifest_sha256"] != opened.manifest_sha256:
            _append(store, "promote", alias, opened, why, at)
    return opened


def rollback(store: Store, alias: str, why: str, at: datetime) -> Version:
    """Let `alias` stand for the previous version; called again, for the one before that."""
    with store.locked():
        standing = stack(store, alias)
        if len(standing) < 2:
            hint = f"{store.root / LOG} lists the earlier ones; promote one by hand"
            text = f"{store.root.name}: there was no {alias} version before this one"
            raise StoreError("ST003", text, hint)
        before = _verified(store, standing[-2])
        _append(store, "rollback", alias, before, why, at)
    return before


def retain(store: Store, keep: int, needed: Collection[str] = ()) -> set[str]:
    """Delete old versions. Kept are the newest `keep`, the last `keep` promotions in effect of each alias,
    the targets of links, and those `needed`. Returns the names of those kept."""
    root = store.root.resolve()
    if not root.exists():
        return set()
    with store.locked():  # so that none is promoted while it is deleted
        links = [path.resolve() for path in root.glob("*") if path.is_symlink()]
        kept = {path.relative_to(root).parts[0] for path in links if root in path.parents}
        kept |= {event["version"] for alias in ALIASES for event in stack(store, alias)[-keep:]}
        kept |= {*store.versions()[:keep], *needed}
        store.keep(kept)
    return kept


def _verified(store: Store, event: dict[str, Any]) -> Version:
    version = store.open(event["version"])
    if version.manifest_sha256 != event["manifest_sha256"]:
        raise damaged(version.folder)
    return version


def _append(store: Store, action: str, alias: str, version: Version, why: str, at: datetime) -> None:
    event = {"at": at.isoformat(timespec="seconds"), "action": action, "alias": alias, "version": version.id}
    journal.append(store.root / LOG, event | {"manifest_sha256": version.manifest_sha256, "why": why})
