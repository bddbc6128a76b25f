"""A dataset in partitions of any length: their names, what a delivery makes again, what is refused."""

import pytest
import yaml

from datadevops.contract import grains
from datadevops.datasets import cut
from datadevops.errors import ContractError, RefusedError
from runs import about, queues, rows, run_into
from small_contract import column, contract_of

NAMES = {  # a time -> its hour, day, week, month, year
    "2012-12-31 23:59:59.999999": ("2012-12-31T23", "2012-12-31", "2013-W01", "2012-12", "2012"),
    "2013-01-01 00:00:00": ("2013-01-01T00", "2013-01-01", "2013-W01", "2013-01", "2013"),
    "2020-12-31 12:00:00": ("2020-12-31T12", "2020-12-31", "2020-W53", "2020-12", "2020"),
    "2021-01-03 23:00:00": ("2021-01-03T23", "2021-01-03", "2020-W53", "2021-01", "2021"),
    "2021-01-04 00:00:00": ("2021-01-04T00", "2021-01-04", "2021-W01", "2021-01", "2021"),
    "2024-02-29 05:30:00": ("2024-02-29T05", "2024-02-29", "2024-W09", "2024-02", "2024"),
    "0001-01-01 00:00:00": ("0001-01-01T00", "0001-01-01", "0001-W01", "0001-01", "0001"),
    "0999-12-31 23:00:00": ("0999-12-31T23", "0999-12-31", "1000-W01", "0999-12", "0999"),
    "9999-12-31 23:59:59": ("9999-12-31T23", "9999-12-31", "9999-W52", "9999-12", "9999"),
}
GRAINS = list(grains.GRAINS)


def source(kind="timestamp"):
    return contract_of(column("t", kind, primaryKey=True), column("x", "integer"))


@pytest.mark.parametrize("grain", GRAINS)
def test_a_time_is_in_one_partition_whose_name_sorts_as_its_time(judging, grain):
    times = " union all ".join(f"select timestamp '{time}' as t" for time in NAMES)
    judging.keep("times", times)

    found = dict(judging.rows(f"select t, {cut.name_sql(source(), grain)} from times order by t"))

    assert list(found.values()) == [names[GRAINS.index(grain)] for _, names in sorted(NAMES.items())]
    assert list(found.values()) == sorted(found.values())
    for name in found.values():
        within = judging.rows(f"select t from times where {cut.within(source(), grain, name)}")
        assert {time for (time,) in within} == {time for time, named in found.items() if named == name}


@pytest.mark.parametrize("grain", GRAINS[1:])
def test_a_date_is_in_the_partition_of_its_midnight(judging, grain):
    for time, names in NAMES.items():
        name = cut.name_sql(source("date"), grain)
        within = cut.within(source("date"), grain, names[GRAINS.index(grain)])
        found = judging.rows(f"select {name}, {within} from (select date '{time[:10]}' as t) as one")

        assert found == [(names[GRAINS.index(grain)], True)]


@pytest.mark.parametrize(
    "time", ["null", "timestamp '10000-01-01'", "timestamp '1677-09-21 00:12:43.145224'"]
)
@pytest.mark.parametrize("grain", GRAINS)
def test_what_no_calendar_has_is_in_no_partition(judging, grain, time):
    one = f"(select cast({time} as timestamp) as t) as one"

    assert judging.rows(f"select {cut.name_sql(source(), grain)} from {one}") == [("no time",)]


SPANS = {
    "another grain": ("month", ("2013-01-01", None), "--from 2013-01-01: a month is written as 2013-01"),
    "a day of a week": ("week", (None, "2013-01-01"), "--to 2013-01-01: a week is written as 2013-W05"),
    "a minute of an hour": ("hour", ("2013-01-01T05:00", None), "an hour is written as 2013-01-31T05"),
    "no such month": ("month", ("2013-13", None), "--from 2013-13: there is no month 2013-13"),
    "no such week": ("week", ("2013-W53", None), "there is no week 2013-W53"),
    "no leap day": ("day", ("2013-02-29", None), "there is no day 2013-02-29"),
    "the wrong order": ("year", ("2014", "2013"), "--from 2014 is later than --to 2013: swap them"),
    "one partition": (None, ("2014", None), "--from 2014: no dataset has partitions, leave it out"),
}


@pytest.mark.parametrize(("grain", "given", "told"), SPANS.values(), ids=SPANS)
def test_a_span_in_another_form_is_refused(grain, given, told):
    with pytest.raises(ValueError, match=told):
        cut.span({grain} - {None}, *given)


CONVERTED = {  # a span of a run, and of a dataset with another grain
    "days of months": (("2013-01-31", "2013-02-01"), "month", ("2013-01", "2013-02")),
    "months in days": (("2012-02", "2012-02"), "day", ("2012-02-01", "2012-02-29")),
    "years in weeks": (("2013", "2013"), "week", ("2013-W01", "2014-W01")),
    "weeks in hours": (("2013-W01", "2013-W01"), "hour", ("2012-12-31T00", "2013-01-06T23")),
    "December in years": (("2013-12", "2013-12"), "year", ("2013", "2013")),
    "to the end of time": (("9999", "9999"), "month", ("9999-01", "9999-12")),
    "from the first day on": (("", "2013-05"), "day", ("", "2013-05-31")),
    "without end": (("2013-05", "~"), "day", ("2013-05-01", "~")),
    "one partition": (("2013", "2013"), None, ("", "~")),
}


@pytest.mark.parametrize(("span", "grain", "found"), CONVERTED.values(), ids=CONVERTED)
def test_a_span_means_all_partitions_that_have_a_part_of_it(span, grain, found):
    assert cut.for_grain(span, grain) == found


