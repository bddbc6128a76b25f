"""A product with two sources, one of them without a time, and features that are made in two steps."""

import re
import shutil

import pytest

from datadevops.engine.duckdb_engine import DuckDB

AREAS = """
apiVersion: v3.2.0
kind: DataContract
id: urn:example:areas
name: Areas
version: 1.0.0
status: active
servers: [{server: sample, type: local, format: parquet, path: data/areas.parquet}]
schema:
  - name: areas
    customProperties: [{property: allowedBadRatio, value: 0.3}]
    properties:
      - {name: shop, logicalType: string, primaryKey: true, primaryKeyPosition: 1, examples: [north, south]}
      - {name: area_m2, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 9000}}
"""
FEATURES = "select hourly.*, area_m2 from hourly left join areas using (shop)"
COLUMN = "      - {name: area_m2, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 9000}}\n"


@pytest.fixture
def areas(sample, tmp_path):
    """A file with the area of each shop, and of one that cannot be."""
    file = tmp_path / "areas.parquet"
    with DuckDB() as engine:
        engine.read("sample", sample)
        shops = "select shop, 100.0 * row_number() over (order by shop) as area_m2 from sample group by shop"
        engine.write(f"{shops} union all select 'closed', -1.0", file)
    return file


@pytest.fixture
def wide(own):
    """The product with a second source, whose column is a feature; hourly.sql makes a table between."""
    (own.contracts / "sources" / "areas.yaml").write_text(AREAS)
    sql, contract = own.transforms / "features.sql", own.contracts / "features.yaml"
    hourly = re.sub(r"\bfeatures( as \(|$)", r"made\1", sql.read_text())
    (own.transforms / "hourly.sql").write_text(hourly)
    sql.write_text(FEATURES)
    contract.write_text(contract.read_text() + COLUMN)
    return own


@pytest.fixture
def given(sample, areas):
    return {"source": sample, "areas": areas}


@pytest.fixture
def shell(command, wide, homes, areas, monkeypatch, tmp_path):
    """shell(...): what the product's own command says, in a home with both files."""
    home = shutil.copytree(homes(wide), tmp_path / "home")
    shutil.copy(areas, home / "data" / "areas.parquet")
    monkeypatch.setenv(f"{wide.prefix}HOME", str(home))
    return lambda *words: command(*words, product=wide)
