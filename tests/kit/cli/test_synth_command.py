"""Made-up rows from a contract."""

import re

import yaml

from runs import rows


def test_made_up_rows_keep_their_contract_and_are_the_same_for_the_same_seed(command, tmp_path):
    one, two, other = (tmp_path / f"{name}.parquet" for name in ("one", "two", "other"))

    command("synth", "source", 3000, one)
    command("synth", "source", 3000, two, "--seed", 0)
    command("synth", "source", 3000, other, "--seed", 1)
    checked = command("check", one, "--contract", "source")

    assert one.read_bytes() == two.read_bytes() != other.read_bytes()
    assert checked.code == 0


def test_some_made_up_rows_break_a_rule_if_asked(command, tmp_path):
    answer = command("synth", "source", 1000, tmp_path / "made.parquet", "--bad", 0.2)
    checked = command("check", tmp_path / "made.parquet", "--contract", "source")

    (bad,) = re.findall(r"source v1\.0\.0: 1,000 rows, (\d+) of them bad", checked.out)
    assert (answer.code, checked.code) == (0, 2)
    assert answer.out == f"{tmp_path / 'made.parquet'}: 1,000 rows of source\n"
    assert 150 < int(bad) < 250


def test_no_rows_are_a_file_with_the_columns(command, tmp_path):
    answer = command("synth", "source", 0, tmp_path / "made.parquet")

    assert (answer.code, answer.out) == (0, f"{tmp_path / 'made.parquet'}: 0 rows of source\n")
    assert rows(f"select count(*), count(shop) from '{tmp_path / 'made.parquet'}'") == [(0, 0)]


def test_an_invalid_synthetic_property_is_named(command, own, tmp_path):
    file = own.contracts / "sources" / "source.yaml"
    file.write_text(file.read_text().replace("mean: visitors / 3", "mean: visitros / 3"))

    answer = command("synth", "source", 10, tmp_path / "made.parquet", product=own)

    assert answer.code == 2
    assert "error[CT007] contract source:" in answer.err
    assert "visitros" in answer.err
    assert list(tmp_path.glob("*made*")) == []


def test_made_up_rows_that_break_a_rule_across_columns_are_refused_with_the_remedy(command, own, tmp_path):
    file = own.contracts / "sources" / "source.yaml"
    file.write_text(file.read_text().replace("buyers > visitors", "takings > 5 * visitors"))

    answer = command("synth", "source", 1000, tmp_path / "made.parquet", product=own)

    assert answer.code == 2
    assert re.search(r"error\[CT007\] .*: of 1,000 made-up rows \d+ break buyers_are_visitors", answer.err)
    assert "let the custom property synthetic: {sql: ...} make the columns" in answer.err


def test_fewer_rows_are_written_and_said_where_the_contract_allows_no_more(command, own, tmp_path):
    file = own.contracts / "sources" / "source.yaml"
    content = yaml.safe_load(file.read_text())
    (table,) = content["schema"]
    (shop,) = (each for each in table["properties"] if each["name"] == "shop")
    table.update(properties=[shop], quality=[])
    file.write_text(yaml.safe_dump(content))

    answer = command("synth", "source", 1000, tmp_path / "made.parquet", product=own)

    assert answer.code == 0
    assert (
        "made.parquet: 3 rows of source; no more can be made up that differ in keys and unique columns"
        in answer.out
    )
