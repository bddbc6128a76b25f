"""The requests of a drill: rows of the store, rows that lack a column, and rows as no training saw them."""

import json

import pytest

from datadevops.contract import odcs
from datadevops.drill import replica
from datadevops.telemetry.service_metrics import PREDICT
from runs import rows


@pytest.fixture(scope="module")
def features(forecast):
    return odcs.load(forecast.contracts / "features.yaml")


@pytest.fixture(scope="module")
def sent(features, run_once, forecast):
    """The rows of each request, by kind of request."""
    made = replica.requests(features, run_once(forecast).store)
    return {kind: [body(each)["rows"] for each in requests] for kind, requests in made.items()}


def body(request):
    head, _, text = request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST {PREDICT} HTTP/1.1\r\n".encode())
    assert f"content-length: {len(text)}".encode() in head
    return json.loads(text)


def keys(requests):
    return [(row["shop"], row["opened_at"]) for request in requests for row in request if "shop" in row]


def test_no_request_is_empty_and_those_of_a_kind_are_equally_long(sent):
    for requests in sent.values():
        assert {len(request) for request in requests} == {len(requests[0])}
        assert len(requests[0]) > 1
    assert len(sent["brief"][0]) < len(sent["usual"][0])


def test_usual_requests_are_rows_of_the_store_each_once(sent, features, run_once, forecast):
    (file,) = run_once(forecast).store.glob("features/*/features.parquet")
    known = {(shop, at.isoformat()) for shop, at in rows(f"select shop, opened_at from '{file}'")}

    for kind in ("usual", "brief"):
        found = keys(sent[kind])
        assert len(found) == len({*found}) >= 1000
        assert {*found} <= known
        assert {tuple(row) for request in sent[kind] for row in request} == {tuple(features.sql_types)}


def test_half_of_the_rows_of_bad_requests_lack_one_column(sent, features):
    lacking = [len(features.sql_types) - len(row) for request in sent["bad"] for row in request]

    assert {*lacking} == {0, 1}
    assert sum(lacking) == len(lacking) / 2


def test_shifted_requests_have_each_column_and_no_row_of_the_usual_ones(sent, features):
    usual, shifted = (
        {tuple(row.items()) for request in sent[kind] for row in request} for kind in ("usual", "shifted")
    )

    assert {tuple(name for name, _ in row) for row in shifted} == {tuple(features.sql_types)}
    assert len(shifted) == len(usual)
    assert not shifted & usual
