"""Any request that HTTP allows is answered, and none that it forbids holds up others."""

import json
import shutil
import subprocess
import time
from contextlib import ExitStack, suppress
from itertools import pairwise

import pytest

import wire
from datadevops.service.connection import Limits
from wire import chunked, get, post

CLOSE = b"connection: close"
CHUNKED = b"transfer-encoding: chunked"
OTHERS = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
UPGRADES = {
    "HTTP/2 of Java's client": [
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"HTTP2-Settings: AAE",
    ],
    "WebSocket": [b"Connection: keep-alive, Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: eA=="],
    "TLS": [b"connection: upgrade", b"upgrade: TLS/1.2, HTTP/1.1"],
    "several": [b"connection: upgrade", b"upgrade: a", b"upgrade: b"],
}


@pytest.mark.parametrize("fields", UPGRADES.values(), ids=UPGRADES)
@pytest.mark.parametrize("split", ["one packet", "head and body", "inside both"])
def test_an_upgrade_is_ignored_and_the_request_answered(running, trained, fields, split):
    body = trained.body()
    request = post(body, *fields)
    head = len(request) - len(body)
    cuts = {"one packet": [], "head and body": [head], "inside both": [40, head + 9]}[split]
    packets = [request[start:end] for start, end in pairwise([0, *cuts, len(request)])]
    last = post(body, CLOSE)  # on the same connection

    answers = wire.talk(running.port, *packets, last)

    assert [answer.status for answer in answers] == [200, 200]
    assert len(answers[0].json["predictions"]) == 1


def test_an_upgrade_of_a_chunked_body_or_without_a_body_is_ignored(running, trained):
    body, upgrade = trained.body(), UPGRADES["TLS"]
    bare = get(b"/slow", *upgrade)

    answers = wire.talk(running.port, chunked(body, *upgrade) + bare * 2 + post(body, *upgrade, CLOSE))

    assert [answer.status for answer in answers] == [200, 200, 200, 200]


JAVA = """
import java.net.URI;
import java.net.http.*;
public class Client {
    public static void main(String[] words) throws Exception {
        var client = HttpClient.newHttpClient();
        var request = HttpRequest.newBuilder(URI.create(words[0])).header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(words[1])).build();
        for (int i = 0; i < 2; i++)
            System.out.print(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() + " ");
    }
}
"""


@pytest.mark.long
def test_the_default_client_of_java_is_answered(running, trained, tmp_path):
    (tmp_path / "Client.java").write_text(JAVA)
    url = f"http://127.0.0.1:{running.port}/v1/predict"

    words = ["java", str(tmp_path / "Client.java"), url, trained.body().decode()]
    answered = subprocess.run(words, capture_output=True, text=True, timeout=100)

    assert (answered.stdout, answered.stderr) == ("200 200 ", "")


@pytest.mark.parametrize(
    "option",
    [
        "--http1.0",
        "--http1.1",
        "--http2",
        "--expect100-timeout=1",
        "--proxy={}",
        "--request-target=/v1/predict",
    ],
)
def test_curl_is_answered(running, trained, tmp_path, option):
    if not shutil.which("curl"):
        pytest.skip("NOT RUN: curl is not installed")
    (tmp_path / "body").write_bytes(trained.body(rows=100))
    url = f"http://127.0.0.1:{running.port}/v1/predict"

    words = ["curl", "-s", "--data-binary", f"@{tmp_path / 'body'}", "-H", "content-type: application/json"]
    options = option.format(f"http://127.0.0.1:{running.port}").split("=")
    asked = subprocess.run(
        [*words, "-w", "%{stderr}%{http_code}", *options, url], capture_output=True, timeout=20
    )

    assert (asked.stderr, len(json.loads(asked.stdout)["predictions"])) == (b"200", 100)


