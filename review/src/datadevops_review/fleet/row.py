"""One repository of a fleet: whose, how old, what fails.

In:       a folder and a standard.
Out:      a frozen value for tables, pages and programs.
Failure:  none: a folder that cannot be reviewed is a row that says why.
"""

import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..contracts import mapping, mappings
from ..kit import answers, kit_version
from ..repository import Repository
from ..review import Unusable, review_repository
from ..rules.ownership_rules import CATALOGUE, CODEOWNERS
from ..rules.template_rules import releases_behind
from ..standard import Standard
from ..template import parse
from ..verdict import NotApplicable, NotRun, Result, Review

UNKNOWN = ""
MAJOR = "major"  # an older major release


@dataclass(frozen=True)
class Row:
    name: str
    path: str
    problem: str = ""  # why it was not reviewed
    entity: str = UNKNOWN  # its name in the software catalogue
    owner: str = UNKNOWN
    template: str = UNKNOWN  # version
    behind: str = UNKNOWN  # releases of the template that are newer, or MAJOR
    kit: str = UNKNOWN
    last_activity: str = UNKNOWN  # day of the last commit
    review: Review | None = None

    def rules(self, state: str, level: str = "") -> list[Result]:
        found = self.review.results if self.review else ()
        return [each for each in found if each.state == state and level in ("", each.level)]

    @property
    def asked(self) -> int:
        return len(self.rules("passed")) + len(self.rules("failed"))

    @property
    def expires(self) -> date | None:
        """When the first of its waivers ends, or has ended."""
        return min((each.until for each in self.review.waivers), default=None) if self.review else None

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The worst first."""
        musts, shoulds = len(self.rules("failed", "must")), len(self.rules("failed", "should"))
        return (0 if self.problem else 1, -musts, -shoulds, self.name)


def row(path: Path, standard: Standard) -> Row:
    """What the meeting wants to know of one repository."""
    if not path.is_dir():
        return Row(path.name, str(path), "no such folder")
    repository = Repository(path.resolve())
    try:
        found = review_repository(repository, str(path), standard)
    except Unusable as error:
        return Row(path.name, str(path), str(error))
    version, behind = _template(repository, standard)
    return Row(
        repository.root.name,
        str(path),
        entity=_component(repository)[0],
        owner=_owner(repository),
        template=version,
        behind=behind,
        kit=_kit(repository),
        last_activity=_last_activity(repository.root),
        review=found,
    )


def _component(repository: Repository) -> tuple[str, str]:
    """Name and owner in the software catalogue."""
    documents = repository.documents(CATALOGUE) if repository.first(CATALOGUE) else []
    for each in mappings(documents):
        if each.get("kind") == "Component":
            owner = str(mapping(each.get("spec")).get("owner") or "")
            return str(mapping(each.get("metadata")).get("name") or ""), owner.rpartition(":")[2]
    return "", ""


def _owner(repository: Repository) -> str:
    """The team of the catalogue, else of all files in CODEOWNERS."""
    if owner := _component(repository)[1]:
        return owner
    name = repository.first(*CODEOWNERS)
    lines = repository.text(name).splitlines() if name else []
    words = next((line.split() for line in lines if line.startswith("*")), [])
    return words[1].rpartition("/")[2].lstrip("@") if len(words) > 1 else UNKNOWN


def _template(repository: Repository, standard: Standard) -> tuple[str, str]:
    """Version, and how far behind: a number of releases, or MAJOR."""
    try:
        recorded = str(answers(repository).get("_commit") or UNKNOWN)
    except NotApplicable:
        return UNKNOWN, UNKNOWN
    version = parse(recorded)
    try:
        behind = releases_behind(version, standard) if version else UNKNOWN
    except NotRun:
        behind = UNKNOWN
    return recorded, MAJOR if behind is None else str(behind)


def _kit(repository: Repository) -> str:
    try:
        return str(kit_version(repository)[1] or UNKNOWN)
    except NotApplicable:
        return UNKNOWN


def _last_activity(root: Path) -> str:
    """The day of the last commit; unknown where the folder is no repository of git."""
    if not (root / ".git").exists():
        return UNKNOWN
    asked = ["git", "-C", str(root), "log", "-1", "--format=%cs"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
