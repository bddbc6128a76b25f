"""Day one, the page of a product: done from top to bottom in a fresh product. Slow: `tox -e life`."""

import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

import bake
import walkthrough
from declaration import DECLARED

PORTS = (8000, 9000)  # of `serve`, as the page shows them


@pytest.mark.life
@pytest.mark.parametrize("kind", DECLARED["product_type"])
def test_all_that_day_one_says_to_do_shows_what_it_says(
    kind: str, whole_template: Path, tmp_path: Path
) -> None:
    if taken := [port for port in PORTS if kind == "model-service" and is_taken(port)]:
        pytest.skip(f"NOT RUN: another program listens on port {taken[0]}")
    product = bake.by_cookiecutter(whole_template, tmp_path, product_type=kind)
    page = (product / "docs" / "day-one.md").read_text(encoding="utf-8")

    missing, shown = walkthrough.follow(page, product)

    blocks = walkthrough.blocks(page)
    for block, text in zip(blocks, shown, strict=True):
        if block.kind == "text" and text not in missing:
            assert unnoticed(block, text) == []
    if missing:
        pytest.skip(f"NOT RUN: {missing[0]}")


@pytest.mark.parametrize("impact", DECLARED["outage_impact"])
@pytest.mark.parametrize("kind", DECLARED["product_type"])
def test_its_edits_and_its_runbook_are_those_of_every_product(
    kind: str, impact: str, template: Path, tmp_path: Path
) -> None:
    answers = {"product_type": kind, "outage_impact": impact, "description": "Where is it wet?"}
    product = bake.by_cookiecutter(
        template, tmp_path, **answers, project_name="Wet Hours", project_slug="wet-hours"
    )
    blocks = walkthrough.blocks((product / "docs" / "day-one.md").read_text(encoding="utf-8"))

    assert {block.kind for block in blocks} == {"sh", "text", "diff"}
    for block in blocks:
        file = product / block.file
        if block.kind == "diff":
            if not file.exists():  # the page says to copy it
                file.parent.mkdir()
                shutil.copy(product / "ops" / "postmortem.md", file)
            walkthrough.edit(file, block)
        elif file.suffix == ".md":
            assert walkthrough.misquoted(block, walkthrough.words(file)) == ""


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def unnoticed(block: walkthrough.Block, text: str) -> list[str]:
    """The quoted lines that could be wrong without anybody noticing."""
    found = []
    for place, line in enumerate(block.lines):
        wrong = [*block.lines[:place], f"{line} wrong", *block.lines[place + 1 :]]
        fault = walkthrough.misquoted(replace(block, lines=wrong), text)
        if not fault.startswith(f"line {block.line + place}:") and line != "...":
            found.append(line)
    return found
