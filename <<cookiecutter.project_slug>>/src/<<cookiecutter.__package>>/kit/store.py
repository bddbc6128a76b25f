# The template's file: edits here meet template updates (copier update merges them).
"""Keep every version of a model or a dataset in a folder named by the hash of what it is made from.

In:       what goes in (hashes of data and code), and a function that writes a folder.
Out:      `<root>/<version>/` with the files and manifest.json; the same inputs are made once.
Failure:  a crash leaves no version, only a `.making-*` folder that the next run removes.
          StoreError ST001 (no such version), ST002 (its files are not those that were written).
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from .errors import StoreError, nearest

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Version:
    id: str  # 12 hexadecimal digits
    folder: Path
    inputs: Mapping[str, Any]  # what it is made from; the id is their hash
    facts: Mapping[str, Any]  # what its maker wanted to keep: counts, metrics
    manifest_sha256: str

    def file(self, name: str) -> Path:
        return self.folder / name


class Store:
    """The versions below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time; the system frees the lock of a process that dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / ".lock"):
            yield

    def make(
        self, inputs: Mapping[str, Any], write: Callable[[Path], Mapping[str, Any]]
    ) -> Version:
        """The version made from `inputs`; calls `write(folder)`, which returns facts, if there is
        none yet. Another process that makes the same one is waited for."""
        version = version_of(inputs)
        with self.locked():
            if not (self.root / version).exists():
                for leftover in self.root.glob(".making-*"):  # we hold the lock: its maker is dead
                    shutil.rmtree(leftover)
                folder = Path(tempfile.mkdtemp(dir=self.root, prefix=".making-"))
                try:
                    facts = write(folder)
                    files = {p.name: sha256(p) for p in sorted(folder.iterdir())}
                    manifest = {
                        "version": version,
                        "inputs": inputs,
                        "files": files,
                        "facts": facts,
                    }
                    text = json.dumps(manifest, indent=1, sort_keys=True)
                    (folder / MANIFEST).write_text(text, encoding="utf-8")
                    folder.chmod(0o755)
                    os.rename(folder, self.root / version)
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
        return self.open(version)

    def open(self, version: str) -> Version:
        """The version, its files verified by their hashes. Raises StoreError ST001 or ST002."""
        if not re.fullmatch("[0-9a-f]{12}", version) or not (self.root / version).is_dir():
            hint = nearest(version, self.versions())
            raise StoreError("ST001", f"{self.root.name} has no version {version!r}", hint)
        folder = self.root / version
        try:
            text = (folder / MANIFEST).read_bytes()
            manifest = json.loads(text)
            files = {name: sha256(folder / name) for name in manifest["files"]}
            whole = files == manifest["files"] and version_of(manifest["inputs"]) == version
        except (OSError, ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            raise StoreError(
                "ST002",
                f"{folder} is damaged: its files are not those that were written",
                "roll back to another version, delete this folder and run again",
            )
        digest = hashlib.sha256(text).hexdigest()
        return Version(version, folder, manifest["inputs"], manifest["facts"], digest)

    def versions(self) -> list[str]:
        """Every version, the newest first."""
        folders = [
            p.parent for p in self.root.glob(f"*/{MANIFEST}") if not p.parent.name.startswith(".")
        ]
        return [p.name for p in sorted(folders, key=lambda p: p.stat().st_mtime, reverse=True)]


def version_of(inputs: Mapping[str, Any]) -> str:
    """The name of what is made from `inputs`: the same on any machine and in any folder."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:12]


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_sha256(package: Path) -> str:
    """One hash for all Python, SQL and YAML of a package, by path and content."""
    digest = hashlib.sha256()
    for path in sorted(p for p in package.rglob("*") if p.suffix in (".py", ".sql", ".yaml")):
        digest.update(f"{path.relative_to(package).as_posix()} {sha256(path)}\n".encode())
    return digest.hexdigest()
