"""Both engines, driven as a person does: at a terminal of 80 columns."""

import shutil
from pathlib import Path
from typing import Any

import pexpect
import pytest

import bake
import tree
from declaration import DECLARED, choices, questions

ENTER, CLEAR_LINE, DOWN = "\r", "\x15", "\x1b[B"
SECONDS = 15
FIRST = next(iter(questions()))


def at_terminal(program: str, *arguments: str | Path, cwd: Path) -> Any:
    return pexpect.spawn(
        bake.command(program),
        [str(argument) for argument in arguments],
        cwd=str(cwd),
        # No terminal is there to tell its cursor's place: do not wait for it.
        env=bake.environment(PWD=str(cwd), TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1"),
        encoding="utf-8",
        timeout=SECONDS,
        dimensions=(50, 80),
    )


def cookiecutter(template: Path, folder: Path, **typed: str) -> tuple[int, str]:
    """Answer every question, by Enter where nothing is to be typed: exit code, last output."""
    terminal = at_terminal("cookiecutter", template, cwd=folder)
    for number, name in enumerate(questions(), start=1):
        terminal.expect_exact(f"[{number}/{len(questions())}]")
        terminal.expect(r"\)(\x1b\[0m)?: ")
        terminal.send(typed.get(name, "") + ENTER)
    return finish(terminal)


def copier(template: Path, folder: Path) -> Any:
    """A terminal at copier's first question."""
    terminal = at_terminal("copier", "copy", template, "rain-forecast", cwd=folder)
    at_question(terminal, FIRST)
    return terminal


def at_question(terminal: Any, name: str) -> None:
    """Wait until copier asks the question and takes keys."""
    prompt = DECLARED["__prompts__"][name]
    asked = prompt if isinstance(prompt, str) else prompt["__prompt__"]
    terminal.expect_exact(asked[:60])
    terminal.expect_exact("\x1b[?7h")  # it wraps lines again: the whole question is drawn


def answer_from(terminal: Any, first: str) -> tuple[int, str]:
    """Enter at copier's question `first` and at each one after it."""
    names = list(questions())
    for name in names[names.index(first) :]:
        if name != first:
            at_question(terminal, name)
        terminal.send(ENTER)
    return finish(terminal)


def finish(terminal: Any) -> tuple[int, str]:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus, terminal.before


def test_enter_at_every_prompt_of_cookiecutter_bakes_the_defaults(
    template: Path, tmp_path: Path, baked: Path
) -> None:
    code, output = cookiecutter(template, tmp_path)

    assert (code, "uv run rain-forecast run" in output) == (0, True)
    assert tree.differences(tree.snapshot(tmp_path / baked.name), tree.snapshot(baked)) == []


def test_enter_at_every_prompt_of_copier_bakes_the_defaults(
    template: Path, tmp_path: Path, baked: Path
) -> None:
    code, output = answer_from(copier(template, tmp_path), FIRST)

    assert (code, "uv run rain-forecast run" in output) == (0, True)
    assert tree.differences(tree.snapshot(tmp_path / baked.name), tree.snapshot(baked)) == []


def test_cookiecutter_lists_bad_answers_after_the_last_question_and_leaves_nothing(
    template: Path, tmp_path: Path
) -> None:
    code, output = cookiecutter(template, tmp_path, project_slug="../rain", org="acme!")

    assert code == 1
    assert "project_slug must be two or more lower-case words" in output
    assert "given: '../rain'" in output
    assert "given: 'acme!'" in output
    assert list(tmp_path.iterdir()) == []


def test_copier_answers_a_bad_answer_with_an_example_and_asks_again(template: Path, tmp_path: Path) -> None:
    terminal = copier(template, tmp_path)
    terminal.send(ENTER)
    at_question(terminal, "project_name")

    terminal.send(CLEAR_LINE + "x" + ENTER)
    terminal.expect_exact("type for example: Rain Forecast")
    terminal.send(CLEAR_LINE + "Rain & Wind" + ENTER)
    at_question(terminal, "project_slug")
    terminal.send(CLEAR_LINE + "Rain" + ENTER)
    terminal.expect_exact("type for example: rain-forecast")
    terminal.send(CLEAR_LINE + "rain-and-wind" + ENTER)
    at_question(terminal, "description")

    code, output = answer_from(terminal, "description")
    assert (code, "uv run rain-and-wind run" in output) == (0, True)


def test_in_an_update_a_choice_that_drops_files_cannot_be_selected(baked: Path, tmp_path: Path) -> None:
    product = shutil.copytree(baked, tmp_path / baked.name)
    bake.commit(product, "as baked")
    terminal = at_terminal("copier", "update", cwd=product)
    terminal.timeout = (
        10 * SECONDS
    )  # it renders what was before the first question, and merges after the last
    for name in list(questions())[: list(questions()).index("ci")]:
        at_question(terminal, name)
        terminal.send(ENTER)

    at_question(terminal, "ci")
    assert "drops files" in terminal.before
    terminal.send(DOWN)
    code, _ = answer_from(terminal, "ci")

    assert code == 0
    assert 'ci: "github"' in (product / ".copier-answers.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", choices())
def test_a_choice_is_made_by_number_in_cookiecutter(name: str, template: Path, tmp_path: Path) -> None:
    last = len(DECLARED[name])

    assert cookiecutter(template, tmp_path, **{name: str(last)})[0] == 0

    (product,) = tmp_path.iterdir()
    answers = (product / ".copier-answers.yml").read_text(encoding="utf-8")
    assert f'{name}: "{DECLARED[name][-1]}"\n' in answers


def test_a_choice_is_made_by_arrow_keys_in_copier_and_its_meaning_is_shown(
    template: Path, tmp_path: Path
) -> None:
    terminal = copier(template, tmp_path)
    names = list(questions())
    for name in names[1 : names.index("license") + 1]:
        terminal.send(ENTER)
        at_question(terminal, name)

    terminal.send(DOWN)
    terminal.expect_exact(DECLARED["__prompts__"]["license"]["Apache-2.0"])
    terminal.send(ENTER)
    at_question(terminal, "kit_index")

    assert answer_from(terminal, "kit_index")[0] == 0
    assert (tmp_path / "rain-forecast" / "LICENSE").exists()
