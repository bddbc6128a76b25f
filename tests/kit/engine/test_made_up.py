"""Made-up rows of sources that refer to each other join, and keep their contracts."""

import pytest

from datadevops.contract import odcs
from datadevops.engine import checks, made_up
from datadevops.errors import ContractError
from datadevops.testing import made_up as product_check

TABLE = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:{name}
name: {name}
version: 1.0.0
status: active
schema: [{{name: {name}, {of_table}properties: [{columns}]}}]
"""
SHOP = "{name: shop, logicalType: string, primaryKey: true, primaryKeyPosition: 1}"
TIME = "{name: at, logicalType: timestamp, primaryKey: true, primaryKeyPosition: 2}"
SHOPS = f"{SHOP}, {{name: city, logicalType: string, examples: [Bonn, Ulm]}}"


def referring(to, name="shop", **more):
    words = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{name: {name}, logicalType: string, relationships: [{{to: {to}}}]{words}}}"


@pytest.fixture
def sources(tmp_path):
    """sources(visits="{...}, {...}"): the contracts of sources with these columns."""
    (tmp_path / "sources").mkdir()

    def load(of_table="", **tables):
        for name, columns in tables.items():
            text = TABLE.format(name=name, columns=columns, of_table=of_table if name == "visits" else "")
            (tmp_path / "sources" / f"{name}.yaml").write_text(text)
        return odcs.load_sources(tmp_path)

    return load


@pytest.fixture
def joined(engine, tmp_path):
    """joined(contracts, table, column, rows): how many rows there are, how many refer to a row of the other
    table, and to how many values of it; its own rules are kept."""

    def make(contracts, table="visits", column="shop", rows=1000):
        other, _, to = next(c for c in contracts[table].columns if c.name == column).refers_to.partition(".")
        engine.keep("other", made_up.sql(engine, contracts, other, rows, seed=3))
        engine.keep(table, made_up.sql(engine, contracts, table, rows, seed=3))
        assert checks.split(engine, contracts[table], tmp_path, part=True).broken == {}
        found = f'"{column}" in (select "{to}" from other)'
        counts = f'count(*), count(*) filter (where {found}), count(distinct "{column}")'
        return engine.rows(f"select {counts} from {table}")[0]

    return make


WAYS = {
    "a column of the key, beside a time": f"{referring('shops.shop', primaryKey='true')}, {TIME}",
    "a column beside the key": "{name: id, logicalType: integer, primaryKey: true}, "
    + referring("shops.shop", required="true"),
}


@pytest.mark.parametrize("columns", WAYS.values(), ids=WAYS)
def test_each_row_refers_to_one_of_the_first_hundred_rows_of_the_other_table(sources, joined, columns):
    assert joined(sources(shops=SHOPS, visits=columns)) == (1000, 1000, 100)


EACH = {
    "the whole key": f"{referring('shops.shop', primaryKey='true')}, {{name: paid, logicalType: boolean}}",
    "a unique column": f"{{name: id, logicalType: integer, primaryKey: true}}, "
    f"{referring('shops.shop', unique='true', required='true')}",
}


@pytest.mark.parametrize("columns", EACH.values(), ids=EACH)
def test_where_each_row_needs_another_one_it_has_another_one(sources, joined, columns):
    assert joined(sources(shops=SHOPS, visits=columns)) == (1000, 1000, 1000)


@pytest.mark.parametrize("columns", EACH.values(), ids=EACH)
def test_there_are_no_more_rows_than_the_other_table_can_have(sources, joined, columns):
    few = "{name: shop, logicalType: string, primaryKey: true, enum: [{value: a}, {value: b}]}"

    assert joined(sources(shops=few, visits=columns)) == (2, 2, 2)


def test_the_statement_does_not_grow_with_the_values_that_are_referred_to(sources, engine):
    contracts = sources(shops=SHOPS, visits=EACH["the whole key"])

    few, many = (made_up.sql(engine, contracts, "visits", rows) for rows in (10_000, 90_000))

    assert len(few) == len(many)


def test_a_reference_may_be_null_and_keeps_the_rules_of_its_own_column(sources, joined):
    allowed = "[{value: '7'}, {value: '42'}, {value: closed}]"
    columns = f"{{name: id, logicalType: integer, primaryKey: true}}, {referring('shops.shop', enum=allowed)}"

    rows, found, different = joined(sources(shops=SHOPS, visits=columns))

    assert 900 < found < rows
    assert different == 2


def test_a_relationship_of_the_table_means_the_same_as_one_of_the_column(sources, joined):
    of_table = "relationships: [{from: visits.shop, to: shops.shop}], "

    assert joined(sources(of_table, shops=SHOPS, visits=f"{SHOP}, {TIME}")) == (1000, 1000, 100)


def test_references_go_on_from_table_to_table(sources, joined):
    contracts = sources(
        regions="{name: region, logicalType: string, primaryKey: true}",
        shops=referring("regions.region", primaryKey="true"),
        visits=f"{referring('shops.shop', primaryKey='true')}, {TIME}",
    )

    assert joined(contracts) == (1000, 1000, 100)
    assert joined(contracts, "shops") == (1000, 1000, 1000)


def test_a_table_on_the_way_may_have_another_reference_that_is_needed_further_on(sources, joined):
    person = "{name: id, logicalType: string, primaryKey: true}"
    contracts = sources(
        people=f"{person}, {referring('teams.id', 'team', required='true')}",
        teams=referring("places.id", "id", primaryKey="true"),
        places=f"{person}, {referring('people.team', 'rival')}",
        games=f"{referring('people.id', 'player', primaryKey='true')}, {TIME}",
    )

    assert joined(contracts, "games", "player") == (1000, 1000, 100)
    assert joined(contracts, "places", "rival")[1] > 900


@pytest.mark.parametrize("columns", [*WAYS.values(), *EACH.values()], ids=[*WAYS, *EACH])
def test_there_may_be_no_rows(sources, joined, columns):
    assert joined(sources(shops=SHOPS, visits=columns), rows=0) == (0, 0, 0)


def test_rows_may_refer_to_rows_of_their_own_table_and_two_tables_to_each_other(sources, joined):
    person = "{name: id, logicalType: string, primaryKey: true}"
    contracts = sources(
        people=f"{person}, {referring('people.id', 'boss')}, {referring('teams.id', 'team')}",
        teams=f"{person}, {referring('people.id', 'lead', required='true')}",
    )

    assert joined(contracts, "teams", "lead") == (1000, 1000, 100)
    assert joined(contracts, "people", "boss", rows=50)[1] > 40


def test_own_sql_of_a_column_wins_and_the_check_of_a_product_names_rows_that_refer_to_none(sources, tmp_path):
    hint = """[{property: synthetic, value: {sql: "'S' || _row"}}]"""
    columns = f"{referring('shops.shop', primaryKey='true', customProperties=hint)}, {TIME}"
    contracts = sources(shops=SHOPS, visits=columns)

    (told,) = product_check.broken_rules(contracts, "visits", tmp_path)

    assert told == "2,000 of 2,000 made-up rows: shop is in no row of shops that is made up"
    assert list(product_check.broken_rules(contracts, "shops", tmp_path)) == []


def test_without_a_value_that_keeps_its_rules_the_column_is_named_with_the_remedy(sources, engine):
    columns = f"{referring('shops.shop', primaryKey='true', enum='[{value: north}]')}, {TIME}"
    contracts = sources(shops=SHOPS, visits=columns)

    with pytest.raises(ContractError, match="CT007") as error:
        made_up.sql(engine, contracts, "visits", 10)

    assert "shop refers to shops.shop, and none of its 100 made-up values keeps" in error.value.message
    assert error.value.hint == "let `synthetic` or `examples` of shops.shop make some that do"


REFUSED = {
    "an unknown table": (
        {"visits": referring("shop.shop")},
        "shop refers to shop.shop: no source is 'shop', did",
    ),
    "an unknown column": (
        {"visits": referring("shops.shp")},
        "shops has no column 'shp', did you mean 'shop'?",
    ),
    "another type": (
        {"visits": "{name: shop, logicalType: integer, relationships: [{to: shops.shop}]}"},
        "shop refers to shops.shop: it is integer, and that is string",
    ),
    "itself": ({"visits": referring("visits.shop")}, "visits.shop -> visits.shop: each refers to the next"),
    "a circle": (
        {"visits": referring("stays.shop"), "stays": referring("visits.shop")},
        "visits.shop -> stays.shop",
    ),
}


@pytest.mark.parametrize(("tables", "told"), REFUSED.values(), ids=REFUSED)
def test_a_reference_that_no_row_could_keep_is_refused_when_contracts_are_loaded(sources, tables, told):
    with pytest.raises(ContractError, match="CT013") as error:
        sources(shops=SHOPS, **tables)

    assert told in error.value.message


def test_a_table_that_the_product_makes_has_no_references(sources, tmp_path):
    sources(shops=SHOPS)
    text = TABLE.format(name="features", columns=referring("shops.shop"), of_table="")
    (tmp_path / "features.yaml").write_text(text)

    with pytest.raises(ContractError, match="only sources are made up together; leave it out"):
        odcs.load_all(tmp_path)
