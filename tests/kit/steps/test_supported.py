"""What is not supported is refused by the contracts and the SQL, before a file is looked for."""

import pytest
import yaml

import shop_forecast
import shop_statistics

SERVICE, PIPELINE = shop_forecast.PRODUCT, shop_statistics.PRODUCT
SOURCE = "contracts/sources/source.yaml"
BOOLEAN = "description: Whether prices were cut.\n        logicalType: boolean"
# What -> the product, the file, old text, new text, the id of the error, what it says.
LIMITS = {
    "a nested column": (
        *(SERVICE, SOURCE, "logicalType: boolean", "logicalType: object"),
        *("CT003", "logicalType object is not one of"),
    ),
    "another kind of file": (
        *(SERVICE, SOURCE, "format: parquet", "format: json"),
        *("CT003", "json is not read here"),
    ),
    "another object store": (
        *(
            SERVICE,
            SOURCE,
            "type: local, format: parquet, path: data/",
            "type: s3, format: parquet, location: gs://a/",
        ),
        *("CT003", "gs://a/shops.parquet is not read here; give a path, or an address"),
    ),
    "a label that is a time": (
        *(SERVICE, "contracts/labels.yaml", "logicalType: boolean", "logicalType: timestamp"),
        *("ML010", "label is a timestamp"),
    ),
    "free text as an input": (
        *(SERVICE, "contracts/features.yaml", BOOLEAN, BOOLEAN.replace("boolean", "string")),
        *("ML004", "promotion cannot be a model input: string without enum"),
    ),
    "a feature known after the outcome": (
        *(SERVICE, "transforms/features.sql", "        buyers,\n", "        complaints as buyers,\n"),
        *("ML001", "buyers comes from source.complaints"),
    ),
    "no example row": (
        *(SERVICE, "contracts/features.yaml", "enum: [{value: market}, {value: north}, {value: station}]"),
        *("logicalTypeOptions: {pattern: 'S[0-9]+'}", "CT007", "its values cannot be guessed"),
    ),
    "two columns of partitions": (
        *(
            PIPELINE,
            "contracts/datasets/shop_days.yaml",
            "      - name: hours_counted",
            "      - name: hours_counted\n        partitioned: true",
        ),
        *("CT003", "is partitioned by one column"),
    ),
    "a source without a time for partitions": (
        *(PIPELINE, SOURCE, "primaryKey: true\n        primaryKeyPosition: 2", "unique: false"),
        *("CT004", "no timestamp or date in the primary key"),
    ),
    "a table that nobody makes": (
        *(PIPELINE, "transforms/shop_days.sql", "source", "sauce"),
        *("CT014", "nobody makes it, did you mean 'source'?"),
    ),
}


@pytest.fixture
def product(limit):
    return limit[0]


@pytest.fixture(params=LIMITS.values(), ids=LIMITS)
def limit(request):
    return request.param


@pytest.fixture
def refused(own, limit):
    """A product that asks for what is not supported; its source is no link to another product's."""
    _, name, old, new, _, _ = limit
    path = own.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return own


@pytest.mark.parametrize(
    "words", [["run", "--source", "source=nowhere.parquet"], ["contract", "check"]], ids=" ".join
)
def test_what_is_not_supported_is_refused_before_a_file_is_looked_for(
    refused, limit, words, command, tmp_path
):
    answer = command(*words, product=refused)

    assert answer.code == 2
    assert f"error[{limit[-2]}]" in answer.err
    assert limit[-1] in answer.err
    assert [path.name for path in tmp_path.glob("store/*") if path.is_dir()] == []


@pytest.mark.parametrize("limit", [(SERVICE,), (PIPELINE,)], ids=["model", "dataset"])
def test_contracts_of_tables_that_nobody_makes_are_refused(limit, own, command):
    source = (own.contracts / "sources" / "source.yaml").read_text(encoding="utf-8")
    idle = [own.contracts / f"{name}.yaml" for name in ("hours", "weeks")]
    for path in idle:
        path.write_text(source.replace("- name: source", f"- name: {path.stem}"), "utf-8")

    answer = command("run", product=own)

    named = "\n  ".join(map(str, idle))
    assert f"error[CT013] nobody makes the tables of these contracts\n  {named}\n" in answer.err
    assert "hint: write transforms/hours.sql, or remove the file" in answer.err


MISSING = {  # the product, files that are gone, what the check says and its exit code
    "features that leak": (SERVICE, ["contracts/labels.yaml"], 2, "error[ML001]"),
    "no features yet": (SERVICE, ["transforms/features.sql"], 0, "first: transforms/features.sql\n"),
    "a product without a model": (
        PIPELINE,
        ["contracts/datasets/shop_days.yaml"],
        0,
        "contracts/datasets/TABLE.yaml\n",
    ),
}


@pytest.mark.parametrize("limit", MISSING.values(), ids=MISSING)
def test_while_parts_are_missing_features_are_checked_as_soon_as_they_are_there(limit, own, command):
    _, gone, code, told = limit
    sql = own.transforms / "features.sql"
    if code:
        sql.write_text(sql.read_text().replace("        buyers,\n", "        complaints as buyers,\n"))
    for path in gone:
        (own.folder / path).unlink()

    answer = command("contract", "check", product=own)

    assert answer.code == code
    assert told in answer.out + answer.err


@pytest.mark.parametrize("limit", [LIMITS["a table that nobody makes"]], ids=["a table that nobody makes"])
def test_it_comes_before_a_source_that_does_not_say_where_its_file_is(refused, command):
    path = refused.folder / SOURCE
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    del source["servers"]
    path.write_text(yaml.safe_dump(source), encoding="utf-8")

    assert "error[CT014]" in command("run", product=refused).err

    (refused.transforms / "shop_days.sql").write_text("select * from source", encoding="utf-8")

    assert "error[DQ001]" in command("run", product=refused).err


@pytest.mark.parametrize("limit", [(SERVICE,), (PIPELINE,)], ids=["model", "dataset"])
def test_a_product_that_asks_for_no_more_looks_for_its_file(limit, command):
    answer = command("run", "--source", "source=nowhere.parquet", product=limit[0])

    assert "error[DQ001]" in answer.err
