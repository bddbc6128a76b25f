"""The page of the rules, and one number for template, kit and checker."""

import re
import tomllib

import datadevops_review
from datadevops_review.reference import page, sentence
from datadevops_review.rules import RULES

from declaration import ROOT


def test_the_page_of_the_rules_is_made_from_the_code() -> None:
    written = (ROOT / "docs" / "reference" / "review-rules.md").read_text(encoding="utf-8")

    assert written == page(), "run: datadevops-review rules > docs/reference/review-rules.md"


def test_a_rule_is_a_sentence_and_a_remedy() -> None:
    for name, rule in RULES.items():
        assert re.fullmatch(r"[A-Z].{20,150}\.", sentence(name)), name
        assert rule.remedy.endswith("."), name
        assert "{" not in sentence(name), f"{name}: repo-review would format it"


def test_checker_and_kit_have_one_number() -> None:
    versions = {
        tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
        for folder in ("review", "kit")
    }

    assert versions == {datadevops_review.__version__}
