"""The contracts or the SQL of a dataset change: rows delivered earlier are checked again, nothing is lost."""

import pytest

import rows as sample_rows
from datadevops.contract import odcs
from datadevops.errors import ContractError, RefusedError
from runs import about, dataset, months, rows, run_into

LIMITS = "{minimum: 0, maximum: 20000}", "{minimum: 0, maximum: 1000}"  # of takings; two rows have more
SENSOR = (
    "      - {name: sensor, logicalType: string, customProperties: [{property: synthetic, value: {sql: x}}]"
)


@pytest.fixture
def run(own, sample):
    """As in conftest.py, for the product that `edit` and `sql` change."""
    return lambda store, file=sample, **options: run_into(own, store, file, **options)


@pytest.fixture
def edit(own):
    """edit("shop_days", old, new) replaces a text in a contract."""

    def replace(name, old, new):
        path = odcs.files(own.contracts)[name]
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def sql(own):
    """sql("select * from ({}) where ...") wraps shop_days.sql."""
    path = own.transforms / "shop_days.sql"
    return lambda text: path.write_text(text.format(path.read_text(encoding="utf-8").rstrip()))


def test_a_new_column_of_the_source_is_null_in_rows_delivered_earlier(ran, run, altered, edit):
    before = dataset(ran.store)
    edit("source", "    properties:\n", f"    properties:\n{SENSOR}}}\n")

    again = run(ran.store, altered("select *, 'a' as sensor from sample where opened_at < '2025-01-09'"))

    assert about(again)["failed"] == {}
    assert len(about(again)["made"]) == 5
    assert dataset(ran.store) == before


def test_a_new_column_is_filled_from_an_old_file_that_already_had_it(run, own, edit, sample, tmp_path):
    gone = "      - name: temperature_c\n"
    text = (own.contracts / "sources" / "source.yaml").read_text()
    spike = "      - name: temperature_spike\n"
    rule = spike + text.partition(spike)[2].partition("    properties:")[0]
    edit("source", rule, "")
    column = gone + text.partition(gone)[2].partition("\n      - name: ")[0] + "\n"
    edit("source", column, "")
    run(tmp_path / "store")
    edit("source", "    properties:\n", f"    properties:\n{column}")

    again = run(tmp_path / "store")

    ((values,),) = rows(
        f"select count(temperature_c) from '{sample}' where takings is null or takings < 99999"
    )
    assert len(about(again)["made"]) == 5
    files = f"read_parquet('{tmp_path}/store/shop_days/partitions/*/source.parquet', union_by_name = true)"
    assert rows(f"select count(temperature_c) from {files}") == [(values,)]


def test_rows_delivered_earlier_are_checked_against_a_narrower_limit_of_the_source(
    ran, run, altered, edit, sample
):
    edit("source", *LIMITS)

    again = run(ran.store, altered("from sample where opened_at < '2025-01-09' and takings <= 1000"))

    ((more,),) = rows(f"select count(*) from '{sample}' where takings > 1000 and takings < 20000")
    assert 0 < more == about(again)["check"]["refused"]
    assert sum(row[2] for row in dataset(ran.store)) == sample_rows.GOOD - more
    files = f"'{ran.store}/shop_days/partitions/*/source-quarantine.parquet'"
    assert rows(f"select distinct broken_rules, count(*) from {files} group by 1") == [
        ("takings:maximum", more)
    ]
    assert about(run(ran.store))["made"] == {}


def test_an_old_file_adds_rows_that_the_contract_accepts_again_and_undoes_no_correction(
    run, altered, edit, sample, tmp_path
):
    store = tmp_path / "store"
    most = f"from '{sample}' where takings > 1000 and takings < 20000"
    ((count, queues),) = rows(f"select count(*), sum(queue_minutes) {most}")
    edit("source", *LIMITS)
    run(store)
    edit("source", *reversed(LIMITS))
    more = "queue_minutes + 1 as queue_minutes"
    run(store, altered(f"select * replace ({more}) from sample where opened_at > '2025-05-01'"))
    before = dataset(store)

    again = run(store)

    after = dataset(store)
    assert list(about(again)["made"]) == ["2025-01", "2025-02"]
    assert sum(row[2] for row in after) == sum(row[2] for row in before) + count == sample_rows.GOOD
    assert sum(row[3] for row in after) == pytest.approx(sum(row[3] for row in before) + queues)


