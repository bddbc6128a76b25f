"""What has changed since a tag: of each table that is new, gone or another."""

import pytest

from datadevops.diff import compared
from datadevops.product import Settings


@pytest.fixture
def since(own, git):
    """since("v1.0.0"): the facts about the product, which was released as v1.0.0."""
    home = own.folder.parent
    git(home, "init", "-q", "-b", "main")
    git(home, "add", "--all")
    git(home, "commit", "-q", "-m", "as released")
    git(home, "tag", "v1.0.0")
    settings = Settings(home, home / "store", None, None, "duckdb", local=True)
    return lambda tag: compared.since(own, settings, tag)


def test_each_table_that_changed_says_why_its_rows_were_not_measured_and_no_other_is_there(own, since):
    features = own.contracts / "features.yaml"
    source = (own.contracts / "sources" / "source.yaml").read_text(encoding="utf-8")
    new = own.contracts / "sources" / "tills.yaml"
    new.write_text(source.replace("- name: source\n", "- name: tills\n"), encoding="utf-8")
    features.write_text(features.read_text(encoding="utf-8").replace("Which shop.", "Which till."))
    (own.contracts / "labels.yaml").unlink()

    found = since("v1.0.0")

    assert {each["table"]: each["rows"]["why_not"] for each in found["tables"]} == {
        "features": "no version of it is stored here",
        "labels": "the contract is gone",
        "tills": "the contract is new",
    }


def test_without_a_change_there_are_no_tables_and_nothing_is_broken(since):
    assert since("v1.0.0") == {"since": "v1.0.0", "breaking": False, "tables": []}
