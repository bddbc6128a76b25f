"""What an organisation asks of its products: how strict, and which limits.

In:       the settings of a profile; see `profile`.
Out:      a frozen value that each rule gets.
Failure:  none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, get_args

from .template import Template

Strictness = Literal["starter", "production", "regulated"]
STRICTNESSES: tuple[Strictness, ...] = get_args(Strictness)
Importance = Literal["must", "should", "off"]


@dataclass(frozen=True)
class Addition:
    """A rule of the organisation's own: a file whose text matches an expression."""

    id: str
    sentence: str
    remedy: str
    level: Literal["must", "should"]
    file: str  # a shell pattern; one match is enough
    matches: str = ""  # a regular expression; without one the file only has to exist


@dataclass(frozen=True)
class Standard:
    strictness: Strictness = "starter"
    licences: tuple[str, ...] = ()  # SPDX; none: any
    base_images: tuple[str, ...] = ()  # shell patterns, as ghcr.io/acme/*; none: any
    minimum_python: str = "3.10"
    ci: tuple[str, ...] = ()  # github, gitlab, azure, other; none: any
    availability_floor: float = 0.0  # of the first objective named availability, 0 to 1
    releases_behind: int = 2  # minor releases of template and kit
    units: tuple[str, ...] = ()  # more words that are units
    levels: Mapping[str, Importance] = field(default_factory=dict)  # by rule
    additions: tuple[Addition, ...] = ()
    docs: str = ""  # where the rules are explained; none: our reference
    template: Template | None = None
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def at_least(self, strictness: Strictness) -> bool:
        return STRICTNESSES.index(self.strictness) >= STRICTNESSES.index(strictness)
