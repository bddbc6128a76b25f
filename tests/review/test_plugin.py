"""The rules beside those of other people: as a plugin of repo-review."""

from pathlib import Path

from datadevops_review.rules import RULES
from repo_review.processor import collect_all, process

from breaks import BREAKS


def test_repo_review_finds_all_rules_and_asks_them(product: Path) -> None:
    BREAKS["DD404"](product)

    found = process(product, select={"DD"}).results  # and what the product waives of other people's rules
    results = {each.name: each for each in found if each.name.startswith("DD")}

    assert results.keys() == RULES.keys()
    assert {name for name, each in results.items() if each.result is False} == {"DD404"}
    assert {name for name, each in results.items() if each.result is None} == {"DD415", "DD506"}
    assert "- docs: no section on going back has a command" in results["DD404"].err_msg
    assert (
        results["DD404"].description
        == "Going back is written down: a heading about it, with the commands to type."
    )


def test_repo_review_lists_the_rules_without_a_repository() -> None:
    collected = collect_all()

    assert collected.checks.keys() >= RULES.keys()
    assert collected.families["DD5"]["name"] == "Data product: Operations"
