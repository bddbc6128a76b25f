"""Exceptions that a team asked for: which rule, why, who answers for it, until when.

In:       `[tool.datadevops-review.waivers]` of pyproject.toml.
Out:      waivers, and what is wrong with those that cannot be used.
Failure:  none: a waiver that is incomplete waives nothing, and is named.
"""

import fnmatch
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from .contracts import mapping
from .verdict import Finding

KEYS = {"reason", "owner", "until", "paths"}
AHEAD = {"DD412", "DD413"}  # who pauses updates says so before the product is too far behind
LONGEST_DAYS = 400  # a year and some weeks: what lasts longer is a change of the standard


@dataclass(frozen=True)
class Waiver:
    rule: str
    reason: str
    owner: str
    until: date  # the last day on which it holds
    paths: tuple[str, ...] = ()  # shell patterns; none: all findings of the rule

    def holds(self, today: date) -> bool:
        return today <= self.until

    def covers(self, finding: Finding) -> bool:
        return not self.paths or any(fnmatch.fnmatchcase(finding.path, each) for each in self.paths)


def read(pyproject: dict[str, Any], rules: Collection[str], today: date) -> tuple[list[Waiver], list[str]]:
    """The waivers that are complete, those that have expired too, and what is wrong with any."""
    tool = mapping(mapping(pyproject.get("tool")).get("datadevops-review"))
    wrong = [
        f"[tool.datadevops-review]: unknown key {key!r}; it has `waivers`" for key in tool if key != "waivers"
    ]
    complete = []
    for rule, given in mapping(tool.get("waivers")).items():
        found = list(_wrong(rule, mapping(given), rules, today))
        if not found:
            paths = tuple(given.get("paths", ()))
            complete.append(Waiver(rule, given["reason"], given["owner"], given["until"], paths))
            if not complete[-1].holds(today):
                found = [f"expired on {given['until']}: mend it, or ask for another one"]
        wrong += [f"waiver of {rule}: {each}" for each in found]
    return complete, wrong


def _wrong(rule: str, given: dict[str, Any], rules: Collection[str], today: date) -> Iterator[str]:
    if rule not in rules:
        near = get_close_matches(rule, rules, n=1)
        yield (
            f"no such rule; did you mean {near[0]}?"
            if near
            else "no such rule; `datadevops-review rules` lists them"
        )
    for key in given.keys() - KEYS:
        yield f"unknown key {key!r}; it has {', '.join(sorted(KEYS))}"
    for key in ("reason", "owner"):
        if not isinstance(given.get(key), str) or not given[key].strip():
            yield f"no {key}"
    paths = given.get("paths", [])
    if not isinstance(paths, list) or not all(isinstance(each, str) for each in paths):
        yield f"paths is {paths!r}, not a list of patterns"
    until = given.get("until")
    if type(until) is not date:  # a time of a day is a date to Python, too
        shown = until if isinstance(until, date) else repr(until)
        yield f"until is {shown}, not a day as 2027-03-31 without quotes"
    elif (until - today).days > LONGEST_DAYS:
        yield f"until {until}: longer than {LONGEST_DAYS} days is a change of the standard"
