"""DD4, second part: does the product still get what the template improves?"""

from collections.abc import Iterator

from packaging.version import Version

from .. import __version__
from ..kit import ANSWERS, PACKAGE, answers, kit_version, seal, vendored
from ..rendering import differences
from ..repository import VENDORED, Repository
from ..standard import Standard, Strictness
from ..template import parse
from ..verdict import Finding, NotApplicable, NotRun

UPDATE = 'Run `uvx copier update --defaults "$PWD"`, or merge the weekly request that proposes it.'
FIRST_YEAR = 2000  # a fork counts its releases by the year, and leaves the kit our number


class DD411:
    """The template can update it: `.copier-answers.yml` records address and version."""

    must: Strictness | None = "starter"
    remedy = "Add `_src_path` and `_commit` to `.copier-answers.yml`, with the tag that it was made from."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        recorded = answers(repository)
        for name in ("_src_path", "_commit"):
            if not recorded.get(name):
                yield Finding(ANSWERS, f"no `{name}`: the template cannot update this product")


class DD412:
    """The template's version is not too far behind."""

    must: Strictness | None = "regulated"
    remedy = UPDATE

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        recorded = answers(repository).get("_commit")
        version = parse(recorded)
        if not version:
            raise NotRun(f"`_commit` of {ANSWERS} is {recorded!r}, which names no release")
        yield from _too_old(ANSWERS, "template", version, standard)


class DD413:
    """The kit's version is not too far behind."""

    must: Strictness | None = "regulated"
    remedy = f"{UPDATE} A kit from an index: `uv lock --upgrade-package datadevops-kit`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        path, stated = kit_version(repository)
        version = parse(stated)
        if not version:
            raise NotRun(f"{path} says version {stated!r}, which names no release")
        yield from _too_old(path, "kit", version, standard)


def _too_old(path: str, what: str, version: Version, standard: Standard) -> Iterator[Finding]:
    known = [each for each in _known(standard) if what == "template" or each.major < FIRST_YEAR]
    behind, newest = _minor_releases_behind(version, known)
    if behind is None:
        yield Finding(path, f"{what} {version} is of an older major release than {newest}")
    elif behind > standard.releases_behind:
        allowed = f"at most {standard.releases_behind}"
        yield Finding(
            path, f"{what} {version} is {behind} minor releases behind {newest}; allowed: {allowed}"
        )


def releases_behind(version: Version, standard: Standard) -> int | None:
    """How many releases of the template are newer, patches too. Where it cannot be asked: how many minor
    releases, by the number of this checker; None: an older major release, whose minors nobody counted."""
    known = _known(standard)
    if known:
        return sum(each > version for each in known)
    return _minor_releases_behind(version, known)[0]


def _known(standard: Standard) -> list[Version]:
    return standard.template.releases() if standard.template else []


def _minor_releases_behind(version: Version, known: list[Version]) -> tuple[int | None, Version]:
    """How many minor releases are newer, and the newest: of those known, else of this checker, whose
    versions are the template's. None: an older major release."""
    newest = max([*known, Version(__version__)])
    if known:
        newer = {each.release[:2] for each in known if each.release[:2] > version.release[:2]}
        return len(newer), newest
    return None if newest.major > version.major else max(0, newest.minor - version.minor), newest


class DD414:
    """The kit in `vendor/` is the one that was released."""

    must: Strictness | None = "starter"
    remedy = "Update the template, which shows your edit as a conflict; waive this rule until then."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        folder = vendored(repository)
        if not folder:
            raise NotApplicable("the kit is not in `vendor/`")
        released = folder / PACKAGE / "release.sha256"
        expected = released.read_text(encoding="utf-8").strip() if released.is_file() else "no seal"
        if seal(folder) != expected:
            yield Finding(
                f"{VENDORED}/{PACKAGE}", f"its hash is {seal(folder)[:12]}; released: {expected[:12]}"
            )


class DD415:
    """The template's files are as the template renders them.

    What a team adds to `pyproject.toml` is its own: dependencies, groups, settings of uv, waivers.
    """

    must: Strictness | None = None
    remedy = "Move the change into the template, or waive this rule with the reason for the difference."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        recorded = answers(repository)
        if not standard.template:
            raise NotRun("name the template with `--template`: it is rendered and compared")
        if not standard.template.compare:
            raise NotRun("`--compare` renders the template and compares; that takes seconds")
        yield from differences(standard.template.address, repository.root, recorded)
