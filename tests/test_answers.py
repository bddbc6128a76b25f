"""An answer is data: it comes out exactly as typed, or it is refused before a file is written."""

import ast
import keyword
import sys
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.exceptions import FailedHookException, UndefinedVariableInTemplate
from copier import run_copy
from jinja2 import TemplateError

import bake
import tree
from declaration import DECLARED, Answers, free_texts, keeps
from make_copier_yml import example_first

REFUSED_IN_TEXT = {
    "a quote": 'Rain "soon" in town',
    "a backslash": "Rain \\n in town",
    "braces": "Rain {soon} in town",
    "a pipeline expression": "Rain ${{ secrets.KEY }}",
    "a backtick": "Rain `id` in town",
    "a pipe": "Rain | tee in town",
    "a newline": "Rain in\ntown today",
    "CRLF": "Rain in\r\ntown today",
    "a last newline": "Rain in town\n",
    "a tab": "Rain in\ttown today",
    "a NUL": "Rain in\0town today",
    "an escape": "Rain in \x1b[31mtown",
    "a next-line sign": "Rain in\x85town today",
    "a line separator": "Rain in\u2028town today",
    "a half emoji": "Rain in \ud83c town",
    "a byte-order mark": "Rain in \ufeff town",
    "no character": "Rain in \uffff town",
    "a sign that turns the text": "Rain in \u202e town",
    "a blank without width": "Rain in\u200btown today",
    "300 characters": "Rain " * 60,
    "a leading dash": "-rf rain in town",
    "a leading blank": " Rain in town",
    "a trailing blank": "Rain in town ",
    "a leading comment sign": "# Rain in town",
    "nothing": "",
    "a blank": " ",
}
REFUSED_SLUGS = {
    "one word": "rain",
    "capitals": "Rain-Forecast",
    "an underscore": "rain_forecast",
    "a leading dash": "-rain-forecast",
    "a trailing dash": "rain-forecast-",
    "two dashes": "rain--forecast",
    "a leading digit": "1-rain",
    "a path": "rain/forecast",
    "a path up": "../rain-forecast",
    "the folder itself": ".",
    "the folder above": "..",
    "an absolute path": "/rain-forecast",
    "a Windows path": "rain\\forecast",
    "an accent": "prévision-pluie",
    "an emoji": "rain-🌧",
    "a newline": "rain-forecast\n",
    "a NUL": "rain\0-forecast",
    "a quote": 'rain"-forecast',
    "300 characters": "rain-" * 60,
    "nothing": "",
    "a blank": "rain forecast",
    "a keyword": "import",
    "a standard module": "py-compile",
    "a dependency": "scikit-learn",
}
REFUSED_NAMES = {
    "a leading dash": "-acme",
    "a path": "acme/rain",
    "the folder above": "..",
    "an underscore": "ac_me",
    "a quote": "ac'me",
    "a blank": "ac me",
    "a newline": "acme\n",
    "300 characters": "acme" * 75,
    "nothing": "",
}
REFUSED_CONTACTS = {
    "a word": "weather",
    "an address without a top": "weather@team",
    "no encryption": "http://chat.example.org/rain",
    "a script": "javascript:alert(1)",
    "a blank": "weather data@example.com",
    "a second line": "weather@example.com\nBcc: all@example.com",
    "a quote": 'https://chat.example.org/"rain',
    "an apostrophe": "https://chat.example.org/'rain",
    "a bracket": "https://chat.example.org/<b>",
    "300 characters": f"https://chat.example.org/{'rain' * 75}",
}
CODE_OF_THE_TEMPLATE = {
    "a sum": "<< 1 + 1 >> more rain",
    "another answer": "Rain by << cookiecutter.project_name >>",
    "an unknown answer": "Rain by << cookiecutter.nobody >>",
    "a block": "Rain in town # <% if true %>",
    "a comment": "Rain # <# note #> in town",
    "half a variable": "Rain << in town",
}


def refusals() -> list[Any]:
    by_name = {
        "project_name": REFUSED_IN_TEXT,
        "project_slug": REFUSED_SLUGS,
        "description": REFUSED_IN_TEXT,
        "org": REFUSED_NAMES,
        "owner_team": REFUSED_NAMES,
        "owner_contact": REFUSED_CONTACTS,
    }
    return [
        pytest.param(name, text, id=f"{name}-{what}")
        for name, texts in by_name.items()
        for what, text in texts.items()
    ]


def left_in(folder: Path) -> list[Path]:
    """What a refused bake left behind: in the folder or, by a path in an answer, beside it."""
    return [path for path in folder.parent.rglob("*") if path != folder]


@pytest.mark.parametrize(("name", "text"), refusals())
def test_cookiecutter_refuses_with_the_message_of_the_rule_and_leaves_nothing(
    name: str, text: str, template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FailedHookException):
        bake.by_cookiecutter(template, tmp_path / "out", **valid_slug(name) | {name: text})

    assert DECLARED["_rules"][name]["message"] in capfd.readouterr().err
    assert left_in(tmp_path / "out") == []


@pytest.mark.parametrize(("name", "text"), refusals())
def test_copier_refuses_with_the_message_of_the_rule_and_leaves_nothing(
    name: str, text: str, template: Path, tmp_path: Path
) -> None:
    answers = valid_slug(name) | {name: text}

    with pytest.raises(ValueError, match="Validation error") as refused:
        run_copy(str(template), tmp_path / "out", data=answers, defaults=True, quiet=True)

    assert example_first(DECLARED["_rules"][name]["message"]) in str(refused.value)
    assert left_in(tmp_path / "out") == []


