"""Both engines render the same product: the same paths, modes and bytes."""

from pathlib import Path

import pytest

import bake
import tree
from declaration import ALL_COMBINATIONS_UP_TO, Answers, answer_sets, choices


def written_by_both(template: Path, folder: Path, **answers: object) -> list[str]:
    """Where the two engines' products differ."""
    one, two = (engine(template, folder / engine.__name__, **answers) for engine in bake.ENGINES)
    return tree.differences(tree.snapshot(one), tree.snapshot(two))


@pytest.mark.parametrize("answers", answer_sets(), ids=lambda answers: "-".join(answers.values()))
def test_the_two_engines_render_the_same_bytes(template: Path, tmp_path: Path, answers: Answers) -> None:
    assert written_by_both(template, tmp_path, **answers) == []


def test_a_file_with_foreign_line_ends_is_seen_as_a_difference(own_template: Path, tmp_path: Path) -> None:
    target = own_template / bake.TREE / "NOTES"
    target.write_bytes(b"one\r\ntwo\r\n")
    (own_template / ".gitattributes").unlink()
    bake.commit(own_template, "a file with CRLF", tag="v1.0.1")

    assert written_by_both(own_template, tmp_path) == ["NOTES: bytes"]


def test_a_condition_that_only_one_engine_knows_is_seen_as_a_difference(
    own_template: Path, tmp_path: Path
) -> None:
    path = own_template / "copier.yml"
    old = "<< '' if license in ['Apache-2.0', 'MIT'] else '/LICENSE' >>"
    new = old.replace(" in ", " not in ")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    bake.commit(own_template, "a flipped condition", tag="v1.0.1")

    assert written_by_both(own_template, tmp_path) == ["LICENSE: only in the second"]


def test_another_mode_or_an_empty_folder_is_a_difference(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.sh").write_text("true\n")
    (tmp_path / "one" / "run.sh").chmod(0o644)
    (tmp_path / "two" / "run.sh").chmod(0o755)
    (tmp_path / "two" / "empty").mkdir()

    found = tree.differences(tree.snapshot(tmp_path / "one"), tree.snapshot(tmp_path / "two"))

    assert found == ["empty: only in the second", "run.sh: mode 644 and 755"]


def test_few_choices_are_all_combined() -> None:
    few = {"a": ["1", "2", "3", "4"], "b": ["1", "2", "3"]}

    assert len(answer_sets(few)) == 12


def test_many_choices_are_combined_in_pairs() -> None:
    many = {letter: ["1", "2", "3"] for letter in "abcd"}
    seen = {(a, row[a], b, row[b]) for row in answer_sets(many) for a in many for b in many}

    assert len(answer_sets(many)) < ALL_COMBINATIONS_UP_TO
    assert len(seen) == 4 * 3 + 4 * 3 * 9, "each choice with each other choice"


def test_every_choice_is_baked_at_least_once() -> None:
    baked = {(name, value) for row in answer_sets() for name, value in row.items()}

    assert baked == {(name, value) for name, values in choices().items() for value in values}
