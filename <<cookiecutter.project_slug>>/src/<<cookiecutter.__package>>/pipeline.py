"""The main job, step by step. Yours: change the order, add a step.

In:       a source file that keeps contracts/source.yaml.
Out:      versions of data and model, published predictions, and a report that names them all.
Failure:  the first broken rule stops the run; what was published before stays published.
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from . import training
from .kit import aliases, checks, drift, leak, odcs, report, scorer
from .kit.contract import Contract
from .kit.engine import Engine
from .kit.errors import ContractError
from .kit.gate import Check
from .kit.store import Store, Version, code_sha256, sha256
from .settings import PACKAGE

FEATURES = PACKAGE / "transforms" / "features.sql"
LABELS = PACKAGE / "transforms" / "labels.sql"
RAW = "raw.parquet"  # what a step has made, before it is held against its contract


@dataclass(frozen=True)
class Job:
    """What every step needs."""

    engine: Engine
    store: Path
    contracts: dict[str, Contract]
    code: str  # hash of this package
    now: datetime
    say: Callable[[str], None]  # told each piece of work as it begins

    def make(self, name: str, inputs: dict[str, str], write: Callable[[Path], Any]) -> Version:
        """The version of `name` made from these inputs and this code; made only once."""

        def told(folder: Path) -> Any:
            self.say(name)
            return write(folder)

        return Store(self.store / name).make({**inputs, "code": self.code}, told)

    def dataset(self, name: str, inputs: dict[str, str], read: Callable[[Path], dict[str, Any]]) -> Version:
        """The good rows of a table; the others wait in its quarantine.

        `read` makes the table known, by RAW in the folder it gets if there is no file yet; what it
        returns becomes facts. A version that is worse than its contract allows stops the run.
        """
        contract = self.contracts[name]

        def write(folder: Path) -> dict[str, Any]:
            facts = read(folder)
            result = checks.split(self.engine, contract, folder)
            (folder / RAW).unlink(missing_ok=True)
            return facts | {"check": asdict(result)}

        version = self.make(name, inputs, write)
        result = checks.Result(**version.facts["check"])
        checks.enforce(self.engine, contract, result, version.file(checks.QUARANTINE))
        self.engine.read(name, version.file(f"{name}.parquet"))
        return version


def run(engine: Engine, store: Path, file: Path, now: datetime, say: Callable[[str], None]) -> Version:
    """Check the source, make features, train, judge, promote, score, publish; the report of it."""
    job = Job(engine, store, odcs.load_all(PACKAGE / "contracts"), code_sha256(PACKAGE), now, say)
    models = Store(store / "models")

    source = clean(job, file)
    features = make_features(job, source)
    candidate = train(job, features)
    before = aliases.current(models, "champion")
    verdict = judge(job, candidate, before)
    champion = promote(models, candidate, verdict, before, now)
    predictions = publish(job, features, champion)

    made = {"source": source, "features": features, "candidate": candidate}
    made |= {"champion": champion} if champion else {}
    made |= {"predictions": predictions} if predictions else {}
    return write_report(job, made, verdict, before)


def clean(job: Job, file: Path) -> Version:
    """The source, held against its contract."""
    job.engine.read("source", file, job.contracts["source"].sql_types)
    return job.dataset("source", {"file": file.name, "sha256": sha256(file)}, lambda _: {})


def make_features(job: Job, source: Version) -> Version:
    """Features that know nothing of the future, and labels."""

    def read(folder: Path) -> dict[str, Any]:
        leak.refuse_after_outcome(FEATURES, job.contracts["source"])
        job.engine.read("features", job.engine.transform(FEATURES, folder / RAW))
        job.engine.read("labels", job.engine.transform(LABELS, folder / "labels.parquet"))
        if job.engine.types("from labels").get("label") != "BOOLEAN":
            text = f"{LABELS} must give a column label that is true, false or null"
            raise ContractError("CT006", text, "compare, as in `next_mm > 0 as label`")
        unknown = "select unknown_because, count(*) from labels where label is null group by 1 order by 1"
        return {"unknown": dict(job.engine.rows(unknown))}

    version = job.dataset("features", {"source": source.id}, read)
    job.engine.read("labels", version.file("labels.parquet"))
    return version


def train(job: Job, features: Version) -> Version:
    """A candidate that has never seen the newest rows."""

    def write(folder: Path) -> dict[str, Any]:
        return training.train(job.engine, job.contracts["features"], folder)

    return job.make("models", {"features": features.id}, write)


def judge(job: Job, candidate: Version, champion: Version | None) -> list[Check]:
    """What the gate says of the candidate; nothing where it is the champion already."""
    if champion and champion.id == candidate.id:
        return []
    job.say("gate")
    verdict = training.judge(job.engine, job.contracts["features"], candidate, champion)
    if candidate.id in aliases.rolled_back(Store(job.store / "models"), "champion"):
        verdict.append(Check("somebody has rolled back from it", "yes", "no", False))
    return verdict


def promote(
    models: Store, candidate: Version, verdict: list[Check], champion: Version | None, now: datetime
) -> Version | None:
    """The champion from now on: the candidate if it passed, which else is kept as challenger."""
    if not verdict:
        return champion
    if all(check.passed for check in verdict):
        return aliases.promote(models, candidate.id, "champion", "passed the gate", now)
    aliases.promote(models, candidate.id, "challenger", "did not pass the gate", now)
    return champion


def publish(job: Job, features: Version, champion: Version | None) -> Version | None:
    """The champion's predictions for every row, if there is one that takes these features."""
    contract = job.contracts["features"]
    if champion is None or not set(champion.facts["inputs"]) <= set(contract.sql_types):
        return None

    def read(folder: Path) -> dict[str, Any]:
        scorer.score_table(job.engine, scorer.load(champion), contract, folder / RAW)
        job.engine.read("predictions", folder / RAW)
        ((newest,),) = job.engine.rows(f"select max({contract.time_key}) from predictions")
        return {"newest": newest.isoformat()}

    made = job.dataset("predictions", {"features": features.id, "model": champion.id}, read)
    return aliases.promote(Store(job.store / "predictions"), made.id, "published", "run", job.now)


