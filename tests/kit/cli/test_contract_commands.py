"""Contracts and their consumers, as a team sees them: are they valid, whom does a change break?"""

import pytest
import yaml

TILL = {
    "team": "tills",
    "contact": "tills@example.com",
    "reads": [
        {
            "table": "predictions",
            "version": 1,
            "columns": {"shop": "string", "decision": "boolean"},
            "freshness": {"value": 3, "unit": "h"},
        }
    ],
}


@pytest.fixture
def declare(own):
    def write(content):
        (own.contracts / "consumers").mkdir(exist_ok=True)
        (own.contracts / "consumers" / "till.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")

    return write


@pytest.fixture
def edit(own):
    """edit(table, old, new): a text of its contract replaced."""

    def replace(table, old, new):
        path = own.contracts / f"{table}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def contract(command, own, monkeypatch):
    """contract("check"): a command about the contracts of the copy."""
    monkeypatch.setenv(f"{own.prefix}HOME", str(own.folder.parent))
    return lambda *words: command("contract", *words, product=own)


@pytest.fixture
def released(own, git, declare):
    """The product, released as v1.0.0, and one commit more."""
    declare(TILL)
    home = own.folder.parent
    git(home, "init", "-q", "-b", "main")
    git(home, "add", "--all")
    git(home, "commit", "-q", "-m", "as released")
    git(home, "tag", "v1.0.0")
    git(home, "commit", "-q", "--allow-empty", "-m", "later")


def test_the_check_says_who_reads_what(contract, declare):
    declare(TILL)

    answer = contract("check")

    assert answer.code == 0
    assert "predictions version 1: read by till (tills@example.com)" in answer.out


def test_the_check_refuses_a_consumer_of_what_is_not_promised(contract, declare, edit):
    declare(TILL)
    edit("predictions", "value: 3, unit: h", "value: 4, unit: h")

    answer = contract("check")

    assert answer.code == 2
    assert "till.yaml: predictions.freshness: 3 h is needed, and 4 h is promised" in answer.err


def test_a_run_does_not_begin_with_a_consumer_that_cannot_be_read(command, own, declare):
    declare({"team": "tills"})

    answer = command("run", product=own)

    assert answer.code == 2
    assert "error[CT030]" in answer.err


def test_a_new_consumer_makes_nothing_again(own, declare):
    from datadevops.release import code_sha256

    before = code_sha256(own)
    declare(TILL)

    assert code_sha256(own) == before


def test_a_table_may_be_called_as_a_consumer(command, own, declare, sample):
    declare(TILL)

    answer = command("new-contract", sample, "--name", "till", product=own)

    assert answer.code == 0
    assert (own.contracts / "sources" / "till.yaml").exists()


@pytest.mark.usefixtures("released")
def test_the_gate_names_who_breaks_and_by_what(contract, edit):
    edit("predictions", "- name: decision\n", "- name: verdict\n")
    edit("predictions", "decision <>", "verdict <>")
    where = "The decision is yes from this probability on, 0 to 1.\n        logicalType: number\n"
    edit("predictions", f"{where}        required: true", where.rstrip())

    answer = contract("breaking")

    assert answer.code == 1
    assert "predictions: decision: removed\n    till (tills@example.com) reads decision" in answer.err
    assert "predictions: threshold: may be null now\n    no declared consumer reads threshold" in answer.err


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(("status", "code"), [("active", 1), ("deprecated", 0)])
def test_a_contract_may_go_after_a_release_said_so(contract, own, edit, git, status, code):
    home = own.folder.parent
    edit("predictions", "status: active", f"status: {status}")
    git(home, "commit", "-q", "--all", "--allow-empty", "-m", "an end")
    git(home, "tag", "v1.1.0")
    (own.contracts / "predictions.yaml").unlink()
    git(home, "commit", "-q", "--all", "-m", "the end")

    answer = contract("breaking")

    assert answer.code == code
    assert ("predictions: removed\n    till" in answer.err) == bool(code)
