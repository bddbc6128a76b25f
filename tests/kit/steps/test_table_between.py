"""A table between sources and features that has a contract of its own is checked as the others are."""

import re
import shutil

import pytest
import yaml

from datadevops.errors import DataError, RefusedError
from runs import rows, run_into

KEY = {"required": True, "primaryKey": True}
CONTRACT = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "urn:example:shops:hourly",
    "version": "1.0.0",
    "status": "active",
    "support": [{"channel": "shop-data", "url": "mailto:shop-data@example.com"}],
    "schema": [
        {
            "name": "hourly",
            "customProperties": [{"property": "allowedBadRatio", "value": 0.1}],
            "properties": [
                {
                    "name": "shop",
                    "logicalType": "string",
                    **KEY,
                    "primaryKeyPosition": 1,
                    "examples": ["north"],
                },
                {"name": "opened_at", "logicalType": "timestamp", **KEY, "primaryKeyPosition": 2},
                {"name": "takings", "logicalType": "number", "logicalTypeOptions": {"minimum": 0}},
            ],
        }
    ],
}
WITH_BAD = "select shop, opened_at, if({bad}, -1.0, takings) as takings from source"


@pytest.fixture
def between(own):
    """between(bad): the product with hourly.sql, whose takings are negative in the `bad` rows; features need
    a row of it."""

    def make(bad):
        (own.contracts / "hourly.yaml").write_text(yaml.safe_dump(CONTRACT))
        (own.transforms / "hourly.sql").write_text(WITH_BAD.format(bad=bad))
        sql = own.transforms / "features.sql"
        made = re.sub(r"\bfeatures( as \(|$)", r"made\1", sql.read_text())
        sql.write_text(f"select made.* from ({made}) as made join hourly using (shop, opened_at)")
        return own

    return make


FEW = "shop = 'north' and hour(opened_at) = 3"
MANY = "hour(opened_at) < 12"


def test_its_good_rows_go_on_and_its_bad_rows_to_its_quarantine(between, sample, tmp_path):
    made = run_into(between(FEW), tmp_path / "store", sample)

    check = made.facts["checks"]["hourly"]
    folder = made.store / "hourly" / made.facts["versions"]["hourly"]
    assert check["good"] + check["bad"] == check["read"] == 10_848
    assert check["broken"] == {"takings:minimum": check["bad"]}
    assert 0 < check["bad"] < 200
    bad = rows(f"select distinct takings, broken_rules from '{folder}/quarantine.parquet'")
    assert bad == [(-1.0, "takings:minimum")]
    assert rows(f"select min(takings) from '{folder}/hourly.parquet'") == [(0.0,)]
    assert made.facts["checks"]["features"]["read"] == check["good"]
    assert "takings:minimum" in made.report.file("report.html").read_text().replace("<wbr>", "")


STOPPED = {
    "more bad rows than its contract allows": (MANY, RefusedError, r"DQ006.*10\.00% of the rows may be bad"),
    "no good row": ("true", DataError, r"DQ007.*Not one row is good"),
}


@pytest.mark.parametrize(("bad", "error", "words"), STOPPED.values(), ids=STOPPED)
def test_what_breaks_its_contract_stops_the_run_and_its_own_sql_is_the_remedy(
    between, sample, tmp_path, bad, error, words
):
    product = between(bad)

    with pytest.raises(error, match=f"(?s){words}") as raised:
        run_into(product, tmp_path / "store", sample)

    text = str(raised.value)
    assert f"correct {product.transforms / 'hourly.sql'} and run again" in text
    assert "at the source" not in text
    assert not (tmp_path / "store" / "features").exists()


def test_nulls_that_a_join_adds_are_told_with_the_column_that_may_be_null(between, sample, tmp_path):
    product = between("false")
    contract, sql = product.contracts / "features.yaml", product.transforms / "features.sql"
    text, changed = re.subn(r"(- name: temperature_c\n)", r"\1        required: true\n", contract.read_text())
    contract.write_text(text)

    with pytest.raises(RefusedError, match="DQ006") as raised:
        run_into(product, tmp_path / "store", sample)

    assert changed == 1
    assert f"correct {sql} and run again; if a left join finds nobody, let temperature_c be null" in str(
        raised.value
    )


SPOILT = {
    "features": (r"takings,\n        takings - ", "-1.0 as takings,\n        takings - "),
    "labels": ("else 'the next hour", "when true then null else 'the next hour"),
}


@pytest.mark.parametrize("table", SPOILT)
def test_the_remedy_of_features_and_labels_is_their_own_sql(own, sample, tmp_path, table):
    path, (old, new) = own.transforms / f"{table}.sql", SPOILT[table]
    path.write_text(re.sub(old, new, path.read_text()))

    with pytest.raises((DataError, RefusedError), match=r"DQ00[67]") as raised:
        run_into(own, tmp_path / "store", sample)

    assert f"correct {path} and run again" in str(raised.value)


@pytest.fixture
def score(command, between, ran):
    """score(file, out): what the command says; the champion was trained without the table between."""
    product = between(FEW)
    return lambda file, out: command("score", f"source={file}", out, store=ran.store, product=product)


def test_scoring_keeps_its_bad_rows_beside_the_output_but_not_over_the_input(score, sample, tmp_path):
    file = tmp_path / "out.hourly-quarantine.parquet"
    shutil.copy(sample, file)
    before = file.read_bytes()

    refused = score(file, tmp_path / "out.parquet")
    scored = score(sample, tmp_path / "other.parquet")

    assert (refused.code, scored.code) == (2, 0), scored.err
    assert "it would overwrite the input" in refused.err
    assert file.read_bytes() == before
    assert "takings:minimum" in scored.err
    assert (tmp_path / "other.hourly-quarantine.parquet").exists()
