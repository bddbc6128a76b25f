"""A bad answer is refused by both engines, with its rule, before a file is written."""

import keyword
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.exceptions import FailedHookException, UndefinedVariableInTemplate
from cookiecutter.main import cookiecutter
from copier import run_copy
from jinja2 import TemplateError

import bake
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
    "the kit": "datadevops-kit",
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
REFUSED_INDEXES = {
    "another word": "vendor",
    "a path": "/srv/packages",
    "no encryption": "http://packages.example.org/simple/",
    "a user": "https://me@packages.example.org/simple/",
    "a user and a password": "https://me:secret@packages.example.org/simple/",
    "a token in the query": "https://packages.example.org/simple/?token=secret",
    "a fragment": "https://packages.example.org/simple/#sha256",
    "no host": "https:///simple/",
    "a blank": "https://packages.example.org/my simple/",
    "a quote": 'https://packages.example.org/"simple/',
    "an apostrophe": "https://packages.example.org/'simple/",
    "a newline": "https://packages.example.org/simple/\n",
    "300 characters": f"https://packages.example.org/{'simple' * 50}",
    "nothing": "",
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
        "kit_index": REFUSED_INDEXES,
    }
    return [
        pytest.param(name, text, id=f"{name}-{what}")
        for name, texts in by_name.items()
        for what, text in texts.items()
    ]


@pytest.fixture(scope="module")
def template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with the answers as its only file, in a folder that is no repository: copier would clone
    one for every bad answer."""
    folder = tmp_path_factory.mktemp("unversioned") / template.name
    for name in ("cookiecutter.json", "copier.yml", "hooks", f"{bake.TREE}/.copier-answers.yml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (template / name).is_dir() else shutil.copy
        copy(template / name, folder / name)
    return folder


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
    "Prévision Pluie": "prevision-pluie",
    "Gehälter: der Spieler": "gehaelter-der-spieler",
    "Größe Üben Öl": "groesse-ueben-oel",
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

    run_copy(str(template), tmp_path / "two", data={"project_name": name}, defaults=True, quiet=True)
    answers = (tmp_path / "two" / ".copier-answers.yml").read_text(encoding="utf-8")
    assert f'project_slug: "{slug}"\n' in answers


def test_no_slug_hides_a_keyword_or_a_standard_module() -> None:
    words = [*keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names]
    slugs = {*words, *(word.replace("_", "-") for word in words)}

    assert [slug for slug in slugs if keeps("project_slug", slug)] == []


NO_TEXT = {
    "org: ": "null",
    "org: on": "true",
    "org: 007": "7",
    "project_name: 2024.10": "2024.1",
    "project_slug: [rain-forecast, rain-now]": '["rain-forecast", "rain-now"]',
    "description: {what: rain}": '{"what": "rain"}',
}


@pytest.mark.parametrize(("line", "shown"), NO_TEXT.items(), ids=NO_TEXT)
def test_an_answer_that_yaml_does_not_read_as_text_is_refused_by_name(
    line: str, shown: str, template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`default_context` of cookiecutter's settings, and a replayed bake."""
    (tmp_path / "settings.yaml").write_text(f"default_context:\n  {line}\n", encoding="utf-8")
    settings = {"config_file": str(tmp_path / "settings.yaml"), "output_dir": str(tmp_path / "out")}

    with pytest.raises(FailedHookException):
        cookiecutter(str(template), no_input=True, **settings)

    error = capfd.readouterr().err
    assert DECLARED["_rules"][line.partition(":")[0]]["message"] in error
    assert f"given: {shown}, which is not text; write it in quotes" in error
    assert "Traceback" not in error
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("value", [None, True, 7, 2024.1], ids=str)
def test_copier_refuses_it_by_name_too(value: object, template: Path, tmp_path: Path) -> None:
    with pytest.raises((ValueError, TypeError), match=r"question .?org|org must be text: write it in quotes"):
        run_copy(str(template), tmp_path / "out", data={"org": value}, defaults=True, quiet=True)

    assert left_in(tmp_path / "out") == []