ALLOWED = {
    "a target in absolute form": (404, get(b"http://shop/nowhere")),
    "an absolute target without a path": (404, get(b"http://shop")),
    "an absolute target with only a query": (404, get(b"http://shop?a=1")),
    "OPTIONS *": (404, get(b"*", method=b"OPTIONS")),
    "a method that nobody knows": (405, get(b"/v1/predict", method=b"BREW")),
    "CONNECT": (405, get(b"shop:80", method=b"CONNECT")),
    "HEAD": (405, get(b"/v1/predict", method=b"HEAD")),
    "TRACE": (405, get(b"/v1/predict", method=b"TRACE")),
    "empty lines before": (404, b"\r\n\r\n" + get(b"/nowhere")),
    "escapes": (404, get(b"/%ff%00%2e%zz?%ff")),
    "a header without a value": (404, get(b"/nowhere", b"x:")),
    "a header twice": (404, get(b"/nowhere", b"x: 1", b"x: 2")),
    "a header of bytes": (404, get(b"/nowhere", b"x: \xff\xfe")),
    "HTTP/1.0": (404, get(b"/nowhere", version=b"1.0")),
    "HTTP/1.0 without host": (404, b"GET /nowhere HTTP/1.0\r\n\r\n"),
    "99 headers": (404, get(b"/nowhere", *[b"x: y"] * 99)),
    "64,000 bytes of headers": (404, get(b"/nowhere", b"x: " + b"y" * 64_000)),
}


@pytest.mark.parametrize(("status", "request_"), ALLOWED.values(), ids=ALLOWED)
def test_a_request_that_http_allows_is_answered(running, status, request_):
    answers = wire.talk(running.port, request_, half_close=True)

    assert [answer.status for answer in answers] == [status]


LENGTH = b"content-length: 2"
FORBIDDEN = {
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": get(b"/", b"host: y"),
    "two tokens": get(b"/", b"authorization: Bearer a", b"authorization: Bearer b"),
    "two media types": get(b"/", b"content-type: a/b", b"content-type: application/json"),
    "two lengths": get(b"/", LENGTH, LENGTH) + b"{}",
    "a length and chunks": get(b"/", LENGTH, CHUNKED) + b"0\r\n\r\n",
    "chunks and a length": get(b"/", CHUNKED, LENGTH) + b"0\r\n\r\n",
    "chunked twice": get(b"/", CHUNKED, CHUNKED) + b"0\r\n\r\n",
    "an unknown transfer coding": get(b"/", b"transfer-encoding: identity") + b"0\r\n\r\n",
    "a chunk without a size": get(b"/", CHUNKED) + b"q\r\n\r\n",
    "a negative length": get(b"/", b"content-length: -1"),
    "a folded header": get(b"/", b"x: a\r\n b"),
    "a space before the colon": get(b"/", b"x : a"),
    "a NUL byte": get(b"/", b"x: \0"),
    "a lone LF": b"GET / HTTP/1.1\nhost: x\n\n",
    "a lone CR": get(b"/", b"x: a\rb"),
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "HTTP/2.0": get(b"/", version=b"2.0"),
    "HTTP/0.9": b"GET /\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\nhost: x\r\n\r\n",
    "a target with a space": get(b"/a b"),
    "an SSH client": b"SSH-2.0-OpenSSH_9.2\r\n",
}


