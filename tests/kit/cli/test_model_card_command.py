"""`model-card` fills the card of the team; changes of the champion by hand change the card in the store."""

import pytest

from datadevops.contract import odcs
from datadevops.models import card


@pytest.fixture
def home(tmp_path):
    """The folder of a product without a card."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "pyproject.toml").touch()
    return tmp_path / "home"


@pytest.fixture
def fill(command, product, home, monkeypatch, tmp_path):
    """fill(store): what the command says, with the home of this test."""

    def call(store=tmp_path / "empty"):
        monkeypatch.setenv(f"{product.prefix}HOME", str(home))
        return command("model-card", store=store)

    return call


def test_it_writes_a_card_with_the_contracts_where_there_is_no_model_yet(fill, product, home):
    answer = fill()

    text = (home / card.FILE).read_text(encoding="utf-8")
    assert answer.code == 0
    assert "written; it describes no model yet: `shop-forecast run` makes one" in answer.out
    assert card.of_contracts(odcs.load_all(product.contracts)) in text
    assert card.described(text) is None


def test_it_fills_in_the_champion_and_keeps_the_words_of_the_team(fill, home, ran):
    fill()
    path = home / card.FILE
    path.write_text(path.read_text() + "\nOur words.\n")

    first, again = fill(ran.store), fill(ran.store)

    text, champion = path.read_text(encoding="utf-8"), ran.facts["versions"]["champion"]
    assert first.out == f"{path}: written; it describes {champion}\n"
    assert again.out == f"{path}: nothing to change; it describes {champion}\n"
    assert card.described(text) == champion
    assert text.endswith("\nOur words.\n")


def test_a_store_without_champion_leaves_the_model_that_the_card_describes(fill, home, ran):
    fill(ran.store)
    before = (home / card.FILE).read_text()

    answer = fill()

    assert answer.code == 0
    assert (home / card.FILE).read_text() == before


def test_a_file_without_its_places_is_told_and_stays(fill, home):
    (home / card.FILE).parent.mkdir(parents=True)
    (home / card.FILE).write_text("# Ours\n")

    answer = fill()

    assert answer.code == 2
    assert "ML011" in answer.err
    assert "`shop-forecast model-card`" in answer.err
    assert (home / card.FILE).read_text() == "# Ours\n"


def test_a_run_says_where_the_card_is(command, ran):
    answer = command("run", store=ran.store)

    assert f"model card   {ran.store / card.IN_STORE}\n" in answer.out


def test_the_card_in_the_store_follows_a_champion_chosen_by_hand(command, ran_twice):
    before, now = ran_twice.facts["champion_before"], ran_twice.facts["versions"]["champion"]

    def described():
        return card.described((ran_twice.store / card.IN_STORE).read_text(encoding="utf-8"))

    found = [described()]
    command("models", "rollback", store=ran_twice.store)
    found.append(described())
    command("models", "promote", now, store=ran_twice.store)
    found.append(described())

    assert found == [now, before, now]
