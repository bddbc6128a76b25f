"""Names that a contract does not allow get others, each its own."""

import pytest

from datadevops.drafts import names

NAMES = {
    "as it is": ("PassengerId", "PassengerId"),
    "a sign": ("Fare $", "fare"),
    "percent": ("Humidity (%)", "humidity_pct"),
    "accents": ("Année de départ", "annee_de_depart"),
    "a digit in front": ("2024 sales", "column_1_2024_sales"),
    "a low line in front": ("_id", "id"),
    "no letter": ("温度", "column_1"),
    "a name of the quarantine": ("broken_rules", "broken_rules_2"),
    "a line end": ("a\nb", "a_b"),
    "blanks": ("  ", "column_1"),
}


@pytest.mark.parametrize(("there", "here"), NAMES.values(), ids=NAMES)
def test_a_name_becomes_a_letter_then_letters_digits_and_low_lines(there, here):
    assert names.columns([there]) == {there: here}


def test_two_names_that_become_one_get_numbers():
    assert names.columns(["Fare $", "Fare €", "FARE"]) == {
        "Fare $": "fare_2",
        "Fare €": "fare_3",
        "FARE": "FARE",
    }


def test_the_file_keeps_its_name_as_the_physical_name(csv):
    found = csv(header=["Fare $", '"a: b"'], one=["1.5", "2"], two=["x", "y"])

    assert found.contract.physical_names == {"fare": "Fare $", "a_b": "a: b"}
    assert "'Fare $' is fare" in found.decisions


def test_a_name_that_is_a_word_of_sql_is_announced(csv):
    drafted = csv(order=["1", "2"], lambda_=["1", "2"], left=["1", "2"], price=["3", "4"])

    assert "`order`, `left` are words of SQL: write them in double quotes there." in drafted.decisions
    assert "a word of SQL: write it in double quotes" in drafted.comment("name: order")
    assert drafted.comment("name: price") == ""
