"""The data contracts of a repository: files of the Open Data Contract Standard, wherever they are.

In:       YAML files that say `kind: DataContract`, and the data product's description, if there is one.
Out:      contracts, their tables and columns, as their writers wrote them.
Failure:  none: what is not a mapping where one belongs counts as absent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from .repository import Repository
from .verdict import NotApplicable

KIND = r"^kind:\s*[\"']?DataContract\b"
PINNED = "contracts/upstream/*"  # those of other teams, kept to see what changes
INTERNAL = {"features", "labels"}  # made and used inside a product of the template


@dataclass(frozen=True)
class Contract:
    path: str
    document: dict[str, Any]

    @property
    def tables(self) -> list[dict[str, Any]]:
        return mappings(self.document.get("schema"))

    def columns(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each column of each table, with its name: `orders.price`."""
        for table in self.tables:
            for column in mappings(table.get("properties")):
                yield f"{table.get('name')}.{column.get('name')}", column


@lru_cache(maxsize=4)
def contracts(repository: Repository) -> tuple[Contract, ...]:
    """All contracts that can be read."""
    return tuple(
        Contract(path, document)
        for path in repository.yaml_files(KIND)
        for document in repository.documents(path)
        if isinstance(document, dict)
        and document.get("kind") == "DataContract"
        and not PurePosixPath(path).match(PINNED)
    )


def required(repository: Repository) -> tuple[Contract, ...]:
    """All contracts, for a rule that has no object without one."""
    found = contracts(repository)
    if not found:
        raise NotApplicable("there is no data contract")
    return found


def published(repository: Repository) -> list[Contract]:
    """What others may read: the output ports of the data product, or all that is not a source's."""
    found = contracts(repository)
    ports = {
        port.get("contractId")
        for path in repository.yaml_files(r"^kind:\s*[\"']?DataProduct\b")
        for document in repository.documents(path)
        if isinstance(document, dict)
        for port in mappings(document.get("outputPorts"))
    }
    named = [each for each in found if each.document.get("id") in ports]
    return named or [each for each in found if not _internal(PurePosixPath(each.path))]


def _internal(path: PurePosixPath) -> bool:
    return "sources" in path.parts or path.stem in INTERNAL


def mappings(value: Any) -> list[dict[str, Any]]:
    """The mappings in a list; none where there is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """The mapping, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}
