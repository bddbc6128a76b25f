"""Faults of a job that publishes a dataset: bad deliveries, a crash, time without a run.

In:       a healthy stack, a source, its contract.
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
from . import bad_rows
from .stack import DrillError, Scenario, Stack


class Scheduler:
    """Runs the job, and checks what readers get."""

    targets = ()  # a job is not scraped; its metrics file is

    def __init__(self, stack: Stack, contracts: Mapping[str, Contract], files: Mapping[str, Path]) -> None:
        """`files`: good deliveries, by source."""
        self.contract = bad_rows.source(contracts)
        self.partitions = any(each.grain for each in contracts.values() if each.is_dataset)
        self.good, self._files = files[self.contract.name], files
        self.seen = stack.plan.objectives.alive
        self._stack = stack
        self._before = self.published()

    def close(self) -> None:
        """Nothing to stop: no process lives between two runs."""

    def heal(self) -> None:
        """Run once more, on good rows."""
        self._stack.late = 0
        self.run(self.good, 0)

    def published(self) -> dict[str, str]:
        """The version of each dataset that readers get, verified."""
        stores = [Store(path.parent) for path in self._stack.store.glob(f"*/{publication.LATEST}")]
        return {
            store.root.name: store.open((store.root / publication.LATEST).resolve().name).id
            for store in stores
        }

    def unchanged(self) -> None:
        if (found := self.published()) != self._before:
            raise DrillError(f"readers got {found}, not the last good versions {self._before}")

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
        """The result of `sql` on the table `fresh`, whose rows are numbered, see `bad_rows`."""
        file, rows = self._stack.folder / "delivery.parquet", bad_rows.numbered(self.contract)
        with DuckDB() as engine:
            engine.read("given", self.good)
            engine.write(f"with fresh as ({rows}) {sql}", file)
        return file


def starter(
    contracts: Mapping[str, Contract], folder: Path, files: Mapping[str, Path]
) -> Callable[[Stack], Scheduler]:
    """A function that starts the product on a copy of the store in `folder`; `files`: good deliveries."""
    return lambda stack: Scheduler(stack, contracts, files)


@contextmanager
def late_data(stack: Stack) -> Iterator[None]:
    """The same rows are delivered for days: every run succeeds, and nothing is new."""
    stack.product.run(stack.product.good, 0)
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
    rows = (
        "(select count(*) from fresh)"  # the oldest partition is incomplete; a small source has one bad row
    )
    few = f"place % least({each}, greatest(1, {rows} // 2)) = 0 and place < 0.9 * {rows}"
    stack.product.run(stack.product.delivery(bad_rows.with_nulls(stack.product.contract, few)), 0)
    yield
    stack.product.published()


@contextmanager
def poisoned_upstream(stack: Stack) -> Iterator[None]:
    """A third of the newest rows are invalid: their partitions are refused, the others stay."""
    newest = (
        "place < 600 and " if stack.product.partitions else ""
    )  # without partitions it takes a third of all
    sql = bad_rows.with_nulls(stack.product.contract, f"{newest}place % 3 = 0")
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
    others = bad_rows.others(stack.product.contract)
    later = f"select * exclude (place) replace ({others}) from fresh where place < 100"
    job = stack.product.start(stack.product.delivery(later))
    while not list(stack.store.glob("*/partitions/.making-*")):
        if job.poll() is not None:
            raise DrillError(f"the job ended before it could be killed\n{stack.output}")
        time.sleep(0.001)
    job.kill()
    job.wait()
    stack.product.unchanged()
    stack.late = stack.plan.too_late
    yield
    stack.product.unchanged()


LATE, FAILED, BAD = "FreshnessBreach", "RunSuccessBreach", "DataQualityBreach"
SCENARIOS = {
    "late-data": Scenario(LATE, "the same rows are delivered for days", late_data),
    "crash-in-publish": Scenario(
        LATE, "the job is killed while it makes the dataset", crash_in_publish, impossible=bad_rows.none_else
    ),
    "schema-break": Scenario(FAILED, "a column is missing", schema_break),
    "poisoned-upstream": Scenario(
        FAILED,
        "the newest rows are invalid",
        poisoned_upstream,
        panels=True,
        symptoms=(BAD,),
        impossible=bad_rows.none_needed,
    ),
    "nulls": Scenario(BAD, "some rows have no key", nulls, impossible=bad_rows.none_needed),
    "duplicate-delivery": Scenario("", "the same rows are delivered twice", duplicate_delivery),
    "healthy": Scenario("", "nothing is broken", lambda _: nullcontext()),
}