@pytest.mark.parametrize("request_", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_request_that_http_forbids_gets_a_problem_document_and_the_connection_is_closed(running, request_):
    (answer,) = wire.talk(running.port, request_)

    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["request_id"] == answer.headers["x-request-id"]


def test_what_http_forbids_does_not_take_the_place_of_an_earlier_answer(running, trained):
    slow = get(b"/slow")

    answers = wire.talk(running.port, slow + post(trained.body()) + FORBIDDEN["two lengths"] + get(b"/slow"))

    assert [answer.status for answer in answers] == [200, 200, 400]


def test_bytes_after_a_refusal_are_never_taken_for_a_request(running, trained):
    hidden = post(trained.body())
    smuggled = (
        get(b"/v1/predict", b"content-length: %d" % len(hidden), CHUNKED, method=b"POST")
        + b"0\r\n\r\n"
        + hidden
    )

    answers = wire.talk(running.port, smuggled, hidden)

    assert [answer.status for answer in answers] == [400]


def test_fields_after_the_body_are_not_headers(running, trained):
    body = trained.body()
    chunks = b"\r\n".join(
        [b"%x" % len(body), body, b"0", b"content-type: application/json", b"x: y", b"", b""]
    )

    (answer,) = wire.talk(running.port, get(b"/v1/predict", CHUNKED, CLOSE, method=b"POST") + chunks)

    assert answer.status == 415


def test_a_caller_that_half_closes_its_connection_is_answered(running, trained):
    alone = wire.talk(running.port, post(trained.body()), half_close=True)
    slow = wire.talk(running.port, get(b"/slow") * 2, half_close=True)
    incomplete = wire.talk(running.port, post(trained.body())[:-1], half_close=True)

    assert [answer.status for answer in (*alone, *slow)] == [200, 200, 200]
    assert incomplete == []


def test_an_expectation_is_met_or_refused_before_the_body(running, trained):
    body = trained.body()
    expecting = post(body, b"expect: 100-continue", CLOSE)
    large = expecting.replace(b"length: %d" % len(body), b"length: 9999999")

    met = wire.talk(running.port, expecting[: -len(body)], body)
    old = wire.talk(running.port, expecting.replace(b"HTTP/1.1", b"HTTP/1.0"))
    refused = wire.talk(running.port, large[: -len(body)])

    assert [answer.status for answer in met] == [100, 200]
    assert [answer.status for answer in old] == [200]  # HTTP/1.0 has no 100
    assert [answer.status for answer in refused] == [413]


def test_a_length_with_leading_zeros_is_a_length(running, trained):
    body = trained.body()
    request = post(body, CLOSE).replace(b"length: ", b"length: " + b"0" * 5_000)

    (answer,) = wire.talk(running.port, request)

    assert answer.status == 200


def test_a_proxy_that_keeps_its_connection_and_pipelines_is_answered_in_order(running, trained):
    requests = [post(trained.body(rows=rows)) for rows in range(1, 100)]

    answers = wire.talk(running.port, b"".join(requests), post(trained.body(rows=100), CLOSE))

    assert [len(answer.json["predictions"]) for answer in answers] == list(range(1, 101))


def test_no_more_than_100_requests_wait_on_one_connection(running):
    answers = wire.talk(running.port, get(b"/slow") + get(b"/nowhere") * 5_000)

    assert [answer.status for answer in answers] == [200] + [404] * 100 + [429]


ENDLESS = {
    "a header": (431, b"GET / HTTP/1.1\r\nhost: x\r\nx: ", b"y" * 65_536),
    "many headers": (431, b"GET / HTTP/1.1\r\nhost: x\r\n", b"x: y\r\n" * 10_000),
    "a name of a header": (431, b"GET / HTTP/1.1\r\nhost: x\r\n", b"y" * 65_536),
    "a target": (431, b"GET /", b"y" * 65_536),
    "empty lines": (431, b"", b"\r\n" * 30_000),
    "an extension of a chunk": (431, get(b"/", CHUNKED) + b"1;", b"y" * 65_536),
    "a field after the body": (
        431,
        get(b"/v1/predict", CHUNKED, method=b"POST") + b"0\r\nx: ",
        b"y" * 65_536,
    ),
}


@pytest.mark.parametrize(("status", "start", "more"), ENDLESS.values(), ids=ENDLESS)
def test_an_endless_part_is_cut_off_at_64_kib(running, status, start, more):
    with wire.connect(running.port) as connection:
        wire.send(connection, start, more, more, more, more)
        content = wire.received(connection)

    (answer,) = wire.replies(content)
    assert (answer.status, answer.headers["connection"]) == (status, "close")


def test_headers_above_a_limit_are_refused_before_the_token(start, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("a" * 64)
    with start(tokens) as server:
        (large,) = wire.talk(server.port, get(b"/v1/predict", b"x: " + b"y" * 66_000))
        (many,) = wire.talk(server.port, get(b"/v1/predict", *[b"x: y"] * 100))
        (other,) = wire.talk(server.port, get(b"/v1/predict", CLOSE))
        counted = 'http_request_method="_OTHER",http_response_status_code="431",http_route=""'
        count = server.metric(f"http_server_request_duration_seconds_count{{{counted}}}")

    assert (large.status, many.status, other.status, count) == (431, 431, 401, 2)
    assert "100 fields and 65,536 bytes" in large.json["detail"]


SLOW = {
    "nothing": (b"", []),
    "half a header": (b"GET / HTTP/1.1\r\nhost", [408]),
    "empty lines": (b"\r\n", [408]),
    "an answered request and half the next": (get(b"/nowhere") + b"GET /", [404]),
    "a body that was refused already": (get(b"/v1/predict", b"content-length: 9999999") + b"{", [413]),
}


def test_slow_connections_are_closed(running):
    with ExitStack() as stack:
        ports = dict.fromkeys(SLOW, running.port) | {
            "half a header to the other port": running.management_port
        }
        slow = {name: stack.enter_context(wire.connect(port)) for name, port in ports.items()}
        for name, connection in slow.items():
            wire.send(connection, SLOW.get(name, SLOW["half a header"])[0])
        found = {name: [each.status for each in wire.replies(wire.received(c))] for name, c in slow.items()}

    assert found.pop("half a header to the other port") == [408]
    assert found == {name: statuses for name, (_, statuses) in SLOW.items()}


def test_a_connection_that_sends_byte_by_byte_is_closed(running):
    with wire.connect(running.port) as connection:
        began = time.monotonic()
        try:
            while time.monotonic() < began + 5:
                connection.sendall(b"x")
                time.sleep(0.02)
        except ConnectionError:
            pass
        else:
            pytest.fail("it was open for 5 s")


def crowd(stack, port, sent, addresses):
    """15 connections from each address, which have sent this."""
    held = [stack.enter_context(wire.connect(port, address)) for address in addresses for _ in range(15)]
    for connection in held:
        wire.send(connection, sent)
        if sent.endswith(b"\r\n\r\n"):
            with suppress(ConnectionError):
                connection.recv(1)  # so that it is answered
    return held


def is_open(connection):
    connection.setblocking(False)
    try:
        while connection.recv(65_536):
            pass
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nhost", get(b"/nowhere")], ids=["none", "half", "idle"]
)
@pytest.mark.parametrize(("addresses", "most"), [(OTHERS[:1], 10), (OTHERS, 20)], ids=["one client", "all"])
def test_callers_that_hold_all_connections_do_not_keep_others_out(limited, trained, sent, addresses, most):
    with ExitStack() as stack:
        held = crowd(stack, limited.port, sent, addresses)
        answers = [
            wire.talk(limited.port, post(trained.body(), CLOSE), address=address)[0]
            for address in (None, addresses[0])
        ]
        inside = [limited.ask(path, management=True, timeout=5).status for path in ("/readyz", "/metrics")]
        few = limited.until(lambda: sum(map(is_open, held)) <= most)

    assert [answer.status for answer in answers] == inside == [200, 200]
    assert few
    assert limited.until(lambda: any("closed to make room" in line["message"] for line in limited.lines()))


def test_connections_on_which_a_request_is_answered_are_not_closed_to_make_room(limited):
    with ExitStack() as stack:
        busy = [stack.enter_context(wire.connect(limited.port)) for _ in range(9)]
        for connection in busy:
            wire.send(connection, get(b"/slow", CLOSE))
        crowd(stack, limited.port, b"", [None, *OTHERS])
        answers = [list(wire.replies(wire.received(each))) for each in busy]

    assert [[answer.status for answer in each] for each in answers] == [[200]] * 9


def test_a_connection_above_the_limit_gets_503_if_all_others_wait_for_an_answer(limited):
    with ExitStack() as stack:
        busy = [stack.enter_context(wire.connect(limited.port)) for _ in range(10)]
        for connection in busy:
            wire.send(connection, get(b"/slow", CLOSE))
        (answer,) = wire.talk(limited.port, get(b"/nowhere"))
        answers = [list(wire.replies(wire.received(each))) for each in busy]

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert [[answer.status for answer in each] for each in answers] == [[200]] * 10


def test_connections_that_were_closed_are_logged_once_and_nothing_where_none_was(caplog):
    limits = Limits(20, 10)
    limits.log_closed()
    quiet = caplog.messages.copy()
    limits.closed += 3

    limits.log_closed()
    limits.log_closed()

    assert quiet == []
    assert caplog.messages == ["3 connections closed to make room: there may be 20, and 10 from one address"]
