"""Whether an upstream contract is still the one that is pinned, and what has changed.

In:       an `Upstream`, the answer of its address.
Out:      a `Verdict`.
Failure:  none.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from .. import yaml_file
from ..contract import odcs
from ..contract.changes import changes
from ..contract.values import Contract
from ..errors import ContractError
from .answers import Answer
from .declared import Upstream

State = Literal["unchanged", "drifted", "unreachable", "unpinned"]


@dataclass(frozen=True)
class Verdict:
    table: str  # the source
    place: str  # of the upstream contract
    state: State
    why: str = ""  # of an unreachable one; of a drifted one whose changes cannot be told
    pinned: str = ""  # sha256, 64 hexadecimal digits
    found: str = ""
    changes: list[str] = field(default_factory=list)  # of a drifted one, in words


def verdict(upstream: Upstream, answer: Answer | None) -> Verdict:
    """`answer`: None for an unpinned one, which nobody asked for."""
    about: dict[str, Any] = {"table": upstream.table, "place": upstream.shown, "pinned": upstream.digest}
    if answer is None:
        return Verdict(state="unpinned", **about)
    if isinstance(answer, str):
        return Verdict(state="unreachable", why=answer, **about)
    about["found"] = digest(answer)
    if about["found"] == upstream.digest:
        return Verdict(state="unchanged", **about)
    if why := _mismatch(upstream) or incomparable(answer):
        return Verdict(state="drifted", why=f"what has changed is not known: {why}", **about)
    return Verdict(state="drifted", changes=_changes(upstream.copy.read_bytes(), answer), **about)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def incomparable(content: bytes) -> str:
    """Why nobody can tell what has changed in it; empty if one can."""
    try:
        _contract(content)
    except ContractError as error:
        return error.message.partition("\n")[0].rpartition("/")[2]
    except (yaml.YAMLError, LookupError, TypeError, UnicodeDecodeError):
        return "it is no contract"
    return ""


def _mismatch(upstream: Upstream) -> str:
    """Why the copy that is kept is not what was pinned; empty if it is."""
    if not upstream.copy.is_file():
        return "no copy is kept"
    found = upstream.copy.read_bytes()
    wrong = "" if digest(found) == upstream.digest else f"{upstream.copy} is not the contract that is pinned"
    return wrong or incomparable(found)


def _changes(kept: bytes, answer: bytes) -> list[str]:
    old, new = _contract(kept), _contract(answer)
    version = [f"version was {old.version}, is {new.version}"] if old.version != new.version else []
    found = [*version, *(str(change) for change in changes(old, new))]
    return found or ["its text, and no column, limit or promise"]


def _contract(content: bytes) -> Contract:
    text = content.decode()
    table = str(yaml_file.document(text)["schema"][0]["name"])
    if not table.isidentifier():
        raise LookupError(table)
    return odcs.parsed(Path(odcs.SOURCES, f"{table}.yaml"), text)
