"""Features that use the outcome are refused by name; an unused column does no harm."""

import pytest

from datadevops.contract import odcs
from datadevops.engine import graph
from datadevops.errors import ContractError
from datadevops.models import leak


@pytest.fixture
def source(edited):
    """The contract of orders as a source; `returned` is known only after the outcome."""
    return odcs.load(edited(orders={"name": "source"}))


@pytest.fixture
def outcome_refused(source, tmp_path):
    """outcome_refused(sql) raises if the SQL uses the outcome."""

    def check(sql, source=source):
        path = tmp_path / "features.sql"
        path.write_text(sql, encoding="utf-8")
        found = graph.statements(tmp_path, [source.name], ["features"])
        leak.refuse_after_outcome(found, {source.name: source})

    return check


def feature(x, rows="source"):
    """SQL of features that differ only in `x` and in the rows they are made from."""
    return f"select shop, ordered_at, {x} as x, sku as word from {rows}"


LEAKS = {
    "the column itself": feature("returned::int"),
    "a star": "select *, returned::int as x, sku as word from source",
    "an alias": feature("t.returned::int", "source as t"),
    "capitals": feature("RETURNED::int", "SOURCE"),
    "an expression": feature("case when returned then 1 else 0 end"),
    "a step before": "with a as (select *, not returned as kept from source) " + feature("kept::int", "a"),
    "a subquery": feature("r::int", "(select *, returned as r from source)"),
    "the values of a window": feature("lag(returned::int) over (order by ordered_at, shop)"),
    "the filter of a window": feature("count(*) filter (where returned) over (partition by shop)"),
    "the partition of a window": feature("count(*) over (partition by returned)"),
    "the order of a window": feature("row_number() over (order by returned, ordered_at, shop)"),
    "a window with a name": feature("count(*) over w", "source window w as (partition by returned)"),
    "a joined copy": feature(
        "b.returned::int", "source join (select order_id, returned from source) as b using (order_id)"
    ),
    "one side of a union": feature("0", "source where paid")
    + " union all "
    + feature("returned::int", "source"),
    "columns by pattern": feature("columns('ret.*')::int"),
    "the row as a whole": feature("length(t::varchar)", "source as t"),
    "a filter": feature("0", "source where not returned"),
    "a filter in a step before": "with a as (select * from source where returned) " + feature("0", "a"),
    "a filter under another name": feature("0", "(select *, returned as r from source) where r"),
    "a filter on windows": feature(
        "0", "source qualify row_number() over (partition by shop order by returned) = 1"
    ),
    "a join": feature(
        "0", "source join (select order_id as id, returned as r from source) on order_id = id and returned"
    ),
    "a subquery in a filter": feature(
        "0", "source where sku in (select sku from source where returned and boxes > 9)"
    ),
    "groups": "select shop, min(ordered_at) as ordered_at, count(*) as x, 'a' as word from source"
    " group by shop, returned",
    "a filter on groups": feature("0", "source group by all having bool_or(returned)"),
    "the first rows": feature("0", "source order by returned, ordered_at limit 9"),
    "one row of many": feature("0", "(select distinct on (shop) * from source order by shop, returned)"),
}


@pytest.mark.parametrize("sql", LEAKS.values(), ids=LEAKS)
def test_a_feature_that_uses_a_column_known_after_the_outcome_is_refused(outcome_refused, sql):
    with pytest.raises(ContractError) as error:
        outcome_refused(sql)

    assert error.value.id == "ML001"
    assert "returned" in str(error.value)


def test_the_message_names_the_file_each_output_and_the_column_it_comes_from(outcome_refused, tmp_path):
    with pytest.raises(ContractError) as error:
        outcome_refused("select shop, ordered_at, returned::int as x, returned::text as word from source")

    for part in (
        f"{tmp_path / 'features.sql'} uses columns that are known only after the outcome",
        "x comes from source.returned",
        "word comes from source.returned",
        "labels.sql may use them",
    ):
        assert part in str(error.value)


READ = {
    "directly": {"features": feature("1", "labels")},
    "through a table between": {"features": feature("1", "middle"), "middle": "select * from labels"},
}


@pytest.mark.parametrize("written", READ.values(), ids=READ)
def test_features_that_read_the_labels_are_refused_with_or_without_marked_columns(source, tmp_path, written):
    for name, sql in ({"labels": feature("1")} | written).items():
        (tmp_path / f"{name}.sql").write_text(sql, encoding="utf-8")
    found = graph.statements(tmp_path, [source.name], ["features", "labels"])

    for columns in (source.columns, source.columns[:-1]):
        with pytest.raises(ContractError, match=r"ML001.*features\.sql reads the labels"):
            leak.refuse_after_outcome(found, {source.name: source.model_copy(update={"columns": columns})})


