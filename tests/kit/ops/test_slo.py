"""A file of objectives is understood, or refused with the place and the remedy."""

import copy
import re
import shutil
from pathlib import Path

import pytest
import yaml

import house_prices
import shop_forecast
import shop_statistics
from datadevops import yaml_file
from datadevops.contract import odcs
from datadevops.errors import SloError
from datadevops.ops import alerts, own_objectives, service_levels, slo
from datadevops.ops.service_levels import Level
from datadevops.telemetry import run_metrics

OBJECTIVES = Path(__file__).with_name("slo.yaml")
METRICS = {
    "orders_total": {"state": ["new", "lost"]},
    "orders_failed_total": {},
    "stock_seconds": {"shelf": []},
}


@pytest.fixture
def product():
    return shop_statistics.PRODUCT


def load(path, levels=None):
    return slo.load(path, METRICS, levels or {})


def test_objectives_owner_and_addresses_are_read():
    found = load(OBJECTIVES)

    availability, stock = found.slos
    assert found.service["labels"] == {"team": "order-data", "tier": "2"}
    assert found.receivers["page"] == "https://example.com/page"
    assert (availability.target, availability.budget, availability.days) == (0.99, 0.01, 30)
    assert availability.burn_alerts() == {"fast": "page", "slow": "ticket"}
    assert (stock.limit, stock.absent_is_bad) == (86400, True)


SERVICE = r"(?s)(apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: )shop-orders(.*?---\n)"
WRONG = {
    "no YAML": (r"apiVersion.*", "a: b: c", "OP001", "cannot be read"),
    "a misspelt key": ("displayName: taken", "displayname: taken", "OP001", "did you mean 'displayName'?"),
    "no owner": ("team: order-data, ", "", "OP001", 'Service metadata.labels: "team" is a required property'),
    "a list": (r"\A", "- 1\n---\n", "OP001", "document 1: kind must be one of"),
    "no service": (SERVICE, "", "OP001", "there must be exactly one Service"),
    "two services": (SERVICE, r"\1orders\2\1stock\2", "OP001", "there must be exactly one Service"),
    "another kind": ("kind: Service", "kind: Servise", "OP001", "document 1: kind must be one of"),
    "no SLO's metadata": (r"metadata: \{name: stock-age.*", "", "OP001", '"metadata" is a required property'),
    "no objective": (
        r"(?s)---\napiVersion: openslo/v1\nkind: SLO.*",
        "",
        "OP001",
        "there must be at least one SLO",
    ),
    "nowhere to page": ("name: page", "name: ticket", "OP001", "AlertNotificationTarget page is missing"),
    "one name twice": (
        "name: stock-age",
        "name: availability",
        "OP001",
        "SLO availability is there twice",
    ),
    "a query too rich": (
        r"orders_total\{job=.shop-orders.\}",
        "sum(orders_total)",
        "OP001",
        "does not match",
    ),
    "a limit that burns": ("alert: ticket", "alert-slow-burn: ticket", "OP001", "alert"),
    "a target above one": ("target: 0.99", "target: 99", "OP001", "99 is greater than the maximum"),
    "a target without an error": ("target: 0.99", "target: 0.9999999", "OP001", "greater than the maximum"),
    "no minute of silence": ("silent-after: 10m", "silent-after: 0m", "OP001", '"0m" does not match'),
    "the name of what has no objective": (
        "name: stock-age",
        "name: telemetry",
        "OP001",
        'is not allowed for "telemetry"',
    ),
    "alive by no series": (r"alive: .up.*1.", "alive: up", "OP001", '"up" does not match'),
    "an alert too dull": (
        "target: 0.99",
        "target: 0.9",
        "OP002",
        "the condition of alert-fast-burn over 1h can never hold: 144% of all",
    ),
    "an alert for which every event would have to be bad": (
        r"(?s)alert-fast-burn: page, (.*?)30d(.*?)target: 0.99",
        r"\1 20d\2target: 0.5",
        "OP002",
        "the condition of alert-slow-burn over 1d can never hold: 100% of all",
    ),
    "an unknown metric": ("orders_total", "order_total", "OP002", "did you mean 'orders_total'?"),
    "a value that cannot be": (
        r"orders_total\{job",
        'orders_total{state="newer",job',
        "OP002",
        "no state of orders_total is 'newer', did you mean 'new'?",
    ),
    "a pattern that nothing fits": (
        r"orders_total\{job",
        'orders_total{state=~"l.",job',
        "OP002",
        "is 'l.', there",
    ),
    "a pattern that is none": (
        r"orders_total\{job",
        'orders_total{state=~"l[",job',
        "OP002",
        "state of orders_total: invalid pattern 'l['",
    ),
    "a value left out that cannot be": (
        r"orders_total\{job",
        'orders_total{state!="old",job',
        "OP002",
        "is 'old'",
    ),
    "another job": (
        'job="shop-orders"',
        'job="shop"',
        "OP002",
        "no job of up is 'shop', there is: shop-orders",
    ),
    "inhibited by what is not there": (
        "alert: ticket",
        "alert: ticket, inhibited-by: availible",
        "OP002",
        "stock-age: inhibited-by: no objective is 'availible', did you mean 'availability'?",
    ),
    "inhibited by itself": (
        "alert: ticket",
        "alert: ticket, inhibited-by: stock-age",
        "OP002",
        "stock-age: inhibited-by leads from stock-age to stock-age: no alert would be left",
    ),
    "inhibited in a circle": (
        r"(?s)silent-after: 10m(.*)alert: ticket",
        r"inhibited-by: stock-age\1alert: ticket, inhibited-by: availability",
        "OP002",
        "availability: inhibited-by leads from availability to stock-age to availability",
    ),
    "inhibited by a slow burn alone": (
        r"(?s)alert-fast-burn: page, (.*), silent-after: 10m(.*)alert: ticket",
        r"\1\2alert: ticket, inhibited-by: availability",
        "OP002",
        "stock-age: inhibited-by: availability has only alert-slow-burn, which inhibits nothing",
    ),
    "an unknown label": (r"orders_total\{job", "orders_total{shop", "OP002", "has no label 'shop'"),
}


