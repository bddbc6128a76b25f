"""Contracts and their consumers, as a team sees them: are they valid, whom does a change break?"""

import json
import re

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
    nowhere = own.folder.parent / "store"
    return lambda *words, store=nowhere: command("contract", *words, product=own, store=store)


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


@pytest.mark.parametrize("whole", [True, False], ids=["a whole product", "a part is missing"])
def test_what_is_left_to_decide_fails_the_check_once_no_part_is_missing(contract, own, edit, whole):
    edit("predictions", "description: Which shop.", "description: 'TODO: which shop'")
    if not whole:
        (own.contracts / "labels.yaml").unlink()

    answer = contract("check")

    assert (answer.code, "error[CT032]" in answer.err) == ((1, True) if whole else (0, False))
    assert "1 TODO left in the contracts, for people to decide\n" in answer.out + answer.err
    assert ("missing, the next one first: contracts/labels.yaml\n" in answer.out) is not whole


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

    answer = contract("diff")

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

    answer = contract("diff")

    assert answer.code == code
    assert ("predictions: removed\n    till" in answer.err) == bool(code)


CHANGES = {  # of a table: the change, its kind, the verdict
    "a tighter limit of a source": (
        ("sources/source", "minimum: 0, maximum: 2000", "minimum: 0, maximum: 120"),
        ("visitors: maximum was 2000, is 120", "tighter", "internal"),
    ),
    "a looser limit of a source": (
        ("sources/source", "minimum: 0, maximum: 20000", "minimum: 0, maximum: 30000"),
        ("takings: maximum was 20000, is 30000", "looser", "internal"),
    ),
    "a column that becomes required": (
        ("sources/source", "bought something.\n", "bought something.\n        required: true\n"),
        ("buyers: is required now", "tighter", "internal"),
    ),
    "a column that becomes unique": (
        ("sources/source", "bought something.\n", "bought something.\n        unique: true\n"),
        ("buyers: is unique now", "tighter", "internal"),
    ),
    "a promise that is loosened": (
        ("predictions", "value: 99.5,", "value: 99,"),
        ("availability was 99.5 percent, is 99 percent", "promises less", "breaking"),
    ),
    "a promise that is tightened": (
        ("predictions", "value: 99.5,", "value: 99.9,"),
        ("availability was 99.5 percent, is 99.9 percent", "promises more", "safe"),
    ),
    "a version that falls": (
        ("predictions", "version: 1.0.0", "version: 0.9.0"),
        ("the version was 1.0.0, is 0.9.0: it must not fall", None, "breaking"),
    ),
    "another meaning": (
        ("predictions", "Which shop.", "Which till."),
        ("shop: description was Which shop., is Which till.", None, "safe"),
    ),
}


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(("edited", "told"), CHANGES.values(), ids=CHANGES)
def test_each_change_is_told_apart(contract, edit, edited, told):
    edit(*edited)

    answer = contract("diff", "--format", "json")

    found = json.loads(answer.out)
    ((change,),) = (table["changes"] for table in found["tables"])
    assert (change["change"], change["kind"], change["verdict"]) == told
    assert (found["breaking"], answer.code) == (told[2] == "breaking", int(told[2] == "breaking"))


@pytest.mark.usefixtures("released")
def test_the_rows_that_a_change_would_refuse_are_shown(contract, edit, first_run):
    edit("sources/source", "minimum: 0, maximum: 2000", "minimum: 0, maximum: 120")

    answer = contract("diff", store=first_run.store)

    assert answer.code == 0
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines[:2] == [
        "source 1.0.0, delivered to this product",
        "internal visitors: maximum was 2000, is 120 (tighter)",
    ]
    assert re.fullmatch(r"\d+ of 10,848 rows would newly go to quarantine, e\.g\.", lines[2])
    assert all(re.fullmatch(r"shop \w+, opened_at [-: \d]+ \(1[2-9]\d\)", line) for line in lines[3:6])
    assert "together" in lines[6]
    assert lines[-1] == "no breaking changes since v1.0.0"


@pytest.mark.usefixtures("released")
def test_without_stored_rows_the_diff_says_so_and_not_that_there_are_none(contract, edit):
    edit("sources/source", "minimum: 0, maximum: 2000", "minimum: 0, maximum: 120")

    answer = contract("diff")

    assert "not measured: no version of it is stored here" in answer.out
    assert "0 of" not in answer.out


@pytest.mark.usefixtures("released")
def test_a_new_major_version_may_break_and_names_who_has_to_follow(contract, edit):
    edit("predictions", "version: 1.0.0", "version: 2.0.0")
    edit("predictions", "decision <>", "verdict <>")
    edit("predictions", "- name: decision\n", "- name: verdict\n")

    answer = contract("diff")

    assert answer.code == 0
    assert "predictions 1.0.0 -> 2.0.0, promised to consumers" in answer.out
    assert "new major  decision: removed\n             till (tills@example.com) reads decision" in answer.out
    assert "version 1: read by till (tills@example.com)" in answer.out


@pytest.mark.usefixtures("released")
def test_the_page_for_a_merge_request_is_appended_to_a_file(contract, edit, tmp_path):
    edit("predictions", "value: 3, unit: h", "value: 4, unit: h")
    (tmp_path / "summary.md").write_text("# before\n", encoding="utf-8")

    answer = contract("diff", "--format", "markdown", "--output", tmp_path / "summary.md")

    assert answer.code == 1
    assert "BREAKING   freshness was 3 h, is 4 h (promises less)" in answer.out
    page = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert page.startswith("# before\n### 1 breaking change since v1.0.0\n")
    change = "| **breaking** | freshness was 3 h, is 4 h (promises less) |"
    assert f"{change} till (tills@example.com) needs a freshness |" in page


@pytest.mark.usefixtures("released")
def test_a_folder_is_no_file_to_append_to(contract, tmp_path):
    answer = contract("diff", "--output", tmp_path)

    assert answer.code == 2
    assert "is a directory" in answer.err


@pytest.mark.usefixtures("released")
def test_any_tag_may_be_compared_with(contract, own, edit, git):
    home = own.folder.parent
    edit("predictions", "version: 1.0.0", "version: 1.1.0")
    git(home, "commit", "-q", "--all", "-m", "again")
    git(home, "tag", "trial-3")
    edit("predictions", "value: 3, unit: h", "value: 4, unit: h")

    answers = [contract("diff", "--against", tag) for tag in ("trial-3", "v1.0.0", "v1.0")]

    assert [answer.code for answer in answers] == [1, 1, 2]
    assert "predictions 1.1.0, promised" in answers[0].out
    assert "predictions 1.0.0 -> 1.1.0, promised" in answers[1].out
    assert "has no tag 'v1.0'\n\nhint: did you mean 'v1.0.0'?" in answers[2].err


def test_before_the_first_release_nothing_is_promised(contract, own, git):
    git(own.folder.parent, "init", "-q", "-b", "main")
    git(own.folder.parent, "commit", "-q", "--allow-empty", "-m", "first")

    answer = contract("diff", "--format", "json")

    assert (answer.code, json.loads(answer.out)["since"]) == (0, None)
