"""The model card: what contracts and champion say, in the places that the team left for it."""

import re
from types import SimpleNamespace

import pytest

import house_prices
import shop_crowds
import shop_forecast
from datadevops.contract import odcs
from datadevops.errors import ContractError
from datadevops.models import card
from datadevops.store import aliases
from datadevops.store.versions import Store

KINDS = {
    house_prices.PRODUCT: "A number in EUR, with a 90 % interval |",
    shop_crowds.PRODUCT: "One of ",
    shop_forecast.PRODUCT: "Yes or no |",
}


def tables(text):
    """The cells of each row that is a row of a table."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]


@pytest.mark.parametrize(("product", "words"), KINDS.items(), ids=lambda each: getattr(each, "package", ""))
def test_it_says_what_is_predicted_from_what_and_whom_to_ask(product, words):
    contracts = odcs.load_all(product.contracts)

    text = card.of_contracts(contracts)

    assert words in text
    assert contracts["predictions"].purpose in text
    (label,) = (column for column in contracts["labels"].columns if column.name == "label")
    assert label.description in text
    assert f"| owner | {contracts['predictions'].owner}, " in text
    named = {row[0] for row in tables(text)}
    assert {column.name for column in contracts["features"].inputs} <= named
    assert {contract.name for contract in contracts.values() if contract.is_source} <= named


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("People who come", "People who come. A number"),
        ("People who come.", "People who come. A number"),
        ("How many come?", "How many come? A number"),
    ],
)
def test_what_is_predicted_is_two_sentences(said, shown):
    contracts = odcs.load_all(house_prices.PRODUCT.contracts)
    labels = contracts["labels"]
    columns = tuple(
        each.model_copy(update={"description": said}) if each.name == "label" else each
        for each in labels.columns
    )

    text = card.of_contracts(contracts | {"labels": labels.model_copy(update={"columns": columns})})

    assert f"| what is predicted | {shown} in EUR" in text


def test_text_of_a_contract_breaks_no_table(own):
    path = own.contracts / "features.yaml"
    text = path.read_text().replace("description: Air temperature", "description: A|B <!-- x --> temperature")
    path.write_text(text)

    found = card.of_contracts(odcs.load_all(own.contracts))

    assert "A\\|B &lt;!-- x --> temperature" in found


@pytest.fixture
def champion(first_run):
    return aliases.require(Store(first_run.store / "models"), "champion")


def test_it_has_the_figures_and_the_skill_of_the_champion_by_group_with_intervals(champion):
    facts = champion.facts
    rows = tables(card.of_champion(champion))

    figures = {(row[0], row[1]): row[2:] for row in rows if len(row) == 7}
    for group in ("all", "market", "north", "station"):
        for name in ("candidate", "persistence", "climatology"):
            shown = figures[group, "this model" if name == "candidate" else name]
            assert shown == [f"{value:.4f}" for value in facts["figures"][group][name].values()]
    skills = {(row[0], row[2]): row for row in rows if len(row) == 5}
    value, low, high = facts["skill"]["north"]["over"]["persistence"]
    assert low < value < high
    assert skills["north", "persistence"][3:] == [f"{value:+.4f}", f"{low:+.4f} to {high:+.4f}"]
    assert (
        sum(facts["skill"][shop]["rows"] for shop in ("market", "north", "station"))
        == (facts["skill"]["all"]["rows"])
    )


def test_the_skill_of_all_rows_is_the_one_that_the_gate_has_judged(champion, first_run):
    gate = {check["name"]: check["figure"] for check in first_run.facts["gate"]}

    for name, (_, low, high) in champion.facts["skill"]["all"]["over"].items():
        assert gate[f"skill over {name}"] == f"{low:+.4f} .. {high:+.4f}"


def test_it_names_version_estimator_data_and_the_limits_of_the_gate(champion, first_run):
    text = card.of_champion(champion)
    sources = first_run.facts["sources"]["source"]

    assert f"| version | `{champion.id}` |" in text
    assert "| estimator | HistGradientBoostingClassifier |" in text
    assert "| from 2025-01-01 to 2025-05-31 |" in text
    assert f"| source | shops.parquet | 10,848 | 2 | `{sources['sha256'][:12]}` |" in text
    assert "| calibration error | 0.1 |" in text
    assert "- No input alone comes near to deciding" in text


DOUBTS = {
    "suspicious": ({"buyers": 0.91}, "- buyers alone has a skill of 0.910."),
    "acknowledged": ({"buyers": "is known before"}, "- Acknowledged: buyers, is known before."),
    "constant": (["promotion"], "- promotion has one value only"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_it_does_not_hide_what_looks_too_good_to_be_true(champion, doubt):
    value, words = DOUBTS[doubt]

    text = card.of_champion(SimpleNamespace(id=champion.id, facts={**champion.facts, doubt: value}))

    assert words in text
    assert "No input alone" not in text


def test_the_same_inputs_give_the_same_card_on_another_day(champion, second_run):
    models = Store(second_run.store / "models")

    again = models.open(champion.id)

    assert card.of_champion(again) == card.of_champion(champion)


def test_a_run_writes_the_card_of_the_champion_into_the_store(first_run, champion):
    text = (first_run.store / card.IN_STORE).read_text(encoding="utf-8")

    assert card.described(text) == champion.id
    assert "| temperature_c | number" in text


TEAM = "# Ours\n\nWords.\n{contracts}\nMore | words.\n\n{champion}\nThe end.\n"


def written():
    """A file of a team, its places still empty."""
    text = card.new(shop_forecast.PRODUCT)
    places = re.findall(r"<!-- (\w+): .*? -->\n<!-- end of \w+ -->", text)
    assert places == ["contracts", "champion"]
    return TEAM.format(
        **{
            place: f"<!-- {place}: `model-card` fills this place -->\n<!-- end of {place} -->"
            for place in places
        }
    )


def test_what_the_team_wrote_stays():
    text = card.filled(card.filled(written(), card.CONTRACTS, "one"), card.CHAMPION, "two\n\n")

    without = re.sub(r"(fills this place -->\n)\w+\n", r"\1", text)

    assert "-->\none\n<!--" in text
    assert "-->\ntwo\n<!--" in text
    assert without == written()
    assert card.filled(text, card.CHAMPION, "two") == text


BROKEN = {
    "no place": ("<!-- champion: `model-card` fills this place -->\n", "", 0),
    "no end": ("<!-- end of champion -->", "", 0),
    "a second one": (
        "The end.",
        "<!-- champion: `model-card` fills this place -->\n<!-- end of champion -->",
        2,
    ),
}


@pytest.mark.parametrize(("old", "new", "count"), BROKEN.values(), ids=BROKEN)
def test_a_file_without_its_places_is_an_error_that_shows_them(old, new, count):
    text = written().replace(old, new)

    with pytest.raises(ContractError, match=rf"ML011.*has {count} places .* the champion") as error:
        card.filled(text, card.CHAMPION, "two")

    assert "<!-- end of champion -->" in str(error.value)
