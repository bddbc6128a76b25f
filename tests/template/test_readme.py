"""The README says what is so: its table, its tree, its paths and its commands."""

import re
from pathlib import Path

import pytest
import yaml

import bake
import tree
from declaration import DECLARED, ROOT, questions

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = [
    "README.md",
    "CONTRIBUTING.md",
    *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md")),
]


def row(name: str, default: str) -> str:
    """The line of the table of questions for one question."""
    prompt = DECLARED["__prompts__"][name]
    if isinstance(prompt, str):
        return f"| `{name}` | {default} | {prompt} |"
    offered = ", ".join(f"`{choice}`" for choice in DECLARED[name])
    return f"| `{name}` | {default} | {prompt['__prompt__']} One of {offered} |"


def test_the_table_of_questions_is_the_declaration(baked: Path) -> None:
    answers = yaml.safe_load((baked / ".copier-answers.yml").read_text(encoding="utf-8"))
    expected = [row(name, answers[name]) for name in questions()]

    table = README.partition("## The questions\n")[2].partition("\n\n## ")[0].rpartition("\n\n")[0]

    assert table.strip().splitlines()[2:] == expected


def drawn() -> list[str]:
    """The paths in the README's tree: the words of a line before two blanks and a remark."""
    block = README.partition("## What is baked\n")[2].partition("```text\n")[2].partition("```")[0]
    first, *others = block.splitlines()
    return [*first.split(), *(line.split()[0] for line in others)]


def test_a_path_in_the_tree_is_a_path_of_the_product(template: Path, tmp_path: Path) -> None:
    product = bake.by_cookiecutter(template, tmp_path, license="MIT")

    assert [name for name in drawn() if not (product / name).exists()] == []


def test_all_that_a_listing_of_the_product_shows_is_in_the_tree(baked: Path) -> None:
    tops = {name.split("/")[0] for name in tree.files(baked) if not name.startswith(".")}

    assert tops <= {name.split("/")[0] for name in drawn()}


@pytest.mark.parametrize("guide", GUIDES)
def test_a_link_leads_to_a_file(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    targets = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]

    assert [link for link in targets if not ((ROOT / guide).parent / link).exists()] == []


@pytest.mark.parametrize("guide", [each for each in GUIDES if each != "docs/reference/files.md"])
def test_a_file_named_in_a_guide_exists(guide: str) -> None:
    """A word in backticks that looks like a path is one of this repository, but on the page of products."""
    text = (ROOT / guide).read_text(encoding="utf-8")
    ours = re.findall(r"`((?:tests|tools|hooks|docs|\.ci)/[\w./-]+|[a-z]+\.(?:json|yml))`", text)

    assert [name for name in ours if not (ROOT / name).exists()] == []


def test_the_commands_that_bake_run_and_test_are_those_everybody_is_told() -> None:
    """The heavier tests run these; see test_life.py."""
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    continuous = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert "pip install uv && uvx cookiecutter gh:org/datadevops-template\n" in README
    assert "cd rain-forecast && uv run rain-forecast run\n" in README
    assert "`uvx --with tox-uv tox`" in README
    assert "`uvx --with tox-uv tox`" in contributing
    assert "uvx --with tox-uv tox 2>&1" in continuous


def test_the_number_of_questions_is_the_one_told() -> None:
    words = {8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen"}

    assert f"asks {words[len(questions())]} questions" in README
    for page in ("CHANGELOG.md", "docs/index.md"):
        assert f"{words[len(questions())]} questions" in (ROOT / page).read_text(encoding="utf-8")


def limits(text: str, heading: str) -> list[str]:
    """The lines of the section on what is supported, one for each subject."""
    section = text.partition(f"\n{heading} Limits\n")[2].partition(f"\n{heading}")[0]
    return re.findall(r"^- \*\*.*(?:\n  .*)*", section, re.MULTILINE)


@pytest.mark.parametrize("kind", DECLARED["product_type"])
def test_the_limits_are_five_lines_of_which_a_product_shows_those_of_its_type(
    kind: str, template: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(template, tmp_path, product_type=kind)

    all_of_them = limits(README, "##")
    shown = limits((product / "README.md").read_text(encoding="utf-8"), "###")

    assert len(all_of_them) == 5
    assert len(shown) == 4
    assert set(shown) < set(all_of_them)


def test_the_licence_is_the_one_stated() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert licence.lstrip().startswith("Apache License\n")
    assert "the files\nit renders are yours, under the licence that you choose" in README
    assert bake.TREE in README


@pytest.mark.parametrize("kind", DECLARED["product_type"])
def test_the_readme_of_a_product_names_each_file_that_says_what_the_sample_is_for(
    kind: str, template: Path, tmp_path: Path
) -> None:
    purpose = "How many parcels come tomorrow?"
    product = bake.by_cookiecutter(template, tmp_path, product_type=kind, description=purpose)
    paragraph = (
        (product / "README.md").read_text("utf-8").partition("If the product now has another purpose")[2]
    )

    named = re.findall(r"`([\w./-]+(?:\.md|\.yaml|/))`", paragraph.partition("\n\n")[0])

    yours = {name for name in tree.team_owned(product) if purpose.encode() in (product / name).read_bytes()}
    found = {re.sub(r"^src/\w+/|(?<=/datasets/).*", "", name) for name in yours - {"README.md"}}
    assert sorted(found) == sorted(named)
    assert "--data description=" in paragraph


def test_no_file_speaks_of_the_sample_s_purpose_when_a_product_has_another(
    template: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(template, tmp_path, description="How many parcels come tomorrow?")

    default = "Will it rain"
    assert [name for name, text in tree.texts(product).items() if default.encode() in text] == []
