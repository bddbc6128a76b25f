"""One check of a product: a name, and what finds its faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import counted


@dataclass(frozen=True)
class Check:
    name: str  # what holds if it passes
    faults: Callable[[Path], Iterable[str]]  # an empty folder of its own -> what is wrong, a line each

    def __str__(self) -> str:
        return self.name

    def __call__(self, folder: Path) -> None:
        """Raises AssertionError with every fault."""
        found = list(self.faults(folder))
        assert not found, "\n".join([f"{self.name}: {counted(len(found), 'fault')}", *found])  # noqa: S101
