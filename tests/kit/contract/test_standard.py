"""The words of the standard: each has its effect, has none by its nature, or is refused by name."""

from datetime import date, datetime

import pytest

from datadevops.contract import odcs
from datadevops.errors import ContractError

RULE = {"type": "sql", "query": "SELECT COUNT(*) FROM ${object} WHERE paid", "mustBe": 0}
HERE = {"server": "here", "type": "local", "path": "x.csv", "format": "csv"}
POSTGRES = {"server": "p", "type": "postgres", "host": "h", "port": 5432, "database": "d", "schema": "s"}


def servers(server, **changes):
    return {"contract": {"servers": [server | changes]}}


KNOWN = "not one of string, integer, number, boolean, timestamp, date"
PLACE = "schema.orders.properties.returned"
UNSUPPORTED = {
    "an object": (
        {"returned": {"logicalType": "object", "properties": [{"name": "a", "logicalType": "object"}]}},
        f"{PLACE}: logicalType object is {KNOWN}: it holds more than one value; leave the column out, a file",
    ),
    "an array": (
        {"returned": {"logicalType": "array", "items": {}}},
        f"{PLACE}: logicalType array is {KNOWN}",
    ),
    "a vector": (
        {"returned": {"logicalType": "vector", "logicalTypeOptions": {"dimensions": 3}}},
        f"{PLACE}: logicalType vector is {KNOWN}",
    ),
    "a time of day": (
        {"returned": {"logicalType": "time"}},
        f"{PLACE}: logicalType time is {KNOWN}; make",
    ),
    "a time of day that is called a date": (
        {"returned": {"logicalType": "date", "physicalType": "TIME"}},
        f"{PLACE}: logicalType time is {KNOWN}",
    ),
    "json": (
        {"returned": {"logicalType": None, "physicalType": "jsonb"}},
        f"{PLACE}: logicalType object is {KNOWN}",
    ),
    "bytes": (
        {"returned": {"logicalType": None, "physicalType": "BYTEA"}},
        f"{PLACE}: physicalType BYTEA holds bytes, which is {KNOWN}; leave the column out",
    ),
    "no type at all": (
        {"returned": {"logicalType": None}},
        f"{PLACE}: it has no logicalType; give one of string",
    ),
    "a physical type that tells none": (
        {"returned": {"logicalType": None, "physicalType": "Flag"}},
        f"{PLACE}: it has no logicalType, and its physicalType Flag does not tell one; give one of string",
    ),
    "a reference of several columns": (
        {"orders": {"relationships": [{"from": ["orders.sku", "orders.shop"], "to": ["a.sku", "a.shop"]}]}},
        "schema.orders: relationships: a key of several columns is not looked at; leave it out, or say it in",
    ),
    "a reference by path": (
        {"returned": {"relationships": [{"to": "schema/notes/properties/id"}]}},
        "schema.orders: relationships: returned to schema/notes/properties/id: write it as table.column",
    ),
    "a reference from another table": (
        {"orders": {"relationships": [{"from": "notes.id", "to": "notes.id"}]}},
        "schema.orders: relationships: from notes.id: it must be a column of this table, as orders.id",
    ),
    "two references of one column": (
        {"returned": {"relationships": [{"to": "notes.id"}, {"to": "texts.id"}]}},
        "schema.orders: relationships: returned refers to two columns; leave one of them out",
    ),
    "a measure": (
        {"returned": {"semanticType": "measure"}},
        f"{PLACE}: semanticType measure: a query makes it, no row holds it; leave the column out",
    ),
    "an encrypted column that is not there": (
        {"returned": {"encryptedName": "note_enc"}},
        f"{PLACE}: encryptedName note_enc: there is no such column; declare it, or leave the name out",
    ),
    "a rule for another engine": (
        {"returned": {"quality": [{"type": "custom", "engine": "soda", "implementation": "x"}]}},
        f"{PLACE}: quality.0: soda does not run here; write it as type sql, library or text",
    ),
    "a rule about rows without a name": (
        {"orders": {"quality": [RULE]}},
        "schema.orders: quality.0: a rule of type sql needs a name, which its rows in quarantine get",
    ),
    "files of another kind": (
        servers(HERE, format="json"),
        "servers.here.format: json is not read here; give parquet or csv",
    ),
    "a delimiter": (
        servers({"server": "s", "type": "s3", "location": "s3://x/y.csv"}, delimiter="new_line"),
        "servers.s.delimiter: the first line of a CSV file shows it; leave it out",
    ),
    "another encoding": (
        servers(HERE, encoding="UTF-16"),
        "servers.here.encoding: UTF-16 is not read here; give UTF-8",
    ),
}


