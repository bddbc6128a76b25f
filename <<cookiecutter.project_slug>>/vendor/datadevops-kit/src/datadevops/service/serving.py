"""The model in use: the champion of the store, replaced while the server runs.

In:       the store, the contract of the features.
Out:      predictions, the same as those of `score`.
Failure:  a version that is damaged, does not fit the contract or fails its smoke test is refused:
          the previous one stays in use; a metric and a log line report it.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.target import Target
from ..contract.values import Contract
from ..errors import ContractError, ProductError
from ..models import matching, scorer
from ..models.drift import FORECAST, Window
from ..models.kinds import Floats
from ..product import Product
from ..store import aliases
from ..store.versions import Store, Version
from ..telemetry.service_metrics import Metrics
from . import answers, example, request

WATCH_SECONDS = 1.0
RETRY_SECONDS = 30.0  # a refused version may be repaired in place
WINDOW_ROWS = 1_000  # for measuring drift: chance alone gives a PSI of about 0.02
SHADOW_SHARE = 0.05  # share of the requests that the challenger scores too

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Model:
    """A verified version, ready for use."""

    version: Version
    scorer: scorer.Scorer
    matrix: Callable[[Sequence[Any]], npt.NDArray[np.float64]]
    window: Window
    since: datetime
    kind: answers.Kind

    def score(self, x: npt.NDArray[np.float64]) -> Floats:
        """x: (n, k) -> a forecast of its kind, see `kinds`."""
        return self.scorer.forecast(scorer.rounded(x))


class Serving:
    """Holds the champion, and the challenger if there is one."""

    def __init__(
        self, product: Product, root: Path, features: Contract, target: Target, alias: str = "champion"
    ) -> None:
        """`root`: the store. `alias`: of the model in use; `challenger` for a canary."""
        self.product, self.target = product, target
        self.alias = alias
        self.models, self.published = Store(root / "models"), Store(root / "predictions")
        self.features, self.metrics = features, Metrics(product.command)
        self.reader = request.Reader(features)
        self.example = example.body(features)
        self.champion: Model | None = None
        self.challenger: Model | None = None
        self.refused = ""  # why the newest champion is not in use
        self.changed = ""  # the last change, as a sentence
        self.newest: datetime | None = None  # time of the newest published row
        self.started = self.stopping = False
        self.counted: Counter[tuple[str, str]] = Counter()  # by metric and label; faster than metrics
        self._seen: dict[str, Any] = {}
        self._shadow: asyncio.Future[None] | None = None
        for decision in answers.decisions(target):
            self.metrics["product_predictions_total"].labels(decision)

    @property
    def ready(self) -> bool:
        return self.champion is not None and self.started and not self.stopping

    @property
    def why(self) -> str:
        """Why it is not ready."""
        if self.stopping:
            return "the server is stopping"
        missing = f"there is no {self.alias} yet"
        return self.refused or ("the server is starting" if self.champion else missing)

    async def watch(self) -> None:
        """Follow the aliases for ever. Reading and hashing run on a thread, not on the event loop."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Load the versions that the aliases stand for now."""
        for alias, store, use in (
            (self.alias, self.models, self._use_champion),
            ("challenger", self.models, self._use_challenger),
            ("published", self.published, self._use_published),
        ):
            now = datetime.now(UTC)
            try:
                state = None
                with suppress(OSError):  # it is absent or not readable: reported below
                    state = (store.root / aliases.LOG).stat().st_mtime_ns
                before, retry = self._seen.get(alias, (-1, None))
                if state == before and (retry is None or (now - retry).total_seconds() < RETRY_SECONDS):
                    continue
                self._seen[alias] = (state, now)
                if version := aliases.current(store, alias):
                    use(version, now)
                self._seen[alias] = (state, None)
                self.refused = "" if alias == self.alias else self.refused
            except Exception as error:  # whatever is wrong with a version, the previous one stays in use
                self._refuse(alias, error)

    def _refuse(self, alias: str, error: Exception) -> None:
        unexpected = None if isinstance(error, ProductError | OSError) else error
        reason = str(error).split("\n")[0]
        log.error("%s refused: %s", alias, reason, exc_info=unexpected)
        if alias == self.alias:
            self.refused = reason
            self.metrics["product_model_reloads_total"].labels("refused").inc()

    def _use_champion(self, version: Version, now: datetime) -> None:
        if self.champion and self.champion.version.manifest_sha256 == version.manifest_sha256:
            return
        before, self.champion = self.champion, self._load(version, now)
        self.changed = f"{before.version.id if before else 'start'} to {version.id}"
        log.info("champion is %s", version.id)
        self.metrics["product_model_reloads_total"].labels("swapped").inc()
        self.metrics["product_model_info"].labels(version.id).set(1)
        if before and before.version.id != version.id:
            self.metrics["product_model_info"].remove(before.version.id)
        made = datetime.fromisoformat(version.made_at).timestamp()
        self.metrics["product_model_trained_timestamp_seconds"].set(made)
        self.metrics["product_model_loaded_timestamp_seconds"].set(now.timestamp())

    def _use_challenger(self, version: Version, now: datetime) -> None:
        same = self.champion and self.champion.version.id == version.id
        self.challenger = None if same else self._load(version, now)

    def _use_published(self, version: Version, now: datetime) -> None:
        if version.facts["newest"] is None:  # the rows have no time
            return
        self.newest = datetime.fromisoformat(version.facts["newest"]).replace(tzinfo=UTC)
        self.metrics["product_data_newest_timestamp_seconds"].set(self.newest.timestamp())

    def _load(self, version: Version, now: datetime) -> Model:
        matching.require(version, self.features, self.target)
        loaded = scorer.load(version)
        base = {**version.facts["drift_baseline"], FORECAST: version.facts["forecast_baseline"]}
        enums = {**loaded.inputs, FORECAST: loaded.output.get("classes", ())}
        window = Window(base, enums, WINDOW_ROWS)
        matrix, kind = request.matrix_of(self.features, loaded.inputs), answers.KINDS[self.target.kind]
        model = Model(version, loaded, matrix, window, now, kind)
        (found,) = kind.predict(model.score(matrix(self.reader.read(self.example))), loaded.output)
        if not answers.possible(found):
            text = f"version {version.id} returns {found} for the example row, which is no prediction"
            raise ContractError("ML009", text, "train again, or roll back")
        return model

    def shadow(self, champion: Model, rows: Sequence[Any], forecast: Floats) -> None:
        """Let the challenger score a sample of requests, on a thread: it does not delay the answer."""
        if self.challenger is None or random.random() >= SHADOW_SHARE:  # noqa: S311 - no secret
            return
        if self._shadow is None or self._shadow.done():  # one at a time, never a queue
            loop = asyncio.get_running_loop()
            self._shadow = loop.run_in_executor(
                None, self._compare, champion, self.challenger, rows, forecast
            )

    def _compare(self, champion: Model, challenger: Model, rows: Sequence[Any], forecast: Floats) -> None:
        theirs = challenger.score(challenger.matrix(rows))
        differ = champion.kind.differ(forecast, theirs, champion.scorer.output, challenger.scorer.output)
        self.metrics["product_shadow_rows_total"].inc(len(rows))
        self.metrics["product_shadow_disagreements_total"].inc(int(differ.sum()))

    def measure(self) -> None:
        """Update the metrics before they are read."""
        for (name, label), number in self.counted.items():
            self.metrics[name].labels(label).inc(number)
        self.counted.clear()
        self.metrics["product_ready"].set(self.ready)
        self.metrics["product_drift_psi"].clear()
        for column, psi in (self.champion.window.psi() if self.champion else {}).items():
            self.metrics["product_drift_psi"].labels(column).set(psi)
