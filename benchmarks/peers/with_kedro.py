# /// script
# requires-python = ">=3.11"
# dependencies = ["kedro", "kedro-datasets[pandas-parquetdataset]", "pandas", "pandera[pandas]", "pyarrow"]
# ///
"""Kedro's runner, on pandas with pandera."""

from in_pandas import features
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_datasets.pandas import ParquetDataset
from timed import timed
from with_pandera import check


def work(source: str, target: str) -> None:
    files = {"source": source, "made": target, "good": target + ".good", "bad": target + ".bad"}
    datasets = {name: ParquetDataset(filepath=path) for name, path in files.items()}
    steps = Pipeline([node(check, "source", ["good", "bad"]), node(features, "good", "made")])
    SequentialRunner().run(steps, DataCatalog(datasets))


timed(work)
