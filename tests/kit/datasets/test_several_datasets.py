"""A product with several datasets: each is made, published and rolled back by itself; some from others."""

import json
import re
import shutil

import pytest

from datadevops.catalog.facts import facts
from datadevops.contract import odcs
from datadevops.errors import ContractError
from runs import about, dataset, rows, run_into

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:{name}
name: {name}
version: {version}
status: active
dataProduct: Shops
schema:
  - name: {name}
    customProperties: [{{property: keepVersions, value: {keep}}}]
    properties:
      - {{name: shop, logicalType: string, primaryKey: true, primaryKeyPosition: 1, examples: [north]}}
{time}      - {{name: queue_minutes, logicalType: number, required: true}}
"""
TIME = """\
      - name: {column}
        logicalType: timestamp
        primaryKey: true
        primaryKeyPosition: 2
        partitioned: true
        customProperties: [{{property: partitionGrain, value: {grain}}}]
"""
FEW = "month(opened_at) in (2, 3)"
TOTALS = "select shop, round(sum(queue_minutes), 2) as queue_minutes from {} group by shop"
MONTHS = """
select shop, cast(date_trunc('month', day) as timestamp) as month,
    round(sum(queue_minutes), 2) as queue_minutes from {} group by shop, date_trunc('month', day)
"""
SHARE = """
select shop, cast(date_trunc('month', opened_at) as timestamp) as month,
    sum(source.queue_minutes) / any_value(totals.queue_minutes) as queue_minutes