def valid_slug(name: str) -> Answers:
    """A bad name makes a bad slug: give a good one, so that one rule is broken, not two."""
    return {"project_slug": "rain-forecast"} if name == "project_name" else {}


@pytest.mark.parametrize("text", CODE_OF_THE_TEMPLATE.values(), ids=CODE_OF_THE_TEMPLATE)
@pytest.mark.parametrize("name", ["project_name", "description"])
def test_template_code_in_an_answer_is_never_baked(
    name: str, text: str, template: Path, tmp_path: Path
) -> None:
    """cookiecutter renders what --no-input gives it; some code already fails there."""
    with pytest.raises((FailedHookException, TemplateError, UndefinedVariableInTemplate)):
        bake.by_cookiecutter(template, tmp_path / "out", **valid_slug(name) | {name: text})
    with pytest.raises(ValueError, match=f"{name} must"):
        bake.by_copier(template, tmp_path / "out", **valid_slug(name) | {name: text})

    assert left_in(tmp_path / "out") == []


def test_a_choice_that_is_not_offered_is_refused_by_both(template: Path, tmp_path: Path) -> None:
    for engine in bake.ENGINES:
        with pytest.raises(ValueError, match="GPL-3"):
            engine(template, tmp_path / "out", license="GPL-3")

    assert left_in(tmp_path / "out") == []


def test_all_broken_rules_are_listed_at_once_with_what_was_given(
    template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = dict.fromkeys(free_texts(), "?")

    with pytest.raises(FailedHookException):
        bake.by_cookiecutter(template, tmp_path / "out", **bad)

    error = capfd.readouterr().err
    assert [rule["message"] in error for rule in DECLARED["_rules"].values()] == [True] * len(bad)
    assert error.count("given: '?'") == len(bad)


NAMES = {
    "Rain Forecast": "rain-forecast",
    "Rain & Wind": "rain-wind",
    "O'Connor's rain, soon": "oconnors-rain-soon",
    "Rain-or-Shine / today": "rain-or-shine-today",
    "Rain": "data-rain",
    "3 Airports": "data-3-airports",
    "雨の予報": "data-product",
    "Prévision Pluie": "prvision-pluie",
    "R" * 60: "data-" + "r" * 27,
    "R" * 39 + " soon": "data-" + "r" * 27,
    "Rain " * 11 + "today": "rain-" * 6 + "ra",
}


@pytest.mark.parametrize(("name", "slug"), NAMES.items(), ids=NAMES.values())
def test_the_slug_offered_for_a_name_keeps_its_own_rule(
    name: str, slug: str, template: Path, tmp_path: Path
) -> None:
    """copier stops at a default that breaks its rule, before the user could change it."""
    assert keeps("project_name", name)
    assert bake.by_cookiecutter(template, tmp_path, project_name=name).name == slug

    run_copy(
        str(template), tmp_path / "two", data={"project_name": name}, defaults=True, quiet=True
    )
    answers = (tmp_path / "two" / ".copier-answers.yml").read_text(encoding="utf-8")
    assert f"project_slug: {slug}\n" in answers


def test_no_slug_hides_a_keyword_or_a_standard_module() -> None:
    words = [*keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names]
    slugs = {*words, *(word.replace("_", "-") for word in words)}

    assert [slug for slug in slugs if keeps("project_slug", slug)] == []


# What each answer is in the product that the others are compared with: words found nowhere else.
MARKED = {
    "project_name": "Zqname Of It",
    "project_slug": "zq-slug",
    "description": "Zqdescription of it",
    "org": "zqorg",
    "owner_team": "zq-team",
    "owner_contact": "zq@example.org",
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
}


@pytest.fixture(scope="module")
def marked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bake.by_cookiecutter(template, tmp_path_factory.mktemp("marked"), **MARKED)


@pytest.mark.parametrize("answers", EXACT.values(), ids=EXACT)
def test_an_answer_comes_out_exactly_as_typed(
    answers: Answers, template: Path, tmp_path: Path, marked: Path
) -> None:
    """In every file, after that file's own parser has read it; and both engines agree."""
    answers = MARKED | answers

    one, two = (engine(template, tmp_path / engine.__name__, **answers) for engine in bake.ENGINES)

    assert contents(one) == replaced(contents(marked), replacements(answers))
    assert tree.differences(tree.snapshot(one), tree.snapshot(two)) == []


def replacements(answers: Answers) -> dict[str, str]:
    """What stands for each marked text in a product of `answers`; the longest texts first."""
    pairs = {MARKED[name]: answers[name] for name in MARKED}
    pairs["zq_slug"] = answers["project_slug"].replace("-", "_")
    contact = answers["owner_contact"]
    pairs["mailto:zq@example.org"] = contact if "://" in contact else f"mailto:{contact}"
    return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


def contents(product: Path) -> dict[str, Any]:
    """What each file says to its parser, as lists, mappings and plain values."""
    return {name: plain(tree.parsed(path)) for name, path in tree.files(product).items()}


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

    expected = replaced(contents(tmp_path / "b"), {"zq-team": "null"})

    assert contents(tmp_path)["a.yaml"] != expected["a.yaml"]
