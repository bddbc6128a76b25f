"""A refused request names where and why, and repeats no value."""

import json
import time

import pytest

from datadevops.contract import odcs
from datadevops.contract.predicates import REQUEST_RULES
from datadevops.service import request


@pytest.fixture
def reader(orders):
    """reader("sku", "note"): reads requests with only these columns."""

    def make(*names):
        columns = tuple(column for column in orders.columns if column.name in names)
        return request.Reader(orders.model_copy(update={"columns": columns}))

    return make


@pytest.mark.parametrize("extra", [{"colour": "red"}, {"Sku": "gift"}])
def test_a_request_with_an_unknown_column_is_refused(reader, extra):
    with pytest.raises(request.ViolationsError):
        reader("sku").read(json.dumps({"rows": [{"sku": "gift"}, {"sku": "gift"} | extra]}).encode())


REFUSED = {
    "no JSON": "{",
    "another shape": '{"row": []}',
    "no rows": '{"rows": []}',
    "too many rows": json.dumps({"rows": [{"sku": "gift"}] * 1001}),
    "a list of lists": '{"rows": [["gift"]]}',
    "deep nesting": '{"rows": ' + '[{"sku":' * 100_000,
    "deep nesting in a row": '{"rows": [{"sku": ' + "[" * 100_000 + "]" * 100_000 + "}]}",
    "invalid UTF-8": b'{"rows": [{"sku": "\xff"}]}',
    "a number without end": '{"rows": [{"sku": ' + "9" * 5_000 + "}]}",
    "a column twice": '{"rows": [{"sku": "gift", "sku": "gift"}]}',
    "a column twice, escaped": '{"rows": [{"sku": "gift", "\\u0073ku": "gift"}]}',
    "a column twice, as long as a missing one": '{"rows": [{"sku": "gift", "sku": "gift"}, {}]}',
    "the rows twice": '{"rows": [{"sku": "gift"}], "rows": [{"sku": "gift"}]}',
    "more after the end": '{"rows": [{"sku": "gift"}]} {}',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_for(reader, body):
    with pytest.raises((request.ViolationsError, request.MalformedError)):
        reader("sku").read(body.encode() if isinstance(body, str) else body)


def test_a_comma_in_a_text_does_not_count_as_a_column(reader):
    for spelling in ("a, b", "a\\u002c b", "null,null"):
        body = f'{{"rows": [{{"note": "{spelling}"}}, {{"note": null}}]}}'
        assert len(reader("note").read(body.encode())) == 2


def test_a_megabyte_of_repeated_columns_is_refused_quickly(reader):
    body = '{"rows": [{' + ", ".join(['"sku": "gift", "paid": true'] * 35_000) + "}]}"
    begun = time.process_time()

    with pytest.raises(request.ViolationsError) as refused:
        reader("sku", "paid").read(body.encode())

    found = [(each.row, each.column, each.rule) for each in refused.value.found]
    assert found == [(0, "paid", "duplicate"), (0, "sku", "duplicate")]
    assert time.process_time() - begun < 5  # seconds; 0.1 if each name is checked once


FIRST = ['[{"shop": "web"}]', '[{"shop": "secret"}]', "[{}]", "[]", "null", '"secret"', '[["secret"]]']


@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("rows", FIRST)
def test_a_repeated_key_rows_is_named_without_values_whatever_the_rows_are(reader, rows, place):
    good = '[{"shop": "web"}]'
    both = (rows, good) if place == "first" else (good, rows)
    body = '{{"rows": {}, "\\u0072ows": {}}}'.format(*both)

    with pytest.raises(request.ViolationsError) as refused:
        reader("shop").read(body.encode())

    found = [(each.row, each.column, each.rule) for each in refused.value.found]
    assert found == [(None, "rows", "duplicate")]
    assert str(refused.value) == "the key `rows` is there more than once"


WRONG = {
    "sku": {"AB1": "pattern", None: "null", 5: "type"},
    "quantity": {0: "minimum", 101: "maximum", 1.5: "type", True: "type"},
    "unit_price": {-0.1: "minimum", "1": "type"},
    "stars": {4: "enum", 1.0: "type"},
    "shop": {"mars": "enum"},
    "note": {"x": "minLength", "x" * 21: "maxLength"},
    "ordered_at": {"2019-12-31T23:59:59": "minimum", "2024-01-01T00:00:00Z": "type", "noon": "type"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_violation_names_row_column_and_rule_and_never_the_value(reader, name):
    rows = [{name: value} for value in WRONG[name]]

    with pytest.raises(request.ViolationsError) as refused:
        reader(name).read(json.dumps({"rows": rows}).encode())

    found = refused.value.found
    assert [(each.row, each.column, each.rule) for each in found] == [
        (place, name, rule) for place, rule in enumerate(WRONG[name].values())
    ]
    assert {each.rule for each in found} <= set(REQUEST_RULES)
    text = str(refused.value) + repr([each.expected for each in found])
    assert not any(value in text for value in WRONG[name] if isinstance(value, str) and len(value) > 1)


GIVEN = {
    "a day": ("ordered_at", "2024-03-01", "a day without a time"),
    "a time to the minute": ("ordered_at", "2024-03-01T12:00", "a time without seconds"),
    "a time that says UTC": ("ordered_at", "2024-03-01T12:00:00Z", "a time with a zone"),
    "a time with an offset": ("ordered_at", "2024-03-01T12:00:00.5+02:00", "a time with a zone"),
    "an hour that no day has": ("ordered_at", "2024-03-01T25:00:00", "text of another form"),
    "a time as a number": ("ordered_at", 1709294400, "a whole number"),
    "a time in place of a day": ("due_on", "2024-03-01T12:00:00", "a day with a time"),
    "a day that no month has": ("due_on", "2024-02-31", "text of another form"),
    "a number in quotes": ("unit_price", "1", "text"),
    "a number with a fraction": ("quantity", 1.5, "a number with a fraction"),
    "a list": ("paid", [True], "a list"),
}


@pytest.mark.parametrize(("name", "value", "given"), GIVEN.values(), ids=GIVEN)
def test_a_value_of_a_wrong_type_is_refused_with_what_it_is_instead(reader, name, value, given):
    with pytest.raises(request.ViolationsError) as refused:
        reader(name).read(json.dumps({"rows": [{name: value}]}).encode())

    (found,) = refused.value.found
    assert (found.column, found.rule, found.given) == (name, "type", given)


@pytest.mark.parametrize("name", ["ordered_at", "due_on"])
def test_the_time_that_a_refusal_shows_is_accepted(reader, name):
    with pytest.raises(request.ViolationsError) as refused:
        reader(name).read(json.dumps({"rows": [{name: "noon"}]}).encode())

    (found,) = refused.value.found
    shown = found.expected.rpartition(" as ")[2]
    assert len(reader(name).read(json.dumps({"rows": [{name: shown}]}).encode())) == 1


def test_the_time_that_a_refusal_shows_keeps_the_limits_of_its_column(orders, tmp_path):
    text = orders.path.read_text(encoding="utf-8")
    path = tmp_path / "orders.yaml"
    path.write_text(text.replace('minimum: "1980-01-01"', 'minimum: "2025-01-01"'), encoding="utf-8")

    with pytest.raises(request.ViolationsError) as refused:
        request.Reader(odcs.load(path)).read(b'{"rows": [{"due_on": "noon"}]}')

    (found,) = [each for each in refused.value.found if each.column == "due_on"]
    assert found.expected == "date as 2025-01-01"


def test_what_was_given_is_told_of_a_wrong_type_only(reader):
    with pytest.raises(request.ViolationsError) as refused:
        reader("quantity", "sku").read(b'{"rows": [{"quantity": 0, "sku": null}, {"quantity": 1}]}')

    assert [each.given for each in refused.value.found] == ["", "", ""]


def test_a_missing_and_an_unknown_column_are_named(reader):
    with pytest.raises(request.ViolationsError) as refused:
        reader("sku", "note").read(b'{"rows": [{"sku": "gift"}, {"sku": "gift", "nota": 1}]}')

    found = [(each.column, each.rule, each.expected) for each in refused.value.found]
    missing = ("note", "missing", "string")
    assert found == [missing, missing, ("nota", "unknown", "did you mean 'note'?")]


def test_all_that_is_wrong_is_named_and_not_only_the_first(reader):
    rows = '[{"quantity": 0, "paid": 1}, {"sku": "gift", "sku": 5, "paid": true, "x": 1, "y": [1]}, 5, {}]'

    with pytest.raises(request.ViolationsError, match="4 of 4 rows") as refused:
        reader("sku", "quantity", "paid").read(f'{{"rows": {rows}}}'.encode())

    found = [(each.row, each.column, each.rule) for each in refused.value.found]
    assert [each for each in found if each[0] == 0] == [
        (0, "quantity", "minimum"),
        (0, "paid", "type"),
        (0, "sku", "missing"),
    ]
    assert [each for each in found if each[0] == 1] == [
        (1, "sku", "duplicate"),
        (1, "quantity", "missing"),
        (1, "sku", "type"),
        (1, "x", "unknown"),
        (1, "y", "unknown"),
    ]
    assert [each for each in found if each[0] == 2] == [(2, "", "type")]
    assert [each[1:] for each in found if each[0] == 3] == [
        (name, "missing") for name in ("quantity", "paid", "sku")
    ]


def test_a_value_that_reads_like_a_rule_does_not_change_the_rule_that_is_named(reader):
    with pytest.raises(request.ViolationsError) as refused:
        reader("shop").read(b'{"rows": [{"shop": "got `null`"}, {"shop": "length >= pattern"}]}')

    assert [each.rule for each in refused.value.found] == ["enum", "enum"]


def test_a_megabyte_of_unknown_columns_is_refused_quickly(reader):
    body = json.dumps({"rows": [{f"quantit{at}": 1 for at in range(60_000)}]}).encode()
    begun = time.process_time()

    with pytest.raises(request.ViolationsError) as refused:
        reader("quantity").read(body)

    assert refused.value.found[1].expected == "did you mean 'quantity'?"
    assert time.process_time() - begun < 5  # seconds; 0.3 if only those in the answer are compared
