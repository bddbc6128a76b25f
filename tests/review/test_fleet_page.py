"""The page of many repositories, for a meeting."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from datadevops_review import cli

from breaking import append


def run(*words: str | Path) -> None:
    with pytest.raises(SystemExit):
        cli.main(["fleet", *map(str, words)])


def test_the_page_shows_each_repository_and_needs_nothing_from_elsewhere(fleet: Path) -> None:
    (fleet / "broken").rename(fleet / "<b>broken")

    run(fleet, "--html", fleet.parent / "fleet.html")

    page = (fleet.parent / "fleet.html").read_text(encoding="utf-8")
    assert page.count("<tbody ") == 4
    assert "&lt;b&gt;broken" in page
    assert "<b>broken" not in page
    assert 'data-owner="payments"' in page
    assert "<option>payments</option>" in page
    assert "What fails most often" in page
    assert not re.search(r"(src|href)=\"(?!https://[^\"]*review-rules\.md#dd\d+\")", page)


def test_the_page_shows_each_waiver_with_its_end_and_marks_those_that_end_soon_or_have_ended(
    fleet: Path, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    far, near, over = (today + timedelta(days=days) for days in (200, 20, -1))
    lines = "".join(
        f'{rule} = {{reason = "uses `x`", owner = "us", until = {end}}}\n'
        for rule, end in {"DD412": far, "DD413": near, "DD404": over}.items()
    )
    append("pyproject.toml", f"\n[tool.datadevops-review.waivers]\n{lines}")(fleet / "good")

    run(fleet / "good", "--html", tmp_path / "fleet.html")

    page = (tmp_path / "fleet.html").read_text(encoding="utf-8")
    shown = re.findall(r'<tr><td( class="must")?>([\d-]{10})</td><td>good</td><td>(\w+)</td>', page)
    red = ' class="must"'
    assert shown == [(red, str(over), "DD404"), (red, str(near), "DD413"), ("", str(far), "DD412")]
    assert "<td>uses <code>x</code></td>" in page


def test_the_page_shows_in_red_only_what_fails_and_what_is_code_as_code(fleet: Path, tmp_path: Path) -> None:
    run(fleet / "good", fleet / "broken", "--html", tmp_path / "fleet.html")

    page = (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert '<td class="must" data-sort="1">DD404</td>' in page
    assert '<td data-sort="0">-</td>' in page
    assert "`" not in page.partition("<script>")[0]
