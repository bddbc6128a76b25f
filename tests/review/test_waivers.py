"""A waiver has a reason, an owner and an end; nothing else silences a rule."""

from datetime import date
from pathlib import Path

import pytest
from datadevops_review.review import review
from datadevops_review.standard import Standard
from datadevops_review.verdict import Result, Review

from breaking import append
from breaks import BREAKS

TODAY = date(2026, 11, 30)
STANDARD = Standard(today=TODAY)
GOOD = 'reason = "moving to another cluster", owner = "weather-data", until = 2027-01-31'


def waive(product: Path, rule: str, text: str) -> Review:
    append("pyproject.toml", f"\n[tool.datadevops-review.waivers]\n{rule} = {{{text}}}\n")(product)
    return review(product, STANDARD)


def result(found: Review, rule: str) -> Result:
    return next(each for each in found.results if each.rule == rule)


def test_a_waived_rule_fails_nothing_and_says_why_until_when_and_who_answers(product: Path) -> None:
    BREAKS["DD404"](product)

    found = waive(product, "DD404", GOOD)

    assert found.exit_code == 0
    assert result(found, "DD404").state == "waived"
    assert result(found, "DD404").reason == "moving to another cluster (weather-data, until 2027-01-31)"
    assert result(found, "DD404").findings


def test_a_waiver_holds_on_its_last_day_and_fails_on_the_next(product: Path) -> None:
    BREAKS["DD404"](product)
    assert waive(product, "DD404", GOOD.replace("2027-01-31", "2026-11-30")).exit_code == 0

    late = review(product, Standard(today=date(2026, 12, 1)))

    assert late.exit_code == 1
    assert {each.rule for each in late.in_state("failed")} == {"DD001", "DD404"}
    assert "expired on 2026-11-30" in result(late, "DD001").findings[0].what


def test_a_waiver_that_nothing_needs_is_a_warning(product: Path) -> None:
    found = waive(product, "DD404", GOOD)

    assert found.exit_code == 0
    assert found.warnings == ("the waiver of DD404 is not used: remove it",)


@pytest.mark.parametrize("rule", ["DD412", "DD413"])
def test_a_pause_of_updates_may_be_written_down_before_the_product_is_behind(
    rule: str, product: Path
) -> None:
    found = waive(product, rule, GOOD)

    assert (result(found, rule).state, found.warnings) == ("passed", ())


def test_a_waiver_of_some_paths_leaves_the_others(product: Path) -> None:
    BREAKS["DD602"](product)
    (product / "compose.yaml").write_text("services: {a: {\n  image: redis\n}}\n", encoding="utf-8")

    found = waive(product, "DD602", f'{GOOD}, paths = ["compose*"]')

    assert [each.path for each in result(found, "DD602").findings] == ["Dockerfile"]
    assert result(found, "DD602").reason.startswith("partly waived: moving")
    assert found.warnings == ()


WRONG = {
    "no reason": ("DD404", 'owner = "a", until = 2027-01-31', "no reason"),
    "no owner": ("DD404", 'reason = "a", until = 2027-01-31', "no owner"),
    "no end": ("DD404", 'reason = "a", owner = "a"', "until is None, not a day"),
    "a text for a day": ("DD404", 'reason = "a", owner = "a", until = "soon"', "until is 'soon', not a day"),
    "a time for a day": (
        "DD404",
        GOOD.replace("2027-01-31", "2027-01-31T12:00:00"),
        "until is 2027-01-31 12:00:00, not a day",
    ),
    "an unknown rule": ("DD494", GOOD, "no such rule; did you mean DD4"),
    "an unknown key": ("DD404", f'{GOOD}, ticket = "A-1"', "unknown key 'ticket'; it has owner, paths"),
    "for ever": ("DD404", GOOD.replace("2027", "2037"), "longer than 400 days"),
}


@pytest.mark.parametrize(("rule", "text", "said"), WRONG.values(), ids=WRONG)
def test_a_waiver_that_cannot_be_used_waives_nothing_and_is_named(
    rule: str, text: str, said: str, product: Path
) -> None:
    BREAKS["DD404"](product)

    found = waive(product, rule, text)

    assert {each.rule for each in found.in_state("failed")} == {"DD001", "DD404"}
    assert said in result(found, "DD001").findings[0].what