def test_a_span_is_written_as_any_dataset_is_partitioned():
    assert cut.span({"day", "month"}, "2013-05", "2013-05-03") == ("2013-05", "2013-05-03")
    with pytest.raises(ValueError, match=r"--from 2013: a day is written as"):
        cut.span({"day", "month"}, "2013", None)


BESIDE = ["2024-12-28 23:00", "2024-12-29 23:00", "2024-12-30 00:00", "2024-12-31 23:00", "2025-01-01 00:00"]
EACH = {
    "hour": ["2024-12-28T23", "2024-12-29T23", "2024-12-30T00", "2024-12-31T23", "2025-01-01T00"],
    "day": ["2024-12-28", "2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01"],
    "week": ["2024-W52", "2025-W01"],
    "month": ["2024-12", "2025-01"],
    "year": ["2024", "2025"],
    None: ["all"],
}
LONG = [pytest.param(grain, marks=pytest.mark.long) for grain in ("day", "month", "year")]
RUNS = ["hour", "week", None, *LONG]  # the others are made by the same lines


@pytest.mark.parametrize("grain", RUNS)
def test_a_correction_makes_only_its_own_partition_again(grained, delivery, tmp_path, grain):
    store, product = tmp_path / "store", grained(grain)
    first = delivery("first", dict.fromkeys(BESIDE, 1))
    made = run_into(product, store, first)

    again = run_into(product, store, delivery("second", {BESIDE[-1]: 5}))
    repeated = run_into(product, store, first)

    assert (list(about(made)["made"]), about(made)["grain"]) == (EACH[grain], grain)
    assert list(about(again)["made"]) == EACH[grain][-1:]
    assert about(repeated)["made"] == {}
    assert queues(store) == dict.fromkeys(BESIDE, 1) | {BESIDE[-1]: 5}


OTHERS = {None: 0, "week": 2}  # how many of the times are in the partitions before the last one; else 4


@pytest.mark.parametrize("grain", RUNS)
def test_a_partition_that_fails_stays_and_the_others_are_published(grained, delivery, tmp_path, grain):
    store, product = tmp_path / "store", grained(grain)
    before, (*_, last) = dict.fromkeys(BESIDE, 1), EACH[grain]
    run_into(product, store, delivery("first", before))

    again = run_into(product, store, delivery("second", dict.fromkeys(BESIDE, 2) | {BESIDE[-1]: -2}))

    assert list(about(again)["failed"]) == [last]
    assert f"may be bad. The {grain or 'partition'} stays as it was" in about(again)["failed"][last]
    assert queues(store) == before | dict.fromkeys(BESIDE[: OTHERS.get(grain, 4)], 2)


@pytest.mark.parametrize("grain", ["week", pytest.param("hour", marks=pytest.mark.long), *LONG])
def test_a_span_makes_only_its_partitions(grained, delivery, tmp_path, grain):
    store, product = tmp_path / "store", grained(grain)
    last = EACH[grain][-1]

    made = run_into(product, store, delivery("first", dict.fromkeys(BESIDE, 1)), span=(last, last))

    assert list(about(made)["partitions"]) == [last]


def test_a_dataset_whose_key_has_no_time_is_published_whole(own, delivery, tmp_path):
    store = tmp_path / "store"
    path = own.contracts / "datasets" / "shop_days.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    (table,) = content["schema"]
    columns = [each for each in table["properties"] if each["name"] in ("shop", "queue_minutes")]
    table.update(properties=columns, quality=[])
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    sql = "select shop, sum(queue_minutes) as queue_minutes from source group by shop"
    (own.transforms / "shop_days.sql").write_text(sql, encoding="utf-8")

    run_into(own, store, delivery("first", {BESIDE[0]: 1, BESIDE[-1]: 2}))
    again = run_into(own, store, delivery("second", {BESIDE[-1]: 5}))

    assert rows(f"select queue_minutes from '{store}/shop_days/latest/dataset/all.parquet'") == [(6,)]
    assert (list(about(again)["made"]), about(again)["newest"]) == (["all"], None)
    page = (store / "shop_days" / "README.md").read_text(encoding="utf-8")
    assert ", 1 row |" in page


def test_a_dataset_in_partitions_needs_a_source_with_a_time(own, delivery, tmp_path):
    contract = own.contracts / "sources" / "source.yaml"
    text = contract.read_text(encoding="utf-8")
    time = text.index("primaryKey: true", text.index("- name: opened_at"))
    contract.write_text(text[:time] + text[time:].replace("primaryKey: true", "primaryKey: false", 1))

    with pytest.raises(ContractError, match=r"CT004.*source\.yaml: no timestamp or date in the primary key"):
        run_into(own, tmp_path / "store", delivery("first", {BESIDE[0]: 1}))

    assert not (tmp_path / "store" / "source").exists()


def test_hours_need_more_than_a_date():
    day = contract_of(column("d", "date", primaryKey=True))
    time = column("t", "timestamp", primaryKey=True, partitioned=True)
    time["customProperties"] = [{"property": "partitionGrain", "value": "hour"}]
    hourly = contract_of(time, name="daily", folder="datasets")

    with pytest.raises(ContractError, match=r"CT004.*d is a date, and .* a partition for each hour"):
        cut.require_partitions(day, hourly)


def test_another_grain_than_the_published_one_is_refused(grained, delivery, tmp_path):
    store, first = tmp_path / "store", delivery("first", dict.fromkeys(BESIDE, 1))
    run_into(grained("month"), store, first)

    with pytest.raises(RefusedError, match=r"PB004.*one for each month, and not one for each day"):
        run_into(grained("day"), store, first)

    assert queues(store) == dict.fromkeys(BESIDE, 1)