def test_a_month_with_too_many_rows_beyond_a_narrower_limit_stays_until_they_are_corrected(
    ran, run, altered, edit
):
    edit("source", LIMITS[0], "{minimum: 0, maximum: 900}")

    failed = run(ran.store, altered("from sample where takings < 900 limit 99"))
    less = altered("select * replace (least(takings, 900) as takings) from sample")
    corrected = run(ran.store, less)

    message = about(failed)["failed"]["2025-03"]
    assert "delivered earlier break the contract as it is now (9 x takings:maximum)" in message
    assert months(failed)["2025-03"] == months(ran)["2025-03"]
    assert about(corrected)["failed"] == {}
    assert about(corrected)["check"]["refused"] == 0


def test_a_new_required_column_of_the_source_is_one_error_and_nothing_is_lost(ran, run, altered, edit):
    before = dataset(ran.store)
    edit("source", "    properties:\n", f"    properties:\n{SENSOR}, required: true}}\n")

    with pytest.raises(ContractError, match=r"CT010.*sensor is required, and rows delivered earlier do not"):
        run(ran.store, altered("select *, 'a' as sensor from sample where opened_at < '2025-01-09'"))

    assert dataset(ran.store) == before


def test_a_month_that_fails_is_not_published_beside_months_of_another_contract(ran, run, altered, edit):
    before = dataset(ran.store)
    edit("shop_days", "version: 1.0.0", "version: 1.1.0")
    minutes = "case when opened_at::date = '2025-05-02' then -1 else queue_minutes end"

    again = run(ran.store, altered(f"select * replace ({minutes} as queue_minutes) from sample"))

    assert list(about(again)["failed"]) == ["2025-05"]
    assert "rows break the contract" in about(again)["failed"]["2025-05"]
    assert dataset(ran.store) == before


def test_rows_of_the_dataset_in_quarantine_are_reported(run, edit, tmp_path):
    many = "{name: many, metric: rowCount, mustBeGreaterThan: 9999, severity: warning}"
    edit("shop_days", "    quality:\n", f"    quality:\n      - {many}\n")
    ratio = "value: 9}\n      - {property: allowedBadRatio, value: 0.5, description"
    edit("shop_days", "value: 10, description", ratio)
    edit("shop_days", "longest_minutes > queue_minutes", "queue_minutes > 100")

    made = run(tmp_path / "store").report

    check = about(made)["check"]
    assert check["read"] == check["good"] + check["bad"]
    assert check["broken"] == {"longest_is_part_of_the_day": check["bad"]}
    assert about(made)["rows"] == check["good"] < check["read"]
    page = made.file("report.html").read_text(encoding="utf-8")
    assert f"{check['bad']} quarantined" in page
    assert about(made)["warnings"] == [f"many: {check['good']}, mustBeGreaterThan 9999"]
    assert about(made)["warnings"][0] in page


def test_a_rule_about_the_whole_dataset_is_checked_on_all_months_and_stops_a_run(ran, run, edit):
    before, rule = dataset(ran.store), "    quality:\n      - {name: many, metric: rowCount, "
    edit("shop_days", "    quality:\n", f"{rule}mustBeGreaterThan: 99}}\n")  # no month has more
    run(ran.store)
    edit("shop_days", "mustBeGreaterThan: 99}", "mustBeGreaterThan: 9999}")

    with pytest.raises(RefusedError, match=rf"(?s)DQ006.*all months together.*many: {len(before)}"):
        run(ran.store)

    assert dataset(ran.store) == before


def test_a_month_may_have_no_row_in_the_dataset(run, sql, tmp_path):
    sql("select * from ({}) where day >= '2025-02-01'")

    facts = about(run(tmp_path / "store"))

    assert facts["failed"] == {}
    assert list(facts["partitions"]) == [f"2025-0{month}" for month in range(1, 6)]
    assert {row[1].month for row in dataset(tmp_path / "store")} == {*range(2, 6)}


def test_a_dataset_without_any_row_is_not_published(ran, run, sql):
    before = dataset(ran.store)
    sql("select * from ({}) where false")

    with pytest.raises(RefusedError, match=r"(?s)DQ006.*shop_days\.yaml.*there are no rows"):
        run(ran.store)

    assert dataset(ran.store) == before


def test_months_that_a_span_left_out_are_made_by_the_new_sql_in_the_next_run(ran, run, sql):
    sql("select * replace (queue_minutes + 1 as queue_minutes) from ({})")

    runs = run(ran.store, span=("2025-05", "2025-05")), run(ran.store), run(ran.store)

    made = [list(about(each)["made"]) for each in runs]
    assert made == [["2025-05"], ["2025-01", "2025-02", "2025-03", "2025-04"], []]


def test_sql_that_does_not_run_is_one_error_and_the_source_is_not_blamed(ran, run, sql, altered):
    sql("select nothing from source")

    with pytest.raises(ContractError, match=r'CT006.*shop_days\.sql:1 does not run: .*"nothing"'):
        run(ran.store, altered("select * replace (0 as queue_minutes) from sample"))
