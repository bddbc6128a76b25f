"""The files of a repository, read once each and never trusted.

In:       a folder.
Out:      its files by relative path, without those that git ignores; each as text, as the documents of a
          YAML file, as TOML or JSON.
Failure:  none: a file that cannot be read or parsed counts as empty, and is one of the `problems`. Files of
          data count as empty too, and are none.
"""

import fnmatch
import json
import os
import re
import stat
import tomllib
from collections.abc import Collection, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from .ignored import ignored
from .tolerant_yaml import Loader

MAX_BYTES = 2_000_000  # of a text that somebody wrote; what is larger was made by a program
MAX_FILES = 20_000
# Data, in which no rule looks for anything: of any size and any encoding.
DATA = (".csv", ".tsv", ".txt.gz", ".csv.gz", ".jsonl", ".ndjson", ".parquet", ".avro", ".xlsx")
VENDORED = "vendor/datadevops-kit"
# Folders that hold what others wrote, or what programs make.
SKIPPED = {"__pycache__", "build", "dist", "node_modules", "site-packages", "store", "vendor", "venv"}
HIDDEN = {".azuredevops", ".circleci", ".github", ".gitlab"}


class Repository:
    """One repository. Each file is read at most once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: dict[str, str] = {}
        self.text = cache(self._text)
        self.documents = cache(self._documents)
        self.toml = cache(self._toml)

    def __deepcopy__(self, memo: object) -> "Repository":
        return self  # repo-review copies what checks get, for each check

    @cached_property
    def files(self) -> list[str]:
        """The files that a team writes, by relative path, sorted; without links to folders, and without
        what git ignores: that is no part of the repository."""
        left_out = ignored(self.root)
        found = sorted(name for name in self._walk(self.root, left_out) if name not in left_out)
        if len(found) > MAX_FILES:
            self.problems["."] = f"{len(found):,} files: only the first {MAX_FILES:,} are looked at"
        return found[:MAX_FILES]

    def matching(self, *patterns: str) -> list[str]:
        """The files whose path matches a shell pattern; `*` matches `/` too."""
        return [name for name in self.files if any(fnmatch.fnmatchcase(name, each) for each in patterns)]

    def first(self, *names: str) -> str | None:
        """The first of these files that exists."""
        known = set(self.files)
        return next((name for name in names if name in known), None)

    def yaml_files(self, pattern: str) -> list[str]:
        """The YAML files in whose text the regular expression occurs."""
        found = re.compile(pattern, re.M)
        return [name for name in self.matching("*.yaml", "*.yml") if found.search(self.text(name))]

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.text(name) or "null")
        except (ValueError, RecursionError) as error:
            self.problems[name] = f"is not JSON: {error}"
            return None

    @property
    def pyproject(self) -> dict[str, Any]:
        return self.toml("pyproject.toml") if self.first("pyproject.toml") else {}

    def _walk(self, folder: Path, left_out: Collection[str]) -> Iterator[str]:
        def unreadable(error: OSError) -> None:
            self.problems[self._relative(Path(str(error.filename)))] = f"cannot be listed: {error.strerror}"

        for place, folders, names in os.walk(folder, onerror=unreadable):
            folders[:] = [each for each in folders if each not in SKIPPED and not each.startswith(".")] + [
                each for each in folders if each in HIDDEN
            ]
            folders[:] = [each for each in folders if f"{self._relative(Path(place, each))}/" not in left_out]
            yield from (self._relative(Path(place, name)) for name in names)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _text(self, name: str) -> str:
        path = self.root / name
        if name.lower().endswith(DATA):
            return ""
        try:
            content = self._content(path)
        except OSError as error:
            self.problems[name] = f"cannot be read: {error.strerror}"
            return ""
        try:
            return "" if b"\0" in content else content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems[name] = "is not UTF-8 text"
            return content.decode("utf-8", errors="replace")

    def _content(self, path: Path) -> bytes:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "is not a regular file")
        if status.st_size > MAX_BYTES:
            raise OSError(0, f"{status.st_size:,} bytes are more than {MAX_BYTES:,}")
        if path.is_symlink() and not path.resolve().is_relative_to(self.root):
            raise OSError(0, "leads out of the repository")
        return path.read_bytes()

    def _documents(self, name: str) -> list[Any]:
        text = self.text(name)
        if not text and (self.root / name).is_file() and (self.root / name).stat().st_size:
            self.problems.setdefault(name, "is not a text")
        try:
            return [each for each in yaml.load_all(text, Loader=Loader) if each is not None]
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            self.problems[name] = f"is not YAML: {' '.join(str(error).split())[:200]}"
            return []

    def _toml(self, name: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            self.problems[name] = f"is not TOML: {error}"
            return {}
