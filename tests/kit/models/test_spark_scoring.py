"""A model scores, and drift is measured, on Spark as on DuckDB."""

import pytest

from datadevops.contract import odcs, synthetic
from datadevops.models import drift, scorer
from datadevops.store import aliases
from datadevops.store.versions import Store

pytestmark = pytest.mark.spark


def test_drift_is_measured_the_same(engine, spark, orders, tmp_path):
    engine.write(synthetic.sql(orders, 20_000, seed=1), tmp_path / "before.parquet")
    engine.write(synthetic.sql(orders, 20_000, seed=2), tmp_path / "now.parquet")
    found = []
    for each in (engine, spark):
        each.read("before", tmp_path / "before.parquet")
        each.read("now", tmp_path / "now.parquet")
        base = drift.baseline(each, orders, "before")
        found.append((base, drift.compare(each, "(from now where quantity > 10)", base)))

    assert found[0] == found[1]


def test_a_model_scores_the_same_in_the_workers_of_spark(engine, spark, forecast, first_run, tmp_path):
    model = scorer.load(aliases.require(Store(first_run.store / "models"), "champion"))
    features = odcs.load(forecast.contracts / "features.yaml")
    engine.write(synthetic.sql(features, 30_000), tmp_path / "features.parquet")
    for each, name in ((engine, "here"), (spark, "there")):
        each.read("features", tmp_path / "features.parquet")
        scorer.score_table(each, model, features, tmp_path / f"{name}.parquet")
        engine.read(name, tmp_path / f"{name}.parquet")

    assert engine.types("from here") == engine.types("from there")
    assert engine.rows("from here order by all") == engine.rows("from there order by all")
