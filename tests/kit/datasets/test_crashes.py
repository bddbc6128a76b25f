"""A killed run loses nothing of a dataset, nor do two runs at once."""

import subprocess
import sys

import pytest

from runs import dataset, environment

RUN = """
import sys
from pathlib import Path
import runs
from shop_statistics import PRODUCT
runs.run_into(PRODUCT, Path(sys.argv[1]), Path(sys.argv[2]), lambda step, *_: print(step, flush=True))
"""


@pytest.fixture
def started(product):
    """started(store, file): a run in a process of its own, which prints its steps."""

    def start(store, file):
        words = [sys.executable, "-c", RUN, str(store), str(file)]
        return subprocess.Popen(words, env=environment(product), stdout=subprocess.PIPE, text=True)

    return start


SLOW = [pytest.param(step, marks=pytest.mark.long) for step in ("source", "shop_days/partitions", "reports")]


@pytest.mark.parametrize("step", ["2025-03", "shop_days", *SLOW])
def test_a_killed_run_leaves_the_dataset_whole_and_the_next_one_finishes(ran, run, started, altered, step):
    shorter = altered("select * replace (queue_minutes / 2 as queue_minutes) from sample")
    before = dataset(ran.store)
    with started(ran.store, shorter) as child:
        while child.stdout.readline().strip() != step:
            assert child.poll() is None
        child.kill()

    left = dataset(ran.store)
    run(ran.store, shorter)

    assert step == "reports" or left == before
    assert sum(row[3] for row in dataset(ran.store)) == pytest.approx(
        sum(row[3] for row in before) / 2, abs=3
    )
    assert [path.name for path in ran.store.glob(".partition-*")] == []


def test_two_runs_at_once_keep_the_partitions_of_both(started, altered, tmp_path):
    files = [tmp_path / f"{month}.parquet" for month in ("2025-02", "2025-04")]
    for file in files:
        altered(f"from sample where strftime(opened_at, '%Y-%m') = '{file.stem}'").rename(file)

    both = [started(tmp_path / "store", file) for file in files]
    for each in both:
        each.communicate(timeout=60)

    assert [each.returncode for each in both] == [0, 0]
    assert {f"{row[1]:%Y-%m}" for row in dataset(tmp_path / "store")} == {"2025-02", "2025-04"}
