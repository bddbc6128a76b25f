"""Another process that uses a store; an object store that can drop connections."""

import http.client
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@pytest.fixture
def process(store):
    """process("make"): store_process.py running on the store; killed at the end of the test."""
    started = []

    def start(what, root=store.root):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, Path(__file__).with_name("store_process.py"), what, root]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


@pytest.fixture(scope="module")
def server():
    """The port of a server that speaks S3, on this machine."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError as error:
        pytest.exit(f"NOT RUN: {error}", returncode=3)  # not skipped: that would look green
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    yield moto.get_host_and_port()[1]
    moto.stop()


class Gate(BaseHTTPRequestHandler):
    """A proxy to the server; after a number of writes it drops connections."""

    protocol_version = "HTTP/1.1"

    def pass_on(self):
        if self.command in ("PUT", "POST"):
            self.server.writes += 1
        if self.server.writes > self.server.allowed:
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.sent += len(body)
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind)
        behind.request(self.command, self.path, body, dict(self.headers))
        answer = behind.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        length = answer.getheader("content-length", "0") if self.command == "HEAD" else len(content)
        self.send_header("content-length", length)
        self.end_headers()
        self.wfile.write(content)
        behind.close()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def gate(server, monkeypatch):
    """A proxy in front of the server; gate.allowed: the number of writes before it drops connections;
    gate.sent: how many bytes were written."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Gate) as front:
        front.behind, front.writes, front.sent, front.allowed = server, 0, 0, sys.maxsize
        front.daemon_threads = True
        thread = threading.Thread(target=front.serve_forever)
        thread.start()
        variables = {"ENDPOINT_URL": f"http://127.0.0.1:{front.server_port}", "REGION": "us-east-1"}
        for name, value in (variables | {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield front
        front.shutdown()
        thread.join()


@pytest.fixture
def reader(gate, server):
    """Amazon's own client, which bypasses the gate."""
    import boto3

    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server}", region_name="us-east-1")
    yield client
    client.close()


@pytest.fixture
def bucket(reader, tmp_path):
    """An address in a new bucket."""
    name = f"bucket-{abs(hash(tmp_path))}"
    reader.create_bucket(Bucket=name)
    return f"s3://{name}/shops/daily"
