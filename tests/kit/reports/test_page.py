"""A page shows a value as text, whatever a contract says; a missing value is an error, not a blank."""

import re

import pytest
from jinja2 import UndefinedError

from datadevops.reports import flow
from datadevops.reports.page import rendered

FOREIGN = "<script>alert('a & b')</script>"
NOTHING = {"read": {}, "make": {}, "judge": {}, "publish": [], "gate": [], "at": "2025-01-01"}


@pytest.fixture
def page():
    """The page of a run that made nothing; names and texts of its contract are FOREIGN."""
    tables = {FOREIGN: {"rows": 1, "from": [], "seconds": None}}
    named = dict.fromkeys(("product", "purpose", "owner", "contact", "code", "release"), FOREIGN)
    empty = {name: {} for name in ("sources", "checks", "datasets", "versions")}
    return rendered(
        "datasets.html",
        **named,
        **empty,
        at="2025-01-01T00:00:00+00:00",
        failed={FOREIGN: FOREIGN},
        tables=tables,
        picture_of=flow.of(tables),
    )


def test_a_text_of_a_contract_runs_no_script_in_a_page(page):
    assert "<script" not in page
    assert "<h1>&lt;script&gt;alert(&#39;a &amp; b&#39;)&lt;/script&gt;</h1>" in page


def test_the_boxes_of_the_picture_are_as_large_as_its_places_are_apart(page):
    (width, height), *others = re.findall(r'<rect [^>]*width="(\d+)" height="(\d+)"', page)

    assert (int(width), int(height), others) == (flow.WIDTH, flow.HEIGHT, [])
    assert f'viewBox="-1 -1 {flow.WIDTH + 2} {flow.HEIGHT + 2}"' in page


def test_a_text_for_the_terminal_is_not_escaped_and_has_no_blank_lines():
    text = rendered("dry_run.txt", **NOTHING, delete={FOREIGN: ["1"]})

    assert f"  delete\n    {FOREIGN} 1 old version: 1\nThe same command" in text


def test_a_value_that_a_template_misses_is_an_error_and_not_a_blank():
    without_its_place = {"table": "models", "alias": "champion", "version": "1", "replaces": None}

    with pytest.raises(UndefinedError, match="no attribute 'location'"):
        rendered("dry_run.txt", **NOTHING | {"publish": [without_its_place]}, delete={})
