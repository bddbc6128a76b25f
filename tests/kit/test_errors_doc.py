"""Every error that can be raised has a paragraph in errors.md, and no paragraph is left over."""

import re
from pathlib import Path

import datadevops
from datadevops.cli.explain import paragraphs


def test_every_error_is_explained_and_every_explanation_has_its_error():
    package = Path(datadevops.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    raised = set(re.findall(r'"([A-Z]{2}\d{3})"', source))

    assert "DQ003" in raised
    assert sorted(paragraphs()) == sorted(raised)


def test_every_explanation_says_something():
    assert [error for error, text in paragraphs().items() if len(text.split()) < 6] == []
