"""No feature of a product knows the future; one that did would be found, whatever way it looks."""

import pytest

from datadevops.contract import odcs, synthetic
from datadevops.contract.kinds import duration
from datadevops.engine import graph
from datadevops.testing import future

FEATURES = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:features
name: Features
version: 1.0.0
status: active
schema:
  - name: features
    properties:
      - {name: shop, logicalType: string, required: true, primaryKey: true}
      - {name: ordered_at, logicalType: timestamp, required: true, primaryKey: true}
      - {name: x, logicalType: number}
      - {name: word, logicalType: string}
"""


def test_the_features_of_a_product_do_not_look_ahead(forecast, tmp_path):
    contracts = odcs.load_all(forecast.contracts)

    assert list(future.faults(forecast, contracts, tmp_path)) == []


def test_made_up_rows_of_one_time_each_show_nothing_and_say_so(forecast, edited, tmp_path):
    contracts = odcs.load_all(forecast.contracts)
    contracts["source"] = as_source(
        odcs.load(edited(orders={"name": "source"}, order_id={"primaryKey": True, "primaryKeyPosition": 3}))
    )

    (message,) = future.faults(forecast, contracts, tmp_path)

    assert "each made-up key has one time only" in message


def test_features_that_made_up_rows_do_not_give_show_nothing_and_say_so(own, tmp_path):
    sql = (own.transforms / "features.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
    (own.transforms / "features.sql").write_text(f"select * from ({sql}) where false", encoding="utf-8")

    (message,) = future.faults(own, odcs.load_all(own.contracts), tmp_path)

    assert "features.sql: made-up rows give no row, so nothing is tested" in message


def without_key_time(contract):
    """The contract with its time beside the key."""
    columns = [c.model_copy(update={"key": c.key and c.type != "timestamp"}) for c in contract.columns]
    return contract.model_copy(update={"columns": tuple(columns)})


def test_a_source_whose_time_is_beside_its_key_shows_nothing_and_says_so(forecast, tmp_path):
    contracts = odcs.load_all(forecast.contracts)
    contracts["source"] = without_key_time(contracts["source"])

    (message,) = future.faults(forecast, contracts, tmp_path)

    assert "source.yaml: no time is in the key, but opened_at beside it, so nothing can be tested" in message
    assert "the custom property availableAfter, PT0S" in message


def test_so_does_one_beside_a_source_with_a_time_if_the_features_read_it(own, edited, tmp_path):
    contracts = odcs.load_all(own.contracts)
    contracts["orders"] = without_key_time(as_source(odcs.load(edited())))
    features = own.transforms / "features.sql"

    unread = list(future.faults(own, contracts, tmp_path))
    text = features.read_text(encoding="utf-8").replace(
        "from past", "from past, (select max(boxes) from orders)"
    )
    features.write_text(text, encoding="utf-8")
    told = list(future.faults(own, contracts, tmp_path))

    assert unread == []
    assert [each.partition(": ")[2][:48] for each in told] == [
        "no time is in the key, but ordered_at, shipped_at"[:48]
    ]


def test_sources_without_any_time_show_nothing_and_say_so(forecast, tmp_path):
    contracts = odcs.load_all(forecast.contracts)
    source = contracts["source"]
    columns = tuple(column for column in source.columns if column.type != "timestamp")
    contracts["source"] = source.model_copy(update={"columns": columns})

    (message,) = future.faults(forecast, contracts, tmp_path)

    assert "no source has a time, so nothing can be tested" in message


def as_source(contract):
    return contract.model_copy(update={"path": contract.path.parent / "sources" / contract.path.name})


@pytest.fixture
def found(engine, edited, tmp_path):
    """found(sql): the features that look ahead, made from 1,000 rows of orders; `later`: when rows of the
    same source by the name `prices` are known; `beside`: its time is not in its key."""
    source = odcs.load(edited(orders={"name": "source"}))
    (tmp_path / "features.yaml").write_text(FEATURES, encoding="utf-8")
    features = odcs.load(tmp_path / "features.yaml")

    def look(sql, later=None, beside=False):
        (tmp_path / "features.sql").write_text(sql, encoding="utf-8")
        sources = {"source": source} | ({"prices": known_after(source, later)} if later is not None else {})
        rows = {name: synthetic.sql(contract, 1000) for name, contract in sources.items()}
        if beside:
            sources["prices"] = without_key_time(sources["prices"])
        steps = graph.statements(tmp_path, sources, ["features"])
        return future.looking_ahead(engine, steps, sources, rows, features, tmp_path)

    return look


def known_after(contract, later):
    """The contract as a source whose rows are known so long after their time."""
    columns = [
        each.model_copy(update={"available_after": later}) if each.name == contract.time_key else each
        for each in contract.columns
    ]
    return as_source(contract.model_copy(update={"columns": tuple(columns)}))


def feature(x):
    return f"select shop, ordered_at, {x} as x, sku as word from source"


BY_SHOP = "over (partition by shop order by ordered_at"
AHEAD = {
    "the next value": feature(f"lead(unit_price) {BY_SHOP})"),
    "a window around the row": feature(
        f"avg(unit_price) {BY_SHOP} rows between 3 preceding and 1 following)"
    ),
    "an hour ahead": feature(
        f"max(unit_price) {BY_SHOP} range between current row and interval 1 hour following)"
    ),
    "the average of all time": feature("unit_price - avg(unit_price) over ()"),
    "the rank in all time": feature("percent_rank() over (order by unit_price)"),
    "the last time there is": feature("date_diff('hour', ordered_at, max(ordered_at) over ())"),
    "a total by subquery": feature("unit_price / (select sum(unit_price) from source)"),
    "how often a word comes": feature("count(*) over (partition by sku)"),
    "a join to the hour after": """
        select a.shop, a.ordered_at, b.unit_price as x, a.sku as word from source as a
        left join source as b on a.shop = b.shop and b.ordered_at = a.ordered_at + interval 1 hour""",
}


@pytest.mark.parametrize("sql", AHEAD.values(), ids=AHEAD)
def test_a_feature_that_knows_rows_of_the_future_is_found(found, sql):
    assert list(found(sql)) == ["x"]


PAST = {
    "the row itself": feature("unit_price"),
    "the value before": feature(f"lag(unit_price) {BY_SHOP})"),
    "a rolling average": feature(f"avg(unit_price) {BY_SHOP} rows between 9 preceding and current row)"),
    "hours that are past": feature(
        f"sum(unit_price) {BY_SHOP} range between interval 6 hour preceding and current row)"
    ),
    "all that was until now": feature(f"row_number() {BY_SHOP})"),
    "a join to the hour before": """
        select a.shop, a.ordered_at, b.unit_price as x, a.sku as word from source as a
        left join source as b on a.shop = b.shop and b.ordered_at = a.ordered_at - interval 1 hour""",
}


@pytest.mark.parametrize("sql", PAST.values(), ids=PAST)
def test_a_feature_that_only_knows_the_past_is_let_through(found, sql):
    assert found(sql) == {}


JOIN = """
    select source.shop, source.ordered_at, prices.unit_price as x, source.sku as word from source
    {how} left join prices on prices.shop = source.shop and prices.ordered_at {when}"""
EARLY = {
    "of the same hour": ("", "= source.ordered_at", "PT1H"),
    "of the same hour, a few minutes too early": ("", "= source.ordered_at", "PT5M"),
    "of an hour that is known after two": ("", "= source.ordered_at - interval 1 hour", "PT2H"),
    "the newest one there is": ("asof", "<= source.ordered_at", "PT1H"),
    "of the day before, known after a week": ("asof", "<= source.ordered_at - interval 1 day", "P1W"),
}


@pytest.mark.parametrize("beside", [False, True], ids=["in the key", "beside the key"])
@pytest.mark.parametrize(("how", "when", "later"), EARLY.values(), ids=EARLY)
def test_a_row_that_is_joined_before_it_is_known_is_found(found, how, when, later, beside):
    assert list(found(JOIN.format(how=how, when=when), duration(later), beside)) == ["x"]


IN_TIME = {
    "at once": ("", "= source.ordered_at", "PT0S"),
    "of the hour before": ("", "= source.ordered_at - interval 1 hour", "PT1H"),
    "the newest one that is known": ("asof", "<= source.ordered_at - interval 2 hour", "PT2H"),
}


@pytest.mark.parametrize("beside", [False, True], ids=["in the key", "beside the key"])
@pytest.mark.parametrize(("how", "when", "later"), IN_TIME.values(), ids=IN_TIME)
def test_sql_that_waits_until_rows_are_known_is_let_through(found, how, when, later, beside):
    assert found(JOIN.format(how=how, when=when), duration(later), beside) == {}


def test_a_product_whose_features_do_not_wait_for_a_source_is_told_which_one(forecast, tmp_path):
    contracts = odcs.load_all(forecast.contracts)
    contracts["source"] = known_after(contracts["source"], duration("PT1H"))

    told = list(future.faults(forecast, contracts, tmp_path))

    assert len(told) == len(contracts["features"].measures)
    assert told[0].endswith("changes with rows of the future, or of source before they are known")
