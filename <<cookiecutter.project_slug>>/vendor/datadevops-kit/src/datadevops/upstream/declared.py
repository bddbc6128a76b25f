"""Which contracts of other teams the contracts of sources name.

    authoritativeDefinitions:
      - type: upstreamContract
        url: https://git.example.com/weather/contracts/weather.yaml
        description: "the weather team's contract, sha256:3f2a..."

In:       the folder of the product's contracts.
Out:      an `Upstream` for each, by table.
Failure:  ContractError CT040 (two in one contract; a url that is not read here; a wrong digest or type); the
          errors of `odcs.load`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import yaml_file
from ..contract import odcs
from ..errors import ContractError
from ..telemetry.direct import is_here

TYPE = "upstreamContract"
FOLDER = "upstream"  # in contracts/: the contracts as they were when they were pinned
DIGEST = re.compile(r"sha256:([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Upstream:
    table: str  # the source
    contract: Path  # its contract, which names the upstream one
    url: str
    digest: str  # sha256 of the upstream contract, 64 hexadecimal digits; empty: unpinned

    @property
    def copy(self) -> Path:
        """Where the upstream contract is kept as it was when it was pinned."""
        return self.contract.parents[1] / FOLDER / f"{self.table}.yaml"

    @property
    def shown(self) -> str:
        """Its address without what may be secret."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def declared(folder: Path) -> dict[str, Upstream]:
    """Every upstream contract that a source names, by table."""
    found = {}
    for table, path in odcs.files(folder).items():
        if path.parent.name != odcs.SOURCES:
            continue
        odcs.load(path)  # so that it is a contract
        if entries := list(_entries(yaml_file.document(path.read_text(encoding="utf-8")))):
            if faults := list(_faults(entries)):
                text = "\n  ".join([f"{path}: authoritativeDefinitions", *faults])
                raise ContractError("CT040", text, "correct the entry; `COMMAND explain CT040` shows one")
            digest = DIGEST.search(str(entries[0].get("description", "")))
            found[table] = Upstream(table, path, entries[0]["url"], digest[1] if digest else "")
    return found


def _entries(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The entries about upstream contracts: of the contract, and of its description."""
    for each in (raw, raw.get("description") or {}):
        for entry in each.get("authoritativeDefinitions") or []:
            if re.sub("[^a-z]", "", entry["type"].lower()) == TYPE.lower():
                yield entry


def _faults(entries: list[Mapping[str, Any]]) -> Iterator[str]:
    if len(entries) > 1:
        yield f"{len(entries)} entries of the type {TYPE}: a source has one upstream contract"
    for entry in entries:
        if entry["type"] != TYPE:
            yield f"the type {entry['type']!r} is written {TYPE}"
        if "sha256" in (about := str(entry.get("description", ""))) and not DIGEST.search(about):
            yield "the description has no whole digest: sha256: and 64 hexadecimal digits"
        yield from _faults_of_url(entry["url"])


def _faults_of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        yield "the url is not valid"
        return
    if "@" in parts.netloc:
        yield f"the url names a user at {host}: a secret does not belong into a contract"
    if parts.scheme == "http" and not is_here(host):
        yield f"http://{host} is not read: what it answers could be anybody's; give an https address"
    elif parts.scheme not in ("", "file", "http", "https"):
        yield f"{parts.scheme}: is not read; give a path, or an address that begins with https: or file:"
