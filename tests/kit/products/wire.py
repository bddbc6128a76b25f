"""A client that sends bytes as they are, and reads all answers until the server closes the connection."""

import json
import socket
import time
from io import BytesIO
from typing import NamedTuple


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def get(target, *fields, method=b"GET", version=b"1.1"):
    """The bytes of a request without a body."""
    return b"\r\n".join([b"%s %s HTTP/%s" % (method, target, version), b"host: x", *fields, b"", b""])


JSON = b"content-type: application/json"


def post(body, *fields, path=b"/v1/predict"):
    """The bytes of a POST of JSON."""
    return get(path, JSON, b"content-length: %d" % len(body), *fields, method=b"POST") + body


def chunked(body, *fields, path=b"/v1/predict"):
    """The same, without a length."""
    head = get(path, JSON, b"transfer-encoding: chunked", *fields, method=b"POST")
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def connect(port, address=None):
    """A connection from `address`, by default 127.0.0.1."""
    return socket.create_connection(("127.0.0.1", port), 10, (address or "127.0.0.1", 0))


def send(connection, *packets):
    """Send each packet so that the server reads it by itself."""
    for place, packet in enumerate(packets):
        if place:
            time.sleep(0.03)
        try:
            connection.sendall(packet)
        except ConnectionError:  # it was refused before its end
            return


def received(connection):
    """All bytes until the server closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionError:  # it closed before it had read everything
        pass
    return b"".join(parts)


def replies(content, head=False):
    """The answers in `content`; 100 Continue is one of them. `head`: they have no bodies."""
    stream = BytesIO(content)
    while line := stream.readline():
        status = int(line.split()[1])
        fields = {}
        while field := stream.readline().strip():
            name, _, value = field.decode().partition(":")
            fields[name.lower()] = value.strip()
        size = 0 if head else int(fields.get("content-length", 0))
        yield Reply(status, fields, stream.read(size))


def talk(port, *packets, half_close=False, address=None):
    """The answers to the packets, on one connection that the server closes in the end."""
    with connect(port, address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send(connection, *packets)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return list(replies(received(connection)))
