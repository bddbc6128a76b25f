"""The contracts of the last release, from the tags of the repository.

In:       a checkout with git, which may be a folder of a larger repository.
Out:      the newest tag of a release before the contracts as they are now; the contracts as they were then.
Failure:  NotRunError CT011 (no git, no repository, a shallow clone, a clone without the tags of its origin);
          ContractError CT031 (no such tag).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ..errors import ContractError, NotRunError, nearest
from . import odcs
from .compatibility import Comparison
from .values import Contract

HINT = "run it in a whole clone: `git fetch --unshallow --tags`"
RELEASE = r"v(\d+(?:\.\d+)*)(?:\+\S+)?"  # v1.2.3; a tag such as v1.2.3-rc.1 is a candidate
# By these variables git would work in another repository; it sets some for the hooks of a commit.
ELSEWHERE = r"GIT_(?!CONFIG_)\w*(DIR(ECTOR(Y|IES))?|TREE|FILE|PREFIX|NAMESPACE|PATHSPECS|OBJECTS|BASE|CONFIG)"
PATIENCE_SECONDS = 60  # a remote that does not answer would hold up a pipeline


def last_release(home: Path, folder: Path) -> str:
    """The newest tag such as v1.2.3 before what is in `folder`; empty if there is none. A tag of this commit
    counts if something was edited there since."""
    if _git(home, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise NotRunError("CT011", "NOT RUN: this clone is shallow, so its releases are not known", HINT)
    edited = _git(home, "status", "--porcelain", "--", str(folder.resolve()))
    before_commit = [] if edited else ["--no-contains", "HEAD"]
    if before := _releases(_git(home, "tag", "--merged", "HEAD", *before_commit)):
        return before[-1]
    if not _releases(_git(home, "tag")):
        for remote in _git(home, "remote").split():
            _require_no_release(home, remote)
    return ""


def tag(home: Path, name: str) -> str:
    """The tag `name` of the repository. Raises ContractError CT031 with the nearest one."""
    known = _git(home, "tag").split()
    if name not in known:
        raise ContractError("CT031", f"{home} has no tag {name!r}", nearest(name, known))
    return name


def contract_at(tag: str, path: Path, home: Path) -> Contract | None:
    """The contract in the file `path` as it was at `tag`; None if it was not there."""
    name = path.resolve().relative_to(home.resolve()).as_posix()
    if not _git(home, "ls-tree", tag, name):
        return None
    return odcs.parsed(Path(tag, name), _git(home, "show", f"{tag}:./{name}"))


def contracts_at(tag: str, folder: Path, home: Path) -> dict[str, Contract]:
    """The contracts of a product as they were at `tag`, by table; `folder`: where they are."""
    above = folder.resolve().relative_to(home.resolve()).as_posix()
    places = [f"{above}/{name}" for name in ("", f"{odcs.SOURCES}/", f"{odcs.DATASETS}/")]
    names = _git(home, "ls-tree", "-z", "--name-only", tag, *places).split("\0")
    paths = [home / name for name in names if name.endswith(".yaml")]
    return {path.stem: found for path in paths if (found := contract_at(tag, path, home))}


def comparisons(tag: str, folder: Path, home: Path) -> list[Comparison]:
    """Each contract in `folder`, and each that was there at `tag`: then and now."""
    old, new = contracts_at(tag, folder, home), odcs.load_all(folder)
    return [Comparison(contract, old.get(name), new.get(name)) for name, contract in (old | new).items()]


def _releases(tags: str) -> list[str]:
    """The tags of releases among these, oldest version first.

    >>> _releases("v1.10.0 v1.9.0 v1.10.0-rc.1 nightly")
    ['v1.9.0', 'v1.10.0']
    """
    found = [match for tag in tags.split() if (match := re.fullmatch(RELEASE, tag))]
    return [each[0] for each in sorted(found, key=lambda each: [int(part) for part in each[1].split(".")])]


def _require_no_release(home: Path, remote: str) -> None:
    """Raise NotRunError if `remote` has releases that this clone lacks.

    A remote that cannot be asked is taken to have none, unless the clone was made without tags: pipelines
    often read a repository once, and may not ask it again.
    """
    try:
        listed = _git(home, "ls-remote", "--tags", "--refs", remote)
    except NotRunError:
        if _git(home, "config", "--default", "", f"remote.{remote}.tagOpt").strip() != "--no-tags":
            return
        known = "may have some, and cannot be asked"
    else:
        tags = _releases(listed.replace("refs/tags/", ""))
        if not tags:
            return
        known = f"has {len(tags)}, the newest {tags[-1]}"
    text = f"NOT RUN: this clone has no tag of a release; {remote} {known}"
    raise NotRunError("CT011", text, f"fetch them: `git fetch --tags {remote}`")


def _git(home: Path, *words: str) -> str:
    """What git says about the repository."""
    if not shutil.which("git"):
        raise NotRunError("CT011", "NOT RUN: git is not installed", "install git")
    kept = {name: value for name, value in os.environ.items() if not re.fullmatch(ELSEWHERE, name)}
    silent = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(home), *words],  # noqa: S607
            env=silent | kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        text = f"NOT RUN: git {words[0]} did not end within {PATIENCE_SECONDS} s"
        raise NotRunError("CT011", text, HINT) from None
    if done.returncode:
        raise NotRunError("CT011", f"NOT RUN: git in {home.absolute()}: {done.stderr.strip()}", HINT)
    return done.stdout
