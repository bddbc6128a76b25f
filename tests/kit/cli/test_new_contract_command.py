"""What a user sees when a contract is drafted: where it is, what is left to decide, what is refused."""

import shutil

import pytest

from datadevops.contract import odcs

CSV = "shop,opened_at,Fare $\nnorth,2025-01-01T00:00:00Z,1.5\nsouth,2025-01-01T00:00:00Z,2\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "new-flights.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_a_contract_is_drafted_under_the_name_of_the_file_and_the_file_passes_check(command, own, file):
    answer = command("new-contract", file, product=own)
    written = own.contracts / "sources" / "new_flights.yaml"

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(
        f"{written}: drafted from 2 rows, which all keep it. Decide, in this order:\n"
    )
    assert "\n 1. Key: what is one row one of? Guess: shop" in answer.out
    assert answer.out.endswith(f"Then: shop-forecast check {file} --contract new_flights\n")
    assert odcs.load(written).location == str(file)


def test_the_command_to_paste_has_a_file_with_blanks_in_quotes(command, own, file):
    spaced = file.rename(file.with_name("PC Sales (new).csv"))

    answer = command("new-contract", spaced, "--name", "sales", product=own)

    assert answer.out.endswith(f"Then: shop-forecast check '{spaced}' --contract sales\n")


def test_the_file_passes_check_at_once(command, own, file):
    command("new-contract", file, "--name", "flights", product=own)

    answer = command("check", file, "--contract", "flights", product=own)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("flights v1.0.0: 2 rows, 0 of them bad")


def test_the_draft_carries_the_answers_and_a_path_from_the_product_s_folder(
    command, own, homes, tmp_path, monkeypatch, file
):
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    (home / ".copier-answers.yml").write_text(
        'org: "acme"\nowner_team: "flight-data"\nowner_contact: "a@b.example"\n'
    )
    shutil.copy(file, home / "data" / "new.csv")
    monkeypatch.setenv("SHOP_FORECAST_HOME", str(home))

    command("new-contract", home / "data" / "new.csv", "--name", "flights", product=own)
    contract = odcs.load(own.contracts / "sources" / "flights.yaml")

    assert contract.location == "data/new.csv"
    assert (contract.owner, contract.contact) == ("flight-data", "mailto:a@b.example")
    assert "id: 'urn:acme:shop-forecast:flights'\n" in contract.path.read_text(encoding="utf-8")


REFUSED = {
    "a reserved name": ("labels", "'labels' is reserved"),
    "an illegal name": ("new flights", "'new flights' cannot be a name"),
    "the name of a contract": ("source", "there is a table 'source' already: "),
    "the name of a transform": ("features", "'features' is reserved"),
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_is_taken_or_not_allowed_is_refused_and_nothing_is_written(
    command, own, file, name, reason
):
    before = {path: path.read_bytes() for path in own.folder.rglob("*") if path.is_file()}

    answer = command("new-contract", file, "--name", name, product=own)

    assert answer.code == 2
    assert f"error[CT020] {reason}" in answer.err
    assert "new-contract FILE --name TABLE" in answer.err
    assert {path: path.read_bytes() for path in own.folder.rglob("*") if path.is_file()} == before


def test_nothing_is_written_over_a_file(command, own, file):
    command("new-contract", file, "--name", "flights", product=own)
    written = own.contracts / "sources" / "flights.yaml"
    written.write_text("mine")

    answer = command("new-contract", file, "--name", "flights", product=own)

    assert answer.code == 2
    assert f"there is a table 'flights' already: {written}" in answer.err
    assert written.read_text() == "mine"


def test_of_a_wide_file_only_the_columns_that_are_named_are_drafted_and_their_key(command, own, file):
    answer = command("new-contract", file, "--columns", "Fare $", "--key", "shop", product=own)
    written = own.contracts / "sources" / "new_flights.yaml"

    assert (answer.code, answer.err) == (0, "")
    assert [column.name for column in odcs.load(written).columns] == ["shop", "fare"]

    written.unlink()
    command("new-contract", file, "--columns", "shop, fare", product=own)

    assert [column.name for column in odcs.load(written).columns] == ["shop", "fare"]
    assert f"# Drafted from 2 columns of {file}, all of whose 2 rows kept it" in written.read_text("utf-8")
    assert command("check", file, "--contract", "new_flights", product=own).code == 0


def test_rows_that_only_the_missing_columns_tell_apart_are_not_called_wrong(command, own, file):
    file.write_text(f"{CSV}south,2025-01-02T00:00:00Z,2\n", encoding="utf-8")

    answer = command("new-contract", file, "--columns", "shop,Fare $", product=own)

    assert "Key: there is none, as 1 row repeated another one. Which column is missing?" in answer.out


def test_a_column_that_the_file_does_not_have_is_refused_with_the_nearest(command, own, file):
    answer = command("new-contract", file, "--columns", "shop,opened", product=own)

    assert answer.code == 2
    assert "error[CT022] the file has no column 'opened', did you mean 'opened_at'?" in answer.err
    assert not (own.contracts / "sources" / "new_flights.yaml").exists()


@pytest.mark.parametrize("table", ["features", "predictions"])
def test_the_columns_of_what_a_product_makes_are_those_of_its_sql(command, own, table):
    answer = command("new-contract", table, "--columns", "shop", product=own)

    assert answer.code == 2
    assert "--columns is for a FILE: what SQL makes, its select says" in answer.err


FAULTS = {
    "no file": (None, "DQ001"),
    "no rows": ("a,b\n", "DQ003"),
    "a line too short": ("a,b\n1,2\n3\n", "DQ004"),
    "two columns of one name": ("a,A\n1,2\n", "DQ004"),
    "a row in place of names": ("2025-01-01,north\n2025-01-02,south\n", "DQ004"),
}


@pytest.mark.parametrize(("text", "error"), FAULTS.values(), ids=FAULTS)
def test_a_file_that_cannot_be_used_is_told_and_leaves_nothing_behind(command, own, tmp_path, text, error):
    if text is not None:
        (tmp_path / "x.csv").write_text(text)

    answer = command("new-contract", tmp_path / "x.csv", product=own)

    assert answer.code == 2
    assert f"error[{error}]" in answer.err
    assert str(tmp_path / "x.csv") in answer.err
    assert list(own.contracts.rglob("x.yaml")) == []
    assert (own.contracts / "sources").exists() == bool(list(own.contracts.glob("sources/*")))