def write_report(job: Job, made: dict[str, Version], verdict: list[Check], before: Version | None) -> Version:
    """The page about this run, with the run in figures as facts; the newest lies in the store."""
    candidate, contract = made["candidate"], job.contracts["features"]
    versions = {name: version.id for name, version in made.items()}
    base = before or candidate

    def write(folder: Path) -> dict[str, Any]:
        newest = f"(from features where {contract.time_key} >= timestamp '{candidate.facts['newest_from']}')"
        summary = {
            **job.contracts["predictions"].model_dump(include={"product", "purpose", "owner", "contact"}),
            "at": job.now.isoformat(timespec="seconds"),
            "code": job.code,
            "versions": versions,
            "champion_before": before.id if before else None,
            "source": made["source"].inputs,
            "checks": {name: made[name].facts["check"] for name in ("source", "features")},
            "unknown": made["features"].facts["unknown"],
            "model": {**candidate.facts, "trained_at": candidate.made_at, "drift_baseline": base.id},
            "gate": [asdict(check) for check in verdict],
            "drift": drift.compare(job.engine, newest, base.facts["drift_baseline"]),
            "drift_limit": contract.drift_limit,
        }
        job.engine.read("holdout", candidate.file(training.HOLDOUT))
        page = report.page(summary, job.engine.columns("from holdout"), training.FORECASTS)
        (folder / report.PAGE).write_text(page, encoding="utf-8")
        return summary

    version = job.make("reports", versions, write)
    newest = job.store / report.PAGE
    shutil.copyfile(version.file(report.PAGE), newest.with_suffix(".new"))
    newest.with_suffix(".new").replace(newest)
    return version
