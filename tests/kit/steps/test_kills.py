"""Killed at any moment, a run and a promotion leave what is published whole, and the next one finishes."""

import random
import subprocess
import sys
import time

import pytest

from datadevops.datasets import publication
from datadevops.store import aliases, hashed
from datadevops.store.versions import Store
from runs import environment

KILLS = 100  # of each product
PROGRAM = """
import sys
from pathlib import Path
import runs
from {package} import PRODUCT
from datadevops import cli
sys.argv[0] = "command"
words = sys.argv[1:]
store = Path(words.pop(0))
work = cli.application(PRODUCT) if len(words) > 1 else lambda: runs.run_into(PRODUCT, store, Path(words[0]))
sys.argv[1:] = words
print("ready", flush=True)
work()
"""


@pytest.fixture(params=["forecast", "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


def published(product, store):
    """The verified versions in use: the champion and the published rows, or the dataset that readers get."""
    if product.serves:
        kinds = {"models": "champion", "predictions": "published"}
        return {name: aliases.require(Store(store / name), alias).id for name, alias in kinds.items()}
    dataset = Store(store / "shop_days")
    return {"shop_days": dataset.open((dataset.root / publication.LATEST).resolve().name).id}


def leftovers(store):
    return [path for path in store.rglob(".*") if path.name not in (".lock", hashed.RECORD)]


@pytest.fixture
def start(product, homes):
    def call(store, *words):
        own = {"HOME": homes(product), "STORE": store}
        program = [sys.executable, "-c", PROGRAM.format(package=product.package), store, *words]
        child = subprocess.Popen(
            list(map(str, program)),
            env=environment(product, **own),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout.readline() == "ready\n", child.stderr.read()
        return child

    return call


@pytest.mark.long
def test_what_is_published_is_whole_after_every_kill_and_the_next_one_finishes(
    ran_twice, product, start, write_altered, tmp_path
):
    chosen, seconds, moments = random.Random(0), {True: 1.0, False: 0.1}, []
    column = "takings" if product.serves else "queue_minutes"
    group = "models" if product.serves else "publish"
    store = ran_twice.store
    for turn in range(KILLS):
        before, run = published(product, store), turn % 2 == 0
        if run:
            more = f"select * replace ({column} + {turn / 1000} as {column}) from sample"
            words = [write_altered(f"{more} where opened_at >= '2025-04-01'", tmp_path / f"{turn}.parquet")]
        else:
            others = set(Store(store / ("models" if product.serves else "shop_days")).versions())
            words = [group, "promote", min(others - set(before.values())), "--why", "a kill"]

        with start(store, *words) as child:
            delay = chosen.uniform(0, seconds[run])
            time.sleep(delay)
            moments.append(child.poll() is None)
            child.kill()
        left = published(product, store)
        with start(store, *words) as again:
            began = time.monotonic()
            again.wait()
            seconds[run] = time.monotonic() - began
            said = again.stderr.read()

        assert again.returncode == 0, said
        finished = published(product, store)
        assert all(left[name] in (before[name], finished[name]) for name in left)
        assert leftovers(store) == []
    assert sum(moments) > KILLS / 2  # most came before the end
