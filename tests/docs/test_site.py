"""The site builds strictly, loads nothing from other hosts, and shows commands that can be typed."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typed
from sphinx.cmd.build import build_main

from declaration import ROOT

DOCS = ROOT / "docs"
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md"))]
# What a browser fetches by itself, unlike the target of a link.
LOADED = re.compile(
    r"""(?:\bsrc=|<link[^>]*\bhref=|\bsrcset=)["']?((?:https?:)?//[^"'\s>]+)|url\(["']?(https?://[^"')]+)"""
)


def loaded(folder: Path) -> Iterator[str]:
    """What the pages and styles of a built site load from other hosts."""
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.css")]):
        for found in LOADED.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)}: {''.join(found)}"


def build(source: Path, target: Path) -> int:
    return int(build_main(["-q", "-W", "--keep-going", "-n", str(source), str(target)]))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site: that of `tox -e docs`, or one of our own."""
    if "SITE" in os.environ:
        return Path(os.environ["SITE"])
    target = tmp_path_factory.mktemp("site")
    assert build(DOCS, target) == 0
    return target


def test_the_site_has_every_page(site: Path) -> None:
    expected = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}

    assert [str(page) for page in sorted(expected) if not (site / page).exists()] == []


def test_the_site_loads_nothing_from_other_hosts(site: Path) -> None:
    assert list(loaded(site)) == []


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example.org/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example.org/css">',
        "<style>body { background: url(https://example.org/a.png) }</style>",
        '<img alt="" src="http://example.org/a.png">',
    ],
)
def test_a_page_that_loads_from_another_host_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(text, encoding="utf-8")

    assert len(list(loaded(tmp_path))) == 1


def small_site(folder: Path, text: str) -> Path:
    """A site of a start page and one page with this text."""
    source = folder / "docs"
    source.mkdir()
    shutil.copy(DOCS / "conf.py", source)
    (source / "index.md").write_text("# Start\n\n```{toctree}\npage\n```\n", encoding="utf-8")
    (source / "page.md").write_text(f"# Page\n\n## A part\n\n{text}\n", encoding="utf-8")
    return source


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[a page](index.md), [a part](#a-part), [of another](index.md#start)", 0),
        ("[no page](nothing.md)", 1),
        ("[no part](#nothing)", 1),
        ("[no part of another](index.md#nothing)", 1),
        ("[no file outside](../nothing.md)", 1),
        ("![no picture](pictures/nothing.webp)", 1),
    ],
)
def test_a_dead_link_breaks_the_build(text: str, code: int, tmp_path: Path) -> None:
    assert build(small_site(tmp_path, text), tmp_path / "out") == code


def test_a_page_in_no_list_breaks_the_build(tmp_path: Path) -> None:
    source = small_site(tmp_path, "Text.")
    (source / "lost.md").write_text("# Lost\n", encoding="utf-8")

    assert build(source, tmp_path / "out") == 1


def test_a_link_out_of_the_site_leads_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / "<<a>>").mkdir()
    (tmp_path / "<<a>>" / "README.md").touch()
    (tmp_path / "kit").symlink_to("<<a>>")

    assert build(small_site(tmp_path, "[The kit](../kit/README.md)"), tmp_path / "out") == 0

    page = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert '/blob/main/%3C%3Ca%3E%3E/README.md"' in page


@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_a_page_can_be_typed(page: str) -> None:
    assert list(typed.faults((ROOT / page).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "command",
    [
        "uv run rain-forecast rnu",
        "uv run rain-statistics models rollback",
        "uv run rain-forecast slo render --nothing",
        "uv run tox -e nothing",
        "uvx --with tox-uv tox -e lint,nothing",
        "uvx copier upgrade",
        "uvx copier update --default",
        "uvx cookiecutter . --noinput",
        "datadevops-review . --strict",
        "tools/nothing.py",
    ],
)
@pytest.mark.parametrize(
    "form", ["```sh\ncd x && {}\n```", "1. Do:\n   ```sh\n   {}\n   ```", "Type `{}`.", "`a` or `\n{}`"]
)
def test_a_command_that_does_not_exist_is_found(command: str, form: str) -> None:
    assert len(list(typed.faults(form.format(command)))) == 1


@pytest.mark.parametrize(
    "command",
    [
        "cd rain-forecast && uv run rain-forecast run",
        "RAIN_FORECAST_STORE=x uv run rain-statistics run --from 2013-03",
        "uv run tox -e ops # needs promtool",
        "uvx copier update --defaults --data org=acme",
        "uvx cookiecutter . --no-input product_type=data-pipeline",
    ],
)
def test_a_command_that_exists_is_not_found(command: str) -> None:
    assert list(typed.faults(f"```sh\n{command}\n```")) == []
