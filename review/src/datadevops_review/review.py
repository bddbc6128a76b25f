"""Ask every rule about one repository.

In:       a folder, and the standard of the organisation.
Out:      a review: for each rule whether it holds, and if not, where and what to do.
Failure:  Unusable where there is no folder. A rule that fails itself is not run, and says so.
"""

from collections.abc import Iterator
from pathlib import Path

from . import waivers
from .organisation import check_addition
from .repository import Repository
from .rules import RULES, Rule
from .standard import Addition, Standard
from .verdict import Finding, Level, NotApplicable, NotRun, Result, Review, State
from .waivers import Waiver

DOCS = "https://github.com/org/datadevops-template/blob/main/docs/reference/review-rules.md"
LAST = "DD002"  # knows what the others could not read


class Unusable(Exception):  # noqa: N818 - its text is for people
    """The input cannot be reviewed; the text says why."""


def review(path: Path, standard: Standard) -> Review:
    """What the rules say of the repository in the folder `path`. Raises Unusable if it is no folder."""
    if not path.is_dir():
        raise Unusable(f"{path}: no such folder")
    return review_repository(Repository(path.resolve()), str(path), standard)


def review_repository(repository: Repository, path: str, standard: Standard) -> Review:
    """What the rules say of a repository that is at hand; `path` as the user wrote it."""
    known = [*RULES, *(each.id for each in standard.additions)]
    complete, _ = waivers.read(repository.pyproject, known, standard.today)
    held = [each for each in complete if each.holds(standard.today)]
    by_rule = {each.rule: each for each in held}
    results = [_result(each, RULES[each], repository, standard, by_rule.get(each)) for each in _order()]
    results += [_added(each, repository, standard, by_rule.get(each.id)) for each in standard.additions]
    results.sort(key=lambda each: each.rule)
    used = waivers.AHEAD | {
        each.rule for each in results if each.state == "waived" or each.reason.startswith("partly waived")
    }
    warnings = [f"the waiver of {each.rule} is not used: remove it" for each in held if each.rule not in used]
    return Review(
        repository.root.name, path, standard.strictness, tuple(results), tuple(complete), tuple(warnings)
    )


def _order() -> list[str]:
    return [each for each in RULES if each != LAST] + [LAST]


def level(name: str, rule: Rule, standard: Standard) -> Level:
    """Must it hold under this standard?"""
    set_by = standard.levels.get(name)
    if set_by and set_by != "off":
        return set_by
    return "must" if rule.must and standard.at_least(rule.must) else "should"


def _result(
    name: str, rule: Rule, repository: Repository, standard: Standard, waiver: Waiver | None
) -> Result:
    sentence = " ".join((rule.__doc__ or "").split())
    url = f"{standard.docs or DOCS}#{name.lower()}"
    if standard.levels.get(name) == "off":
        off = "switched off by the profile"
        return Result(name, sentence, rule.remedy, "should", url, "not applicable", reason=off)
    state, findings, reason = _ask(rule.check(repository, standard), waiver)
    return Result(name, sentence, rule.remedy, level(name, rule, standard), url, state, findings, reason)


def _added(rule: Addition, repository: Repository, standard: Standard, waiver: Waiver | None) -> Result:
    state, findings, reason = _ask(check_addition(rule, repository), waiver)
    url = f"{standard.docs}#{rule.id.lower()}" if standard.docs else ""
    return Result(rule.id, rule.sentence, rule.remedy, rule.level, url, state, findings, reason)


def _ask(answer: Iterator[Finding], waiver: Waiver | None) -> tuple[State, tuple[Finding, ...], str]:
    try:
        findings = tuple(dict.fromkeys(answer))
    except NotApplicable as absent:
        return "not applicable", (), str(absent)
    except NotRun as missing:
        return "not run", (), str(missing)
    except Exception as error:  # the fault is ours: a fleet must not stop for it, and nothing looks green
        return "not run", (), f"the rule itself failed, please report it: {type(error).__name__}: {error}"
    if not findings:
        return "passed", (), ""
    if not waiver:
        return "failed", findings, ""
    text = f"{waiver.reason} ({waiver.owner}, until {waiver.until})"
    left = tuple(each for each in findings if not waiver.covers(each))
    return ("failed", left, f"partly waived: {text}") if left else ("waived", findings, text)