@pytest.mark.parametrize(("change", "told"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_what_the_standard_has_and_nobody_keeps_here_is_refused_once_by_name(edited, change, told):
    path = edited(**change)
    path.write_text(path.read_text().replace("logicalType: null\n", "description: x\n"))

    with pytest.raises(ContractError) as error:
        odcs.load(path)

    assert (error.value.id, error.value.hint) == ("CT003", "change each of these places")
    found = error.value.message.splitlines()
    assert found[0] == f"{path} asks for what is not supported here"
    assert [line.strip()[: len(told)] for line in found[1:]] == [told]


NOTE = "schema.orders.properties.note"
MISPLACED = {  # change -> each line that is said
    "an option of another type": (
        {"note": {"logicalTypeOptions": {"minimum": 3}}},
        [f"{NOTE}.logicalTypeOptions: a string has no minimum: leave it out, or give the column another"],
    ),
    "an option beside its options": (
        {"note": {"minimum": 3}},
        [f"{NOTE}: minimum belongs into logicalTypeOptions, write `logicalTypeOptions: {{minimum: ...}}`"],
    ),
    "a plain enum": (
        {"note": {"enum": ["NL", 3]}},
        [
            f"{NOTE}.enum.0: an enum is a list of mappings, write {{value: NL}}",
            f"{NOTE}.enum.1: an enum is a list of mappings, write {{value: 3}}",
        ],
    ),
    "promises as a mapping": (
        {"contract": {"slaProperties": {"availability": 99, "freshness": 3}}},
        ["slaProperties: it must be a list, write - {property: availability, value: 99}, and so on"],
    ),
    "custom properties as a mapping": (
        {"note": {"customProperties": {"modelInput": True}}},
        [f"{NOTE}.customProperties: it must be a list, write - {{property: modelInput, value: true}}"],
    ),
    "one rule": (
        {"note": {"quality": {"metric": "nullValues"}}},
        [f"{NOTE}.quality: it must be a list, write - {{metric: nullValues}}"],
    ),
    "one example": ({"note": {"examples": "a"}}, [f"{NOTE}.examples: it must be a list, write [a]"]),
}


@pytest.mark.parametrize(("change", "told"), MISPLACED.values(), ids=MISPLACED)
def test_what_is_of_another_form_is_told_with_what_to_write(edited, change, told):
    with pytest.raises(ContractError) as error:
        odcs.load(edited(**change))

    found = error.value.message.splitlines()[1:]
    assert error.value.id == "CT002"
    assert [line.strip()[: len(one)] for line, one in zip(found, told, strict=True)] == told


def test_a_table_of_unsupported_columns_is_answered_for_each_of_them(edited):
    columns = [{"name": name, "logicalType": "array"} for name in ("one", "two")]

    with pytest.raises(ContractError) as error:
        odcs.load(edited(orders={"properties": columns, "quality": []}))

    places = [line.split(": ")[0].strip() for line in error.value.message.splitlines()[1:]]
    assert places == ["schema.orders.properties.one", "schema.orders.properties.two"]


def test_a_fault_beside_an_unsupported_column_has_its_own_place(edited):
    path = edited(quantity={"logicalType": "array", "logicalTypeOptions": {}}, note={"name": "a note"})

    with pytest.raises(ContractError) as error:
        odcs.load(path)

    places = [line.split(": ")[0].strip() for line in error.value.message.splitlines()[1:]]
    assert places == ["schema.orders.properties.quantity", "schema.orders.properties.a note.name"]


@pytest.mark.parametrize("key", ["customProperties", "examples", "logicalTypeOptions", "tags", "quality"])
def test_a_key_without_a_value_is_told_in_plain_words(edited, key):
    with pytest.raises(
        ContractError, match=rf"(?s)CT002.*note\.{key}: it is empty: give it a value, or leave"
    ):
        odcs.load(edited(note={key: None}))


ALL = "there is: string, date, timestamp, time, number, integer, object, array, boolean, map, vector"
TYPES = {
    "int": "'int' is not one of its words, did you mean 'integer'?",
    "float": f"'float' is not one of its words, {ALL}",
}


@pytest.mark.parametrize(("given", "told"), TYPES.items())
def test_a_type_that_the_standard_does_not_know_is_answered_with_the_nearest_or_all_of_them(
    edited, given, told
):
    with pytest.raises(ContractError) as error:
        odcs.load(edited(returned={"logicalType": given}))

    assert error.value.id == "CT002"
    assert f"{PLACE}.logicalType: {told}" in error.value.message


def test_a_description_has_no_effect(edited, orders):
    words = {
        "note": {
            "businessName": "Note",
            "classification": "internal",
            "criticalDataElement": True,
            "deprecated": False,
            "encryptedName": "sku",
            "semanticType": "dimension",
            "synonyms": [{"synonym": "Bemerkung", "locale": "de"}],
            "tags": ["text"],
            "transformLogic": "trim(note)",
            "transformSourceObjects": ["raw"],
            "authoritativeDefinitions": [{"type": "businessDefinition", "url": "https://example.com"}],
        },
        "orders": {"logicalType": "object", "physicalName": "ORDERS", "tags": ["shop"], "context": "Orders."},
        "contract": {
            "domain": "shop",
            "tags": ["a"],
            "price": {"priceAmount": 1},
            "roles": [{"role": "reader"}],
            "description": {"usage": "Look at it.", "limitations": "None."},
        },
    }

    assert odcs.load(edited(**words)).columns == orders.columns


def column(path, name):
    return next(column for column in odcs.load(path).columns if column.name == name)


def test_dates_without_quotes_are_taken(edited):
    path = edited(due_on={"examples": ["DAY"]}, shipped_at={"enum": [{"value": "TIME"}]})
    text = path.read_text().replace("DAY", "2024-02-03").replace("TIME", "2024-02-03T10:00:00Z")
    path.write_text(text)

    assert column(path, "due_on").examples == (date(2024, 2, 3),)
    assert column(path, "shipped_at").enum == (datetime(2024, 2, 3, 10),)


TIMES = {
    "in UTC": ("2024-02-03T10:00:00Z", datetime(2024, 2, 3, 10)),
    "with a zone": ("2024-02-03T10:00:00+10:00", datetime(2024, 2, 3)),
    "without the seconds": ("2024-02-03 10:00", datetime(2024, 2, 3, 10)),
}


@pytest.mark.parametrize(("written", "time"), TIMES.values(), ids=TIMES)
def test_a_time_of_the_contract_is_taken_in_utc(edited, written, time):
    path = edited(shipped_at={"examples": [written], "logicalTypeOptions": {"maximum": written}})

    assert column(path, "shipped_at").examples == (time,)
    assert column(path, "shipped_at").limits.maximum == time


LIMITS = {
    "above a number": ("weight_kg", {"exclusiveMinimum": 0}, (5e-324, None)),
    "below an integer": ("boxes", {"exclusiveMaximum": 10}, (-(2**63), 9)),
    "below a fraction": ("boxes", {"exclusiveMaximum": 9.5}, (-(2**63), 9)),
    "above a fraction": ("boxes", {"exclusiveMinimum": -9.5}, (-9, 2**63 - 1)),
    "the narrower of two": ("boxes", {"minimum": 5, "exclusiveMinimum": 5, "maximum": 7.0}, (6, 7)),
    "before a day": ("due_on", {"exclusiveMaximum": "2024-03-01"}, (None, date(2024, 2, 29))),
    "after a time": (
        "shipped_at",
        {"exclusiveMinimum": "2024-03-01T00:00:00"},
        (datetime(2024, 3, 1, 0, 0, 0, 1), None),
    ),
    "of 16 bits": ("boxes", {"format": "i16", "minimum": 0}, (0, 32767)),
    "of 32 bits without a sign": ("boxes", {"format": "u32"}, (0, 4294967295)),
    "of 64 bits": ("boxes", {"format": "i64"}, (-(2**63), 2**63 - 1)),
    "of a float of 64 bits": ("weight_kg", {"format": "f64", "maximum": 1}, (None, 1)),
    "of a float of 32 bits": ("weight_kg", {"format": "f32", "minimum": 0}, (0, 3.4028234663852886e38)),
    "in the form of ISO 8601": (
        "due_on",
        {"format": "yyyy-MM-dd", "minimum": "2024-01-01"},
        (date(2024, 1, 1), None),
    ),
    "in UTC": ("shipped_at", {"timezone": False, "defaultTimezone": "Etc/UTC"}, (None, None)),
}


@pytest.mark.parametrize(("name", "given", "bounds"), LIMITS.values(), ids=LIMITS)
def test_options_of_the_standard_become_limits(edited, name, given, bounds):
    limits = column(edited(**{name: {"logicalTypeOptions": given}}), name).limits

    assert (limits.minimum, limits.maximum) == bounds


def test_digits_and_letters_of_a_pattern_are_written_out(edited):
    path = edited(sku={"logicalTypeOptions": {"pattern": r"^\w{2}-[\d.]+$"}, "examples": ["AB-1.5"]})

    assert column(path, "sku").limits.pattern == "^[A-Za-z0-9_]{2}-[0-9.]+$"


PHYSICAL = {
    "in lower case": ({}, "number", "double", "number"),
    "of a warehouse": ({}, "integer", "NUMBER(38,0)", "integer"),
    "with a scale": ({}, "number", "NUMBER(10, 2)", "number"),
    "of text": ({}, "string", "character varying(50)", "string"),
    "with the length of a driver": (POSTGRES, "string", "varchar[15]", "string"),
    "of a time with a zone": ({}, "timestamp", "timestamp_tz", "timestamp"),
    "that a server only knows": (POSTGRES, "number", "serial", "number"),
    "that nobody knows": (POSTGRES, "string", "email_address", "string"),
    "of a date that is a time": ({}, "date", "TIMESTAMP(6)", "timestamp"),
    "of a date": ({}, "date", "DATE", "date"),
    "without a logical type": ({}, None, "bigint", "integer"),
    "without a logical type, of text": (POSTGRES, None, "uuid", "string"),
    "without a logical type, of a date": ({}, None, "date", "date"),
    "of cells of CSV": (HERE, "timestamp", "VARCHAR", "timestamp"),
}


@pytest.mark.parametrize(("server", "logical", "physical", "kind"), PHYSICAL.values(), ids=PHYSICAL)
def test_physical_types_are_read_in_the_dialect_of_the_server(edited, server, logical, physical, kind):
    given = {"name": "x", "physicalType": physical} | ({"logicalType": logical} if logical else {})
    there = servers(server) if server else {}

    path = edited(orders={"properties": [given], "quality": []}, **there)

    assert column(path, "x").type == kind


def test_parts_without_a_logical_type_are_no_fault_of_their_own(edited):
    parts = [{"name": "a", "physicalType": "text"}, {"name": "b"}, {"name": "c", "items": {"properties": []}}]

    with pytest.raises(ContractError) as error:
        odcs.load(edited(returned={"logicalType": "array", "items": {"properties": parts}}))

    assert error.value.message.count("\n") == 1
    assert f"{PLACE}: logicalType array is {KNOWN}" in error.value.message


def test_a_column_without_a_logical_type_has_options(edited):
    given = {"name": "x", "physicalType": "varchar(9)", "logicalTypeOptions": {"maxLength": 9}}

    path = edited(orders={"properties": [given], "quality": []})

    assert (column(path, "x").type, column(path, "x").limits.max_length) == ("string", 9)


def test_a_date_with_hours_in_its_format_is_a_timestamp(edited):
    path = edited(due_on={"logicalTypeOptions": {"format": "yyyy-MM-dd HH:mm:ss"}})

    assert column(path, "due_on").type == "timestamp"
