"""Which columns a column is made from, and which decide about the rows; read from the SQL alone."""

import pytest
import sqlglot

from datadevops.engine import lineage

SCHEMA = {
    "sales": {"shop": "TEXT", "day": "TIMESTAMP", "boxes": "INTEGER", "price": "DOUBLE", "paid": "BOOLEAN"},
    "shops": {"shop": "TEXT", "area": "DOUBLE", "open": "BOOLEAN"},
}
DIRECT = {
    "a column": ("select boxes as x from sales", {"sales.boxes"}),
    "an expression": ("select boxes * price as x from sales", {"sales.boxes", "sales.price"}),
    "a step before": ("with a as (select boxes * 2 as b from sales) select b as x from a", {"sales.boxes"}),
    "a star": ("with a as (select * from sales) select a.* rename (price as x) from a", {"sales.price"}),
    "two sides of a union": (
        "select boxes as x from sales union all select area from shops",
        {"sales.boxes", "shops.area"},
    ),
    "a joined table": ("select area as x from sales join shops using (shop)", {"shops.area"}),
    "a table that a step hides": (
        "with shops as (select boxes from sales) select boxes as x from shops",
        {"sales.boxes"},
    ),
    "a constant": ("select 1 as x from sales", set()),
}
ROLES = {
    "where": ("select boxes from sales where paid", {("sales.paid", "FILTER")}),
    "where, in a step": (
        "with a as (select boxes, paid as p from sales) select boxes from a where p",
        {("sales.paid", "FILTER")},
    ),
    "where, of a column that is also a value": (
        "select paid from sales where paid",
        {("sales.paid", "FILTER")},
    ),
    "having": (
        "select shop from sales group by shop having sum(boxes) > 1",
        {("sales.shop", "GROUP_BY"), ("sales.boxes", "FILTER")},
    ),
    "qualify": (
        "select shop from sales qualify row_number() over (partition by shop order by day) = 1",
        {("sales.shop", "WINDOW"), ("sales.day", "WINDOW")},
    ),
    "the value of a window": (
        "select lag(boxes) over (order by day) as x from sales",
        {("sales.day", "WINDOW")},
    ),
    "join": (
        "select area from sales join shops on sales.shop = shops.shop and open",
        {("sales.shop", "JOIN"), ("shops.shop", "JOIN"), ("shops.open", "JOIN")},
    ),
    "a joined subquery": (
        "select b.area from sales join (select shop, area from shops) as b on b.shop = sales.shop",
        {("sales.shop", "JOIN"), ("shops.shop", "JOIN")},
    ),
    "a subquery in a filter": (
        "select boxes from sales where shop in (select shop from shops where open)",
        {("sales.shop", "FILTER"), ("shops.shop", "FILTER"), ("shops.open", "FILTER")},
    ),
    "order": ("select boxes from sales order by day limit 1", {("sales.day", "SORT")}),
    "nothing": ("select boxes from sales", set()),
    "a filter that nothing uses": (
        "with a as (select shop from shops where open), b as (select boxes from sales) select boxes from b",
        set(),
    ),
}


def lineage_of(sql):
    return lineage.of(sqlglot.parse_one(sql, read="duckdb"), SCHEMA)


@pytest.mark.parametrize(("sql", "made_from"), DIRECT.values(), ids=DIRECT)
def test_a_column_knows_the_columns_it_is_made_from(sql, made_from):
    assert {".".join(base) for base in lineage_of(sql).columns["x"]} == made_from


COPIES = {
    "a column": ("select boxes as x from sales", ("sales.boxes", False)),
    "through steps, a star and a cast": (
        "with a as (select boxes as b from sales), c as (select * from a) select b::double as x from c",
        ("sales.boxes", False),
    ),
    "a group": ("select shop as x from sales group by shop", ("sales.shop", False)),
    "of a joined table": (
        "select s.area as x from sales join shops as s using (shop)",
        ("shops.area", False),
    ),
    "of one that may lack": (
        "select s.area as x from sales left join shops as s using (shop)",
        ("shops.area", True),
    ),
    "of the one that it is joined to": (
        "select a.boxes as x from sales as a left join sales as b on a.day > b.day",
        ("sales.boxes", False),
    ),
    "of a right join": (
        "select boxes as x from sales right join shops on sales.shop = shops.shop",
        ("sales.boxes", True),
    ),
    "of a full join": (
        "select boxes as x from sales full join shops on sales.shop = shops.shop",
        ("sales.boxes", True),
    ),
    "what tables are joined by": (
        "select shop as x from shops left join sales using (shop)",
        ("shops.shop", False),
    ),
    "one that may lack, else another": (
        "select coalesce(shops.area, price) as x from sales left join shops using (shop)",
        ("shops.area", False),
    ),
    "a null replaced": ("select coalesce(boxes, 0) as x from sales", None),
    "of a step that may lack": (
        "with a as (select * from shops) select area as x from sales left join a on a.shop = sales.shop",
        ("shops.area", True),
    ),
    "of a left join in a step": (
        "with a as (select area as b from sales left join shops using (shop)) select b as x from a",
        ("shops.area", True),
    ),
    "of a step that reads no table": ("select b.x from sales as a, lateral (select a.boxes as x) as b", None),
    "an expression": ("select boxes + 1 as x from sales", None),
    "an expression in a step": ("with a as (select -boxes as b from sales) select b as x from a", None),
    "a sum": ("select sum(boxes) as x from sales", None),
    "a window": ("select lag(boxes) over (order by day) as x from sales", None),
    "two sides of a union": ("select boxes as x from sales union all select area from shops", None),
    "a constant": ("select 1 as x from sales", None),
}


@pytest.mark.parametrize(("sql", "copied"), COPIES.values(), ids=COPIES)
def test_a_column_that_is_one_of_a_table_as_it_is_is_known_as_that(sql, copied):
    found = lineage.copied(sqlglot.parse_one(sql, read="duckdb"), SCHEMA)

    assert {name: (".".join(copy.base), copy.optional) for name, copy in found.items()} == (
        {"x": copied} if copied else {}
    )


@pytest.mark.parametrize(("sql", "roles"), ROLES.values(), ids=ROLES)
def test_columns_that_decide_about_rows_are_known_by_what_they_do(sql, roles):
    found = lineage_of(sql).rows

    assert {(".".join(base), kind) for base, kinds in found.items() for kind in kinds} == roles


@pytest.mark.parametrize(
    "sql", ["select columns('b.*') from sales", "select length(s::varchar) as x from sales as s"]
)
def test_columns_that_are_read_without_their_name_are_told(sql):
    assert lineage_of(sql).whole
    assert not lineage_of("select boxes from sales").whole


def test_the_statement_itself_stays_as_it_is():
    tree = sqlglot.parse_one("select * from sales", read="duckdb")

    lineage.of(tree, SCHEMA)

    assert tree.sql("duckdb") == "SELECT * FROM sales"
