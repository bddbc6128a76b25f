# The template's file: edits here meet template updates (copier update merges them).
"""Every error that can be raised has a paragraph in docs/errors.md, and no paragraph is left over."""

import re
from pathlib import Path

from << cookiecutter.__package >> import settings

DOC = Path(__file__).parents[2] / "docs" / "errors.md"


def test_every_error_is_explained_and_every_explanation_has_its_error():
    source = "\n".join(path.read_text(encoding="utf-8") for path in settings.PACKAGE.rglob("*.py"))
    raised = set(re.findall(r'"([A-Z]{2}\d{3})"', source))
    explained = re.findall(r"^#+ ([A-Z]{2}\d{3})$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert "DQ003" in raised
    assert sorted(explained) == sorted(raised)


def test_every_explanation_says_something():
    paragraphs = re.split(r"^#+ [A-Z]{2}\d{3}$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert [text for text in paragraphs if len(text.split()) < 5] == []
