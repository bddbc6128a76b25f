"""Sources are read from an object store and datasets published there; an outage loses nothing."""

import json
import os
import sys

import pytest

from datadevops.contract import odcs
from datadevops.errors import DataError, SettingsError, StoreError
from datadevops.store import objects
from datadevops.store.versions import MANIFEST

s3 = pytest.mark.s3
FILES = {"a.parquet": "old rows", "b.parquet": "old bad rows"}


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
    """seen(): the files that a reader gets who follows the pointer."""
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
def test_a_rollback_publishes_the_previous_version_without_uploading_it_again(made, bucket, seen, gate):
    for text in ("one", "two"):
        objects.publish(made(text), bucket)
    before = gate.writes

    objects.publish(made("one"), bucket)

    assert (seen(), gate.writes - before) == (of("one"), 1)


@s3
def test_a_published_version_is_not_uploaded_again(made, bucket, gate):
    objects.publish(made("one"), bucket)
    before = gate.writes

    objects.publish(made("one"), bucket)

    assert gate.writes == before


@s3
def test_a_version_that_a_lifecycle_rule_deleted_is_uploaded_again(made, bucket, seen, reader):
    version = made("one")
    objects.publish(version, bucket)
    name, _, above = bucket.removeprefix("s3://").partition("/")
    for file in (*FILES, MANIFEST):
        reader.delete_object(Bucket=name, Key=f"{above}/{version.id}/{file}")

    objects.publish(version, bucket)

    assert seen() == of("one")


@pytest.fixture
def large(store):
    """large("one"): a version with a small file of this text, and one of 100 kB in a folder."""

    def make(text):
        def write(folder):
            (folder / "rows").mkdir()
            (folder / "rows" / "a.parquet").write_bytes(b"1" * 100_000)
            (folder / "b.parquet").write_text(text)
            return {}

        return store.make({"text": text}, write)

    return make


@s3
@pytest.mark.parametrize("lost", [False, True])
def test_a_file_that_the_published_version_has_is_uploaded_again_only_if_it_is_gone(
    large, bucket, seen, gate, reader, lost
):
    one = large("one")
    objects.publish(one, bucket)
    before = gate.sent
    name, _, above = bucket.removeprefix("s3://").partition("/")
    if lost:
        reader.delete_object(Bucket=name, Key=f"{above}/{one.id}/rows/a.parquet")

    objects.publish(large("two"), bucket)

    assert seen() == {"rows/a.parquet": "1" * 100_000, "b.parquet": "two"}
    assert (gate.sent - before > 100_000) == lost


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


def test_the_contract_says_where_in_an_object_store_the_data_is(edited):
    servers = [{"server": "lake", "type": "s3", "format": "parquet", "location": "s3://bucket/shops"}]

    assert odcs.load(edited(contract={"servers": servers})).location == "s3://bucket/shops"


def test_an_address_without_the_extra_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(SettingsError, match=r"(?s)CF008.*uv sync --extra s3"):
        objects.fetch("s3://bucket/x.parquet", tmp_path)


ADDRESSES = {
    "https://example.com/a.csv": "an address has to begin with s3://(?s:.*)curl -fO",
    "file:///a.csv": "an address has to begin with s3://(?s:.*)name the path",
    "gs://a/b.csv": "an address has to begin with s3://(?s:.*)copy it",
    "s3://bucket": "names no object(?s:.*)s3://bucket/key",
    "s3://bucket/": "names no object",
    "s3://bucket/folder/": "names no object",
}


@pytest.mark.parametrize(("address", "told"), ADDRESSES.items())
def test_an_address_of_no_object_is_told_apart_whatever_is_installed(monkeypatch, tmp_path, address, told):
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(DataError, match=rf"DQ001.*{address}.* {told}"):
        objects.fetch(address, tmp_path)
