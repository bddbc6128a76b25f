# The template's file: edits here meet template updates (copier update merges them).
"""A source comes from an object store, a dataset goes there; an outage in the middle loses nothing."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from << cookiecutter.__package >> import settings
from << cookiecutter.__package >>.kit import objects, odcs
from << cookiecutter.__package >>.kit.errors import DataError, SettingsError, StoreError
from << cookiecutter.__package >>.kit.store import MANIFEST

s3 = pytest.mark.s3
FILES = {"a.parquet": "old rows", "b.parquet": "old bad rows"}


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
    """Passes on to the server; after so many writes it hangs up."""

    protocol_version = "HTTP/1.1"

    def pass_on(self):
        if self.command in ("PUT", "POST"):
            self.server.writes += 1
        if self.server.writes > self.server.allowed:
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
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
    """In front of the server; gate.allowed is the number of writes before it hangs up."""
    monkeypatch.delenv(objects.LOCAL)
    with ThreadingHTTPServer(("127.0.0.1", 0), Gate) as front:
        front.behind, front.writes, front.allowed = server, 0, sys.maxsize
        front.daemon_threads = True
        thread = threading.Thread(target=front.serve_forever)
        thread.start()
        told = {"ENDPOINT_URL": f"http://127.0.0.1:{front.server_port}", "REGION": "us-east-1"}
        for name, value in (told | {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield front
        front.shutdown()
        thread.join()


@pytest.fixture
def reader(gate, server):
    """Amazon's own client, past the gate."""
    import boto3

    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server}", region_name="us-east-1")
    yield client
    client.close()


@pytest.fixture
def bucket(reader, tmp_path):
    """An address in a new bucket."""
    name = f"bucket-{abs(hash(tmp_path))}"
    reader.create_bucket(Bucket=name)
    return f"s3://{name}/rain/daily"


@pytest.fixture
def made(store):
    """made("rows"): a version with two files."""

    def make(text):
        def write(folder):
            for name in FILES:
                (folder / name).write_text(f"{name}: {text}")
            return {}

        return store.make({"text": text}, write)

    return make


@pytest.fixture
def seen(bucket, reader):
    """seen(): what a reader gets who follows the pointer."""
    name, _, above = bucket.removeprefix("s3://").partition("/")

    def get(key):
        return reader.get_object(Bucket=name, Key=f"{above}/{key}")["Body"].read().decode()

    def read():
        version = json.loads(get(objects.POINTER))["version"]
        return {
            name: get(f"{version}/{name}") for name in json.loads(get(f"{version}/manifest.json"))["files"]
        }

    return read


def of(text):
    return {name: f"{name}: {text}" for name in FILES}


@s3
def test_a_version_is_published_whole(made, bucket, seen):
    objects.publish(made("one"), bucket)

    assert seen() == of("one")


@s3
def test_a_rollback_publishes_the_version_before_without_sending_it_again(made, bucket, seen, gate):
    for text in ("one", "two"):
        objects.publish(made(text), bucket)
    before = gate.writes

    objects.publish(made("one"), bucket)

    assert (seen(), gate.writes - before) == (of("one"), 1)


@s3
def test_what_is_published_already_is_not_sent_again(made, bucket, gate):
    objects.publish(made("one"), bucket)
    before = gate.writes

    objects.publish(made("one"), bucket)

    assert gate.writes == before


@s3
def test_a_version_that_a_rule_of_the_bucket_took_away_comes_back(made, bucket, seen, reader):
    version = made("one")
    objects.publish(version, bucket)
    name, _, above = bucket.removeprefix("s3://").partition("/")
    for file in (*FILES, MANIFEST):
        reader.delete_object(Bucket=name, Key=f"{above}/{version.id}/{file}")

    objects.publish(version, bucket)

    assert seen() == of("one")


@s3
@pytest.mark.parametrize("writes", range(4))
def test_an_outage_after_any_write_leaves_the_old_version_whole_and_a_retry_publishes_the_new(
    made, bucket, seen, gate, writes
):
    objects.publish(made("old"), bucket)
    gate.allowed = gate.writes + writes

    with pytest.raises(StoreError, match="ST006"):
        objects.publish(made("new"), bucket)

    assert seen() == of("old")
    gate.allowed = sys.maxsize
    objects.publish(made("new"), bucket)
    assert seen() == of("new")


@s3
def test_a_source_is_fetched_whole(bucket, made, tmp_path):
    version = made("one")
    objects.publish(version, bucket)

    file = objects.fetch(f"{bucket}/{version.id}/a.parquet", tmp_path)

    assert file == tmp_path / "a.parquet"
    assert file.read_text() == "a.parquet: one"


