"""The drawings are up to date, and each picture is small, used, and described in words."""

import re

import pytest

import make_drawings
from declaration import ROOT

PICTURES = ROOT / "docs" / "pictures"
KILOBYTES = 150
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [
    (page, *found)
    for page in PAGES
    for found in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
]


def test_the_drawings_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    code = make_drawings.main(["--check"])

    assert (code, capsys.readouterr().out) == (0, "")


def test_a_stale_drawing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = make_drawings.ARCHITECTURE._replace(title="Another")
    monkeypatch.setitem(make_drawings.DRAWINGS, "architecture.svg", moved)

    assert make_drawings.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/pictures/architecture.svg\n"


def test_an_arrow_to_no_box_is_an_error() -> None:
    lost = make_drawings.DATA_FLOW._replace(arrows=[("sources", "nowhere", "")])

    with pytest.raises(KeyError, match="nowhere"):
        make_drawings.svg(lost)


def test_each_picture_is_small() -> None:
    sizes = {path.name: path.stat().st_size / 1000 for path in PICTURES.iterdir()}

    assert {name: size for name, size in sizes.items() if size > KILOBYTES} == {}


def test_each_picture_is_shown_on_a_page_and_described_in_words() -> None:
    shown = {(page.parent / target).resolve() for page, _, target in SHOWN}

    assert {path.name for path in shown} == {path.name for path in PICTURES.iterdir()}
    assert [target for _, words, target in SHOWN if len(words.split()) < 5] == []
