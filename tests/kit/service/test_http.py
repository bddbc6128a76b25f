"""Every request gets an answer that says what is wrong; no input of a client causes a 5xx."""

import json
import os
import signal
import socket
import time
from collections import Counter
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from starlette.exceptions import HTTPException

from datadevops.contract import synthetic
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.models import artifact, scorer
from datadevops.models.fitting import Fitted
from datadevops.service import http, problems

JSON = "application/json"
REFUSED = {
    "no JSON": (400, b"{"),
    "nothing": (400, b""),
    "NaN": (400, b'{"rows": [{"quantity": NaN}]}'),
    "Infinity": (400, b'{"rows": [{"quantity": -Infinity}]}'),
    "invalid UTF-8": (400, b'{"rows": [{"shop": "\xff"}]}'),
    "deep nesting": (400, b'{"rows": ' + b'[{"shop":' * 100_000),
    "another shape": (400, b'{"row": []}'),
    "no rows": (400, b'{"rows": []}'),
    "1,001 rows": (400, b'{"rows": [' + b",".join([b"{}"] * 1_001) + b"]}"),
    "rows without columns": (422, b'{"rows": [{}]}'),
    "rows that are lists": (422, b'{"rows": [[]]}'),
}
CELLS = {
    "1e400": ("unit_price", "1e400", "finite"),
    "a huge integer": ("quantity", "9" * 400, "maximum"),
    "a text for a number": ("unit_price", '"12"', "type"),
    "a fraction for an integer": ("quantity", "1.5", "type"),
    "a boolean for an integer": ("quantity", "true", "type"),
    "null where a value is required": ("quantity", "null", "null"),
    "a value out of range": ("unit_price", "1001", "maximum"),
    "a value that is not in the enum": ("shop", '"mars"', "enum"),
    "a time with a zone": ("ordered_at", '"2021-01-01T00:00:00Z"', "type"),
}


def test_values_too_large_for_the_model_are_refused(served, start):
    names = served.models.open(served.versions[0]).facts["inputs"]
    x = np.random.default_rng(0).random((100, len(names))).astype(np.float32)
    fitted = LogisticRegression().fit(x, x[:, 0] > 0.5)
    fitted.coef_ = np.zeros_like(fitted.coef_)  # zero times infinity is NaN

    def write(folder):
        onnx, _ = artifact.export(Fitted(fitted, {"kind": "binary"}), x, [False] * len(names))
        (folder / scorer.MODEL).write_bytes(onnx)
        return served.models.open(served.versions[0]).facts

    served.promote(served.models.make({"made": "of zeros"}, write).id)

    with start() as server:
        good, large = (server.ask(body=served.body(discount=value)) for value in (1.0, 1e300))

    assert (good.status, large.status) == (200, 422)
    assert "too large for the model" in large.json["detail"]