from source join totals using (shop) group by shop, date_trunc('month', opened_at)
"""


@pytest.fixture
def add(own):
    """add("totals", sql): a dataset more, whole, or with partitions by the column `month` or `day`."""

    def write(name, sql, column="", grain="month", version="1.0.0", keep=2):
        time = TIME.format(column=column, grain=grain) if column else ""
        text = CONTRACT.format(name=name, time=time, version=version, keep=keep)
        (own.contracts / "datasets" / f"{name}.yaml").write_text(text, encoding="utf-8")
        (own.transforms / f"{name}.sql").write_text(sql, encoding="utf-8")
        return own

    return write


@pytest.fixture
def two(add):
    """The product with a second dataset, which is made from the source as the first one."""
    return add("totals", TOTALS.format("source"))


@pytest.fixture
def chain(add):
    """The product with months made from its days, and with totals made from those."""
    add("months", MONTHS.format("shop_days"), "month")
    return add("totals", TOTALS.format("months"))


@pytest.fixture
def few(write_altered, tmp_path):
    """Two of the five months of the sample: each is made in each dataset."""
    return write_altered(f"from sample where {FEW}", tmp_path / "few.parquet")


@pytest.fixture
def run(own, few, tmp_path):
    """run(file): one run of the product as it is now, on two months if no file is named."""
    return lambda file=few, **options: run_into(own, tmp_path / "store", file, **options)


@pytest.fixture
def march(altered):
    """A delivery that changes March."""
    more = "queue_minutes + 1 as queue_minutes"
    return altered(f"select * replace ({more}) from sample where strftime(opened_at, '%m') = '03'")


def published(run, name):
    """What readers of that dataset get."""
    return rows(f"from '{run.store}/{name}/latest/dataset/*.parquet' order by all")


def made(run):
    return {name: list(each["made"]) for name, each in run.facts["datasets"].items()}


def sums(found):
    """The minutes of each shop in the days of `shop_days`."""
    totals = {}
    for shop, _, _, minutes, *_ in found:
        totals[shop] = totals.get(shop, 0) + minutes
    return [(shop, pytest.approx(minutes)) for shop, minutes in sorted(totals.items())]


def test_each_dataset_has_its_versions_links_and_page_for_consumers(two, run):
    done = run()

    assert published(done, "totals") == sums(dataset(done.store))
    for name in ("shop_days", "totals"):
        folder, version = done.store / name, done.facts["versions"][name]
        assert {(folder / link).readlink().name for link in ("latest", "v1")} == {version}
        assert (folder / "latest" / f"{name}.yaml").exists()
        assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# Shops: {name}\n")
        assert f"<h2>Dataset {name}</h2>" in (done.store / "report.html").read_text(encoding="utf-8")


def test_a_second_run_makes_nothing_again(chain, run):
    first = run()

    again = run()

    assert again.facts["versions"] == first.facts["versions"]
    assert made(again) == {"shop_days": [], "months": [], "totals": []}
    assert not {*first.facts["versions"]} & {*again.steps}


def test_a_dataset_made_from_another_follows_it_partition_by_partition(chain, run, march):
    first = run()

    corrected = run(march)

    assert published(first, "totals")
    assert made(corrected) == {"shop_days": ["2025-03"], "months": ["2025-03"], "totals": ["all"]}
    assert corrected.facts["tables"]["months"]["from"] == ["shop_days"]
    assert len(published(corrected, "months")) == 3 * 2
    assert published(corrected, "totals") == sums(dataset(corrected.store))


def test_partitions_of_a_dataset_made_from_another_keep_no_copy_of_its_rows(chain, run):
    done = run()

    kept = {path.name for path in (done.store / "months" / "partitions").glob("*/*.parquet")}
    assert kept == {"months.parquet", "quarantine.parquet"}


def test_rows_that_leave_a_dataset_leave_those_made_from_it(chain, run):
    run()
    sql = chain.transforms / "shop_days.sql"
    sql.write_text(sql.read_text().replace("select * from days", "select * from days where month(day) <> 3"))

    done = run()

    assert {month.month for _, month, _ in published(done, "months")} == {2}
    assert published(done, "totals") == sums(dataset(done.store))


def test_partitions_may_be_longer_than_those_of_the_dataset_that_they_are_made_from(
    add, run, grained, altered
):
    some = "from sample where opened_at between '2025-02-25' and '2025-03-05 23:00'"
    grained("day")
    add("months", MONTHS.format("shop_days"), "month")
    run(altered(some))
    more = "select * replace (queue_minutes + 1 as queue_minutes)"

    done = run(altered(f"{more} {some} and opened_at >= '2025-03-01'"))

    assert made(done)["shop_days"] == [f"2025-03-0{day}" for day in range(1, 6)]
    assert made(done)["months"] == ["2025-03"]
    found = rows(
        "select shop, date_trunc('month', day)::timestamp as month, round(sum(queue_minutes), 2)"
        f" from '{done.store}/shop_days/latest/dataset/*.parquet' group by all order by all"
    )
    assert published(done, "months") == [(shop, month, pytest.approx(m)) for shop, month, m in found]


def test_another_version_of_a_dataset_that_comes_whole_makes_every_partition_again(add, run, march):
    add("totals", TOTALS.format("shop_days"))
    add("shares", SHARE, "month")
    run()

    done = run(march)

    assert made(done)["totals"] == ["all"]
    assert len(made(done)["shares"]) == 2
    total = {}
    for shop, _, part in published(done, "shares"):
        total[shop] = total.get(shop, 0) + part
    assert total == dict.fromkeys(("market", "north", "station"), pytest.approx(1))


def test_an_edit_of_the_sql_of_one_dataset_makes_only_those_again_that_depend_on_it(add, run):
    add("totals", TOTALS.format("source"))
    own = add("shares", SHARE, "month")
    first, sql = run(), own.transforms / "totals.sql"

    sql.write_text(f"{sql.read_text()} -- by shop", encoding="utf-8")
    same = run()
    sql.write_text(sql.read_text().replace("sum(queue_minutes)", "2 * sum(queue_minutes)"), encoding="utf-8")
    other = run()

    assert made(same) == {"shop_days": [], "totals": ["all"], "shares": []}
    assert made(other) == {"shop_days": [], "totals": ["all"], "shares": made(first)["shares"]}
    assert other.facts["versions"]["shop_days"] == first.facts["versions"]["shop_days"]


def test_a_span_means_the_same_time_in_every_dataset(add, run, grained, altered):
    grained("day")
    add("months", MONTHS.format("shop_days"), "month")
    days = "(day(opened_at) in (1, 27, 28, 31))"

    done = run(altered(f"from sample where {days}"), span=("2025-02-28", "2025-03"))

    assert made(done)["shop_days"] == ["2025-02-28", "2025-03-01", "2025-03-27", "2025-03-28", "2025-03-31"]
    assert made(done)["months"] == ["2025-02", "2025-03"]


BROKEN = "select shop, nothing as queue_minutes from {}"


def test_a_dataset_may_be_made_from_another_one_later_but_not_from_another_source(two, add, run, march):
    run()
    add("totals", TOTALS.format("shop_days"))
    followed = run(march)
    add("totals", TOTALS.format("source"))

    back = run()

    assert published(followed, "totals") == sums(dataset(followed.store))
    told = "totals.sql: the published partitions are made from rows of shop_days, not of source"
    assert told in back.facts["failed"]["totals"]
    assert about(back)["error"] == ""


FAILURES = {  # the dataset whose SQL does not run; what is published anew all the same
    "the last of a chain": ("totals", "months", ["shop_days", "months", "other"], []),
    "in the middle": ("months", "shop_days", ["shop_days", "other"], ["totals"]),
    "one on which none depends": ("other", "source", ["shop_days", "months", "totals"], []),
}


@pytest.mark.parametrize(("name", "read", "new", "follow"), FAILURES.values(), ids=FAILURES)
def test_a_dataset_that_fails_keeps_its_version_and_stops_only_what_is_made_from_it(
    chain, add, run, march, name, read, new, follow
):
    add("other", TOTALS.format("source"))
    first = run()
    before = {each: published(first, each) for each in first.facts["datasets"]}
    (chain.transforms / f"{name}.sql").write_text(BROKEN.format(read), encoding="utf-8")

    done = run(march)

    assert {each for each in before if published(done, each) != before[each]} == {*new}
    assert {*done.facts["failed"]} == {name, *follow}
    assert "nothing" in done.facts["failed"][name]
    for each in follow:
        assert done.facts["failed"][each].startswith(f"it is made from {name}, of which nothing new")
    assert [each for each in before if each in done.facts["versions"]] == [e for e in before if e in new]


def test_a_failed_partition_stays_as_it_was_in_what_is_made_from_it(chain, run, altered):
    first = run()
    minutes = "case when opened_at::date = '2025-03-02' then -1 else queue_minutes + 1 end"

    done = run(altered(f"select * replace ({minutes} as queue_minutes) from sample where {FEW}"))

    assert list(done.facts["failed"]) == ["shop_days 2025-03"]
    assert made(done)["months"] == ["2025-02"]
    one, other = ({row for row in published(run, "months") if row[1].month == 3} for run in (first, done))
    assert one == other


def test_a_contract_that_breaks_consumers_stops_only_its_own_dataset(two, add, run, march):
    first = run()
    path = two.contracts / "datasets" / "totals.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("required: true", "required: false"))

    done = run(march)

    assert list(done.facts["failed"]) == ["totals"]
    assert "breaks what v1.0.0 promised" in done.facts["failed"]["totals"]
    assert about(done)["version"] != about(first)["version"]


@pytest.fixture
def from_totals(two, add):
    """from_totals("joined", sql): a dataset more; all but totals that its SQL reads comes whole."""

    def write(name, sql):
        add(name, sql)
        path = two.contracts / "datasets" / f"{name}.yaml"
        cut = "property: partitionedSource, value: totals"
        path.write_text(path.read_text(encoding="utf-8").replace("property: keepVersions, value: 2", cut))
        return two

    return write


@pytest.fixture
def joined(from_totals):
    """The product with a dataset more, made from totals, and from the source as a whole."""
    sql = "select distinct shop, totals.queue_minutes from totals join source using (shop)"
    return from_totals("joined", sql)


def test_a_dataset_and_a_source_that_both_come_whole_are_read_whole(from_totals, run):
    counted = "select shop, count(*) as {0} from {1} group by shop"
    days, hours = counted.format("days", "shop_days"), counted.format("hours", "source")
    from_totals(
        "counted",
        "select shop, 1000.0 * days + hours as queue_minutes"
        f" from totals join ({days}) using (shop) join ({hours}) using (shop)",
    )

    done = run()

    (good,) = done.store.glob("source/*/source.parquet")
    hours = dict(rows(f"select shop, count(*) from '{good}' group by shop"))
    days = [shop for shop, *_ in dataset(done.store)]
    assert done.facts["failed"] == {}
    assert published(done, "counted") == [
        (shop, 1000.0 * days.count(shop) + hours[shop]) for shop in sorted(hours)
    ]


def test_bad_rows_of_a_source_that_comes_whole_stop_only_what_needs_it(joined, run, altered):
    first = run()
    minutes = "case when opened_at::date = '2025-03-02' then -1 else queue_minutes + 1 end"

    done = run(altered(f"select * replace ({minutes} as queue_minutes) from sample where {FEW}"))

    assert published(first, "joined") == published(first, "totals")
    assert {*done.facts["failed"]} == {"shop_days 2025-03", "totals all", "joined"}
    assert re.search(r"of 4,\d{3} rows break", done.facts["failed"]["joined"])
    assert made(done)["shop_days"] == ["2025-02"]


def test_a_source_that_delivers_nothing_is_old_rows_for_one_dataset_and_nothing_new_for_another(
    joined, run, altered, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)  # where nothing is delivered
    first = run()
    run(altered("from sample where opened_at < '2025-02-02' and month(opened_at) = 2"))

    again = run({})

    assert again.facts["failed"] == {}
    assert made(again) == {"shop_days": [], "totals": [], "joined": []}
    assert again.facts["sources"]["source"]["delivered"] is False
    assert published(again, "joined") == published(first, "joined")
    assert dataset(again.store) == dataset(first.store)


def test_a_new_dataset_waits_for_a_delivery_of_its_source_and_stops_no_other(
    two, add, run, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    run()
    add("later", TOTALS.format("source"))

    done = run({})

    assert list(done.facts["failed"]) == ["later"]
    assert (
        "there is no such file, and no dataset made from it is published yet" in done.facts["failed"]["later"]
    )


def test_each_dataset_keeps_as_many_versions_as_its_contract_says(two, run, altered):
    for number in range(4):
        done = run(altered(f"select * replace ({number} as queue_minutes) from sample limit 99"))
    run()

    count = {n: len([*(done.store / n).glob("[0-9a-f]*/manifest.json")]) for n in ("shop_days", "totals")}
    assert count == {"shop_days": 5, "totals": 3}  # the last run has added one


FOLDERS = {  # what is in the folder of contracts -> the error
    "a dataset and a source of one name": (
        lambda own: shutil.copy(own.contracts / "sources" / "source.yaml", own.contracts / "datasets"),
        r"CT013.*datasets/source\.yaml and .*sources/source\.yaml are contracts of one table",
    ),
    "a name of the kit": (
        lambda own: (own.contracts / "datasets" / "shop_days.yaml").rename(
            own.contracts / "datasets" / "reports.yaml"
        ),
        r"CT013.*reports\.yaml: no source or dataset can be called reports",
    ),
    "labels beside a dataset": (
        lambda own: shutil.copy(own.contracts / "sources" / "source.yaml", own.contracts / "labels.yaml"),
        r"CT013.*shop_days\.yaml: a product with labels\.yaml publishes predictions, and no dataset",
    ),
}


@pytest.mark.parametrize(("change", "told"), FOLDERS.values(), ids=FOLDERS)
def test_contracts_that_do_not_fit_together_are_refused(own, change, told):
    change(own)

    with pytest.raises(ContractError, match=told):
        odcs.load_published(own.contracts)


def test_two_datasets_at_one_address_are_refused(two):
    server = "servers: [{server: lake, type: s3, format: parquet, location: 's3://lake/out'}]\nschema:\n"
    for name in ("shop_days", "totals"):
        path = two.contracts / "datasets" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("schema:\n", server), encoding="utf-8")

    with pytest.raises(ContractError, match=r"CT013.*shop_days, totals are all published at s3://lake/out"):
        odcs.load_published(two.contracts)


def test_the_catalogue_gets_a_port_for_each_dataset_with_what_it_is_made_from(chain):
    ports = facts(chain, odcs.load_all(chain.contracts), {})["outputPorts"]

    assert {port["name"]: [each["id"] for each in port["inputContracts"]] for port in ports} == {
        "months": ["urn:example:shops:shop_days"],
        "shop_days": ["urn:example:shops:source"],
        "totals": ["urn:example:months"],
    }


GRAPHS = {  # the SQL of totals -> the error
    "from nothing": (
        "select 'a' as shop, 1.0 as queue_minutes",
        r"CT004.*its SQL reads no source and no",
    ),
    "from itself": (TOTALS.format("totals"), r"CT014(?s:.*)it is made from itself"),
    "from two with a time": (
        "select shop, queue_minutes from source join shop_days using (shop, queue_minutes)",
        r"CT004.*shop_days, source all have a time in the key",
    ),
}


@pytest.mark.parametrize(("sql", "told"), GRAPHS.values(), ids=GRAPHS)
def test_a_dataset_that_cannot_be_made_is_refused_before_anything_is_read(add, run, tmp_path, sql, told):
    add("totals", sql)

    with pytest.raises(ContractError, match=told):
        run()

    assert not (tmp_path / "store" / "source").exists()


def test_two_datasets_made_from_each_other_are_refused(add, run):
    add("one", TOTALS.format("two"))
    add("two", TOTALS.format("one"))

    with pytest.raises(ContractError, match=r"CT014(?s:.*)made from each other"):
        run()


def test_a_run_that_fails_in_part_says_which_dataset_and_exits_with_1(two, command, run, march):
    done = run()
    (two.transforms / "totals.sql").write_text(BROKEN.format("source"), encoding="utf-8")

    answer = command("run", "--source", march, store=done.store, product=two)

    assert answer.code == 1
    assert "error[DQ008] failed: 1; the others are published\n  totals: " in answer.err
    assert "totals       nothing new is published" in answer.out
    assert "FAILED: " in answer.out
    page = (done.store / "report.html").read_text(encoding="utf-8")
    assert "Failed: 1; the others are published" in page
    assert '<th scope="row">totals</th>' in page


@pytest.fixture
def published_twice(two, run, march):
    run()
    return run(march)


def test_a_rollback_concerns_one_dataset(published_twice, two, command):
    store, versions = published_twice.store, published_twice.facts["versions"]

    unnamed = command("publish", "rollback", store=store, product=two)
    unknown = command("publish", "rollback", "total", store=store, product=two)
    back = command("publish", "rollback", "totals", "--why", "nonsense", store=store, product=two)
    listed = json.loads(command("publish", "list", "totals", "--json", store=store, product=two).out)
    forth = command("publish", "promote", versions["totals"], store=store, product=two)

    assert (unnamed.code, unknown.code, back.code, forth.code) == (2, 2, 0, 0)
    assert "say of which dataset: shop_days, totals" in " ".join(unnamed.err.split())
    assert "error[CT001] there is no dataset 'total'" in unknown.err
    assert "did you mean 'totals'?" in unknown.err
    assert [each["published"] for each in listed] == [False, True]
    undo = f"to undo: `shop-statistics publish promote {versions['totals']}`"
    assert back.out == f"totals: published is {listed[1]['version']}\n{undo}\n"
    assert forth.out == f"totals: published is {versions['totals']}\n"
    assert (store / "shop_days" / "latest").readlink().name == versions["shop_days"]


def test_the_status_shows_each_dataset(published_twice, two, command):
    store = published_twice.store

    shown = command("status", store=store, product=two)
    found = json.loads(command("status", "--json", store=store, product=two).out)["datasets"]

    assert {each["dataset"]: each["version"] for each in found} == {
        name: published_twice.facts["versions"][name] for name in ("shop_days", "totals")
    }
    assert all(each["version"] in shown.out for each in found)


def test_the_status_shows_what_is_published_beside_what_is_not_yet(two, add, run, command):
    store = run().store
    add("later", TOTALS.format("source"))

    found = json.loads(command("status", "--json", store=store, product=two).out)["datasets"]

    assert [(each["dataset"], each["version"] is None) for each in found] == [
        ("later", True),
        ("shop_days", False),
        ("totals", False),
    ]


def test_a_partition_that_is_lost_is_made_again_from_what_the_other_dataset_has_now(chain, run):
    first = run()
    days, lost = chain.transforms / "shop_days.sql", first.facts["datasets"]["months"]["made"]["2025-02"]
    days.write_text(days.read_text().replace("select * from days", "select * from days where day(day) > 3"))
    shutil.rmtree(first.store / "months" / "partitions" / lost)

    done = run()

    assert done.facts["failed"] == {}
    assert published(done, "totals") == sums(dataset(done.store))
