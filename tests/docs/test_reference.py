"""The pages that are made from the template and the kit are up to date, and say what is so."""

import re
from pathlib import Path
from typing import Any

import pytest
from datadevops.cli.explain import paragraphs

import bake
import make_reference
import tree
from declaration import DECLARED, ROOT, questions
from reference import files

NAMES = files.rendered(ROOT / bake.TREE, DECLARED["_ignored"])


def test_the_pages_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    code = make_reference.main(["--check"])

    assert (code, capsys.readouterr().out) == (0, "")


def test_a_stale_page_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_reference, "REFERENCE", tmp_path)
    make_reference.main([])
    path = tmp_path / "metrics.md"
    path.write_text(path.read_text(encoding="utf-8").replace("gauge", "gouge", 1), encoding="utf-8")

    assert make_reference.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/reference/metrics.md\n"


def test_a_file_without_a_sentence_and_a_sentence_without_a_file_are_named() -> None:
    with pytest.raises(ValueError, match=r"^new\.py has no sentence") as refused:
        files.page(DECLARED, ["README.md", "new.py"], {"README.md": "What it is.", "gone.py": "Was here."})

    assert str(refused.value).splitlines()[1:] == ["gone.py is no file of the product tree"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template without most of the kit's source."""
    return bake.copy_template(tmp_path_factory.mktemp("template") / "t", bake.REST, bake.KIT_ROOMS)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"product_type": "data-pipeline", "ci": "gitlab", "deploy": "compose", "license": "MIT"},
        {
            "ci": "azure",
            "outage_impact": "low",
            "example": "none",
            "kit_index": "https://example.org/simple/",
        },
    ],
)
def test_the_files_of_a_product_are_those_of_the_page(
    answers: dict[str, Any], template: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(template, tmp_path, **answers)
    package = next((product / "src").iterdir()).name
    defaults = {name: value[0] if isinstance(value, list) else value for name, value in questions().items()}
    given = defaults | answers

    expected = {
        name
        for name in NAMES
        if all(given[asked] in choices for asked, choices in files.conditions(DECLARED, name).items())
    }

    found = {name.replace(f"src/{package}/", "src/PACKAGE/") for name in tree.files(product)}
    assert {files.KIT if name.startswith(files.KIT) else name for name in found} == expected
    owned = {name.replace(f"src/{package}/", "src/PACKAGE/") for name in tree.team_owned(product)}
    assert {name for name in expected if files.owner(DECLARED, name) == "team"} == owned


def test_each_error_has_a_place_on_the_page_of_errors() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    (included,) = re.findall(r"^```\{include\} (\S+)$", page, re.MULTILINE)

    text = (ROOT / "docs" / "reference" / included).read_text(encoding="utf-8")

    assert re.findall(r"^### (\w+)$", text, re.MULTILINE) == list(paragraphs())


def test_each_promise_of_the_kit_is_held_by_a_test_on_made_up_values() -> None:
    page = (ROOT / "docs" / "explanation" / "the-kit.md").read_text(encoding="utf-8")
    part = page.partition("## What it promises\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| `(\S+\.py)` \|$", part, re.MULTILINE)

    generated = {
        path.relative_to(ROOT / "tests" / "kit").as_posix()
        for path in (ROOT / "tests" / "kit").rglob("test_*.py")
        if re.search(r"^from hypothesis import", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    named = {file for _, file in rows}
    assert len(rows) > 10
    assert sorted(named - generated) == ["service/test_batch_and_online.py"]  # of the sample's rows
    assert sorted(generated - named) == []
