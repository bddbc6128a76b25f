"""Keep every version of a model or a dataset in a folder named by the hash of its inputs.

In:       inputs (hashes of data and code), and a function that writes a folder.
Out:      `<root>/<version>/` with the files and manifest.json; the same inputs make one version.
Failure:  a crash leaves no version, only a `.making-*` folder that the next run deletes.
          StoreError ST001 (no such version), ST002 (its files are not those that were written).
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from filelock import FileLock

from ..errors import StoreError, nearest
from . import hashed

MANIFEST = "manifest.json"
LOCK = ".lock"
NAME = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True)
class Version:
    id: str  # 12 hexadecimal digits
    folder: Path
    inputs: Mapping[str, Any]  # what it is made from; the id is their hash
    facts: Mapping[str, Any]  # what its writer recorded: counts, metrics
    files: Mapping[str, str]  # name -> sha256
    manifest_sha256: str  # the same for the same inputs, at any time on any machine
    made_at: str  # ISO 8601, UTC; of this copy, so not part of the manifest

    def file(self, name: str) -> Path:
        return self.folder / name


class Shared(NamedTuple):
    """Files that a new version has in common with another one."""

    version: Version
    files: Collection[str]


class Store:
    """The versions below one folder."""

    def __init__(self, root: Path, quick: bool = False) -> None:
        """`quick`: a file that nobody has written since it was hashed is not read again to verify it."""
        self.root, self._quick = root, quick

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time; the system frees the lock of a process that dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / LOCK, is_singleton=True):  # the same process may lock it again
            yield

    def make(
        self,
        inputs: Mapping[str, Any],
        write: Callable[[Path], Mapping[str, Any]],
        shared: Shared | None = None,
    ) -> Version:
        """The version made from `inputs`. If there is none yet, `write(folder)` makes it and returns its
        facts; the `shared` files are there already. If another process is making the same one, wait for
        it."""
        version = version_of(inputs)
        with self.locked():
            if not (self.root / version).exists():
                for leftover in self.root.glob(".making-*"):  # we hold the lock, so its writer is dead
                    shutil.rmtree(leftover)
                folder = Path(mkdtemp(dir=self.root, prefix=".making-"))
                try:
                    files = _linked(shared, folder) if shared else {}
                    facts = write(folder)
                    files = {name: files.get(name) or sha256(folder / name) for name in hashed.names(folder)}
                    made = {"version": version, "inputs": inputs, "files": files, "facts": facts}
                    manifest = json.loads(json.dumps(made))  # as it will be read again
                    text = json.dumps(manifest | {"sha256": _digest(manifest)}, indent=1)
                    hashed.record(folder, files)
                    (folder / MANIFEST).write_text(text, encoding="utf-8")
                    folder.chmod(0o755)
                    folder.rename(self.root / version)
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
        return self.open(version)

    def open(self, version: str) -> Version:
        """The version, its files verified by their hashes. Raises StoreError ST001 or ST002."""
        found = self.about(version)
        folder, files = found.folder, found.files
        try:
            written = files.keys() - (hashed.unwritten(folder, files) if self._quick else set())
            whole = all(files[name] == sha256(folder / name) for name in written)
            if whole and written and self._quick:  # copied, as from a backup
                hashed.record(folder, files)
        except PermissionError:  # then nobody can tell whether it is damaged
            raise
        except OSError:
            whole = False
        if not whole:
            raise damaged(folder)
        return found

    def about(self, version: str) -> Version:
        """The version, its files not verified, which takes no time. Raises StoreError ST001 or ST002."""
        folder = self.root / version
        if not NAME.fullmatch(version) or not folder.is_dir():
            hint = nearest(version, self.versions())
            raise StoreError("ST001", f"{self.root.name} has no version {version!r}", hint)
        try:
            text, at = (folder / MANIFEST).read_bytes(), (folder / MANIFEST).stat().st_mtime
            manifest = json.loads(text)
            whole = manifest.pop("sha256") == _digest(manifest) and manifest["version"] == version
            parts = manifest["inputs"], manifest["facts"], manifest["files"]
        except PermissionError:
            raise
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise damaged(folder)
        digest = hashlib.sha256(text).hexdigest()
        made = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
        return Version(version, folder, *parts, digest, made)

    def renew(self, version: Version) -> None:
        """List it as the newest version: what it is made from has come again."""
        os.utime(version.folder)

    def keep(self, versions: Collection[str]) -> None:
        """Delete every other version, each in one step; a process that has a file open can still read it."""
        for version in set(self.versions()) - set(versions):
            with self.locked():
                shutil.rmtree((self.root / version).rename(self.root / f".making-{version}"))

    def versions(self) -> list[str]:
        """The names of all versions, the newest first."""
        if not self.root.is_dir():
            return []
        with os.scandir(self.root) as entries:
            found = [each for each in entries if NAME.fullmatch(each.name) and each.is_dir()]
            return [each.name for each in sorted(found, key=lambda each: each.stat().st_mtime, reverse=True)]


def stores(root: Path) -> list[str]:
    """The names of all stores in a folder, including those of the team's own steps."""
    found = (path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted(path.name for path in found)


def damaged(folder: Path) -> StoreError:
    hint = "roll back to another version, delete this folder and run again"
    return StoreError("ST002", f"{folder} is damaged: its files are not those that were written", hint)


def version_of(inputs: Mapping[str, Any]) -> str:
    """The name of the version made from `inputs`: the same on any machine and in any folder."""
    return _digest(inputs)[:12]


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _linked(shared: Shared, folder: Path) -> dict[str, str]:
    """The hashes of the files of another version, which become files of this folder too."""
    version = shared.version
    unwritten = hashed.unwritten(version.folder, version.files)
    for inside in {os.path.dirname(name) for name in shared.files}:
        os.makedirs(folder / inside, exist_ok=True)
    for name in shared.files:
        linked = hashed.link(f"{version.folder}/{name}", f"{folder}/{name}")
        if not (linked and name in unwritten) and sha256(folder / name) != version.files[name]:
            raise damaged(version.folder)
    return {name: version.files[name] for name in shared.files}
