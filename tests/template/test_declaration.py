"""cookiecutter.json is whole, and copier.yml is made from it."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

import bake
import make_copier_yml
from declaration import DECLARED, ROOT, choices, free_texts, keeps, questions

OPTIONAL = {path for only in DECLARED["_only_if"].values() for paths in only.values() for path in paths}


def label(name: str) -> dict[str, str]:
    prompt = DECLARED["__prompts__"][name]
    return prompt if isinstance(prompt, dict) else {"__prompt__": prompt}


@pytest.mark.parametrize("name", questions())
def test_a_question_says_what_is_asked_and_what_each_choice_means(name: str) -> None:
    assert label(name)["__prompt__"].strip()
    assert set(label(name)) - {"__prompt__"} == set(choices().get(name, []))


@pytest.mark.parametrize("name", free_texts())
def test_a_free_text_has_a_rule_that_its_default_and_its_example_keep(name: str, baked: Path) -> None:
    answers = yaml.safe_load((baked / ".copier-answers.yml").read_text(encoding="utf-8"))
    message = DECLARED["_rules"][name]["message"]
    example = message.partition("; type for example: ")[2]

    assert message.startswith(f"{name} must ")
    assert keeps(name, answers[name])
    assert keeps(name, example)


def test_a_rule_is_for_a_question() -> None:
    assert set(DECLARED["_rules"]) == set(free_texts())


def test_defaults_made_from_other_answers_are_known_to_the_hook() -> None:
    made = {name: value for name, value in questions().items() if "<<" in value}

    assert made == DECLARED["_derived"]


def test_the_answers_that_a_product_keeps_are_choices_that_files_depend_on() -> None:
    assert set(DECLARED["_fixed"]) <= set(choices()) & set(DECLARED["_only_if"])


def test_no_question_has_a_name_that_yaml_reads_as_yes_or_no() -> None:
    assert [name for name in questions() if not isinstance(yaml.safe_load(name), str)] == []


@pytest.mark.parametrize("path", [*DECLARED["_yours"], *sorted(OPTIONAL)])
def test_a_declared_path_is_in_the_product_tree(path: str) -> None:
    assert list((ROOT / bake.TREE).glob(path))


def test_optional_paths_stand_below_answers_that_can_be_given() -> None:
    offered = choices()

    for name, only in DECLARED["_only_if"].items():
        for answer in only:
            assert answer in offered[name] if name in offered else keeps(name, answer)


def test_copier_never_has_to_ask_for_trust() -> None:
    """Tasks, migrations and extensions run code of the template's: --trust, in every update."""
    unsafe = {"_tasks", "_migrations", "_jinja_extensions"}
    declared = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))

    assert declared["_min_copier_version"]
    assert unsafe & set(declared) == set()
    # Data of a file inside the product needs no trust; of any other it would.
    assert declared["_external_data"] == {"recorded": ".copier-answers.yml"}


@pytest.mark.parametrize("hook", ["pre_gen_project.py", "post_gen_project.py"])
def test_a_hook_can_be_read_on_one_screen(hook: str) -> None:
    assert len((ROOT / "hooks" / hook).read_text(encoding="utf-8").splitlines()) <= 90


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The declaration, the tree, what is made from them and the tool that makes it; no more."""
    for name in ("cookiecutter.json", "copier.yml", "tools/make_copier_yml.py", "tools/update_guards.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(
        ROOT / bake.TREE, tmp_path / bake.TREE, ignore=shutil.ignore_patterns("vendor", "*cache*")
    )
    return tmp_path


def make(repository: Path, *arguments: str) -> tuple[int, str]:
    done = bake.run(sys.executable, "tools/make_copier_yml.py", *arguments, cwd=repository)
    return done.returncode, done.stdout


def change_default(repository: Path) -> None:
    path = repository / "cookiecutter.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"org": "acme"', '"org": "globex"'),
        encoding="utf-8",
    )


def test_copier_yml_is_up_to_date(repository: Path) -> None:
    assert make(repository, "--check") == (0, "")


def test_a_stale_copier_yml_is_shown_as_a_diff_and_left_alone(repository: Path) -> None:
    before = (repository / "copier.yml").read_bytes()
    change_default(repository)

    code, diff = make(repository, "--check")

    assert code == 1
    assert "\n-  default: acme\n+  default: globex\n" in diff
    assert (repository / "copier.yml").read_bytes() == before


def test_a_missing_copier_yml_is_stale(repository: Path) -> None:
    (repository / "copier.yml").unlink()

    assert make(repository, "--check")[0] == 1
    assert not (repository / "copier.yml").exists()


def test_a_new_file_of_the_team_makes_copier_yml_stale(repository: Path) -> None:
    """Without its line there, copier would bring it back to a team that deleted it, or merge into it."""
    (repository / bake.TREE / "ops" / "runbooks" / "New.md").touch()

    code, diff = make(repository, "--check")

    assert code == 1
    assert "'/ops/runbooks/New.md'" in diff


def test_copier_yml_is_made_anew(repository: Path) -> None:
    change_default(repository)

    assert make(repository) == (0, "")
    assert make(repository, "--check") == (0, "")


def test_an_unknown_argument_is_refused(repository: Path) -> None:
    assert make(repository, "--chekc")[0] == 2


@pytest.mark.parametrize("text", [r"^\d+\\$", "it's", '"', r"\'", "a'b\"c\\", "é 😀"])
def test_a_pattern_reaches_copier_letter_by_letter(text: str) -> None:
    literal = make_copier_yml.quoted(text)

    assert Environment().compile_expression(literal)() == text


def test_all_names_of_the_declaration_are_known_to_the_generator() -> None:
    """A new kind of key must be handled on purpose, not forgotten."""
    known = {"__prompts__", "_ignored", "_only_if", "_derived", "_jinja2_env_vars", "_rules"}
    known |= {"_yours", "_fixed", "_left_to_teams"}
    known.add("_copy_without_render")  # cookiecutter is sooner done; copier renders them unchanged
    made = {name: value for name, value in DECLARED.items() if name.startswith("__")}
    computed = {name for name, value in made.items() if isinstance(value, str)}

    assert {name for name in DECLARED if name.startswith("_")} == known | computed
