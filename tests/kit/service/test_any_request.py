"""Generated requests: what HTTP allows is answered, what it forbids gets 400, and neither holds up others."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from wire import JSON, get, post

METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"BREW"]
TARGETS = [b"/", b"/v1/predict", b"/slow?a=%ff", b"http://shop/card", b"http://shop", b"*", b"//x"]
NAMES = st.from_regex(rb"x-[!#$%&'*+.^_`|~0-9A-Za-z-]{1,9}", fullmatch=True)
VALUES = st.from_regex(rb"([!-~\x80-\xff]([ \t!-~\x80-\xff]{0,30}[!-~\x80-\xff])?)?", fullmatch=True)
FIELDS = st.lists(
    st.builds(b"%b:%b%b".__mod__, st.tuples(NAMES, st.sampled_from([b"", b" ", b" \t"]), VALUES))
    | st.sampled_from(
        [
            b"Connection: Upgrade, HTTP2-Settings",
            b"Upgrade: h2c",
            b"Upgrade: websocket",
            b"Expect: 100-continue",
            b"Connection: keep-alive, upgrade",
            b"Cookie: a=b; c=d",
            b"Accept: */*, text/html;q=0.1",
            b"Content-Encoding: identity",
        ]
    ),
    max_size=6,
)
BROKEN = st.sampled_from(
    [
        b"x: a\r\n b",
        b"x : a",
        b"x: \0",
        b": a",
        b"x",
        b"x: a\nb: c",
        b"content-length: 3\r\ncontent-length: 3",
        b"content-length: 3\r\ntransfer-encoding: chunked",
        b"content-length: 3, 3",
        b"content-length: 0x3",
        b"transfer-encoding: chunked, gzip",
        b"host: y",
    ]
)


@st.composite
def chunks(draw, body):
    """`body` in chunks of any size, with extensions and fields after it."""
    cuts = draw(st.lists(st.integers(1, len(body) - 1), unique=True, max_size=5))
    parts = [body[start:end] for start, end in pairwise([0, *sorted(cuts), len(body)])]
    extension = draw(st.sampled_from([b"", b";a", b';a="b";c=d']))
    sent = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    return (
        sent + b"0\r\n" + draw(st.sampled_from([b"", b"x: y\r\n", b"content-type: text/plain\r\n"])) + b"\r\n"
    )


def packets(draw, content):
    cuts = draw(st.lists(st.integers(1, len(content) - 1), unique=True, max_size=2))
    return [content[start:end] for start, end in pairwise([0, *sorted(cuts), len(content)])]


def final(answers):
    return [answer.status for answer in answers if answer.status != 100]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_prediction_is_answered_however_its_request_is_written(running, trained, data):
    body, fields = trained.body(), data.draw(FIELDS)
    framing, sent = b"Content-Length: %d" % len(body), body
    if data.draw(st.booleans()):
        framing, sent = b"Transfer-Encoding: Chunked", data.draw(chunks(body))
    target = data.draw(st.sampled_from([b"/v1/predict", b"http://x/v1/predict?a"]))

    request = get(target, *data.draw(st.permutations([JSON, framing, *fields])), method=b"POST")
    answers = wire.talk(running.port, *packets(data.draw, request + sent + post(body)), half_close=True)

    assert final(answers) == [200, 200]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(METHODS), st.sampled_from(TARGETS), FIELDS, st.sampled_from([b"1.0", b"1.1"]))
def test_any_request_without_a_body_is_answered(running, method, target, fields, version):
    request = get(target, *fields, method=method, version=version)

    with wire.connect(running.port) as connection:
        wire.send(connection, request)
        connection.shutdown(wire.socket.SHUT_WR)
        answers = list(wire.replies(wire.received(connection), head=method == b"HEAD"))

    (status,) = final(answers)
    assert 200 <= status < 500


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_what_http_forbids_is_refused_and_others_are_answered(running, trained, data):
    fields = data.draw(FIELDS)
    fields.insert(data.draw(st.integers(0, len(fields))), data.draw(BROKEN))
    hidden = post(trained.body())  # it must not be taken for a request

    with wire.connect(running.port) as connection:
        wire.send(connection, *packets(data.draw, get(b"/card", *fields, method=b"POST") + hidden))
        other = running.ask(body=trained.body())
        answers = list(wire.replies(wire.received(connection)))

    assert final(answers) == [400]
    assert other.status == 200


@settings(max_examples=30, deadline=None)
@given(
    st.binary(min_size=1, max_size=200) | st.binary(max_size=40).map(lambda end: b"GET / HTTP/1.1\r\n" + end)
)
def test_bytes_that_are_no_request_get_no_5xx_and_hold_up_nobody(running, trained, junk):
    with wire.connect(running.port) as connection:
        wire.send(connection, junk)
        other = running.ask(body=trained.body())
        connection.shutdown(wire.socket.SHUT_WR)
        answers = wire.received(connection)

    assert other.status == 200
    assert all(answer.status < 500 for answer in wire.replies(answers))
