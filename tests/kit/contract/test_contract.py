"""A contract file is read whole or refused with every fault in it, each by its place."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from datadevops.contract import odcs
from datadevops.errors import ContractError


def test_every_contract_is_one_by_the_standards_own_package(contract):
    read = OpenDataContractStandard.from_file(str(contract.path))

    assert [each.name for each in read.schema_[0].properties] == list(contract.sql_types)


def test_a_contract_says_what_its_file_says(orders):
    assert (orders.name, orders.product, orders.version) == ("orders", "Shop", "2.1.0")
    assert (orders.owner, orders.contact) == ("shop-data", "mailto:shop-data@example.com")
    assert (orders.keys, orders.time_key) == (["shop", "ordered_at"], "ordered_at")
    assert orders.allowed_bad_ratio == 0.01
    assert orders.columns[0].enum == ("web", "it's", "north")


def test_what_a_contract_does_not_say_is_strict_about_rows_and_the_usual_otherwise(edited):
    contract = odcs.load(edited(orders={"customProperties": []}))

    assert (contract.allowed_bad_ratio, contract.drift_limit, contract.keep_versions) == (0, 0.25, 10)
    assert contract.deliveries == "additions"


LIMITS = {  # the least and the greatest that a property may be; numbers beyond them
    "allowedBadRatio": ([0, 0.999], [-0.001, 1]),
    "driftLimit": ([0, 5], [-0.1]),
    "keepVersions": ([2, 1000], [1, 0]),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_property_of_the_table_is_in_its_range(edited, name):
    good, bad = LIMITS[name]

    for value in good:
        assert odcs.load(edited(orders={"customProperties": [{"property": name, "value": value}]}))
    for value in bad:
        with pytest.raises(ContractError, match=name):
            odcs.load(edited(orders={"customProperties": [{"property": name, "value": value}]}))


TYPOS = {
    "of the contract": ({"contract": {"versoin": 1}}, "no key 'versoin', did you mean 'version'?"),
    "of the team": ({"contract": {"team": {"nmae": "x"}}}, "team: "),
    "of a column": ({"quantity": {"requird": 1}}, "orders.properties.quantity: no key 'requird', did you"),
    "of an option": ({"quantity": {"logicalTypeOptions": {"minimun": 1}}}, "mean 'minimum'?"),
    "of an enum": (
        {"stars": {"enum": [{"valeu": 1}]}},
        "stars.enum.0: no key 'valeu', did you mean 'value'?",
    ),
    "of a rule": ({"orders": {"quality": [{"metric": "rowCount", "mustbe": 1}]}}, "did you mean 'mustBe'?"),
}


@pytest.mark.parametrize(("change", "told"), TYPOS.values(), ids=TYPOS)
def test_a_misspelt_key_is_named_with_its_place_and_the_nearest_key(edited, change, told):
    with pytest.raises(ContractError) as error:
        odcs.load(edited(**change))

    assert error.value.id == "CT002"
    assert told in str(error.value)


def test_a_key_like_no_other_is_not_answered_with_all_that_the_standard_has(edited):
    with pytest.raises(ContractError) as error:
        odcs.load(edited(quantity={"columnOrder": 1}))

    (told,) = (line for line in error.value.message.splitlines() if "'columnOrder'" in line)
    assert told.count(",") <= 5
    assert "customProperties" in told
    assert "https://bitol.io" in error.value.hint


def test_every_misspelt_key_is_named_once_in_one_message(edited):
    path = edited(quantity={"requird": 1}, sku={"patern": "x"}, contract={"versoin": 1})

    with pytest.raises(ContractError) as error:
        odcs.load(path)

    assert [str(error.value).count(word) for word in ("'requird'", "'patern'", "'versoin'")] == [1, 1, 1]


UNREADABLE = {
    "not YAML": b"a: [",
    "not text": b"\xe9\x00",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_yaml_is_refused_by_name(tmp_path, content):
    path = tmp_path / "orders.yaml"
    path.write_bytes(content)

    with pytest.raises(ContractError, match=f"CT001.*{re.escape(str(path))}"):
        odcs.load(path)


def test_a_file_that_does_not_exist_is_refused_by_name(tmp_path):
    with pytest.raises(ContractError, match=r"CT001.*nowhere\.yaml"):
        odcs.load(tmp_path / "nowhere.yaml")


HEAD = "{apiVersion: v3.2.0, kind: DataContract, id: a, version: 1.0.0, status: active"
EMPTY = {
    "an empty file": "",
    "a list": "- a",
    "no schema": HEAD + "}",
    "no table": HEAD + ", schema: []}",
    "a table without columns": HEAD + ", schema: [{name: orders}]}",
}


@pytest.mark.parametrize("content", EMPTY.values(), ids=EMPTY)
def test_a_file_without_columns_is_no_contract(tmp_path, content):
    path = tmp_path / "orders.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ContractError, match=r"CT00[23].*orders\.yaml"):
        odcs.load(path)


def test_another_version_of_the_standard_is_refused(edited):
    with pytest.raises(ContractError, match=r"(?s)CT002.*apiVersion: 'v2.2.2' is not 'v3.2.0' or an earl"):
        odcs.load(edited(contract={"apiVersion": "v2.2.2"}))


@pytest.mark.parametrize("version", ["v3.0.0", "v3.0.2", "v3.1.0"])
def test_an_earlier_version_of_the_standard_with_the_same_words_is_read(edited, orders, version):
    path = edited(contract={"apiVersion": version, "team": [{"username": "ann", "role": "owner"}]})

    assert odcs.load(path).columns == orders.columns


def options(**limits):
    return {"logicalTypeOptions": limits}


def custom(name, value):
    return {"customProperties": [{"property": name, "value": value}]}


RULE = {"name": "odd", "type": "sql", "query": "SELECT COUNT(*) FROM ${object} WHERE paid", "mustBe": 0}
VALID = {"metric": "invalidValues", "mustBe": 0}
RULE_OF_KEY = {"metric": "duplicateValues", "mustBe": 0}
CONTRADICTIONS = {
    "minimum above maximum": ({"quantity": options(minimum=9, maximum=1)}, "quantity: 9: Input should be"),
    "shorter than short": ({"note": options(minLength=9, maxLength=1)}, "minLength 9 is above maxLength 1"),
    "a pattern that is none": ({"sku": options(pattern="[") | {"examples": []}}, "sku"),
    "a pattern that looks ahead": ({"sku": options(pattern="(?=A)A") | {"examples": ["A"]}}, "sku"),
    "a class that engines read differently": (
        {"sku": options(pattern=r"\s+|gift|AB123")},
        "\\s differs by engine, write the characters",
    ),
    "a set within a class": ({"sku": options(pattern="gift|[A-Z&&[AB]]+[0-9]+")}, "sets within []"),
    "an enum value out of range": ({"stars": options(minimum=2)}, "stars: 1: Input should be greater"),
    "an enum value that is no integer": (
        {"stars": {"enum": [{"value": 1.0}, {"value": 2}]}},
        "stars: enum 1.0 is no whole number",
    ),
    "the name of quarantine's column": ({"note": {"name": "broken_rules"}}, "broken_rules: a quarantine"),
    "an enum value of another type": (
        {"shop": {"enum": [{"value": False}]}},
        "shop: False: Input should be a valid string",
    ),
    "an example that breaks a rule": ({"sku": {"examples": ["AB1"]}}, "sku: 'AB1': String should match"),
    "a type that cannot carry": (
        {"quantity": {"physicalType": "VARCHAR"}},
        "VARCHAR carries string, not int",
    ),
    "a limit beyond the type": ({"boxes": options(maximum=2**63)}, "boxes: maximum 9223372036854775808"),
    "a limit that no number has": ({"weight_kg": options(maximum=10**400)}, "is no finite number"),
    "a limit of truth": ({"paid": options(minimum=0)}, "paid: minimum 0: a boolean has none, leave it out"),
    "a length of truth": ({"paid": options(minLength=1)}, "paid: minLength 1: a boolean has none"),
    "a fraction for a limit of integers": ({"quantity": options(minimum=1.5)}, "quantity"),
    "a bound that is no time": (
        {"ordered_at": options(minimum="yesterday")},
        "ordered_at: minimum 'yesterday' is not a time, write it in UTC as 2000-01-01T00:00:00",
    ),
    "a bound that is no day": (
        {"due_on": options(maximum="2020-01-01T12:00:00")},
        "due_on: maximum '2020-01-01T12:00:00' is not a day, write it as 2000-01-01",
    ),
    "a day beyond the calendar": ({"due_on": options(minimum="2023-02-29")}, "'2023-02-29' is not a day"),
    "a day before the first": (
        {"due_on": options(minimum="2024-02-02", maximum="2024-02-01")},
        "due_on: 2024-02-02: Input should be less",
    ),
    "an example that is no day": (
        {"due_on": {"examples": ["2024-02-02 10:00:00"]}},
        "due_on: '2024-02-02 10:00:00': ",
    ),
    "an option nobody checks": ({"note": options(format="email")}, "format: it is not checked here; leave"),
    "a format that no day has here": ({"due_on": options(format="dd.MM.yyyy")}, "format: it is not checked"),
    "a format of a time for a day": ({"ordered_at": options(format="yyyy-MM-dd")}, "format: it is not che"),
    "a time with its zone": ({"ordered_at": options(timezone=True)}, "timezone: it is not checked here"),
    "another zone": ({"ordered_at": options(defaultTimezone="Europe/Rome")}, "defaultTimezone: it is not"),
    "more than 64 bits": ({"boxes": options(format="i128")}, "boxes.logicalTypeOptions.format: it is not"),
    "steps": ({"boxes": options(multipleOf=5)}, "boxes.logicalTypeOptions.multipleOf: it is not checked"),
    "a misspelt mark": (
        {"returned": custom("knownAfterOutcom", True)},
        "no custom property 'knownAfterOutcom', did you mean 'knownAfterOutcome'?",
    ),
    "a mark in the wrong case": ({"returned": custom("KnownAfterOutcome", True)}, "did you mean 'knownA"),
    "a version that is none": ({"contract": {"version": "one"}}, "'one' is no version, write it as 1.0.0"),
    "a misspelt hint": ({"paid": custom("synthetic", {"nuls": 0})}, "paid.synthetic.nuls: "),
    "a hint that is none": ({"paid": custom("synthetic", 5)}, "paid.synthetic: "),
    "more nulls than rows": ({"paid": custom("synthetic", {"nulls": 2})}, "paid.synthetic.nulls: "),
    "a ratio that is no number": ({"orders": custom("allowedBadRatio", [1])}, "allowedBadRatio"),
    "a ratio that is none": (
        {"orders": custom("allowedBadRatio", 2)},
        "allowedBadRatio: Input should be less than 1",
    ),
    "a metric of columns for a table": (
        {"orders": {"quality": [{"name": "odd", "metric": "nullValues", "mustBe": 0}]}},
        "odd: it belongs to a column",
    ),
    "invalid values without valid ones": (
        {"paid": {"quality": [{"metric": "invalidValues", "mustBe": 0}]}},
        "paid: invalidValues: it needs the argument validValues or pattern, or an enum or a pattern",
    ),
    "valid values of another type": (
        {"paid": {"quality": [VALID | {"arguments": {"validValues": ["yes", True]}}]}},
        "paid: invalidValues: 'yes' in validValues is no boolean",
    ),
    "no valid values": (
        {"note": {"quality": [VALID | {"arguments": {"validValues": "gate"}}]}},
        "note: invalidValues: its argument validValues must be a list with at least one value",
    ),
    "a pattern of numbers": (
        {"boxes": {"quality": [VALID | {"arguments": {"pattern": "[0-9]"}}]}},
        "boxes: invalidValues: pattern '[0-9]': a pattern is text, about a column of type string",
    ),
    "an invalid pattern in a rule": (
        {"note": {"quality": [VALID | {"arguments": {"pattern": "["}}]}},
        "note: invalidValues: pattern '[' is not understood by all that check it",
    ),
    "a bound beyond the last day": (
        {"due_on": options(exclusiveMinimum="9999-12-31")},
        "due_on.logicalTypeOptions.exclusiveMinimum: it is not checked here",
    ),
    "an argument that the metric does not take": (
        {"paid": {"quality": [{"metric": "nullValues", "mustBe": 0, "arguments": {"validValues": [1]}}]}},
        "paid: nullValues: it takes no argument 'validValues'",
    ),
    "duplicates of an unknown column": (
        {
            "orders": {
                "quality": [{"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["x"]}}]
            }
        },
        "duplicateValues: there is no column 'x'",
    ),
    "two rules of one name": ({"orders": {"quality": [RULE, RULE]}}, "quality rule odd: declared twice"),
    "two columns of one physical name": (
        {"paid": {"physicalName": "P"}, "note": {"physicalName": "p"}},
        "physicalName p: declared twice",
    ),
    "the physical name of another column": (
        {"paid": {"physicalName": "Note"}},
        "paid: its physicalName Note is the name of another column",
    ),
    "a unit nobody knows": (
        {"orders": {"quality": [{"metric": "rowCount", "unit": "dozens", "mustBe": 1}]}},
        "quality.0.unit: Input should be 'rows' or 'percent'",
    ),
    "a rule that counts as two": (
        {"orders": {"quality": [{"name": "one, two", "metric": "rowCount", "mustBe": 1}]}},
        "quality.one, two.name: ",
    ),
    "an example beside the enum": ({"shop": {"examples": ["south"]}}, "shop: 'south': it is not one of web"),
    "a value that is missing": (
        {"shop": custom("missingValues", ["web"])},
        "shop: 'web' is in enum and in missingValues",
    ),
    "deliveries of an unknown kind": (
        {"orders": custom("deliveries", "sometimes")},
        "deliveries: Input should be 'additions' or 'complete'",
    ),
    "a severity nobody knows": (
        {"orders": {"quality": [{"metric": "rowCount", "mustBeGreaterThan": 0, "severity": "wrning"}]}},
        "severity: Input should be 'error', 'warning' or 'info'",
    ),
    "a warning that would be quarantined": (
        {"orders": {"quality": [RULE | {"severity": "warning"}]}},
        "quality rule odd: severity warning is not for type: sql, whose rows go to quarantine; leave it out",
    ),
}


@pytest.mark.parametrize(("change", "told"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contract_that_contradicts_itself_is_refused(edited, change, told):
    with pytest.raises(ContractError) as error:
        odcs.load(edited(**change))

    assert error.value.id == "CT003"
    assert told in str(error.value)


NOT_LONG = ["1 hour", "PT", "P1M", "P1Y", "-PT1H", "PT1.5H", 3600, "P1W2D", ""]


@pytest.mark.parametrize("value", NOT_LONG, ids=str)
def test_what_is_no_duration_is_refused_with_a_form_that_is(edited, value):
    with pytest.raises(ContractError, match=r"(?s)CT003.*ordered_at\.availableAfter: .*write it as PT1H"):
        odcs.load(edited(ordered_at=custom("availableAfter", value)))


def test_only_the_time_in_the_key_of_a_source_says_when_rows_are_known(edited):
    path = edited(ordered_at=custom("availableAfter", "PT1H"), note=custom("availableAfter", "PT0S"))
    (path.parent / "sources").mkdir()

    with pytest.raises(ContractError) as of_no_source:
        odcs.load(path)
    path = path.rename(path.parent / "sources" / path.name)
    with pytest.raises(ContractError) as of_a_source:
        odcs.load(path)

    told = "availableAfter says when rows that are delivered become known; it is for the timestamp in the key"
    assert f"ordered_at: {told} of a source" in of_no_source.value.message
    assert f"note: {told} of a source" in of_a_source.value.message
    assert "ordered_at" not in of_a_source.value.message


def test_without_a_time_in_the_key_one_time_of_a_source_says_it(edited):
    beside, marked = {"primaryKey": False}, custom("availableAfter", "PT1H")
    (edited().parent / "sources").mkdir()

    one = odcs.load(edited("sources", ordered_at=beside | marked))
    with pytest.raises(ContractError, match=r"CT003(.|\n)*shipped_at: availableAfter(.|\n)*for one other"):
        odcs.load(edited("sources", ordered_at=beside | marked, shipped_at=marked))

    assert (one.known_from, one.delay) == ("ordered_at", timedelta(hours=1))


MONTHLY = {"partitioned": True, "partitionKeyPosition": 1} | custom("partitionGrain", "month")
PARTITIONS = {  # changes of columns of a dataset, and what is told
    "no grain": ({"ordered_at": {"partitioned": True}}, "ordered_at: partitioned without a grain; add"),
    "only a grain": (
        {"ordered_at": custom("partitionGrain", "month")},
        "ordered_at: partitionGrain without partitioned: true",
    ),
    "a grain nobody knows": (
        {"ordered_at": MONTHLY | custom("partitionGrain", "decade")},
        "ordered_at.partitionGrain: Input should be 'hour', 'day', 'week', 'month' or 'year'",
    ),
    "two columns": (
        {"ordered_at": MONTHLY, "due_on": MONTHLY | {"primaryKey": True}},
        "partitioned: ordered_at, due_on; a dataset is partitioned by one column",
    ),
    "a second position": (
        {"ordered_at": MONTHLY | {"partitionKeyPosition": 2}},
        "ordered_at: partitionKeyPosition 2 is not 1",
    ),
    "only a position": (
        {"ordered_at": MONTHLY, "note": {"partitionKeyPosition": 1}},
        "note: partitionKeyPosition 1 without partitioned: true",
    ),
    "a column without time": ({"shop": MONTHLY}, "shop: partitioned, and no timestamp or date of the prim"),
    "a time beside the key": ({"shipped_at": MONTHLY}, "shipped_at: partitioned, and no timestamp or date"),
    "a dataset that is delivered": (
        {"orders": custom("deliveries", "complete")},
        "deliveries: a dataset is not delivered; write it into the contract of its source",
    ),
    "hours of a date": (
        {"due_on": MONTHLY | {"primaryKey": True} | custom("partitionGrain", "hour")},
        "due_on: a date has no hours",
    ),
}


@pytest.mark.parametrize(("change", "told"), PARTITIONS.values(), ids=PARTITIONS)
def test_a_dataset_whose_partitions_contradict_themselves_is_refused(edited, change, told):
    with pytest.raises(ContractError) as error:
        odcs.load(edited("datasets", **change))

    assert error.value.id == "CT003"
    assert told in str(error.value)


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "year"])
def test_a_dataset_says_how_long_its_partitions_are(edited, grain):
    changed = MONTHLY | custom("partitionGrain", grain)

    assert odcs.load(edited("datasets", ordered_at=changed)).grain == grain


def test_a_dataset_without_partitions_is_one_whole(edited):
    assert odcs.load(edited("datasets")).grain is None


def test_how_somebody_else_stores_a_table_is_not_judged(edited):
    stored = {"partitioned": True, "partitionKeyPosition": 2}

    assert odcs.load(edited(shop=stored, note=stored)).grain is None


def test_a_grain_is_refused_where_no_dataset_is_published(edited):
    with pytest.raises(ContractError, match="ordered_at: partitionGrain is for a dataset; leave it out"):
        odcs.load(edited(ordered_at=MONTHLY))


def test_all_contradictions_are_told_at_once(edited):
    path = edited(
        shop={"examples": ["south"]},
        quantity=options(minimum=9, maximum=1),
        note=options(minLength=9, maxLength=1),
    )

    with pytest.raises(ContractError) as error:
        odcs.load(path)

    lines = str(error.value).split("\n\n")[0].splitlines()[1:]
    assert {line.split(":")[0].strip() for line in lines} == {"shop", "quantity", "note"}
    assert "Value error" not in str(error.value)


@pytest.mark.parametrize("other", ["paid", "PAID"])
def test_a_column_is_declared_once_in_upper_or_lower_case(edited, other):
    columns = [{"name": name, "logicalType": "boolean"} for name in ("paid", other)]

    with pytest.raises(ContractError, match=r"(?s)CT003.*paid: declared twice"):
        odcs.load(edited(orders={"properties": columns, "quality": []}))


@pytest.mark.parametrize("name", ['a"b', "_x", "two words", "1st"])
def test_a_column_bears_a_plain_word(edited, name):
    with pytest.raises(ContractError, match=rf"(?s)CT003.*'{name}' .* a letter, then letters, digits and _"):
        odcs.load(edited(paid={"name": name}))


def test_a_table_bears_a_plain_word(edited):
    path = edited(orders={"name": "daily-orders"})

    with pytest.raises(ContractError, match=r"(?s)CT003.*daily-orders"):
        odcs.load(path.rename(path.with_name("daily-orders.yaml")))


def test_a_part_of_the_key_is_required_without_saying_so(edited):
    contract = odcs.load(edited(shop={"required": False}))

    assert contract.columns[0].required


def test_a_team_may_have_custom_properties_of_its_own(edited):
    contract = odcs.load(edited(paid=custom("unique", True), orders=custom("steward", "Ann")))

    assert not next(column for column in contract.columns if column.name == "paid").unique


def test_a_table_bears_the_name_of_its_file(edited):
    path = edited()

    with pytest.raises(ContractError, match=r"(?s)CT003.*one table, named as the file: 'others'"):
        odcs.load(path.rename(Path(path.parent, "others.yaml")))


def test_a_table_without_a_time_in_its_key_says_so_when_it_is_asked(edited):
    contract = odcs.load(edited(ordered_at={"primaryKey": False}))

    with pytest.raises(ContractError, match=r"CT004.*no timestamp in the primary key"):
        _ = contract.time_key
