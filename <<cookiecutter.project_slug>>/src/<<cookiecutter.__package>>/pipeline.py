"""The main job, step by step. Yours: change the order, add a step.

In:       the source file that contracts/source.yaml names, or another one.
Out:      versions of data and model, published predictions, and a report that names them all.
Failure:  the first broken rule stops the run; what was published before stays published.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from . import training
from .kit import aliases, checks, drift, leak, odcs, report, scorer
from .kit.contract import Contract
from .kit.engine import DuckDB
from .kit.gate import Check
from .kit.store import Store, Version, code_sha256, sha256
from .settings import PACKAGE

FEATURES = PACKAGE / "transforms" / "features.sql"
LABELS = PACKAGE / "transforms" / "labels.sql"


@dataclass(frozen=True)
class Outcome:
    source: Version
    features: Version
    candidate: Version
    gate: list[Check]  # empty where the candidate is the champion already
    champion_before: Version | None
    champion: Version | None  # None: the gate has never let one pass
    predictions: Version | None  # None: there is no champion that takes these features

    @property
    def versions(self) -> dict[str, str]:
        names = ("source", "features", "candidate", "champion", "predictions")
        return {name: getattr(self, name).id for name in names if getattr(self, name)}


@dataclass(frozen=True)
class Job:
    """What every step needs."""

    engine: DuckDB
    store: Path
    contracts: dict[str, Contract]
    code: str  # hash of this package
    now: datetime
    say: Callable[[str], None]  # told each piece of work as it begins

    def make(self, name: str, inputs: dict[str, Any], write: Callable[[Path], Any]) -> Version:
        """The version of `name` made from these inputs and this code; made only once."""

        def told(folder: Path) -> Any:
            self.say(name)
            return write(folder)

        return Store(self.store / name).make({**inputs, "code": self.code}, told)

    def check(self, name: str, folder: Path) -> dict[str, Any]:
        """Split the table `name` by its contract; facts for its version."""
        return {"check": asdict(checks.split(self.engine, self.contracts[name], folder))}

    def accept(self, name: str, version: Version) -> None:
        """Stop here if the version is worse than its contract allows; it stays for study."""
        result = checks.Result(**version.facts["check"])
        checks.enforce(self.engine, self.contracts[name], result, version.folder)
        self.engine.read(name, version.file(f"{name}.parquet"))


def run(
    engine: DuckDB, store: Path, file: Path, now: datetime, say: Callable[[str], None]
) -> Version:
    """Check the source, make features, train, judge, promote, score, publish; the report of it."""
    contracts = odcs.load_all(PACKAGE / "contracts")
    leak.refuse_after_outcome(FEATURES, contracts["source"])
    job = Job(engine, store, contracts, code_sha256(PACKAGE), now, say)

    source = clean(job, file)
    features = make_features(job, source)
    candidate = train(job, features)

    before = aliases.current(Store(store / "models"), "champion")
    verdict = judge(job, candidate, before)
    champion = promote(job, candidate, verdict) or before
    predictions = publish(job, features, champion)

    outcome = Outcome(source, features, candidate, verdict, before, champion, predictions)
    return write_report(job, outcome)


def clean(job: Job, file: Path) -> Version:
    """The good rows of the source; the others wait in its quarantine."""
    job.engine.read("source", file, job.contracts["source"].sql_types)
    inputs = {"file": file.name, "sha256": sha256(file)}
    version = job.make("source", inputs, lambda folder: job.check("source", folder))
    job.accept("source", version)
    return version


def make_features(job: Job, source: Version) -> Version:
    """Features that know nothing of the future, and labels."""

    def write(folder: Path) -> dict[str, Any]:
        made = job.engine.transform(FEATURES, folder / "made.parquet")
        rows = source.file("source.parquet")
        leak.refuse_look_ahead(job.engine, FEATURES, rows, job.contracts["features"], made)
        job.engine.read("features", made)
        facts = job.check("features", folder)
        made.unlink()
        job.engine.read("labels", job.engine.transform(LABELS, folder / "labels.parquet"))
        unknown = job.engine.rows(
            "select unknown_because, count(*) from labels where label is null group by 1 order by 1"
        )
        return facts | {"unknown": dict(unknown)}

    version = job.make("features", {"source": source.id}, write)
    job.accept("features", version)
    job.engine.read("labels", version.file("labels.parquet"))
    return version


def train(job: Job, features: Version) -> Version:
    """A candidate that has never seen the newest rows."""

    def write(folder: Path) -> dict[str, Any]:
        facts = training.train(job.engine, job.contracts["features"], folder)
        return facts | {"trained_at": job.now.isoformat(timespec="seconds")}

    return job.make("models", {"features": features.id}, write)


def judge(job: Job, candidate: Version, champion: Version | None) -> list[Check]:
    """What the gate says of the candidate; nothing where it is the champion already."""
    if champion and champion.id == candidate.id:
        return []
    job.say("gate")
    verdict = training.judge(job.engine, job.contracts["features"], candidate, champion)
    if candidate.id in aliases.rolled_back(Store(job.store / "models"), "champion"):
        verdict.append(Check("rolled back by a person", "yes", "no", False))
    return verdict


def promote(job: Job, candidate: Version, verdict: list[Check]) -> Version | None:
    """The candidate as champion if it passed; else it is kept as challenger."""
    passed = all(check.passed for check in verdict)
    if not verdict:
        return None
    alias, why = (
        ("champion", "passed the gate") if passed else ("challenger", "refused by the gate")
    )
    version = aliases.promote(Store(job.store / "models"), candidate.id, alias, why, job.now)
    return version if passed else None


def publish(job: Job, features: Version, champion: Version | None) -> Version | None:
    """The champion's predictions for every row, published if they keep their contract."""
    contract = job.contracts["features"]
    if champion is None or not set(champion.facts["inputs"]) <= set(contract.names):
        return None

    def write(folder: Path) -> dict[str, Any]:
        raw = folder / "scored.parquet"
        scorer.score_table(job.engine, scorer.load(champion), contract, raw)
        job.engine.read("predictions", raw)
        facts = job.check("predictions", folder)
        raw.unlink()
        return facts

    inputs = {"features": features.id, "model": champion.id}
    version = job.make("predictions", inputs, write)
    job.accept("predictions", version)
    return aliases.promote(
        Store(job.store / "predictions"), version.id, "published", "run", job.now
    )


