"""Other people's rules: the template and its products keep those of Scientific Python, or say why not."""

from pathlib import Path

import pytest
from repo_review.processor import process

from declaration import ROOT, Answers

OURS = {f"DD{family}" for family in range(8)} | {"DD"}


def failing(folder: Path) -> dict[str, str]:
    results = process(folder, extend_ignore=OURS).results
    assert sum(each.result is True for each in results) > 20
    return {each.name: each.description for each in results if each.result is False}


def test_the_template_keeps_them() -> None:
    assert failing(ROOT) == {}


def test_every_fresh_product_keeps_them(products: list[tuple[Answers, Path]]) -> None:
    assert {str(answers): failing(path) for answers, path in products if failing(path)} == {}


@pytest.mark.parametrize("line", ['minversion = "9"\n', "warn_unreachable = true\n", "xfail_strict = true\n"])
def test_a_setting_less_is_seen(line: str, product: Path) -> None:
    text = (product / "pyproject.toml").read_text(encoding="utf-8")
    assert line in text
    (product / "pyproject.toml").write_text(text.replace(line, ""), encoding="utf-8")

    assert len(failing(product)) == 1
