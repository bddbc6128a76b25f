# The template's file: edits here meet template updates (copier update merges them).
"""Features that know the future are refused by name, whatever way they look; the past is let through."""

import pytest

from << cookiecutter.__package >>.kit import leak, odcs, synth
from << cookiecutter.__package >>.kit.errors import ContractError

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


@pytest.fixture
def future_refused(engine, edited, tmp_path):
    """future_refused(sql, folder): does it go through, made from 1,000 rows of the source?"""

    source = odcs.load(edited(orders={"name": "source"}))

    def check(sql, folder=tmp_path):
        features = tmp_path / "features.yaml"
        features.write_text(FEATURES, encoding="utf-8")
        path = folder / "features.sql"
        path.write_text(sql, encoding="utf-8")
        engine.write(synth.sql(source, 1000), folder / "source.parquet")
        engine.read("source", folder / "source.parquet")
        made = engine.transform(path, folder / "made.parquet")
        leak.refuse_look_ahead(engine, path, folder / "source.parquet", odcs.load(features), made)

    return check


def feature(x, word="sku"):
    return f"select shop, ordered_at, {x} as x, {word} as word from source"


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
def test_a_feature_that_knows_rows_of_the_future_is_refused_by_name(future_refused, sql):
    with pytest.raises(
        ContractError, match=r"(?s)ML002.*features\.sql: features up to .*\n  x: \d+ rows\n\n"
    ) as error:
        future_refused(sql)

    assert "word" not in str(error.value)


def test_every_feature_that_looks_ahead_is_named_at_once(future_refused):
    with pytest.raises(ContractError, match=r"(?s)x: \d+ rows\n  word: \d+ rows\n"):
        future_refused(feature(f"lead(unit_price) {BY_SHOP})", f"lead(sku) {BY_SHOP})"))


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
def test_a_feature_that_only_knows_the_past_is_let_through(future_refused, sql, tmp_path):
    future_refused(sql)

    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == ["made.parquet", "source.parquet"]


def test_the_store_may_lie_in_a_folder_with_an_apostrophe(future_refused, tmp_path):
    folder = tmp_path / "Ann's store"
    folder.mkdir()

    future_refused(feature("unit_price"), folder)
