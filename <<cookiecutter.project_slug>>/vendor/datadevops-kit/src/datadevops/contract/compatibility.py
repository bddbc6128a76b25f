"""What a new version of a contract takes from those who rely on the old one.

In:       the contract that is known, and the one that shall follow.
Out:      each broken promise; none where the new major version is higher.
Failure:  none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .changes import Change, changes
from .values import Contract

ENDING = ("deprecated", "retired")  # the status of a contract that consumers know will go


@dataclass(frozen=True)
class Comparison:
    """The contract of a table then and now; one of the two is absent if it is new, or is gone."""

    contract: Contract  # as it is now, or as it was if it is gone
    old: Contract | None
    new: Contract | None

    @property
    def has_ended(self) -> bool:
        """Whether nobody gets any more what was published, or the contract is gone."""
        return self.old is not None and (self.new is None or self.old.is_published > self.new.is_published)

    @property
    def changes(self) -> list[Change]:
        """What has changed, whether anybody relies on it or not."""
        if self.old is None:
            return [Change("", "new", breaks=False)]
        if self.new is None or self.has_ended:
            text = "no longer published" if self.new else "removed"
            return [Change("", text, breaks=self.old.status not in ENDING)]
        return list(changes(self.old, self.new, sent=self.is_sent))

    @property
    def is_sent(self) -> bool:
        """Whether callers of the service send its rows."""
        return self.contract.name == "features"

    @property
    def is_published(self) -> bool:
        """Whether consumers get the table, or got it."""
        return any(each.is_published for each in (self.old, self.new) if each)

    @property
    def broken(self) -> Sequence[Change]:
        """The verdict: what breaks somebody, and is not allowed by a new major version."""
        if not (self.is_published or self.is_sent):
            return []
        if self.old is None or self.new is None or self.has_ended:
            return [change for change in self.changes if change.breaks]
        return breaks(self.old, self.new, self.is_sent)


def breaks(old: Contract, new: Contract, sent: bool = False) -> Sequence[Change]:
    """What breaks those who rely on `old`; `sent`: callers, who send such rows. A lower version breaks too:
    consumers take what has it for what they know."""
    found = []
    if precedence(new.version) < precedence(old.version):
        text = f"the version was {old.version}, is {new.version}: it must not fall"
        found.append(Change("", text, breaks=True))
    if major(new) > major(old):
        return found
    return found + [change for change in changes(old, new, sent) if change.breaks]


def major(contract: Contract) -> int:
    """The first number of the version: 2 of 2.1.0.

    >>> major(Contract.model_construct(version="v2.1.0"))
    2
    """
    return int(re.findall(r"\d+", contract.version)[0])


def precedence(version: str) -> tuple[Any, ...]:
    """What versions are compared by, as Semantic Versioning says: numbers as numbers, 1.0 as 1.0.0, a
    pre-release before its release; what follows a `+` does not count.

    >>> precedence("v1.10") > precedence("1.9.1") > precedence("1.9.1-rc.2") > precedence("1.9.1-rc.1")
    True
    >>> precedence("1.0.0") == precedence("v1+build.5")
    True
    """
    numbers, _, before = version.removeprefix("v").split("+")[0].partition("-")
    release = [int(number) for number in numbers.split(".")]
    while release[-1:] == [0]:
        release.pop()
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in before.split(".")]
    return release, not before, parts
