"""What a draft left for people to decide is named, wherever a contract would pass for finished."""

import pytest

from datadevops.contract import todos

TEXTS = {
    "      - name: price\n        description: 'TODO: what it is, in which unit'\n": (
        2,
        "price",
        "TODO: what it is, in which unit",
    ),
    "  - {server: delivered}  # TODO: where deliveries are stored\n": (
        1,
        "",
        "TODO: where deliveries are stored",
    ),
    "      # TODO promise more\n": (1, "", "TODO promise more"),
    "  name: TODO\n": (1, "", "TODO"),
    "  - {channel: a, url: 'mailto:TODO@example.com'}\n": (1, "", "TODO@example.com"),
}
NONE = [
    "        enum: [{value: TODO}, {value: DONE}]\n",
    "        examples: [TODO, DONE]\n",
    "        description: Each entry of the TODO list.\n",
    "# Drafted from people.csv; what only people know is a TODO.\n",
]


@pytest.fixture
def left(own):
    """Write a text at the end of the contract of the source, and leave it as a comment of it."""
    path = own.contracts / "sources" / "source.yaml"

    def append(text):
        path.write_text(text, encoding="utf-8")
        return [(each.line, each.name, each.text) for each in todos.left(own.contracts)]

    return append


@pytest.mark.parametrize("text", TEXTS)
def test_a_todo_is_found_by_line_and_column(left, text):
    assert left(text) == [TEXTS[text]]


@pytest.mark.parametrize("text", NONE)
def test_a_value_and_a_sentence_about_todos_are_none(left, text):
    assert left(text) == []


@pytest.fixture
def undecided(own):
    """A product whose features still have a word of their draft."""
    path = own.contracts / "features.yaml"
    text = path.read_text(encoding="utf-8") + "# TODO: how many versions stay\n"
    path.write_text(text, encoding="utf-8")
    return own, f"{own.package}/contracts/features.yaml:{text.count(chr(10))}: "


def test_a_check_of_the_contracts_fails_by_a_todo_of_a_whole_product(undecided, command):
    own, place = undecided

    answer = command("contract", "check", product=own)

    assert answer.code == 1
    assert answer.out.startswith("valid: ")
    assert "error[CT032] 1 TODO left in the contracts" in answer.err
    assert place in answer.err
    assert "TODO: how many versions stay" in answer.err


def test_a_check_counts_todos_while_parts_are_missing_and_passes(undecided, command):
    own, place = undecided
    (own.contracts / "labels.yaml").unlink()

    answer = command("contract", "check", product=own)

    assert (answer.code, answer.err) == (0, "")
    assert "1 TODO left in the contracts, for people to decide\n" in answer.out
    assert place not in answer.out


@pytest.mark.parametrize("words", ["model-card", "describe"])
def test_what_copies_the_words_of_a_contract_warns_of_a_todo(
    undecided, words, command, monkeypatch, tmp_path
):
    own, _ = undecided
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "pyproject.toml").touch()
    monkeypatch.setenv(f"{own.prefix}HOME", str(tmp_path / "home"))

    answer = command(words, product=own)

    assert answer.code == 0
    assert "warning: 1 TODO left in the contracts" in answer.err
    assert f"`{own.command} contract check` names them" in answer.err
