"""Which repositories a fleet has.

In:       folders, and files that list folders, one on a line; relative ones start at the file.
Out:      folders, each once, in their order. A folder that holds repositories stands for each of them.
Failure:  Unusable for a list that cannot be read, or where nothing is named.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..review import Unusable

SIGNS = (".git", ".copier-answers.yml", "pyproject.toml")  # of a repository, at its top


def named(words: Iterable[Path]) -> list[Path]:
    """The folders that the words name; one that does not exist is among them, for the report to say so."""
    found = dict.fromkeys(each for word in words for each in _expanded(word))
    if not found:
        raise Unusable("no repository is named")
    return list(found)


def _expanded(word: Path) -> Iterator[Path]:
    if word.is_file():
        yield from (folder for line in _lines(word) for folder in _within(word.parent / line))
    else:
        yield from _within(word)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path}: cannot be read as a list of folders: {error}") from error
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _within(folder: Path) -> Iterator[Path]:
    if _is_repository(folder) or not folder.is_dir():
        yield folder
        return
    inside = [each for each in sorted(folder.iterdir()) if each.is_dir() and _is_repository(each)]
    yield from inside or [folder]


def _is_repository(folder: Path) -> bool:
    return any((folder / sign).exists() for sign in SIGNS)
