"""A dataset of two sources: one is cut into partitions, the other comes whole each time."""

import pytest

from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import ContractError
from runs import dataset, run_into

AREAS = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:areas
name: Areas
version: 1.0.0
status: active
schema:
  - name: areas
    properties:
      - {name: shop, logicalType: string, primaryKey: true, primaryKeyPosition: 1, examples: [north]}
      - {name: factor, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1, maximum: 9}}
"""


@pytest.fixture
def product(statistics):
    return statistics


@pytest.fixture
def wide(own):
    """The product with a second source; counted.sql makes a table between."""
    (own.contracts / "sources" / "areas.yaml").write_text(AREAS)
    sql = own.transforms / "dataset.sql"
    minutes = "source.* replace (queue_minutes * factor as queue_minutes)"
    counts = f"select {minutes} from source join areas using (shop)"
    (own.transforms / "counted.sql").write_text(counts)
    sql.write_text(sql.read_text().replace("from source", "from counted"))
    return own


@pytest.fixture
def areas(sample, tmp_path):
    """areas(factor): a file with this factor for each shop."""

    def write(factor):
        file = tmp_path / f"areas-{factor}.parquet"
        with DuckDB() as engine:
            engine.read("sample", sample)
            engine.write(f"select distinct shop, {factor}::bigint as factor from sample", file)
        return file

    return write


def test_a_partition_is_made_from_its_rows_and_all_of_the_other_source(wide, areas, sample, tmp_path):
    run_into(wide, one := tmp_path / "one" / "store", {"source": sample, "areas": areas(1)})
    made = run_into(wide, two := tmp_path / "two" / "store", {"source": sample, "areas": areas(2)})

    single, double = dataset(one), dataset(two)
    assert [row[:2] for row in single] == [row[:2] for row in double]
    assert sum(row[3] for row in double) == pytest.approx(2 * sum(row[3] for row in single))
    assert made.facts["tables"]["counted"]["from"] == ["areas", "source"]


def test_another_file_of_the_other_source_makes_every_partition_again(wide, areas, sample, altered, tmp_path):
    store = tmp_path / "store"
    first = run_into(wide, store, {"source": sample, "areas": areas(1)})
    one_day = altered("from sample where opened_at < '2025-01-02'")

    same = run_into(wide, store, {"source": one_day, "areas": areas(1)})
    again = run_into(wide, store, {"source": one_day, "areas": areas(2)})

    assert same.facts["partitions"] == first.facts["partitions"]
    assert again.facts["made"].keys() == first.facts["made"].keys()
    assert again.facts["failed"] == {}


def test_of_two_sources_with_a_time_one_must_be_named(wide, areas, sample, tmp_path):
    contract = wide.contracts / "sources" / "areas.yaml"
    time = "      - {name: at_time, logicalType: timestamp, primaryKey: true, primaryKeyPosition: 2}\n"
    contract.write_text(contract.read_text() + time)

    with pytest.raises(ContractError, match=r"CT004.*areas, source all have a time in the key"):
        run_into(wide, tmp_path / "store", {"source": sample, "areas": areas(1)})
