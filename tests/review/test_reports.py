"""What people and programs read."""

import io
import json
import re
from pathlib import Path

import pytest
from datadevops_review.reports import FORMATS, terminal
from datadevops_review.review import review
from datadevops_review.standard import Standard
from datadevops_review.verdict import Finding, Result, Review
from rich.console import Console

from breaks import BREAKS


@pytest.fixture
def broken(product: Path) -> Review:
    """A must and a should fail."""
    BREAKS["DD404"](product)
    BREAKS["DD613"](product)
    return review(product, Standard())


def on_a_terminal(found: Review, everything: bool = False) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    terminal.show(found, console, everything)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_shows_what_fails_where_and_what_to_do(broken: Review) -> None:
    said = on_a_terminal(broken)

    assert "  DD404 must Going back is written down" in said
    assert "      docs: no section on going back has a command" in said
    assert "      -> Write a page about it" in said
    assert "  DD613 should Published vulnerabilities" in said
    assert "DD415 not run" in said
    assert "DD101" not in said
    last = said.splitlines()[-1]
    assert re.fullmatch(
        r"rain-forecast: \d+ of \d+ rules pass; 1 must and 1 should fail, 1 NOT RUN, "
        r"\d+ not applicable \(strictness: starter\)\.",
        last,
    )


def test_the_terminal_shows_the_rules_that_hold_when_asked(broken: Review) -> None:
    assert "DD101 passed" in on_a_terminal(broken, everything=True)


def test_json_says_all_that_the_review_knows(broken: Review) -> None:
    found = json.loads(FORMATS["json"](broken))

    assert found["exit_code"] == 1
    assert found["musts_failing"] == ["DD404"]
    assert found["counts"]["failed"] == 2
    assert len(found["results"]) == len(broken.results)
    failed = next(each for each in found["results"] if each["rule"] == "DD404")
    assert failed["findings"] == [
        {"path": "docs", "what": "no section on going back has a command", "line": 0}
    ]


def test_markdown_is_one_table_for_the_summary_of_a_pipeline(broken: Review) -> None:
    said = FORMATS["markdown"](broken)

    rows = [line for line in said.splitlines() if line.startswith("| [DD")]
    assert [re.findall(r"DD\d+", row)[0] for row in rows] == ["DD404", "DD415", "DD613"]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_sarif_names_rules_and_places(broken: Review) -> None:
    (run,) = json.loads(FORMATS["sarif"](broken))["runs"]

    assert {each["id"] for each in run["tool"]["driver"]["rules"]} == {each.rule for each in broken.results}
    found = {each["ruleId"]: each for each in run["results"]}
    assert (found["DD404"]["level"], found["DD613"]["level"]) == ("error", "warning")
    place = found["DD404"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "docs"


STRANGE = Review(
    "<b>shop</b> | [red]x",
    ".",
    "starter",
    (
        Result(
            "DD101",
            "A <i>rule</i>.",
            "Do | it.",
            "must",
            "",
            "failed",
            (Finding("a|b<c>.md", "[bold]x[/] <x>", 3),),
        ),
    ),
)


def test_names_and_texts_of_a_repository_stay_text_in_every_report() -> None:
    page = FORMATS["html"](STRANGE)
    assert "<b>shop" not in page
    assert "&lt;b&gt;shop" in page
    assert "a|b&lt;c&gt;.md:3: [bold]x[/] &lt;x&gt;" in page

    row = FORMATS["markdown"](STRANGE).splitlines()[-2]
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
    assert "<x>" not in row

    assert "a|b<c>.md:3: [bold]x[/] <x>" in on_a_terminal(STRANGE)


def test_the_page_needs_nothing_from_elsewhere(broken: Review) -> None:
    page = FORMATS["html"](broken)

    assert page.startswith("<!doctype html>")
    assert not re.search(r"(src|href)=\"(?!https://[^\"]*review-rules\.md#dd\d+\")", page)
    assert "DD404" in page
