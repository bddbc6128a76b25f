"""Faults of a service, as they happen in production.

In:       a healthy stack.
Out:      contexts: each breaks the service on entry and repairs it on exit, from outside, with signals,
          files, commands and requests; the product has no hooks for it.
"""

import re
import shlex
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from ..contract.values import Contract
from ..models import scorer
from ..ops.objectives import BURNS
from ..service.http import IN_FLIGHT
from ..service.serving import WATCH_SECONDS
from ..store import aliases
from ..store.versions import MANIFEST, Store
from . import freshness, replica
from .stack import DrillError, Scenario, Stack

MOST_CALLERS = 350  # one address may have 400 connections, and the usual traffic has some
CAUGHT = IN_FLIGHT * 5 // 8  # requests in flight in a pause; with the few others, none is refused
BEGUN_SECONDS = 0.15  # until an idle machine has read the heads of so many
BETWEEN_SECONDS = 0.3  # for Prometheus to scrape


def starter(
    contracts: Mapping[str, Contract], folder: Path, _: Mapping[str, Path]
) -> Callable[[Stack], replica.Replica]:
    """A function that starts the service on a copy of the store in `folder`, whose newest row counts as one
    of this moment, however old the sample is."""
    predictions = Store(folder / "store" / "predictions")
    published = aliases.current(predictions, "published")
    if published and published.facts["newest"]:  # else the rows have no time
        freshness.publish_as_of(predictions, datetime.now(UTC), "drill: counts as fresh")
    requests = replica.requests(contracts["features"], folder / "store")
    return lambda stack: replica.Replica(stack, requests)


@contextmanager
def in_background(work: Callable[[Event], None]) -> Iterator[None]:
    """Run `work` in another thread during the block; the event tells it to stop."""
    done = Event()
    working = Thread(target=work, args=[done])
    working.start()
    try:
        yield
    finally:
        done.set()
        working.join()


@contextmanager
def corrupt_model(stack: Stack) -> Iterator[None]:
    file = aliases.require(Store(stack.store / "models"), "champion").file(scorer.MODEL)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    stack.product.replace()
    yield
    stack.product.rest()
    file.write_bytes(whole)
    stack.product.replace()


@contextmanager
def slow_answers(stack: Stack) -> Iterator[None]:
    """The process is paused again and again, as by a CPU limit that is too low."""
    seconds = max(map(float, re.findall(r'le="([\d.]+)"', stack.plan.objective("latency").good)))

    @contextmanager
    def paused(done: Event) -> Iterator[None]:
        done.wait(BEGUN_SECONDS * stack.plan.lateness.factor())
        stack.product.process.send_signal(signal.SIGSTOP)
        try:
            yield
            done.wait(seconds * 1.1)
        finally:
            stack.product.process.send_signal(signal.SIGCONT)

    def throttle(done: Event) -> None:
        while not done.is_set() and stack.product.process.poll() is None:
            stack.product.traffic.send_into(paused(done), CAUGHT)
            done.wait(BETWEEN_SECONDS)

    # The service measures a request from its head. One that is begun before a pause and complete after it
    # takes longer than the limit, however fast the model is; there is little other traffic that does not.
    stack.product.rest()
    with in_background(throttle):
        yield


@contextmanager
def bad_data(stack: Stack) -> Iterator[None]:
    stack.product.traffic.requests = stack.product.requests["bad"]
    yield


@contextmanager
def drift(stack: Stack) -> Iterator[None]:
    stack.product.traffic.requests = stack.product.requests["shifted"]
    yield


@contextmanager
def stale_data(stack: Stack) -> Iterator[None]:
    predictions = Store(stack.store / "predictions")
    fresh = aliases.require(predictions, "published")
    then = datetime.now(UTC) - timedelta(seconds=stack.plan.too_late)
    freshness.publish_as_of(predictions, then, "drill: too old")
    yield
    aliases.promote(predictions, fresh.id, "published", "drill: the job ran again", datetime.now(UTC))


@contextmanager
def dead_process(stack: Stack) -> Iterator[None]:
    stack.product.process.kill()
    yield
    stack.product.replace()


@contextmanager
def overload(stack: Stack) -> Iterator[None]:
    """More requests in flight than the service accepts, again and again."""
    objective = stack.plan.objective("availability")
    bad = BURNS["fast"][-1].factor(objective.days) * objective.budget  # share of refused requests
    refused = max(24, round(IN_FLIGHT * 2 * bad / max(0.1, 1 - 2 * bad)))
    callers = min(MOST_CALLERS, IN_FLIGHT + refused)

    def overload_again(done: Event) -> None:
        stack.product.traffic.send_burst(callers)
        while not done.wait(2):
            stack.product.traffic.send_burst(callers)

    with in_background(overload_again):
        yield


@contextmanager
def bad_release(stack: Stack) -> Iterator[None]:
    """A model that accepts only one row at a time: it passes all checks, but real requests fail."""
    import onnx  # installed with the extra `train`; the image of the service has no such extra

    models = Store(stack.store / "models")
    champion = aliases.require(models, "champion")
    model = onnx.load(str(champion.file(scorer.MODEL)))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    def write(folder: Path) -> dict[str, Any]:
        shutil.copytree(champion.folder, folder, ignore=lambda *_: [MANIFEST], dirs_exist_ok=True)
        onnx.save(model, str(folder / scorer.MODEL))
        return dict(champion.facts)

    release = models.make(dict(champion.inputs) | {"drill": "bad release"}, write)
    aliases.promote(models, release.id, "champion", "drill: a bad release", datetime.now(UTC))
    yield
    stack.product.rest()
    book = (stack.plan.ops / "runbooks" / "AvailabilityBurnFast.md").read_text(encoding="utf-8")
    line = next((line for line in book.splitlines() if " models rollback " in line), "")
    if not line:
        raise DrillError("the runbook has no rollback command")
    if stack.command(*shlex.split(line)[1:]).wait():
        raise DrillError(f"the runbook's command failed\n{stack.output}")
    stack.pause(WATCH_SECONDS)  # until the service has noticed


FAST, BAD = "AvailabilityBurnFast", "DataQualityBurnSlow"
UNKNOWN = ("FreshnessBreach", "ModelAgeBreach")  # what cannot be measured counts as bad
UNSEEN = ("TelemetryMissing", *UNKNOWN)  # scrapes fail too
SCENARIOS = {  # the longest first: they run in parallel
    "slow-answers": Scenario(
        "LatencyBurnFast", "the process gets too little CPU time", slow_answers, symptoms=UNSEEN
    ),
    "corrupt-model": Scenario(
        FAST, "the model's file is damaged, then the service restarts", corrupt_model, symptoms=UNKNOWN
    ),
    "overload": Scenario(
        FAST,
        "more requests at once than the service accepts",
        overload,
        symptoms=("LatencyBurnFast", "LatencyBurnSlow", *UNSEEN),
    ),
    "bad-release": Scenario(FAST, "a new model fails; the runbook rolls it back", bad_release),
    "drift": Scenario("DriftBreach", "the rows are unlike those in training", drift, panels=True),
    "stale-data": Scenario("FreshnessBreach", "published rows are a day older than allowed", stale_data),
    "dead-process": Scenario("TelemetryMissing", "the process is killed", dead_process, symptoms=UNKNOWN),
    "bad-data": Scenario(BAD, "half of the rows break the contract", bad_data),
    "healthy": Scenario("", "nothing is broken", lambda _: nullcontext()),
}
