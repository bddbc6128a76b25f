"""The template that products were made from: which releases it has.

In:       a folder that is a clone, or an address that git knows.
Out:      its releases, oldest first.
Failure:  NotRun where git or the address cannot be reached.
"""

import re
from dataclasses import dataclass
from functools import cache

from packaging.version import InvalidVersion, Version

from .programs import said

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Template:
    address: str
    compare: bool = True  # render it too, which takes seconds

    def releases(self) -> list[Version]:
        return _releases(self.address)


@cache
def _releases(address: str) -> list[Version]:
    asked = ["git", "-c", "credential.interactive=false", "ls-remote", "--tags", "--refs", "--", address]
    listed = said(asked, TIMEOUT_SECONDS, f"the template {address} cannot be asked for its releases")
    tags = re.findall(r"refs/tags/v?(\S+)$", listed, re.M)
    return sorted(version for tag in tags if (version := parse(tag)) and not version.is_prerelease)


def parse(text: object) -> Version | None:
    """The version that a text as `v1.2.0` or `v1.2.0-3-g1a2b3c4` (of git describe) names."""
    described = re.match(r"v?(\d+(?:\.\w+)+)(?:-\d+-g[0-9a-f]+)?$", str(text).strip())
    try:
        return Version(described[1]) if described else None
    except InvalidVersion:
        return None
