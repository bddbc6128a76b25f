"""DD1: whose is it, and how are they reached?"""

import re
from collections.abc import Iterator

from ..alerts import service_labels
from ..contracts import contracts, mapping, mappings
from ..pipelines import pipelines
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

CATALOGUE = "catalog-info.yaml"
CODEOWNERS = ["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"]
CONTACT = r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|#[a-z][\w-]+"
WHO = r"(owners?|teams?|contacts?|maintain\w*|support|who answers|questions)"
PEOPLE = rf"(?i)\b{WHO}\b"
# A heading such as `## Code owners`, or a label such as `| team |` or `Contact:`.
ABOUT_PEOPLE = rf"(?i)^#+ (\w+ )?{WHO}\b|^[^\w#]*{WHO}\b\W*[|:?*]|\b(owned|maintained) by\b"
LICENCE_FILES = {"Apache-2.0": r"Apache License", "MIT": r"\bMIT License|Permission is hereby granted"}


class DD101:
    """Every change has a reviewer: `CODEOWNERS` names an owner for all files."""

    must: Strictness | None = "starter"
    remedy = "Write the line `* @organisation/team` into `CODEOWNERS`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        providers = {each.provider for each in pipelines(repository)}
        name = repository.first(*CODEOWNERS)
        if not name and providers == {"azure"}:
            raise NotApplicable("Azure Repos knows no CODEOWNERS: reviewers are a policy of the branch")
        lines = repository.text(name).splitlines() if name else []
        if not any(re.match(r"(\*|/|\*\*|/\*\*)\s+\S*@\S+", line.strip()) for line in lines):
            yield Finding(name or "CODEOWNERS", "no line gives an owner to all files (`*`)")


class DD102:
    """The catalogue knows what it is and whose: `catalog-info.yaml` has type, lifecycle and owner."""

    must: Strictness | None = "production"
    remedy = "Describe the component in `catalog-info.yaml`; see https://backstage.io/docs/features/software-catalog."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        documents = repository.documents(CATALOGUE) if repository.first(CATALOGUE) else []
        components = [each for each in mappings(documents) if each.get("kind") == "Component"]
        if not components:
            yield Finding(CATALOGUE, "describes no component")
        for each in components:
            spec = mapping(each.get("spec"))
            for field in ("type", "lifecycle", "owner"):
                if not spec.get(field):
                    yield Finding(
                        CATALOGUE, f"component {mapping(each.get('metadata')).get('name')}: no `{field}`"
                    )


class DD103:
    """The README names the people who answer, and where they are reached.

    Where files name the owning team, a line about another team is no answer.
    """

    must: Strictness | None = "starter"
    remedy = "Add a section to `README.md` that names the team and an address, a channel or a page."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        name = repository.first("README.md", "README.rst", "README.txt", "README")
        lines = repository.text(name).splitlines() if name else []
        teams = sorted(_owners(repository))
        ours = "|".join([ABOUT_PEOPLE, *(rf"\b{re.escape(each)}\b" for each in teams)]) if teams else PEOPLE
        for number, line in enumerate(lines):
            if re.search(ours, line) and re.search(CONTACT, "\n".join(lines[number : number + 6])):
                return
        yield Finding(name or "README.md", "no team, owner or maintainer with a way to reach them")


class DD104:
    """All files name the same team: catalogue, contracts and objectives."""

    must: Strictness | None = None
    remedy = (
        "Write the name of the owning team everywhere, or correct the files that a former team left behind."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        named = dict(_teams(repository))
        if not named:
            raise NotApplicable("no catalogue, contract or objective names a team")
        teams = sorted(set(named.values()))
        for path, team in named.items() if len(teams) > 1 else []:
            yield Finding(path, f"names {team!r}; all files together name {', '.join(map(repr, teams))}")


def _owners(repository: Repository) -> set[str]:
    """The owning teams, as catalogue, contracts, objectives and CODEOWNERS name them."""
    name = repository.first(*CODEOWNERS)
    written = re.findall(r"@(?:[\w.-]+/)*([\w.-]+)", repository.text(name)) if name else []
    return {*written, *(team for _, team in _teams(repository))}


def _teams(repository: Repository) -> Iterator[tuple[str, str]]:
    documents = repository.documents(CATALOGUE) if repository.first(CATALOGUE) else []
    for each in mappings(documents):
        if each.get("kind") == "Component" and (owner := mapping(each.get("spec")).get("owner")):
            yield CATALOGUE, str(owner).rpartition(":")[2].rpartition("/")[2]
    for contract in contracts(repository):
        if team := mapping(contract.document.get("team")).get("name"):
            yield contract.path, str(team)
    for labels in service_labels(repository):
        if team := labels.get("team"):
            yield labels["path"], team


class DD105:
    """The terms of use are clear: `project.license` says a licence, and `LICENSE` is its text."""

    must: Strictness | None = "starter"
    remedy = "Set `license` below `[project]` to an SPDX expression, and add the text as `LICENSE`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        declared = mapping(repository.pyproject.get("project")).get("license")
        text = repository.first("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING")
        if not declared and not text:
            yield Finding("pyproject.toml", "no `license`, and there is no `LICENSE`")
        licence = declared if isinstance(declared, str) else str(mapping(declared).get("text", ""))
        if licence and standard.licences and licence not in standard.licences:
            yield Finding("pyproject.toml", f"licence {licence!r}; allowed: {', '.join(standard.licences)}")
        pattern = LICENCE_FILES.get(licence, "")
        if pattern and not (text and re.search(pattern, repository.text(text))):
            yield Finding(text or "LICENSE", f"is not the text of {licence}, which pyproject.toml names")
