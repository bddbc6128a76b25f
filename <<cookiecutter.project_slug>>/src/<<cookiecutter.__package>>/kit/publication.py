# The template's file: edits here meet template updates (copier update merges them).
"""Publish versions of a dataset: which one readers get, and the way back.

In:       a version in the store.
Out:      `<store>/latest`, a link to the folder of the version that is published.
Failure:  RefusedError PB001 (somebody has rolled back from that version).

What is published is what the log of aliases says; links are made from it, moved in one step.
"""

import os
from datetime import datetime

from . import COMMAND, aliases
from .errors import RefusedError
from .store import Store, Version

PUBLISHED = "published"
LATEST = "latest"


def publish(store: Store, version: str, why: str, at: datetime) -> Version:
    """Let readers get this version from now on."""
    if version in aliases.rolled_back(store, PUBLISHED):
        hint = f"`{COMMAND} publish promote {version}` publishes it all the same"
        raise RefusedError(
            "PB001", f"{version}: somebody has rolled back from it; the one before stays", hint
        )
    return promote(store, version, why, at)


def promote(store: Store, version: str, why: str, at: datetime) -> Version:
    """As `publish`, whatever was rolled back before."""
    made = aliases.promote(store, version, PUBLISHED, why, at)
    _point(store, made)
    return made


def rollback(store: Store, why: str, at: datetime) -> Version:
    """Publish the version before again; said again, the one before that."""
    made = aliases.rollback(store, PUBLISHED, why, at)
    _point(store, made)
    return made


def _point(store: Store, version: Version) -> None:
    new = store.root / f".{LATEST}"
    new.unlink(missing_ok=True)
    new.symlink_to(version.id)
    os.replace(new, store.root / LATEST)
