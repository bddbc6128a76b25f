"""Faults of a job that publishes a dataset: bad deliveries, a crash, time without a run.

In:       a healthy stack, a source whose newest row is from this hour, its contract.
Out:      contexts: each breaks the job on entry and repairs it on exit. Readers must see the last good
          dataset throughout.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from subprocess import Popen

from ..contract.values import Contract
from ..datasets import publication
from ..engine.duckdb_engine import DuckDB
from ..store.versions import Store
from .stack import DrillError, Scenario, Stack


class Scheduler:
    """Runs the job, and checks what readers get."""

    targets = ()  # a job is not scraped; its metrics file is

    def __init__(self, stack: Stack, contract: Contract, files: Mapping[str, Path]) -> None:
        """`contract`: of the source whose deliveries are broken; `files`: good ones, by source."""
        self.contract, self.fresh, self._files = contract, files[contract.name], files
        self.seen = stack.plan.objectives.alive
        self._stack = stack
        self._before = self.published()

    def close(self) -> None:
        """Nothing to stop: no process lives between two runs."""

    def heal(self) -> None:
        """Run once more, on good rows."""
        self._stack.late = 0
        self.run(self.fresh, 0)

    def published(self) -> str:
        """The version that readers get, verified."""
        dataset = Store(self._stack.store / "dataset")
        return dataset.open((dataset.root / publication.LATEST).resolve().name).id

    def unchanged(self) -> None:
        if (found := self.published()) != self._before:
            raise DrillError(f"readers got {found}, not the last good dataset {self._before}")

    def start(self, file: Path) -> Popen[bytes]:
        """Start the job on a delivery; the other sources come as they did before."""
        given = {**self._files, self.contract.name: file}
        words = [word for table, path in given.items() for word in ("--source", f"{table}={path}")]
        return self._stack.command("run", *words)

    def run(self, file: Path, *codes: int) -> None:
        """Run the job on a delivery; it must exit with one of these codes."""
        job = self.start(file)
        if (code := job.wait(self._stack.patience)) not in codes:
            raise DrillError(f"the job ended with exit code {code}\n{self._stack.output}")

    def delivery(self, sql: str) -> Path:
        """The result of `sql` on the table `fresh`, whose rows are numbered by `place` from the newest."""
        file = self._stack.folder / "delivery.parquet"
        rows = f'select *, row_number() over (order by "{self.contract.time_key}" desc) as place from given'
        with DuckDB() as engine:
            engine.read("given", self.fresh)
            engine.write(f"with fresh as ({rows}) {sql}", file)
        return file


def starter(
    contracts: Mapping[str, Contract], folder: Path, fresh: Mapping[str, Path]
) -> Callable[[Stack], Scheduler]:
    """A function that starts the product on a copy of the store in `folder`; `fresh`: rows of each source.

    The source that is broken is the one whose rows come anew: the first with a time.
    """
    sources = [contracts[table] for table in fresh]
    source = next((each for each in sources if each.timed), sources[0])
    return lambda stack: Scheduler(stack, source, fresh)


@contextmanager
def late_data(stack: Stack) -> Iterator[None]:
    """The same rows are delivered for days: every run succeeds, and nothing is new."""
    stack.product.run(stack.product.fresh, 0)
    stack.late = stack.plan.too_late
    yield


@contextmanager
def schema_break(stack: Stack) -> Iterator[None]:
    column = stack.product.contract.columns[-1].name
    stack.product.run(stack.product.delivery(f'select * exclude (place, "{column}") from fresh'), 2)
    stack.product.unchanged()
    yield
    stack.product.unchanged()


@contextmanager
def nulls(stack: Stack) -> Iterator[None]:
    """More bad rows than the objective allows, but too few to stop a run: they go to quarantine."""
    each = round(1 / (1.3 * (stack.plan.objective("data-quality").limit or 0.001)))
    few = f"place % {each} = 0 and place < 0.9 * (select count(*) from fresh)"  # the oldest one is incomplete
    sql = f"select * exclude (place) replace ({_null_key(stack, few)}) from fresh"
    stack.product.run(stack.product.delivery(sql), 0)
    yield
    stack.product.published()


@contextmanager
def poisoned_upstream(stack: Stack) -> Iterator[None]:
    """A third of the newest rows are invalid: their partitions are refused, the others stay."""
    sql = f"select * exclude (place) replace ({_null_key(stack, 'place < 600 and place % 3 = 0')}) from fresh"
    stack.product.run(stack.product.delivery(sql), 1)
    stack.product.unchanged()
    yield
    stack.product.unchanged()


@contextmanager
def duplicate_delivery(stack: Stack) -> Iterator[None]:
    """The same rows again, in another order and another file."""
    again = stack.product.delivery("select * exclude (place) from fresh order by place")
    stack.product.run(again, 0)
    stack.product.unchanged()
    yield


@contextmanager
def crash_in_publish(stack: Stack) -> Iterator[None]:
    """The job is killed while it makes the dataset, and is not started again for days."""
    times = (column.name for column in stack.product.contract.columns if column.type == "timestamp")
    moved = ", ".join(f'"{name}" + interval 1 day as "{name}"' for name in times)
    later = f"select * exclude (place) replace ({moved}) from fresh where place < 100"
    job = stack.product.start(stack.product.delivery(later))
    while not list(stack.store.glob("partitions/.making-*")):
        if job.poll() is not None:
            raise DrillError(f"the job ended before it could be killed\n{stack.output}")
        time.sleep(0.001)
    job.kill()
    job.wait()
    stack.product.unchanged()
    stack.late = stack.plan.too_late
    yield
    stack.product.unchanged()


def _null_key(stack: Stack, where: str) -> str:
    """SQL: a column of the key is null in these rows."""
    contract = stack.product.contract
    key = next((name for name in contract.keys if name != contract.time_key), contract.time_key)
    return f'if({where}, null, "{key}") as "{key}"'


LATE, FAILED, BAD = "FreshnessBreach", "RunSuccessBreach", "DataQualityBreach"
SCENARIOS = {
    "late-data": Scenario(LATE, "the same rows are delivered for days", late_data),
    "crash-in-publish": Scenario(LATE, "the job is killed while it makes the dataset", crash_in_publish),
    "schema-break": Scenario(FAILED, "a column is missing", schema_break),
    "poisoned-upstream": Scenario(
        FAILED, "the newest rows are invalid", poisoned_upstream, panels=True, symptoms=(BAD,)
    ),
    "nulls": Scenario(BAD, "some rows have no key", nulls),
    "duplicate-delivery": Scenario("", "the same rows are delivered twice", duplicate_delivery),
    "healthy": Scenario("", "nothing is broken", lambda _: nullcontext()),
}