def write_report(job: Job, outcome: Outcome) -> Version:
    """The page about this run, with the run in figures as facts; the newest lies in the store."""
    candidate = outcome.candidate

    def write(folder: Path) -> dict[str, Any]:
        summary = summarize(job, outcome)
        rows = job.engine.columns(f"from read_parquet('{candidate.file(training.HOLDOUT)}')")
        page = report.page(summary, rows, training.FORECASTS)
        (folder / "report.html").write_text(page, encoding="utf-8")
        return summary

    version = job.make("reports", dict(outcome.versions), write)
    newest = job.store / "report.html"
    shutil.copyfile(version.file("report.html"), newest.with_suffix(".new"))
    os.replace(newest.with_suffix(".new"), newest)
    return version


def summarize(job: Job, outcome: Outcome) -> dict[str, Any]:
    """The run in figures, as plain JSON."""
    promise, source, candidate = job.contracts["predictions"], outcome.source, outcome.candidate
    base = outcome.champion_before or candidate
    contract = job.contracts["features"]
    since = f"{contract.time_key} >= timestamp '{candidate.facts['newest_from']}'"
    newest = f"(select * from features where {since})"
    moved = drift.compare(job.engine, newest, base.facts["drift_baseline"])
    return {
        "product": promise.product,
        "purpose": promise.purpose,
        "owner": promise.owner,
        "contact": promise.contact,
        "at": job.now.isoformat(timespec="seconds"),
        "versions": outcome.versions,
        "champion_before": outcome.champion_before.id if outcome.champion_before else None,
        "source": {"file": source.inputs["file"], "sha256": source.inputs["sha256"]},
        "code": job.code,
        "checks": {"source": source.facts["check"], "features": outcome.features.facts["check"]},
        "unknown": outcome.features.facts["unknown"],
        "model": {k: v for k, v in candidate.facts.items() if k != "drift_baseline"},
        "gate": [asdict(check) for check in outcome.gate],
        "drift": {
            "against": base.id,
            "limit": contract.custom.get("driftLimit", drift.LIMIT),
            "columns": moved,
        },
    }
