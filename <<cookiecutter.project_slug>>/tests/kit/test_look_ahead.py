# The template's file: edits here meet template updates (copier update merges them).
"""No feature of this product knows the future; one that did would be found, whatever way it looks."""

import pytest

from << cookiecutter.__package >> import pipeline, settings
from << cookiecutter.__package >>.kit import odcs, synth
from << cookiecutter.__package >>.kit.predicates import literal

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


def looking_ahead(engine, sql, rows, features, folder):
    """{feature: rows of the past that change when the rows after a moment are taken away}."""
    engine.write(rows, folder / "source.parquet")
    engine.read("source", folder / "source.parquet")
    engine.read("whole", engine.transform(sql, folder / "whole.parquet"))
    ((cut,),) = engine.rows(f"select quantile_disc({features.time_key}, 0.5) from source")
    engine.write(f"from source where {features.time_key} <= {literal(cut)}", folder / "early.parquet")
    engine.read("source", folder / "early.parquet")
    engine.read("past", engine.transform(sql, folder / "past.parquet"))
    same = " and ".join(f'a."{key}" = b."{key}"' for key in features.keys)
    changed = ", ".join(f"count(*) filter (where {_differs(column)})" for column in features.measures)
    (found,) = engine.rows(
        f"select {changed} from whole as a left join past as b on {same}"
        f" where a.{features.time_key} <= {literal(cut)}"
    )
    return {c.name: n for c, n in zip(features.measures, found, strict=True) if n}


def _differs(column):
    a, b = f'a."{column.name}"', f'b."{column.name}"'
    close = f" and not coalesce(abs({a} - {b}) <= 1e-9 * (1 + abs({a})), false)"
    return f"{a} is distinct from {b}" + (close if column.type == "number" else "")


def test_the_features_of_this_product_do_not_look_ahead(engine, tmp_path):
    source = settings.contract("source")
    rows = synth.sql(source, 20_000)
    groups = ", ".join(["true", *(f'"{key}"' for key in source.keys if key != source.time_key)])
    many = f"select 1 from ({rows}) group by {groups} having count(*) > 1 limit 1"
    assert engine.rows(many), "each key has one time only, so nothing can be seen: let `synthetic` repeat it"

    found = looking_ahead(engine, pipeline.FEATURES, rows, settings.contract("features"), tmp_path)

    assert found == {}


@pytest.fixture
def found(engine, edited, tmp_path):
    """found(sql): the features that look ahead, made from 1,000 rows of orders."""
    source = odcs.load(edited(orders={"name": "source"}))
    (tmp_path / "features.yaml").write_text(FEATURES, encoding="utf-8")
    features = odcs.load(tmp_path / "features.yaml")

    def look(sql):
        (tmp_path / "features.sql").write_text(sql, encoding="utf-8")
        return looking_ahead(engine, tmp_path / "features.sql", synth.sql(source, 1000), features, tmp_path)

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
