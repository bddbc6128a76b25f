"""An answer that keeps its rule comes out exactly as typed, whatever file it stands in."""

import ast
from pathlib import Path
from typing import Any

import pytest

import bake
import tree
from declaration import Answers

# What each answer is in the product that the others are compared with: words found nowhere else.
MARKED = {
    "project_name": "Zqname Of It",
    "project_slug": "zq-slug",
    "description": "Zqdescription of it",
    "org": "zqorg",
    "owner_team": "zq-team",
    "owner_contact": "zq@example.org",
    "kit_index": "https://zq.example.org/simple/",
}
EXACT: dict[str, Answers] = {
    "apostrophes": {"project_name": "O'Connor's rain", "description": "It's Connor's, isn't it?"},
    "ampersands": {"project_name": "Rain & Wind &amp; co", "description": "Rain & wind & 'snow'?"},
    "accents": {"project_name": "Prévision Pluie ß Å", "description": "Pleuvra-t-il à Zürich ?"},
    "other scripts": {"project_name": "雨の予報 Дождь", "description": "هل تمطر في المطار اليوم"},
    "emoji": {"project_name": "Rain 🌧 👩‍🔬", "description": "Rain 🌧 or 👨‍👩‍👧 and 🏳️‍🌈 today?"},
    "punctuation": {
        "project_name": "A: b # c - [d] * !e",
        "description": "A: b #c, [d]; *e &f !g @h",
    },
    "shell": {
        "project_name": "R $HOME $(id) ~ ;",
        "description": "Costs $5 $(id) ; ~ && 100 % ^ = ?",
    },
    "numbers": {"project_name": "123", "description": "1234567890.5", "org": "1e5"},
    "a date": {"project_name": "2024-01-01", "description": "2024-01-01 00:00", "org": "0x10"},
    "nothing in YAML": {"project_name": "null", "org": "null", "owner_team": "null"},
    "no in YAML": {"project_name": "Yes", "org": "No", "owner_team": "no"},
    "octal": {"project_name": "0o17", "org": "017", "owner_team": "on"},
    "the longest": {
        "project_name": "R" * 60,
        "project_slug": "r-" * 15 + "rr",
        "description": "Rain " * 39 + "today",
        "org": "a" * 39,
        "owner_team": "a" * 39,
        "owner_contact": "https://chat.example.org/" + "a" * 95,
    },
    "the shortest": {
        "project_name": "RAI",
        "project_slug": "r-2",
        "description": "Rain today",
        "org": "a",
        "owner_team": "aa",
        "owner_contact": "a@b.cd",
    },
    "a web address": {"owner_contact": "https://x.example.org:8443/a@b?c=d&e=(f)#g,h;i*!$~%20"},
    "a plus address": {"owner_contact": "a+b.c_d-e@x-y.example.org"},
    "another index": {"kit_index": "https://x.example.org:8443/a/b%2Fc/~d+e/simple"},
}


@pytest.fixture(scope="module")
def marked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product that the others are compared with."""
    return bake.by_cookiecutter(template, tmp_path_factory.mktemp("marked"), **MARKED)


@pytest.mark.parametrize("answers", EXACT.values(), ids=EXACT)
def test_an_answer_comes_out_exactly_as_typed(
    answers: Answers, template: Path, tmp_path: Path, marked: Path
) -> None:
    """In every file, after that file's own parser has read it; and both engines agree."""
    answers = MARKED | answers

    one, two = (engine(template, tmp_path / engine.__name__, **answers) for engine in bake.ENGINES)

    free, pairs = with_free_text(marked), replacements(answers)
    expected = replaced(contents(marked, free), pairs)
    assert contents(one, {replaced(name, pairs) for name in free}) == expected
    assert tree.differences(tree.snapshot(one), tree.snapshot(two)) == []


@pytest.mark.parametrize("engine", bake.ENGINES, ids=lambda engine: engine.__name__)
def test_who_gives_no_contact_gets_an_address_of_the_team(
    engine: bake.Engine, template: Path, tmp_path: Path
) -> None:
    product = engine(template, tmp_path, owner_team="storm-data")

    assert "mailto:storm-data@example.com" in (product / "product.odps.yaml").read_text(encoding="utf-8")


def replacements(answers: Answers) -> dict[str, str]:
    """What stands for each marked text in a product of `answers`; the longest texts first."""
    pairs = {MARKED[name]: answers[name] for name in MARKED}
    package = answers["project_slug"].replace("-", "_")
    pairs |= {"zq_slug": package, "ZQ_SLUG": package.upper()}
    contact = answers["owner_contact"]
    pairs["mailto:zq@example.org"] = contact if "://" in contact else f"mailto:{contact}"
    return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


def with_free_text(marked: Path) -> set[str]:
    """The files that hold more of the answers than the slug, one plain word to any parser."""
    words = [text.encode() for name, text in MARKED.items() if name != "project_slug"]
    texts = tree.texts(marked).items()
    return {name for name, content in texts if any(word in content for word in words)}


def contents(product: Path, parsed: set[str]) -> dict[str, Any]:
    """What each file says: those of `parsed` to their parser, as lists, mappings and values."""
    return {
        name: plain(tree.parsed(path)) if name in parsed else path.read_bytes().decode("latin-1")
        for name, path in tree.files(product).items()
    }


def plain(value: Any) -> Any:
    if isinstance(value, ast.AST):
        fields = {name: plain(field) for name, field in ast.iter_fields(value)}
        return [type(value).__name__, fields]
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def replaced(value: Any, pairs: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {replaced(key, pairs): replaced(each, pairs) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, pairs) for each in value]
    if isinstance(value, str):
        for old, new in pairs.items():
            value = value.replace(old, new)
    return value


def test_an_answer_that_a_file_mangles_is_found(tmp_path: Path) -> None:
    """The comparison above bites: YAML reads an unquoted null as nothing."""
    (tmp_path / "a.yaml").write_text("owner: null\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.yaml").write_text("owner: zq-team\n")

    expected = replaced(contents(tmp_path / "b", {"a.yaml"}), {"zq-team": "null"})

    assert contents(tmp_path, {"a.yaml"})["a.yaml"] != expected["a.yaml"]