NAMES = "shop, ordered_at, " + ", ".join(f"c{place}" for place in range(2, 14))
UNCLEAR = {
    "a column by its place": (feature("#14::int"), "#14: write the name of the column"),
    "the source under other names": (
        f"select shop, ordered_at, c13 as x, c10 as word from source as s({NAMES})",
        "rename columns in a select",
    ),
    "a pivot": ("pivot source on returned using count(*) group by shop", "`filter (where ...)`"),
    "an unpivot": ("unpivot source on returned into name word value x", "`union all`"),
}


@pytest.mark.parametrize(("sql", "instead"), UNCLEAR.values(), ids=UNCLEAR)
def test_sql_that_hides_which_columns_it_reads_is_refused_with_what_to_write_instead(
    outcome_refused, source, sql, instead
):
    with pytest.raises(ContractError, match=r"CT006.*features\.sql") as error:
        outcome_refused(sql)

    assert instead in str(error.value)
    outcome_refused(sql, source.model_copy(update={"columns": source.columns[:-1]}))  # nothing to hide


HONEST = {
    "other columns": feature("quantity"),
    "a star without it": "select * exclude (returned), quantity as x, sku as word from source",
    "a step that reads it without use": "with a as (select * from source) " + feature("quantity", "a"),
    "a filter on another": feature("quantity", "source where paid"),
    "a text that only looks like it": feature("length('returned')"),
    "a step under other names": "with a as (select quantity, sku from source) "
    "select x, word from a as b(x, word)",
    "another column by its name": "with a as (select * replace (paid as returned) from source) "
    + feature("returned::int", "a"),
}


@pytest.mark.parametrize("sql", HONEST.values(), ids=HONEST)
def test_an_unused_marked_column_does_no_harm(outcome_refused, sql):
    outcome_refused(sql)


def test_a_marked_column_may_have_capital_letters(edited, outcome_refused):
    source = odcs.load(edited(orders={"name": "source"}, returned={"name": "Returned"}))

    with pytest.raises(ContractError, match="ML001") as error:
        outcome_refused(feature("Returned::int").replace("as x", "as backAgain"), source)

    assert "backAgain comes from source.Returned" in error.value.message
    assert "rows or values depend on source.Returned" in error.value.message
    assert "as the price of last year" in error.value.hint


USES = {"as a value": ("source.returned::int", ""), "as a filter": ("0", " where not source.returned")}


@pytest.mark.parametrize(("value", "where"), USES.values(), ids=USES)
def test_only_contracts_whose_columns_are_used_are_named(edited, tmp_path, value, where):
    made = [odcs.load(edited(name, orders={"name": name})) for name in ("source", "others")]
    contracts = {each.name: each for each in made}
    sql = feature(value, f"source cross join (select 1 as one from others){where}")
    (tmp_path / "features.sql").write_text(sql)
    found = graph.statements(tmp_path, [*contracts], ["features"])

    with pytest.raises(ContractError, match="ML001") as error:
        leak.refuse_after_outcome(found, contracts)

    assert str(contracts["source"].path) in error.value.message
    assert str(contracts["others"].path) not in error.value.message


@pytest.mark.parametrize("sql", ["select nowhere from source", "selec shop from source", ""])
def test_sql_that_cannot_be_parsed_is_an_error_and_not_a_crash(outcome_refused, sql):
    with pytest.raises(ContractError, match=r"CT006.*features\.sql"):
        outcome_refused(sql)


NOWHERE = {"stasr": "did you mean 'stars'?", "bbrefID": "a column of a delivered file is there only if"}


@pytest.mark.parametrize("table", ["", "source."])
@pytest.mark.parametrize(("column", "told"), NOWHERE.items(), ids=NOWHERE)
def test_a_column_that_is_nowhere_is_named_by_its_line_and_with_the_nearest(
    outcome_refused, table, column, told
):
    with pytest.raises(ContractError) as error:
        outcome_refused(f"select\n    shop,\n    {table}{column}\nfrom source")

    assert "features.sql:3 does not run: " in error.value.message
    assert f"no table that it reads has a column {column!r}; " in error.value.message
    assert told in error.value.message
    assert "none;" not in error.value.message
