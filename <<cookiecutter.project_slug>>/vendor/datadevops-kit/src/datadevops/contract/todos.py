"""What a draft left for people to decide: each TODO in a contract file.

In:       the folder of a product's contracts.
Out:      each TODO, by file, line and column.
Failure:  ContractError CT013, as `odcs.files`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import counted
from .odcs import files

# Not a value TODO, as an enum of a tracker's states may have it.
LEFT = re.compile(r"TODO[:@(].*|(?<=# )TODO\b.*|(?<=: )['\"]?TODO['\"]?(?=\s*$)")
NAME = re.compile(r"\s+- name: (\w+)")


class Todo(NamedTuple):
    path: Path
    line: int
    name: str  # of the table, column or rule that it stands below; empty: of none
    text: str

    def below(self, home: Path) -> str:
        """The place, as seen from a folder, and what is to do."""
        path = self.path.relative_to(home) if self.path.is_relative_to(home) else self.path
        return ": ".join(filter(None, (f"{path}:{self.line}", self.name, self.text)))


def left(folder: Path) -> list[Todo]:
    """Every TODO in the contracts of a product."""
    return [todo for path in files(folder).values() for todo in _of(path)]


def warning(folder: Path) -> str:
    """How many TODOs are left, for a command that copies what contracts say; empty if there is none."""
    found = left(folder)
    where = "left in the contracts, and copied where they stand: `COMMAND contract check` names them"
    return f"{counted(len(found), 'TODO')} {where}" if found else ""


def _of(path: Path) -> Iterator[Todo]:
    name = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if named := NAME.match(line):
            name = named[1]
        if found := LEFT.search(line):
            yield Todo(path, number, name, found[0].strip("'\"} "))
