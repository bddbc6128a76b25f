"""DD7: does the team get better at it?"""

import re
from collections.abc import Iterator

from ..commands import reaches
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

CODE = re.compile(r"^\s*```|^(    |\t)\S", re.M)
UNFINISHED = re.compile(
    r"\b(TODO|TBD|FIXME|Lorem ipsum)\b|\{\{[^}]*\}\}|<<[^>]*>>|\[(your|insert)[^\]]*\]", re.I
)
CARD = {
    "the intended use": "uses?|purpose",
    "who is affected": "affected|ethical|ethics|fairness|bias|risks?",
    "limits": "limits|limitations|caveats",
}
REHEARSALS = r"(?i)\b(drill|chaos|toxiproxy|game ?day|litmus)\b"


class DD701:
    """The README lets a stranger start: a sentence on what it is for, a command, nothing left to fill in."""

    must: Strictness | None = "starter"
    remedy = "Open `README.md` with one sentence and one command with its result."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        name = repository.first("README.md", "README.rst", "README.txt", "README")
        text = repository.text(name) if name else ""
        if not re.search(r"^[A-Z][^\n]{30,}", re.sub(r"^[#=!\[<].*$", "", text, flags=re.M), re.M):
            yield Finding(name or "README.md", "no sentence says what it is for")
        if not CODE.search(text):
            yield Finding(name or "README.md", "no command to start with")
        if found := UNFINISHED.search(text):
            yield Finding(
                name or "README.md",
                f"{found[0]!r} was never filled in",
                text.count("\n", 0, found.start()) + 1,
            )


class DD702:
    """An incident is reviewed in writing: a form that asks for the cause and for actions with an owner."""

    must: Strictness | None = "production"
    remedy = "Add a form such as `ops/postmortem.md`: what happened, why, and who changes what by when."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        pages = repository.matching("*post*mortem*.md", "*incident*.md", "*retrospective*.md")
        good = [
            path
            for path in pages
            if re.search(r"(?i)\bactions?\b", repository.text(path))
            and re.search(r"(?i)\bwhy|cause", repository.text(path))
        ]
        if not good:
            yield Finding(
                pages[0] if pages else "", "no form for the review of an incident asks for cause and actions"
            )


class DD703:
    """Faults are rehearsed: the pipeline breaks the product on purpose, and sees the right alert."""

    must: Strictness | None = "regulated"
    remedy = "Run a drill in the pipeline (`drill` of the product), or tests that break what it depends on."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not reaches(repository, REHEARSALS):
            yield Finding("", "no pipeline rehearses a fault")


class DD704:
    """A newcomer knows how to change it: `CONTRIBUTING.md` says how all checks are run."""

    must: Strictness | None = None
    remedy = "Write the one command that runs all checks into `CONTRIBUTING.md`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        name = repository.first("CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md")
        text = repository.text(name) if name else ""
        if not re.search(r"`[a-z][\w.-]* [^`]+`", text) and not CODE.search(text):
            yield Finding(name or "CONTRIBUTING.md", "no command that runs the checks")


class DD705:
    """A model has a card: what it is meant for, whom a wrong answer affects, where its limits are."""

    must: Strictness | None = "production"
    remedy = "Write a card (`model-card.md`) with a heading for each: intended use, who is affected, limits."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not repository.matching("model.py", "*/model.py", "train*.py", "*/train*.py"):
            raise NotApplicable("no model is trained here")
        cards = repository.matching("*model*card*.md", "*MODEL*CARD*.md")
        if not cards:
            yield Finding("docs", "no card of the model")
        for path in cards:
            for what, words in CARD.items():
                if not re.search(rf"^#+ .*\b({words})\b", repository.text(path), re.I | re.M):
                    yield Finding(path, f"no heading on {what}")
