"""The commands of a product work from one address of an object store to another."""

import json
import shutil

import pytest
import yaml

from datadevops.contract import odcs
from datadevops.store import objects

pytestmark = pytest.mark.s3


@pytest.fixture(params=["forecast", "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def source(bucket, store, sample):
    """The address of the sample in the bucket."""
    version = store.make({}, lambda folder: {"file": str(shutil.copy(sample, folder))})
    objects.publish(version, bucket)
    return f"{bucket}/{version.id}/{sample.name}"


@pytest.fixture
def elsewhere(own, source, bucket):
    """The product whose contracts name the source and a place to publish in the bucket; the name of the
    published table."""
    promise = "predictions" if own.serves else "shop_days"
    for name, place in (("source", source), (promise, f"{bucket}/out")):
        path = odcs.files(own.contracts)[name]
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["servers"] = [{"server": "lake", "type": "s3", "format": "parquet", "location": place}]
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return own, promise


def test_the_main_job_works_from_one_address_to_another(
    elsewhere, command, bucket, reader, tmp_path, monkeypatch
):
    product, promise = elsewhere
    monkeypatch.delenv(f"{product.prefix}LOCAL")

    answer = command("run", "--json", product=product)

    made = json.loads(answer.out)["versions"][promise]
    name, _, above = f"{bucket}/out".removeprefix("s3://").partition("/")
    file = f"{made}/predictions.parquet" if product.serves else f"{made}/dataset/2025-03.parquet"
    pointer, rows = (
        reader.get_object(Bucket=name, Key=f"{above}/{key}")["Body"].read() for key in (objects.POINTER, file)
    )
    assert json.loads(pointer)["version"] == made
    assert rows == (tmp_path / "store" / promise / file).read_bytes()
    assert list((tmp_path / "store").glob(".fetched-*")) == []


def test_with_the_setting_local_nothing_leaves_this_machine(elsewhere, command, gate):
    product, _ = elsewhere
    before = gate.writes

    answer = command("run", product=product)  # with LOCAL, as every test

    assert (answer.code, gate.writes) == (0, before)


def test_a_source_whose_object_is_gone_has_delivered_nothing_unless_it_is_named(
    elsewhere, source, command, reader
):
    product, _ = elsewhere
    first = json.loads(command("run", "--json", product=product).out)
    bucket, _, key = source.removeprefix("s3://").partition("/")
    reader.delete_object(Bucket=bucket, Key=key)

    again = json.loads(command("run", "--json", product=product).out)
    named = command("run", "--source", source, product=product)

    made = "predictions" if product.serves else "shop_days"
    assert again["versions"][made] == first["versions"][made]
    assert [each["sources"]["source"]["delivered"] for each in (first, again)] == [True, False]
    assert (named.code, "error[DQ001] s3://" in named.err) == (2, True)


def test_a_file_in_an_object_store_is_checked_against_a_contract(bucket, store, command):
    def make(folder):
        return {"output": command("synth", "source", 20, folder / "in.parquet").out}

    version = store.make({}, make)
    objects.publish(version, bucket)

    answer = command("check", f"{bucket}/{version.id}/in.parquet", "--contract", "source")

    assert "20 rows, 0 of them bad" in answer.out


def test_a_contract_is_drafted_from_an_address_and_names_it(own, source, command, tmp_path):
    answer = command("new-contract", source, "--name", "shops", product=own)

    (written,) = own.contracts.rglob("shops.yaml")
    assert answer.code == 0, answer.err
    assert odcs.load(written).location == source
    assert list((tmp_path / "store").glob(".fetched-*")) == []