@s3
def test_a_large_source_is_published_and_fetched_in_parts(bucket, store, tmp_path, gate):
    content = os.urandom(12_000_000)
    version = store.make({}, lambda folder: {"bytes": (folder / "large").write_bytes(content)})
    objects.publish(version, bucket)

    assert objects.fetch(f"{bucket}/{version.id}/large", tmp_path).read_bytes() == content
    assert gate.writes > 4


@s3
def test_an_object_that_does_not_exist_is_named_and_leaves_no_file(bucket, tmp_path):
    with pytest.raises(DataError, match=r"DQ001.*nowhere"):
        objects.fetch(f"{bucket}/nowhere.parquet", tmp_path)

    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


@s3
def test_a_store_that_does_not_answer_is_named(monkeypatch, gate, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(StoreError, match=r"ST006.*s3://bucket"):
        objects.fetch("s3://bucket/x.parquet", tmp_path)


def test_the_contract_says_where_in_an_object_store_the_data_lies(edited):
    servers = [{"server": "lake", "type": "s3", "format": "parquet", "location": "s3://bucket/rain"}]

    assert odcs.load(edited(contract={"servers": servers})).location == "s3://bucket/rain"


@pytest.fixture
def source(bucket, store):
    """The address of the sample data in the bucket."""
    file = settings.PACKAGE.parents[1] / (settings.contract("source").location or "")
    version = store.make({}, lambda folder: {"file": str(shutil.copy(file, folder))})
    objects.publish(version, bucket)
    return f"{bucket}/{version.id}/{file.name}"


@pytest.fixture
def command(tmp_path):
    """command("check", ...): what a copy of the product says; command.package is its code, to edit."""
    package = shutil.copytree(settings.PACKAGE, tmp_path / "copy" / settings.PACKAGE.name)
    path = os.pathsep.join([str(package.parent), *sys.path])
    told = {f"{settings.PREFIX}STORE": str(tmp_path / "made"), "PYTHONPATH": path}

    def call(*words):
        main = f"from {package.name} import cli; cli.main()"
        program = [sys.executable, "-c", main, *words]
        done = subprocess.run(program, env=os.environ | told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    call.package = package
    return call


@s3
def test_the_main_job_works_from_one_address_to_another(command, source, bucket, reader, tmp_path):
    contracts = command.package / "contracts"
    promise = next(name for name in ("predictions", "dataset") if (contracts / f"{name}.yaml").exists())
    for name, place in (("source", source), (promise, f"{bucket}/out")):
        content = yaml.safe_load((contracts / f"{name}.yaml").read_text(encoding="utf-8"))
        content["servers"] = [{"server": "lake", "type": "s3", "format": "parquet", "location": place}]
        (contracts / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")

    made = json.loads(command("run", "--json"))["versions"][promise]

    name, _, above = f"{bucket}/out".removeprefix("s3://").partition("/")
    pointer, rows = (
        reader.get_object(Bucket=name, Key=f"{above}/{key}")["Body"].read()
        for key in (objects.POINTER, f"{made}/{promise}.parquet")
    )
    assert json.loads(pointer)["version"] == made
    assert rows == (tmp_path / "made" / promise / made / f"{promise}.parquet").read_bytes()
    assert list((tmp_path / "made").glob(".fetched-*")) == []


@s3
def test_a_file_in_an_object_store_is_held_against_a_contract(bucket, store, command):
    def write(folder):
        command("synth", "20", str(folder / "in.parquet"))
        return {}

    version = store.make({}, write)
    objects.publish(version, bucket)

    said = command("check", f"{bucket}/{version.id}/in.parquet", "--contract", "source")

    assert "20 rows, 0 of them bad" in said


def test_an_address_without_the_extra_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(SettingsError, match=r"(?s)CF008.*uv sync --extra s3"):
        objects.fetch("s3://bucket/x.parquet", tmp_path)


def test_where_it_is_said_nothing_leaves_this_machine(monkeypatch, store):
    version = store.make({}, lambda _: {})
    monkeypatch.setitem(sys.modules, "obstore", None)  # whoever reaches out is told CF008

    monkeypatch.setenv(objects.LOCAL, "yes")
    objects.publish(version, "s3://bucket/rain")

    monkeypatch.delenv(objects.LOCAL)
    with pytest.raises(SettingsError, match="CF008"):
        objects.publish(version, "s3://bucket/rain")
