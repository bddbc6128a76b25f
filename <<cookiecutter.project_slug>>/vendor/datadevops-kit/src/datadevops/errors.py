"""Errors that a person can correct: the class says who, the id says what.

Each id has a paragraph in errors.md, which `COMMAND explain ID` prints. In a hint, the word COMMAND stands
for the product's command; the code that shows the error inserts it (`for_command`).
"""

from collections.abc import Iterable
from difflib import get_close_matches
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS

MOST_SHOWN = 20  # of the known names, in a hint; nobody reads a longer list


class ProductError(Exception):
    """Shown to the user without a traceback. `exit_code` 2: what was given cannot be used."""

    exit_code = 2

    def __init__(self, error_id: str, message: str, hint: str) -> None:
        super().__init__(f"error[{error_id}] {message}\n\nhint: {hint}")
        self.id = error_id
        self.message = message
        self.hint = hint


class ContractError(ProductError):
    """A contract or a transform is wrong. The product's developer edits the file it names."""


class DataError(ProductError):
    """The data cannot be used. Its supplier corrects it; the last version stays published."""


class StoreError(ProductError):
    """A version is unknown, damaged or absent. The person who runs the product chooses another."""


class SettingsError(ProductError):
    """A setting is wrong. The person who runs the product changes it."""


class SloError(ProductError):
    """ops/slo.yaml cannot be used. The product's team edits it."""


class RefusedError(ProductError):
    """The product's own limit says no: nothing is published, the candidate is kept for study."""

    exit_code = 1


class NotRunError(ProductError):
    """A check could not be made. It is not green: a person decides."""

    exit_code = 3


def of_the_machine(error: Exception) -> SettingsError | None:
    """A full or read-only disk, or too little memory, as an error to show; None for any other error."""
    if isinstance(error, OSError) and error.errno in (EACCES, EDQUOT, ENOSPC, EPERM, EROFS):
        text = f"{error.filename or 'the disk'}: {error.strerror}"
    elif type(error).__name__ in ("IOException", "OutOfMemoryException"):  # DuckDB's; it may not be loaded
        text = first_line(error)
    elif isinstance(error, MemoryError):  # of NumPy too, as for a kernel of all rows
        text = first_line(error) or "the memory is not enough"
    else:
        return None
    return SettingsError("CF009", text, "give it what it lacks: room, the right to read and write, or memory")


def for_command(text: str, command: str) -> str:
    """`text` with the product's command in it.

    >>> for_command("`COMMAND run` makes one", "rain-forecast")
    '`rain-forecast run` makes one'
    """
    return text.replace("`COMMAND ", f"`{command} ")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest known one, else the known ones; of many, those like it.

    >>> nearest("sorce", ["source", "features"])
    "did you mean 'source'?"
    >>> nearest("PLAYERID", ["playerID"])
    "did you mean 'playerID'?"
    >>> nearest("x", ["source", "features"])
    'there is: source, features'
    """
    names = list(known)
    lower = {each.lower(): each for each in names}
    if near := get_close_matches(name.lower(), lower, n=1):
        return f"did you mean {lower[near[0]]!r}?"
    if len(names) > MOST_SHOWN:
        near = [lower[each] for each in get_close_matches(name.lower(), lower, n=5, cutoff=0.4)]
        return (
            f"the nearest of {len(names)} are: {', '.join(near)}"
            if near
            else f"none of {len(names)} is like it"
        )
    return f"there is: {', '.join(names) or 'none'}"


def counted(number: int, noun: str) -> str:
    """The number with its noun, which has a plural in s.

    >>> counted(1, "fault"), counted(0, "fault"), counted(26113, "row")
    ('1 fault', '0 faults', '26,113 rows')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def first_line(error: Exception) -> str:
    """The first line of another package's error message, at most 300 characters."""
    return str(error).strip().split("\n")[0][:300]


def first_lines(error: Exception) -> str:
    """What an engine says, in one line and without its pointer into the statement, at most 300 characters."""
    return " ".join(str(error).split("\n\n")[0].split())[:300]
