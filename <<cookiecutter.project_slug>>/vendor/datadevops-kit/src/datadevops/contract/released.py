"""The contracts of the last release, from the tags of the repository.

In:       a checkout with git.
Out:      the newest tag of a release before this commit; a contract as it was then.
Failure:  NotRunError CT011 (no git, no repository, a shallow clone).
"""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import NotRunError
from . import odcs
from .values import Contract

HINT = "run it in a whole clone: `git fetch --unshallow --tags`"


def last_release(home: Path) -> str:
    """The newest tag such as v1.2.3 before this commit; empty if there is none."""
    if _git(home, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise NotRunError("CT011", "NOT RUN: this clone is shallow, so its releases are not known", HINT)
    released = ["--list", "v[0-9]*", "--merged", "HEAD", "--no-contains", "HEAD", "--sort=-version:refname"]
    return next(iter(_git(home, "tag", *released).split()), "")


def contract_at(tag: str, path: Path, home: Path) -> Contract | None:
    """The contract in the file `path` as it was at `tag`; None if it was not there."""
    name = path.resolve().relative_to(home.resolve()).as_posix()
    if not _git(home, "ls-tree", tag, name):
        return None
    with TemporaryDirectory() as folder:
        known = Path(folder, path.name)
        known.write_text(_git(home, "show", f"{tag}:./{name}"), encoding="utf-8")
        return odcs.load(known)


def _git(home: Path, *words: str) -> str:
    """What git says about the repository."""
    if not shutil.which("git"):
        raise NotRunError("CT011", "NOT RUN: git is not installed", "install git")
    command = ["git", "-C", str(home), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise NotRunError("CT011", f"NOT RUN: {done.stderr.strip()}", HINT)
    return done.stdout
