"""SQL that does not carry over is refused by file and line; what is let through gives the same."""

import math
import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import sqlglot

from datadevops.engine import portable
from datadevops.errors import ContractError, SettingsError

TYPES = {"id": "BIGINT", "x": "DOUBLE", "n": "BIGINT", "a": "VARCHAR", "t": "TIMESTAMP", "b": "BOOLEAN"}
SCHEMA = {"things": TYPES}
FOREIGN = {
    "a function of DuckDB": "histogram(x)",
    "a test for infinity": "isfinite(x)",
    "a test for NaN, which says false of null there": "isnan(x)",
    "another logarithm": "log(x)",
    "a list": "[x, n]",
    "an element": "split(a, ',')[1]",
    "a lambda": "list_transform([n], lambda i: i + 1)",
    "a star with other columns": "* replace (1 as n)",
    "stars": "columns(*)",
    "a division by what may be 0": "x / n",
    "a remainder of what may be 0": "n % cast(b as integer)",
    "a division by 0 itself": "x / 0",
    "a remainder by 0.0": "n % 0.0",
    "a cast that rounds": "cast(x as integer)",
    "a cast of a product that is not whole": "cast(floor(x / 10) * x as integer)",
    "a cast of what keeps decimals": "cast(round(x, 1) as integer)",
    "a cast that spells": "cast(x as varchar)",
    "an end of text": "regexp_matches(a, '^x$')",
    "a class of letters": r"regexp_matches(a, '\d')",
    "a backslash in a pattern": r"a like 'x\%'",
    "a difference of times": "t - t",
    "boundaries between times": "date_diff('day', t, t)",
    "a day of the week, Sunday 0 here and 1 there": "extract(dow from t)",
    "a day of the ISO week": "extract(isodow from t)",
    "a day of the week as a function": "dayofweek(t)",
    "a week": "extract(week from t)",
    "seconds, which have a fraction there": "extract(second from t)",
    "milliseconds": "extract(millisecond from t)",
    "seconds since 1970": "extract(epoch from t)",
    "a part named by text": "date_part('dow', t)",
    "the start of a decade": "date_trunc('decade', t)",
    "a series that may run backwards": "unnest(generate_series(1, n))",
    "a series without its last": "unnest(range(1, n))",
    "a name of a month": "strptime(a, '%d-%b-%Y')",
    "a year of two digits": "strptime(a, '%d.%m.%y')",
    "a day without its year, 1900 here and 1970 there": "strptime(a, '%d.%m.')",
    "formats to be tried": "strptime(a, ['%d.%m.%Y', '%Y-%m-%d'])",
    "a format that stands in a column": "strptime(a, a)",
    "a frame of groups": "sum(n) over (order by n groups between 1 preceding and current row)",
}


@pytest.mark.parametrize("cell", FOREIGN.values(), ids=FOREIGN)
def test_what_does_not_carry_over_is_refused_with_its_line(cell):
    found = list(portable.problems(f"-- t\nselect\n    id,\n    {cell}\nfrom things", SCHEMA))

    assert {line for line, _ in found} == {4}


def test_a_part_of_a_time_is_refused_with_those_that_both_engines_have():
    ((_, why),) = portable.problems("select extract(dow from t) from things", SCHEMA)

    assert "another number there, or none; both have year, quarter, month, day, hour, minute" in why
    assert "date_trunc('week', ..)" in why


