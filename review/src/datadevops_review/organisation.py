"""Rules of an organisation's own, written in its profile.

In:       a rule: a pattern of file names, and an expression that one of these files must match.
Out:      a finding where none does.
Failure:  none: the profile was checked when it was read.
"""

import re
from collections.abc import Iterator

from .repository import Repository
from .standard import Addition
from .verdict import Finding


def check_addition(rule: Addition, repository: Repository) -> Iterator[Finding]:
    """Whether a file of that name exists, with that text."""
    found = repository.matching(rule.file)
    if not found:
        yield Finding(rule.file, "no such file")
    elif rule.matches and not any(re.search(rule.matches, repository.text(path), re.M) for path in found):
        yield Finding(rule.file, f"nothing in it matches `{rule.matches}`")
