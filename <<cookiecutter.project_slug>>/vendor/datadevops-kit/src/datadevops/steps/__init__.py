"""The steps of a pipeline; a team adds its own as functions of a `Job`.

In:       a `Job`, the versions made by earlier steps.
Out:      versions in the store, and in `job.made` by name, for later steps and the report.
Failure:  the first failed step stops a run; the previous version stays published.

A model service: check, transform, train, judge, promote, predict, publish, report. A data pipeline: check;
make_partitions and publish_dataset for each of its datasets; report. `run` opens a job around the `run` of a
product's pipeline.py.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..job import Job
from ..store.versions import Version

if TYPE_CHECKING:
    from .data import check, transform
    from .modelling import judge, predict, promote, publish, train
    from .partitioned import datasets, make_partitions, publish_dataset
    from .reporting import report

__all__ = [
    "Job",
    "Version",
    "check",
    "datasets",
    "judge",
    "make_partitions",
    "predict",
    "promote",
    "publish",
    "publish_dataset",
    "report",
    "train",
    "transform",
]

# Each is loaded when a pipeline uses it: a data pipeline has no training packages installed.
ROOMS = {
    "check": "data",
    "transform": "data",
    "train": "modelling",
    "judge": "modelling",
    "promote": "modelling",
    "predict": "modelling",
    "publish": "modelling",
    "datasets": "partitioned",
    "make_partitions": "partitioned",
    "publish_dataset": "partitioned",
    "report": "reporting",
}


def __getattr__(name: str) -> Any:
    if name not in ROOMS:
        raise AttributeError(f"there is no step {name!r}")
    return getattr(import_module(f"{__name__}.{ROOMS[name]}"), name)
