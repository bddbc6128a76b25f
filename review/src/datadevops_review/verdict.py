"""What a rule says of a repository.

In:       the rules' findings.
Out:      frozen values.
Failure:  `NotApplicable` and `NotRun`, which a rule raises instead of an answer.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .waivers import Waiver

State = Literal["passed", "failed", "waived", "not applicable", "not run"]
Level = Literal["must", "should"]
FAMILIES = {
    "DD0": "Review",
    "DD1": "Ownership",
    "DD2": "Data contracts",
    "DD3": "Tests",
    "DD4": "Delivery",
    "DD5": "Operations",
    "DD6": "Security",
    "DD7": "Learning",
}


class NotApplicable(Exception):  # noqa: N818 - no error: the rule is about something that is not here
    """The rule has no object in this repository; the text says which."""


class NotRun(Exception):  # noqa: N818 - no error of the repository
    """Nobody could be asked; the text says what is missing. That is never green."""


@dataclass(frozen=True)
class Finding:
    path: str  # relative, "" for the repository as a whole
    what: str  # expected, found
    line: int = 0  # from 1; 0: unknown

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what}" if place else self.what


@dataclass(frozen=True)
class Result:
    rule: str  # "DD502"
    sentence: str
    remedy: str
    level: Level
    url: str
    state: State
    findings: tuple[Finding, ...] = ()
    reason: str = ""  # why it is waived, not applicable or not run

    @property
    def family(self) -> str:
        return self.rule[:3]


@dataclass(frozen=True)
class Review:
    name: str
    path: str
    strictness: str
    results: tuple[Result, ...]
    waivers: tuple["Waiver", ...] = ()
    warnings: tuple[str, ...] = ()

    def in_state(self, state: State, level: Level | None = None) -> list[Result]:
        return [each for each in self.results if each.state == state and level in (None, each.level)]

    @property
    def exit_code(self) -> int:
        """1 if a must fails, 3 if a must could not be checked, else 0."""
        if self.in_state("failed", "must"):
            return 1
        return 3 if self.in_state("not run", "must") else 0
