"""Take the example out of a product.

In:       the checkout, whose file .example-files lists the files of the example.
Out:      these files and the store in example-removed/, with the former text of the files that are written
          anew: README.md and docs/ without what is about the example, a plain model.py, the answer
          `example: none`.
Failure:  SettingsError CF014 (there is no example), CF015 (example-removed/ has such files already). After a
          crash, the same command goes on.
"""

import re
import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ..errors import SettingsError

LISTED, REMOVED = ".example-files", "example-removed"
ABOUT_IT = re.compile(r"^<!-- example -->\n.*?^<!-- /example -->\n", re.MULTILINE | re.DOTALL)
ANSWER = re.compile(r"^example: .*$", re.MULTILINE)
STORE = "store"


class Removed(NamedTuple):
    moved: list[str]  # paths in the checkout
    written: list[str]  # whose former text was copied


def remove(home: Path, package: Path, store: Path) -> Removed:
    """Move the example of the checkout `home` away; `package`: the folder of its code."""
    moved = [name for name in _listed(home) if (home / name).exists()]
    if store == home / STORE and store.exists():
        moved.append(STORE)
    if both := [name for name in moved if (home / REMOVED / name).exists()]:
        text = "\n  ".join([f"{home / REMOVED} has files of the same names, which would be lost", *both])
        raise SettingsError("CF015", text, f"move {REMOVED}/ away, then try again")
    new = _rewritten(home, package / "model.py")
    for path in new:
        _copy(home, path)
    for name in moved:
        target = home / REMOVED / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (home / name).rename(target)
    _drop_empty(home, moved)
    for path, text in new.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    (home / LISTED).rename(home / REMOVED / LISTED)  # last: as long as it is here, there is more to do
    return Removed([*moved, LISTED], [path.relative_to(home).as_posix() for path in new])


def _listed(home: Path) -> list[str]:
    """The files of the example. Raises SettingsError CF014 if there is none."""
    try:
        lines = (home / LISTED).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        hint = "it was removed already, or the product was baked without: `COMMAND run` says what comes next"
        raise SettingsError("CF014", f"{home / LISTED}: there is no example here", hint) from None
    return [line for line in lines if line and not line.startswith("#")]


def _rewritten(home: Path, model: Path) -> dict[Path, str]:
    """The files that stay, with their new text, those that change."""
    plain = files(__package__).joinpath("model.txt").read_text(encoding="utf-8")
    pages, answers = [home / "README.md", *sorted(home.glob("docs/*.md"))], home / ".copier-answers.yml"
    found = {path: path.read_text(encoding="utf-8") for path in (*pages, answers, model) if path.exists()}
    new = {path: ABOUT_IT.sub("", text) for path, text in found.items()} | {model: plain}
    new[answers] = ANSWER.sub('example: "none"', found.get(answers, ""))
    return {path: new[path] for path, text in found.items() if text != new[path]}


def _copy(home: Path, path: Path) -> None:
    """Keep the text of a file as it is; after a crash, as it was before."""
    target = home / REMOVED / path.relative_to(home)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _drop_empty(home: Path, moved: Iterable[str]) -> None:
    """Remove the folders in which nothing is left."""
    folders = {folder for name in moved for folder in (home / name).parents if folder.is_relative_to(home)}
    for folder in sorted(folders - {home}, reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