@pytest.mark.parametrize(("status", "body"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_for(running, status, body):
    answer = running.ask(body=body)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(("column", "value", "rule"), CELLS.values(), ids=CELLS)
def test_a_row_is_refused_by_row_column_and_rule(running, trained, column, value, rule):
    good = json.loads(trained.body())["rows"][0]
    bad = json.dumps(good | {column: "HERE"}).replace('"HERE"', value)
    before = running.metric(f'product_contract_violations_total{{rule="{rule}"}}')

    answer = running.ask(body=f'{{"rows": [{json.dumps(good)}, {bad}]}}'.encode())

    (named,) = answer.json["violations"]
    assert (answer.status, named["row"], named["column"], named["rule"]) == (422, 1, column, rule)
    assert running.metric(f'product_contract_violations_total{{rule="{rule}"}}') == before + 1


def test_a_refusal_never_repeats_what_was_sent(running, trained):
    secrets = {"shop": "s3cret-shop", "ordered_at": "s3cret-time", "quantity": -987_654_321}

    rows = [json.loads(trained.body(**{name: value}))["rows"][0] for name, value in secrets.items()]
    answer = running.ask(body=json.dumps({"rows": rows}).encode()).body.decode()

    assert '"row":2' in answer
    assert "s3cret" not in answer
    assert "-987" not in answer  # with its sign, which no measured figure has


def test_good_and_bad_rows_are_counted_separately(running, trained):
    good = json.loads(trained.body())["rows"]
    before = [running.metric(f'product_rows_total{{outcome="{name}"}}') for name in ("good", "bad")]

    running.ask(body=trained.body(3))
    running.ask(body=json.dumps({"rows": [*good, {}, {}]}).encode())

    after = [running.metric(f'product_rows_total{{outcome="{name}"}}') for name in ("good", "bad")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [4, 2]


def test_a_key_that_is_there_twice_is_refused_by_its_name(running, trained):
    rows = trained.body()[len('{"rows": ') : -1].decode()
    column = rows.replace('"quantity": 1', '"quantity": 1, "quantity": 2')

    twice = running.ask(body=f'{{"rows": {rows}, "rows": {rows}}}'.encode())
    inside = running.ask(body=f'{{"rows": {column}}}'.encode())

    once = {"rule": "duplicate", "expected": "once"}
    assert (twice.status, twice.json["violations"]) == (422, [{"row": None, "column": "rows"} | once])
    assert (inside.status, inside.json["violations"]) == (422, [{"row": 0, "column": "quantity"} | once])


def test_all_missing_columns_are_named_up_to_20_in_an_answer(running, trained):
    names = list(json.loads(trained.body())["rows"][0])

    few, many = (running.ask(body=json.dumps({"rows": [{}] * rows}).encode()) for rows in (1, 1_000))

    assert [(each["column"], each["rule"]) for each in few.json["violations"]] == [
        (name, "missing") for name in names
    ]
    assert len(many.json["violations"]) == 20
    assert few.json["detail"] == "1 of 1 rows break the contract"
    all_of_them = f"20 of {1_000 * len(names):,} violations are named"
    assert many.json["detail"] == f"1,000 of 1,000 rows break the contract; {all_of_them}"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/v1/model", "/openapi.json", "/nowhere"])
def test_the_answer_to_curl_in_a_terminal_leaves_the_prompt_on_a_line_of_its_own(running, path):
    answer = running.ask(path, management=path != "/nowhere")

    assert answer.json
    assert answer.body.endswith(b"}\n")


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_a_body_that_says_it_is_not_compressed_is_taken(running, trained, coding):
    assert running.ask(body=trained.body(), content_encoding=coding).status == 200


@pytest.mark.parametrize(
    ("status", "asked"),
    {
        "another media type": (415, {"body": b"{}", "content_type": "text/plain"}),
        "a form": (415, {"body": b"a=1", "content_type": "application/x-www-form-urlencoded"}),
        "compressed": (415, {"body": b"{}", "content_encoding": "gzip"}),
        "GET": (405, {}),
        "an unknown path": (404, {"path": "/v2/predict"}),
        "a wrong method of the team's": (405, {"path": "/slow", "method": "DELETE"}),
        "a body against the team's model": (422, {"path": "/card", "body": b'{"number": -123456}'}),
        "NaN to the team's model": (422, {"path": "/card", "body": b'{"number": NaN}'}),
        "the largest body that is read, no JSON": (400, {"body": b"x" * 1_048_576}),
        "a large body": (413, {"body": b"x" * 1_048_577}),
        "a large body to the team's": (413, {"path": "/card", "body": b"x" * 1_048_577}),
    }.values(),
)
def test_the_status_says_what_is_wrong(running, status, asked):
    answer = running.ask(**asked)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "-123456" not in answer.body.decode()  # with its sign, which no measured figure has


def raw(running, *parts, pause=0.0):
    """The first line of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except ConnectionError:
                break
            time.sleep(pause)
        return connection.makefile("rb").readline().decode().strip()


HEAD = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def test_a_body_without_a_length_is_cut_off_at_the_limit(running):
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"

    answer = raw(running, HEAD + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * 17)

    assert answer.startswith("HTTP/1.1 413")


def test_a_slow_body_times_out(running):
    began = time.monotonic()

    answer = raw(running, HEAD + b"content-length: 100\r\n\r\n{")

    assert answer.startswith("HTTP/1.1 408")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("fault", ["RuntimeError", "ConnectionError", "NotImplementedError"])
def test_an_error_in_the_service_is_logged_and_not_sent_to_the_caller(running, fault):
    answer = running.ask(f"/fails?fault={fault}", x_request_id=fault)

    assert (answer.status, answer.json["request_id"]) == (500, fault)
    assert "swordfish" not in answer.body.decode()
    assert running.until(
        lambda: any(f"{fault}: swordfish" in line.get("exception", "") for line in running.lines())
    )


def test_a_nonstandard_status_is_answered_unchanged():
    answer = problems.problem(None, HTTPException(460, "the till is closed"))

    content = json.loads(answer.body)
    assert (answer.status_code, content["status"], content["detail"]) == (460, 460, "the till is closed")


def test_above_the_limit_callers_get_503_with_retry_after_and_health_still_answers(running, trained):
    def ask(caller):
        caller.request("POST", "/v1/predict", trained.body(), {"content-type": JSON})

    def status_and_retry(caller):
        with caller.getresponse() as answer:
            answer.read()
            return answer.status, answer.headers["retry-after"]

    with ExitStack() as stack:
        new = (HTTPConnection("127.0.0.1", running.port, timeout=5) for _ in range(100))
        callers = [stack.enter_context(closing(caller)) for caller in new]
        for caller in callers:  # so that all are connected
            ask(caller)
            assert status_and_retry(caller)[0] == 200

        running.process.send_signal(signal.SIGSTOP)  # so that all requests arrive at once
        os.waitid(os.P_PID, running.process.pid, os.WSTOPPED | os.WNOWAIT)
        for caller in callers:
            ask(caller)
        running.process.send_signal(signal.SIGCONT)
        healthy = running.ask("/readyz", management=True, timeout=2)
        answers = Counter(status_and_retry(caller) for caller in callers)

    assert answers == {(200, None): http.IN_FLIGHT, (503, "1"): 100 - http.IN_FLIGHT}
    assert healthy.status == 200


def test_the_made_up_rows_of_a_probe_do_not_count_as_drift(start, trained):
    psi = 'product_drift_psi{column="quantity"}'
    with start() as server:
        probed = server.ask(body=trained.body(rows=1_000), user_agent="shop-probe")
        after_probe = server.metric(psi)
        server.ask(body=trained.body(rows=1_000), user_agent="shop")

        assert probed.status == 200
        assert after_probe is None
        assert server.metric(psi) > 0


def test_answers_equal_those_of_the_scorer_bit_for_bit(running, trained):
    with DuckDB() as engine:
        engine.keep("orders", synthetic.sql(trained.features, 500, seed=9))
        columns = engine.columns("from orders")
        spelt = "strftime(ordered_at, '%Y-%m-%dT%H:%M:%S.%f') as ordered_at"
        rows = engine.rows(f"select to_json(t)::varchar from (select * replace ({spelt}) from orders) t")
    expected = scorer.load(trained.models.open(trained.versions[0])).score(columns)

    answer = running.ask(body=f'{{"rows": [{", ".join(row for (row,) in rows)}]}}'.encode()).json

    found = np.array([each["probability"] for each in answer["predictions"]])
    assert np.array_equal(found, expected)
    assert [each["decision"] for each in answer["predictions"]] == (expected >= 0.5).tolist()
    assert answer["model_version"] == trained.versions[0]


def test_safe_request_ids_of_the_caller_are_kept(running, trained):
    kept = running.ask(body=trained.body(), x_request_id="order-17")
    replaced = running.ask(body=trained.body(), x_request_id="{jndi:ldap}")
    traced = running.ask(body=trained.body(), traceparent=f"00-{'a' * 32}-{'b' * 16}-01")

    assert kept.json["request_id"] == kept.headers["x-request-id"] == "order-17"
    assert len(replaced.json["request_id"]) == 32
    assert traced.json["request_id"] == "a" * 32
