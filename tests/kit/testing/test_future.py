"""No feature of a product knows the future; one that did would be found, whatever way it looks."""

import pytest

from datadevops.contract import odcs, synthetic
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


def as_source(contract):
    return contract.model_copy(update={"path": contract.path.parent / "sources" / contract.path.name})


@pytest.fixture
def found(engine, edited, tmp_path):
    """found(sql): the features that look ahead, made from 1,000 rows of orders."""
    source = odcs.load(edited(orders={"name": "source"}))
    (tmp_path / "features.yaml").write_text(FEATURES, encoding="utf-8")
    features = odcs.load(tmp_path / "features.yaml")

    def look(sql):
        (tmp_path / "features.sql").write_text(sql, encoding="utf-8")
        steps = graph.statements(tmp_path, ["source"], ["features"])
        rows = {"source": synthetic.sql(source, 1000)}
        return future.looking_ahead(engine, steps, {"source": source}, rows, features, tmp_path)

    return look


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
