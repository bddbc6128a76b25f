"""What the guide shows works as it is written."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from datadevops_review import cli
from datadevops_review.profile import load
from datadevops_review.review import review
from datadevops_review.rules import RULES
from datadevops_review.standard import Standard

from breaking import append
from breaks import BREAKS
from declaration import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "review-a-repository.md").read_text(encoding="utf-8")
WAIVERS, PROFILE = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_profile_of_the_guide_is_one_and_does_what_it_says(product: Path, tmp_path: Path) -> None:
    (tmp_path / "datadevops.toml").write_text(PROFILE, encoding="utf-8")

    standard = load(tmp_path / "datadevops.toml")

    assert {each.rule for each in review(product, standard).in_state("failed")} == {"ACME01", "DD506"}


@pytest.mark.parametrize("provider", ["gitlab", "azure"])
def test_the_images_of_the_guide_are_enough_for_a_fresh_product_of_another_provider(
    provider: str, fresh: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "datadevops.toml").write_text(PROFILE, encoding="utf-8")

    found = review(fresh(ci=provider), load(tmp_path / "datadevops.toml"))

    assert "DD602" not in {each.rule for each in found.in_state("failed")}


def test_the_waivers_of_the_guide_are_good(product: Path) -> None:
    BREAKS["DD404"](product)
    append("pyproject.toml", f"\n{WAIVERS}")(product)

    assert review(product, Standard(today=date(2026, 11, 30))).exit_code == 0


def test_the_guide_names_rules_that_exist() -> None:
    assert set(re.findall(r"DD\d{3}", GUIDE)) <= RULES.keys()


def test_the_guide_shows_what_the_command_prints(product: Path, capsys: pytest.CaptureFixture[str]) -> None:
    BREAKS["DD404"](product)
    with pytest.raises(SystemExit):
        cli.main([str(product)])

    (shown,) = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    printed = capsys.readouterr().out.splitlines()
    for line, seen in zip(printed, shown.splitlines(), strict=True):
        assert line.startswith(seen.removesuffix(" ..."))