TABLES = [
    "range(3)",
    "read_parquet('x.parquet')",
    "things asof join u using (id)",
    "(pivot things on a using sum(n))",
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_only_duckdb_has_is_refused(table):
    assert list(portable.problems(f"select 1 as one from {table}", SCHEMA))


def test_sql_that_is_none_is_refused_with_the_reason():
    ((line, why),) = portable.problems("select (1 from things", SCHEMA)

    assert line == 1
    assert "it is not understood: Expecting )" in why


SAFE = {
    "division": "x / nullif(n, 0), x / 24, 2 * pi() / 3, n % 7",
    "casts": "cast(round(x) as integer), cast(n as integer), cast(n as varchar), cast(x as double)",
    "casts of whole numbers": "cast(floor(x / 10) * 10 as bigint), cast((ceil(x) - n) * 2 as integer)",
    "patterns": r"regexp_matches(a, '^[0-9]+\z'), a like '%x_'",
    "times": "t - interval 1 hour, cast(t as date)",
    "days as people write them": "cast(strptime(a, '%d.%m.%Y') as date), strptime(a, '%m/%d/%Y %H:%M')",
}


@pytest.mark.parametrize("cells", SAFE.values(), ids=SAFE)
def test_what_is_safe_passes(cells):
    assert list(portable.problems(f"select {cells} from things", SCHEMA)) == []


@pytest.fixture
def package(tmp_path, edited):
    """A package with one contract and one transform."""
    path = edited()
    (tmp_path / "contracts").mkdir()
    path.rename(tmp_path / "contracts" / path.name)
    (tmp_path / "transforms").mkdir()
    (tmp_path / "transforms" / "features.sql").write_text("select * from orders")
    return tmp_path


def test_a_transform_and_a_quality_rule_are_named_by_file_and_line(package):
    transform, contract = package / "transforms/features.sql", package / "contracts/orders.yaml"
    transform.write_text("select\n    shop,\n    histogram(stars) as h\nfrom orders")
    contract.write_text(contract.read_text().replace("discount > unit_price", "isfinite(discount)"))
    lines = contract.read_text().splitlines()
    line = 1 + next(n for n, text in enumerate(lines) if "name: discount_within_price" in text)

    with pytest.raises(ContractError) as error:
        portable.refuse(package)

    assert error.value.id == "CT009"
    assert f"{transform}:3: HISTOGRAM(stars): not known to mean the same" in str(error.value)
    assert f"{contract}:{line}: ISFINITE(discount)" in str(error.value)


def test_a_line_that_says_duckdb_only_passes_the_lint_but_not_the_move(package):
    transform = package / "transforms/features.sql"
    transform.write_text(
        "select\n    histogram(stars) as h -- duckdb only: nobody else reads it\nfrom orders"
    )

    portable.refuse(package, exempt=True)

    with pytest.raises(ContractError, match=r"(?s)CT009.*features\.sql:2"):
        portable.refuse(package)


@pytest.mark.parametrize("product", ["forecast", "statistics"])
def test_the_sql_of_a_product_carries_over(product, request):
    portable.refuse(request.getfixturevalue(product).folder, exempt=True)


ROWS = """
    select row_number() over () as id, * from (values
        (0.0, 0, '', timestamp '2013-01-01 00:00:00', true),
        (-1.5, 3, 'a.b', timestamp '1969-12-31 23:59:59', false),
        (2.5, -3, 'Ünï', timestamp '2024-02-29 12:30:59.5', null),
        (0.5, 7, ' x ', null, true),
        (1e300, 2147483648, '🤦', timestamp '2000-12-31 23:00:00', false),
        (null, null, null, null, null),
        ('nan'::double, 1, 'x' || chr(10), timestamp '1900-01-01 00:00:00', true),
        ('inf'::double, 5, 'aaa', timestamp '2100-01-01 00:00:00', true)
    ) as v(x, n, a, t, b)
"""
CELLS = """
    abs(x), abs(n), atan(x), atan2(n, 2), ceil(n / 7), coalesce(x, 0), concat(a, 'y'), concat_ws('-', a, 'y')
    contains(a, 'x'), cos(n), a || 'y', day(t), dayofyear(t), degrees(n), exp(n / 7), extract(hour from t)
    floor(n / 7), greatest(x, n), hour(t), least(x, n), left(a, 2), length(a), ln(n * n + 1)
    lower(a), minute(t), month(t), nullif(n, 0), pi(), pow(n, 2), quarter(t), radians(n), replace(a, 'a', 'b')
    regexp_matches(a, '^[a-z.]+\\z'), right(a, 2), round(x / 1e299), round(n / 7, 3), second(t), sign(n)
    sin(n), sqrt(n * n), starts_with(a, 'a'), substring(a, 2, 1), tan(n), date_trunc('month', t), trim(a)
    upper(a), year(t), x > 1, x = x, x between 0 and 3, x in (0.5, 2.5), a like 'a%', not b, b and n > 1
    b or n > 1, x is not distinct from null, n % 3, -n, n / 4, x * 2 - 1, if(b, 1, 2), ifnull(a, 'none')
    case when x > 0 then 'more' when x < 0 then 'less' else 'else' end, cast(t as date), cast(n as varchar)
    extract(year from t), extract(quarter from t), extract(month from t), extract(day from t)
    extract(minute from t), date_trunc('year', t), date_trunc('quarter', t), date_trunc('week', t)
    date_trunc('day', t), date_trunc('hour', t), date_trunc('minute', t), date_trunc('second', t)
    t >= date_trunc('week', t) + interval 5 day
    cast(b as integer), cast(round(n / 7) as integer), t - interval 90 minute, t > timestamp '2000-01-01'
    strptime(concat(coalesce(n, 0) % 7 + 12, '.1.2024'), '%d.%m.%Y')
    strptime(concat('03/', coalesce(n, 0) % 7 + 12, '/1999'), '%m/%d/%Y')
    strptime(concat(coalesce(n, 0) % 7 + 12, '/03/1999 7:05'), '%d/%m/%Y %H:%M')
    strptime('20240229', '%Y%m%d'), n + 1 || '2', cast(floor(n / 7) * 10 as bigint)
    cast(strptime(concat('2024-2-', coalesce(n, 0) % 7 + 12), '%Y-%m-%d') as date)
    strptime(concat(coalesce(n, 0) % 7 + 12, '-02-2024, 23:59:09'), '%d-%m-%Y, %H:%M:%S')
"""
WINDOWS = """
    dense_rank() over (order by b), first_value(n) over (order by id), lag(x) over (order by id)
    lag(n, 2, 0) over (order by id)
    last_value(n) over (order by id), lead(x) over (partition by b order by id), rank() over (order by b desc)
    row_number() over (partition by b order by t, id), count(*) over (partition by b)
    sum(n) over (order by id rows between 2 preceding and current row)
    count(n) over (order by t range between interval 2 day preceding and current row)
    avg(n) over (order by x, id), max(t) over (partition by b)
"""
TOTALS = """
    avg(n), count(*), count(n), count(distinct b), count_if(n > 1), count(*) filter (where b)
    bool_and(b), bool_or(b), max(x), min(x), max(a), min(t), median(n)
    sum(n), stddev(n), stddev_pop(n), stddev_samp(n), variance(n), var_pop(n), var_samp(n)
"""
SERIES = "unnest(generate_series(min(t), max(t), interval 400 day))"
COMPARED = CELLS + WINDOWS + TOTALS + SERIES


def cells(text):
    """One SQL expression each; the line ends and top-level commas part them."""
    return [str(cell.sql("duckdb")) for line in text.strip().splitlines() for cell in expressions(line)]


def expressions(line):
    return sqlglot.parse_one(f"select {line}", read="duckdb").expressions


def test_each_function_that_is_let_through_is_compared():
    seen = {type(node).__name__ for cell in cells(COMPARED) for node in expressions(cell)[0].walk()}

    assert set(portable.FUNCTIONS.split()) <= seen


def test_what_is_compared_is_let_through():
    found = [list(portable.problems(f"select {cell} from things", SCHEMA)) for cell in cells(COMPARED)]

    assert [each for each in found if each] == []


@pytest.mark.spark
def test_each_function_that_is_let_through_gives_the_same_on_both_engines(engine, spark, tmp_path):
    engine.write(ROWS, tmp_path / "t.parquet")
    for each in (engine, spark):
        each.read("things", tmp_path / "t.parquet")

    apart = {}
    for texts, frame in (
        (CELLS + WINDOWS, "id, {} from things order by id"),
        (TOTALS, "b, {} from things group by b order by b"),
        (SERIES, "b, {} from things group by b order by 1, 2"),
    ):
        sql = "select " + frame.format(
            ", ".join(f"{cell} as c{place}" for place, cell in enumerate(cells(texts)))
        )
        here, there = (zip(*each.rows(sql), strict=True) for each in (engine, spark))
        for cell, one, other in zip(["key", *cells(texts)], here, there, strict=True):
            if not all(map(same, one, other)):
                apart[cell] = one, other

    assert apart == {}


FLIGHTS = """select * from (values (1, 'JFK', 3), (2, 'JFK', 4), (3, 'JFK', 9), (4, 'JFK', 9), (5, 'LGA', 1),
    (6, 'EWR', 5), (7, null, 5)) as t(id, station, hours)"""
WEATHER = """select * from (values ('JFK', 3, 0.5), ('JFK', 7, null), ('JFK', 9, 1.5), ('LGA', 2, 2.5),
    ('EWR', 1, 3.5), ('EWR', 2, 4.5)) as t(station, hours, rain_mm)"""
DOCS = Path(__file__).parents[3] / "<<cookiecutter.project_slug>>" / "docs" / "outgrow-one-machine.md"


@pytest.mark.parametrize("judging", ["duckdb", pytest.param("spark", marks=pytest.mark.spark)], indirect=True)
def test_what_to_write_instead_of_an_asof_join_gives_the_same_on_both_engines(judging, engine, tmp_path):
    (instead,) = re.findall(r"```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    for table, sql, name in (("flights", FLIGHTS, "departs_at"), ("weather", WEATHER, "observed_at")):
        time = f"timestamp '2025-01-01' + to_hours(hours) as {name}"
        engine.write(f"select * exclude (hours), {time} from ({sql})", tmp_path / f"{table}.parquet")
        for each in (engine, judging):
            each.read(table, tmp_path / f"{table}.parquet")
    (tmp_path / "instead.sql").write_text(instead)
    schema = {name: engine.types(f"from {name}") for name in ("flights", "weather")}
    asof = """select flights.*, rain_mm from flights asof left join weather
        on flights.station = weather.station and flights.departs_at >= weather.observed_at"""

    made = judging.transform(tmp_path / "instead.sql", tmp_path / "made.parquet")

    assert list(portable.problems(instead, schema)) == []
    found = engine.rows(f"select id, rain_mm from '{made}' order by id")
    assert found == engine.rows(f"select id, rain_mm from ({asof}) order by id")
    assert [rain and float(rain) for _, rain in found] == [0.5, 0.5, 1.5, 1.5, None, 4.5, None]


def test_an_asof_join_is_refused_with_what_to_write_instead():
    sql = "select things.id\nfrom things\nasof join other on things.id >= other.id"

    ((line, text),) = portable.problems(sql, SCHEMA)

    assert line == 3
    assert "take the newest time by max(..) over a window of both tables together" in text
    assert f"docs/{DOCS.name}" in text


def same(one, other):
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        one, other = float(one), float(other)
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12) or (
            math.isnan(one) and math.isnan(other)
        )
    return one == other


def test_an_engine_that_there_is_not_is_refused(forecast):
    with pytest.raises(SettingsError, match=r"(?s)CF007.*'sparc'.*duckdb or spark"):
        forecast.settings({f"{forecast.prefix}ENGINE": "sparc"})


def test_spark_without_its_extra_says_how_to_get_it(command, forecast, sample, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setenv(f"{forecast.prefix}ENGINE", "spark")

    answer = command("check", sample, "--contract", "source")

    assert answer.code == 2
    assert "error[CF007] Spark cannot be used" in answer.err
    assert "hint: it needs the extra: `uv sync --extra spark`" in answer.err
