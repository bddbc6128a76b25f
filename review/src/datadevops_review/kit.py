"""The kit that a product of the template brings along, and the answers it was made from.

In:       a repository.
Out:      recorded answers; the version of the kit, and whether its files are those of the release.
Failure:  none: what is absent is empty or None.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from .contracts import mapping, mappings
from .repository import VENDORED, Repository
from .verdict import NotApplicable

ANSWERS = ".copier-answers.yml"
PACKAGE = "src/datadevops"
# As the kit's own `release.py` has them: the files whose hash the seal is.
SEALED = {".py", ".sql", ".yaml", ".j2", ".html", ".css", ".md", ".txt"}


def answers(repository: Repository) -> dict[str, Any]:
    """What the product recorded of its making. Raises NotApplicable if it was not made from a template."""
    if not (repository.root / ANSWERS).is_file():
        raise NotApplicable("it was not made from the template")
    documents = mappings(repository.documents(ANSWERS))
    return documents[0] if documents else {}


def vendored(repository: Repository) -> Path | None:
    """The folder of the kit's source."""
    folder = repository.root / VENDORED
    return folder if (folder / "pyproject.toml").is_file() else None


def kit_version(repository: Repository) -> tuple[str, object]:
    """File and version. Raises NotApplicable where there is no kit, or nothing is locked yet."""
    if vendored(repository):
        path = f"{VENDORED}/pyproject.toml"
        return path, mapping(repository.toml(path).get("project")).get("version")
    if "datadevops-kit" not in str(repository.pyproject):
        raise NotApplicable("it does not use the kit")
    locked = repository.text("uv.lock") if repository.first("uv.lock") else ""
    found = re.search(r'^name = "datadevops-kit"\nversion = "([^"]+)"', locked, re.M)
    if not found:
        raise NotApplicable("the kit's version is not locked yet")
    return "uv.lock", found[1]


def seal(folder: Path) -> str:
    """The hash of the kit's files, 64 hexadecimal digits; as the kit computes it itself."""
    package = folder / PACKAGE
    found = {
        path.relative_to(package).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in package.rglob("*")
        if path.suffix in SEALED and path.is_file()
    }
    return hashlib.sha256(json.dumps(dict(sorted(found.items()))).encode()).hexdigest()
