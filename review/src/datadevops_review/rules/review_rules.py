"""DD0: can the review be trusted?"""

from collections.abc import Iterator

from .. import waivers
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable


class DD001:
    """Each waiver names its rule, a reason, an owner and the day on which it ends, and still holds."""

    must: Strictness | None = "starter"
    remedy = 'Write `DD404 = {reason = "...", owner = "team", until = 2027-03-31}`, or remove the waiver.'

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        from . import RULES  # all rules, of which this is one

        known = [*RULES, *(each.id for each in standard.additions)]
        for each in waivers.read(repository.pyproject, known, standard.today)[1]:
            yield Finding("pyproject.toml", each)


class DD002:
    """All files that the rules look at can be read."""

    must: Strictness | None = None
    remedy = "Repair the file, or give a template of YAML another ending."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not repository.files:
            raise NotApplicable("there is no file")
        for path, what in sorted(repository.problems.items()):
            yield Finding(path, what)
