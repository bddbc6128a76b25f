"""Rows without a time are split by units, and the report says what that means."""

import shutil
from dataclasses import replace

import pytest
from sklearn.ensemble import RandomForestRegressor

import house_prices
import shop_forecast.model
from datadevops.contract import odcs, target
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import ContractError
from datadevops.reports import page
from datadevops.service import example, request
from datadevops.service.serving import Serving
from house_prices import houses, model
from runs import rows, run_into

PRODUCT = house_prices.PRODUCT


@pytest.fixture(scope="module")
def sold(tmp_path_factory):
    return houses.write(tmp_path_factory.mktemp("houses") / "houses.parquet")


@pytest.fixture(scope="module")
def run(sold, tmp_path_factory):
    return run_into(PRODUCT, tmp_path_factory.mktemp("without-time") / "store", sold)


def held_out(run, columns):
    (file,) = run.store.glob("models/*/holdout.parquet")
    return rows(f"select {columns} from '{file}'")


def test_the_gate_draws_units_and_passes(run):
    checks = {check["name"]: check for check in run.facts["gate"]}

    assert all(check["passed"] for check in checks.values())
    assert checks["units to evaluate on"]["figure"] == str(run.facts["model"]["units"])
    assert {"skill in old", "skill in new", "skill in harbour"} <= checks.keys()


def test_the_model_card_says_how_many_outcomes_lie_in_their_interval(run):
    covered, checks = run.facts["model"]["coverage"], {each["name"]: each for each in run.facts["gate"]}
    text = (run.store / "model-card.md").read_text(encoding="utf-8")

    assert covered.keys() == {"all", "old", "new", "harbour"}
    assert f"{covered['all']:.4f}" == checks["outcomes in their 90 % interval"]["figure"]
    for group, share in covered.items():
        number = run.facts["model"]["skill"][group]["rows"]
        assert f"| {group} | {number:,} | {share:.4f} |" in text


def test_no_unit_is_in_two_slices(run):
    ((units, count, whole),) = held_out(run, "count(distinct owner), count(*), 4 * count(distinct owner)")

    assert count == whole == run.facts["model"]["rows"]["newest"]
    assert units == run.facts["model"]["units"]
    assert 0.2 < units / 600 < 0.3


def test_the_report_says_that_nothing_is_known_of_the_future(run):
    page = " ".join((run.store / "report.html").read_text(encoding="utf-8").split())

    units, count = run.facts["model"]["units"], run.facts["model"]["rows"]["newest"]
    assert (
        f"Split by owner: {units} units, {count} rows never seen. This says nothing about the future" in page
    )
    assert "held out: evaluation only" in page


def test_predictions_have_no_newest_row(run):
    assert run.facts["newest"] is None


def test_a_key_may_be_an_input_too(run):
    assert list(run.facts["model"]["inputs"]) == ["district", "area_m2", "rooms"]
    assert "district" in run.facts["drift"]


def test_a_request_is_answered(run):
    contracts = odcs.load_all(PRODUCT.contracts)
    models = Serving(PRODUCT, run.store, contracts["features"], target.of(contracts))
    models.look()

    asked = request.Reader(contracts["features"]).read(example.body(contracts["features"]))
    ((answer),) = models.champion.kind.predict(
        models.champion.score(models.champion.matrix(asked)), models.champion.scorer.output
    )

    assert models.refused == ""
    assert answer.low <= answer.value <= answer.high
    assert models.newest is None


def test_without_a_unit_each_row_is_one(sold, tmp_path, monkeypatch):
    monkeypatch.delattr(model, "SPLIT_BY")

    facts = run_into(PRODUCT, tmp_path / "store", sold).facts
    about, printed = facts["model"], page.rendered("run.txt", **facts)

    assert about["split_by"] == ["owner", "district", "number"]
    assert about["units"] == about["rows"]["newest"]
    assert (
        "warning: each owner has 4 rows on average: if the owner of new rows was never seen before" in printed
    )


@pytest.mark.parametrize("unit", [None, "owner"])
def test_a_unit_that_is_given_or_given_up_is_not_asked_for(sold, tmp_path, monkeypatch, unit):
    monkeypatch.setattr(model, "SPLIT_BY", unit)

    assert run_into(PRODUCT, tmp_path / "store", sold).facts["doubts"] == []


@pytest.mark.parametrize(("before", "then"), [(None, "owner"), ("owner", None)])
def test_a_champion_of_another_split_does_not_keep_an_honest_model_from_use(
    sold, tmp_path, monkeypatch, before, then
):
    """The champion remembers each house that it has learnt, also one that is held out now."""
    monkeypatch.setattr(model, "fit", RandomForestRegressor(30, random_state=0).fit)

    own = replace(PRODUCT, at=shutil.copytree(PRODUCT.folder, tmp_path / "own" / PRODUCT.package))

    def run(unit):
        monkeypatch.setattr(model, "SPLIT_BY", unit)
        (own.folder / "model.py").write_text(f"SPLIT_BY = {unit!r}")  # other code, other versions
        return run_into(own, tmp_path / "store", sold).facts

    champion, facts = run(before)["versions"]["champion"], run(then)

    checks = {check["name"]: check for check in facts["gate"]}
    assert checks["skill against the champion"]["figure"] == "not compared"
    assert facts["champion_before"] == champion != facts["versions"]["champion"]


def test_more_rows_leave_each_unit_in_its_slice(run, sold, tmp_path):
    more = tmp_path / "more.parquet"
    with DuckDB() as engine:
        engine.read("sold", sold)
        engine.write("from sold union all (select * replace (owner + 600 as owner) from sold)", more)
    before = {owner for (owner,) in held_out(run, "distinct owner")}

    again = run_into(PRODUCT, tmp_path / "store", more)

    after = {owner for (owner,) in held_out(again, "distinct owner")}
    assert {owner for owner in after if owner < 600} == before


WRONG = {
    "SPLIT_BY": ("rooms", "SPLIT_BY is 'rooms', which is not a column of the key; name one of owner"),
    "HORIZON": (1, "HORIZON is given, but the key has no time"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_rows_without_time_is_refused(sold, tmp_path, monkeypatch, name):
    value, message = WRONG[name]
    monkeypatch.setattr(model, name, value, raising=False)

    with pytest.raises(ContractError, match=f"(?s)ML002.*{message}"):
        run_into(PRODUCT, tmp_path / "store", sold)


def test_rows_with_a_time_are_not_split_by_units(forecast, shorter, tmp_path, monkeypatch):
    monkeypatch.setattr(shop_forecast.model, "SPLIT_BY", "shop", raising=False)

    with pytest.raises(ContractError, match=r"(?s)ML002.*SPLIT_BY is for rows without time"):
        run_into(forecast, tmp_path / "store", shorter)