@pytest.mark.parametrize(("old", "new", "error_id", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(old, new, error_id, message, tmp_path):
    path = tmp_path / "slo.yaml"
    path.write_text(re.sub(old, new, OBJECTIVES.read_text(), count=1))

    with pytest.raises(SloError) as refused:
        load(path)

    assert refused.value.id == error_id
    assert message in str(refused.value)


def test_every_wrong_place_is_named_at_once(tmp_path):
    text = OBJECTIVES.read_text().replace("orders_total{job", "order_total{job")
    text = text.replace("orders_failed_total{job", 'orders_failed_total{shop="a",job')
    (tmp_path / "slo.yaml").write_text(text.replace("stock_seconds{job", "stock_second{job"))

    with pytest.raises(SloError) as refused:
        load(tmp_path / "slo.yaml")

    _, *places = refused.value.message.splitlines()
    assert [each.split(", ")[0].strip() for each in places] == [
        "availability: nothing exports 'order_total'",
        "availability: orders_failed_total has no label 'shop'",
        "stock-age: nothing exports 'stock_second'",
    ]


ANY = {"an instance": 'instance="shop:9000",', "what has no list of values": 'shelf="b",shelf!="c",'}


@pytest.mark.parametrize("matchers", ANY.values(), ids=ANY)
def test_a_label_whose_values_nobody_knows_may_have_any(tmp_path, matchers):
    text = OBJECTIVES.read_text().replace("stock_seconds{", "stock_seconds{" + matchers)
    (tmp_path / "slo.yaml").write_text(text)

    assert matchers in load(tmp_path / "slo.yaml").slos[1].query


def test_another_target_than_the_contract_promises_is_refused():
    with pytest.raises(SloError, match=r"availability: 0\.99, but the contract of t promises 0\.999"):
        load(OBJECTIVES, {"availability": [promise("t", 99.9)]})


def promise(table, value, unit="percent", property_="availability"):
    entry = {"property": property_, "value": value, "unit": unit}
    return Level(Path(f"contracts/{table}.yaml"), table, {k: v for k, v in entry.items() if v is not None})


NO_TARGETS = {"a time": (1, "d"), "all of them": (100, "percent"), "none of them": (0, "percent")}


@pytest.mark.parametrize(("value", "unit"), NO_TARGETS.values(), ids=NO_TARGETS)
def test_what_no_target_can_be_is_not_offered_as_one(value, unit):
    with pytest.raises(SloError, match="OP002") as refused:
        load(OBJECTIVES, {"availability": [promise("t", value, unit)]})

    assert "Write there `- {property: availability, value: 99, unit: percent}`" in refused.value.message
    assert "target:" not in refused.value.message


LINES = {  # what a contract promises beside a target of 0.99 or a limit of a day -> what it should say
    "of another unit": (
        promise("t", 99.9),
        "{property: availability, value: 99, unit: percent}",
        "or in ops/slo.yaml target: 0.999",
    ),
    "of an age": (
        promise("t", 2, "h", "stock-age"),
        "{property: stock-age, value: 24, unit: h}",
        "or in ops/slo.yaml value: 7200",
    ),
    "without a unit": (
        promise("t", "99 %", None),
        "{property: availability, value: 99, unit: percent}",
        "value: 99 %}",
    ),
    "a time for a share": (
        promise("t", 1, "d"),
        "{property: availability, value: 99, unit: percent}",
        "the contract of t promises 86400",
    ),
}


@pytest.mark.parametrize(("level", "wanted", "there"), LINES.values(), ids=LINES)
def test_each_promise_that_is_not_kept_has_its_file_and_the_line_to_write(level, wanted, there):
    with pytest.raises(SloError) as refused:
        load(OBJECTIVES, {level.entry["property"]: [level]})

    (line,) = [each for each in refused.value.message.splitlines() if wanted in each]
    assert "contracts/t.yaml promises `- {property:" in line
    assert there in line
    assert "None" not in line


ABOUT_TWO = {  # what two tables promise; what is wrong with the one objective that there is
    "both the same": ({"one": 99, "two": 99.0}, None),
    "another for the second": (
        {"one": 99, "two": 95},
        "availability: 0.99, but the contract of two promises 0.95",
    ),
}


@pytest.mark.parametrize(("promised", "told"), ABOUT_TWO.values(), ids=ABOUT_TWO)
def test_an_objective_is_about_every_table_that_promises_it(promised, told):
    levels = {"availability": [promise(table, value) for table, value in promised.items()]}

    if told is None:
        assert load(OBJECTIVES, levels)
    else:
        with pytest.raises(SloError, match=told):
            load(OBJECTIVES, levels)


def test_an_objective_of_its_own_frees_a_table_from_the_one_about_all(edited, tmp_path):
    promises = {}
    for table, value in (("shop_days", 99), ("shop_hours", 95)):
        sla = [{"property": "availability", "value": value, "unit": "percent"}]
        promises[table] = odcs.load(edited(table, contract={"slaProperties": sla}))
    levels = service_levels.of(promises)
    documents = [*yaml_file.documents(OBJECTIVES.read_text(encoding="utf-8"))]
    own = copy.deepcopy(next(each for each in documents if each["metadata"]["name"] == "availability"))
    own["metadata"]["name"] = "availability-shop-hours"
    path = tmp_path / "slo.yaml"

    for target, told in ((0.95, None), (0.9, "availability-shop-hours: 0.9, but the contract of shop_hours")):
        own["spec"]["objectives"][0]["target"] = target
        path.write_text(yaml.safe_dump_all([*documents, own]), encoding="utf-8")
        if told is None:
            assert load(path, levels)
        else:
            with pytest.raises(SloError, match=told):
                load(path, levels)


@pytest.mark.parametrize("availability", [99.0, 99])
@pytest.mark.parametrize("age", [{"value": 24, "unit": "h"}, {"value": 1, "unit": "d"}])
def test_what_a_contract_promises_in_its_units_may_be_the_targets(edited, availability, age):
    promises = [
        {"property": "availability", "value": availability, "unit": "percent"},
        {"property": "stock-age", **age},
        {"property": "retention", "value": 3, "unit": "y"},  # no objective asks for it
        {"property": "support", "value": "by mail"},
    ]
    contract = odcs.load(edited(contract={"slaProperties": promises}))

    assert len(load(OBJECTIVES, service_levels.of({"orders": contract})).slos) == 2


INCOMPARABLE = [{"value": 1, "unit": "week"}, {"value": 86400}, {"value": "one", "unit": "d"}]


@pytest.mark.parametrize("said", INCOMPARABLE)
def test_a_promise_that_cannot_be_compared_with_its_objective_is_named(edited, said):
    contract = odcs.load(edited(contract={"slaProperties": [{"property": "stock-age", **said}]}))

    with pytest.raises(
        SloError,
        match=r"OP002(?s:.*)stock-age: .*orders must promise a number with a unit \(percent, s, m, h, d\)",
    ):
        load(OBJECTIVES, service_levels.of({"orders": contract}))


@pytest.mark.parametrize(
    ("product", "known"),
    [(shop_forecast.PRODUCT, True), (house_prices.PRODUCT, False)],
    ids=["time", "no time"],
)
def test_the_age_of_the_newest_row_is_exported_only_if_rows_have_a_time(product, known):
    exported = own_objectives.exported(product)

    assert slo.OF_NEWEST[0] in run_metrics.metrics(product.command)
    assert all((name in exported) is known for name in slo.OF_NEWEST)
    assert run_metrics.SOURCE_NEWEST in exported


def test_without_a_time_an_objective_for_the_newest_row_is_refused_and_its_panel_is_gone(
    statistics, own, tmp_path
):
    path = own.contracts / "datasets" / "shop_days.yaml"
    dataset = yaml.safe_load(path.read_text())
    shop, day, *others = dataset["schema"][0]["properties"]
    day = {"name": "day", "logicalType": "timestamp"}
    dataset["schema"][0] |= {"properties": [shop, day, *others]}
    shutil.copytree(own.folder / "ops", tmp_path / "ops")
    before = alerts.render(own_objectives.load(statistics, tmp_path), own.command)
    path.write_text(yaml.safe_dump({**dataset, "slaProperties": []}))

    with pytest.raises(
        SloError, match=r"OP002(?s:.*)nothing exports 'product_run_newest_timestamp_seconds', as no row"
    ):
        own_objectives.load(own, tmp_path)

    kept = [each for each in objectives(tmp_path) if each["metadata"]["name"] != "freshness"]
    (tmp_path / "ops" / "slo.yaml").write_text(yaml.safe_dump_all(kept))
    after = alerts.render(own_objectives.load(own, tmp_path), own.command)
    path.write_text(yaml.safe_dump({**dataset, "slaProperties": SAME}))
    with pytest.raises(
        SloError, match=r"(?s)OP002.*shop_days.yaml promises .*no row of shop_days has a time"
    ):
        own_objectives.load(own, tmp_path)
    assert "Age of the newest row" in before["dashboard.json"]
    assert "Age of the newest row" not in after["dashboard.json"]


SAME = [{"property": "freshness", "value": 50, "unit": "h"}]
ALONE = {  # what the only dataset promises, the objectives that are left out
    "no promise": ([], ()),
    "no objective": (SAME, ("freshness",)),
}


@pytest.mark.parametrize(("promises", "without"), ALONE.values(), ids=ALONE)
def test_the_only_dataset_may_have_a_promise_or_an_objective_alone(own, tmp_path, promises, without):
    path = own.contracts / "datasets" / "shop_days.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"slaProperties": promises}))
    shutil.copytree(own.folder / "ops", tmp_path / "ops")
    kept = [each for each in objectives(tmp_path) if each["metadata"]["name"] not in without]
    (tmp_path / "ops" / "slo.yaml").write_text(yaml.safe_dump_all(kept))

    assert {o.name for o in own_objectives.load(own, tmp_path).slos} & {"freshness"} == {"freshness"} - {
        *without
    }


@pytest.fixture
def two(own, tmp_path):
    """two(promises, labels): its objectives with a second dataset that makes these promises, where the query
    for the newest row has these labels more."""
    path = own.contracts / "datasets" / "shop_days.yaml"
    shutil.copytree(own.folder / "ops", tmp_path / "ops")

    def load(promises, labels):
        content = yaml.safe_load(path.read_text())
        content["schema"][0]["name"] = "hours"
        path.with_name("hours.yaml").write_text(yaml.safe_dump({**content, "slaProperties": promises}))
        text = (own.folder / "ops" / "slo.yaml").read_text()
        series = 'product_run_newest_timestamp_seconds{product="shop-statistics"'
        assert series in text
        (tmp_path / "ops" / "slo.yaml").write_text(text.replace(series, series + labels))
        return own_objectives.load(own, tmp_path)

    return load


TWO = {  # what a second dataset promises, labels of the query -> what is wrong
    "the same of both": (SAME, "", None),
    "one that is named": ([], ',dataset="shop_days"', None),
    "all, and one promises nothing": ([], "", "freshness is about every dataset, and hours does not promise"),
    "one that there is not": ([], ',dataset="shop_day"', "is 'shop_day', did you mean 'shop_days'?"),
}


@pytest.mark.parametrize(("promises", "labels", "told"), TWO.values(), ids=TWO)
def test_an_objective_for_the_newest_row_is_about_datasets_that_promise_it(two, promises, labels, told):
    if told is None:
        assert two(promises, labels).slos
    else:
        with pytest.raises(SloError, match=rf"OP002(?s:.*){re.escape(told)}"):
            two(promises, labels)


def objectives(home):
    return list(yaml.safe_load_all((home / "ops" / "slo.yaml").read_text()))
