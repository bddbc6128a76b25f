# <% if cookiecutter.product_type == 'model-service' %>
"""The main job, step by step. Yours: change the order, add a step.

In:       a source file that keeps contracts/source.yaml.
Out:      versions of data and model, published predictions, and a report that names them all.
Failure:  the first broken rule stops the run; what was published before stays published.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from . import training
from .kit import aliases, drift, example, labels, leak, objects, odcs, report, scorer, synth
from .kit.engine import Engine
from .kit.gate import Check
from .kit.steps import RAW, Job
from .kit.store import Store, Version, code_sha256, sha256
from .settings import PACKAGE

FEATURES = PACKAGE / "transforms" / "features.sql"
LABELS = PACKAGE / "transforms" / "labels.sql"
STORES = ("source", "features", "models", "predictions", "reports")


def run(engine: Engine, store: Path, file: Path, now: datetime, say: Callable[[str], None]) -> Version:
    """Check the source, make features, train, judge, score, promote, publish; the report of it."""
    job = Job(engine, store, odcs.load_all(PACKAGE / "contracts"), code_sha256(PACKAGE), now, say)
    models = Store(store / "models")
    with Store(store).locked():  # of two runs at once, one might drop what the other reads
        for name in STORES:
            aliases.retain(Store(store / name), job.contracts["predictions"].keep_versions)

        source = clean(job, file)
        features = make_features(job, source)
        candidate = train(job, features)
        before = aliases.current(models, "champion")
        verdict = judge(job, candidate, before)
        passed = all(check.passed for check in verdict)
        predictions = predict(job, features, candidate if passed else before)
        champion = promote(models, candidate, verdict, before, now)
        publish(job, predictions)

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
        synth.sql(job.contracts["features"], 1)  # who probes needs a row, made up
        example.body(job.contracts["features"])  # as does who serves
        job.engine.read("features", job.engine.transform(FEATURES, folder / RAW))
        job.engine.read("labels", job.engine.transform(LABELS, folder / "labels.parquet"))
        labels.refuse(job.engine, job.contracts["features"].keys, LABELS)
        return {}

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


def predict(job: Job, features: Version, model: Version | None) -> Version | None:
    """The model's predictions for every row, if there is one that takes these features. What they break stops
    the run before it changes the champion."""
    contract = job.contracts["features"]
    if model is None or not scorer.takes(model, contract):
        return None

    def read(folder: Path) -> dict[str, Any]:
        scorer.score_table(job.engine, scorer.load(model), contract, folder / RAW)
        job.engine.read("predictions", folder / RAW)
        ((newest,),) = job.engine.rows(f'select max("{contract.time_key}") from predictions')
        return {"newest": newest.isoformat()}

    return job.dataset("predictions", {"features": features.id, "model": model.id}, read)


def publish(job: Job, predictions: Version | None) -> None:
    """The predictions, for readers from now on."""
    if predictions:
        address = job.contracts["predictions"].location
        if address and objects.is_address(address):
            objects.publish(predictions, address)
        aliases.promote(Store(job.store / "predictions"), predictions.id, "published", "run", job.now)


def write_report(job: Job, made: dict[str, Version], verdict: list[Check], before: Version | None) -> Version:
    """The page about this run, with the run in figures as facts; the newest lies in the store."""
    candidate, contract = made["candidate"], job.contracts["features"]
    versions = {name: version.id for name, version in made.items()}
    base = before if before and scorer.takes(before, contract) else candidate

    def describe() -> tuple[dict[str, Any], str]:
        first = f"timestamp '{candidate.facts['newest_from']}'"
        newest = f'(from features where "{contract.time_key}" >= {first})'
        summary = {
            **job.contracts["predictions"].model_dump(include={"product", "purpose", "owner", "contact"}),
            "at": job.now.isoformat(timespec="seconds"),
            "code": job.code,
            "versions": versions,
            "champion_before": before.id if before else None,
            "source": made["source"].inputs,
            "newest": made["predictions"].facts["newest"] if "predictions" in made else None,
            "checks": {name: made[name].facts["check"] for name in ("source", "features")},
            "unknown": labels.unknown(job.engine, contract.keys),
            "model": {**candidate.facts, "trained_at": candidate.made_at, "drift_baseline": base.id},
            "gate": [asdict(check) for check in verdict],
            "drift": drift.compare(job.engine, newest, base.facts["drift_baseline"]),
            "drift_limit": contract.drift_limit,
        }
        job.engine.read("holdout", candidate.file(training.HOLDOUT))
        return summary, report.page(summary, job.engine.columns("from holdout"), training.FORECASTS)

    return job.report(versions, describe)
# <% else %>
"""The main job, month by month. Yours: change the order, add a step.

In:       a delivery: rows that keep contracts/source.yaml, be they new, late or known already.
Out:      each month it touches, made anew; the dataset of all months, published; a report.
Failure:  what is wrong with the whole delivery stops the run. A month that fails stays as it was and is
          named in the report; the others are published.
"""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .kit import aliases, checks, ledger, merge, months, odcs, page, publication
from .kit.engine import Engine
from .kit.errors import ProductError
from .kit.months import EVER, Month, Span
from .kit.steps import RAW, Job
from .kit.store import Store, Version, code_sha256, sha256
from .settings import PACKAGE

DATASET = PACKAGE / "transforms" / "dataset.sql"


def run(
    engine: Engine,
    store: Path,
    file: Path,
    now: datetime,
    say: Callable[..., object],
    span: Span = EVER,
    place: str = "",
) -> Version:
    """Check the delivery, make its months, publish the dataset; the report of it.

    `place`: where the file was fetched from, if it was.
    """
    job = Job(engine, store, odcs.load_all(PACKAGE / "contracts"), code_sha256(PACKAGE), now, say)
    made: dict[str, Version] = {}
    wrong: dict[str, ProductError] = {}
    with Store(store).locked():  # of two runs at once, one would publish without the other's months
        publication.retain(store, job.contracts["dataset"].keep_versions)
        before = aliases.current(Store(store / "dataset"), aliases.PUBLISHED)
        known, lost = months.known(job, before)

        delivery = check(job, file)
        source = place or str(file.absolute()), delivery.inputs["sha256"]
        taken = ledger.taken(Store(store / "dataset"), *source)
        for month in months.touched(job, delivery, known, lost, span, taken):
            try:
                made[month.name] = make(job, month, delivery, known.get(month.name))
            except ProductError as error:
                wrong[month.name] = error
            say(month.name, month.good, delivery.facts["check"]["good"])
        failed = months.failed(made, wrong, lost)
        brought = ledger.Delivery(*source, *span, sorted(failed), sorted(made.keys() - known.keys()))
        dataset = None if failed.keys() & lost.keys() else publish(job, known | made, before, brought)
        return write_report(job, delivery, dataset, made, failed)


def check(job: Job, file: Path) -> Version:
    """The delivery, split into good rows and quarantine. How many may be bad is asked month by month."""
    contract = job.contracts["source"]
    job.engine.read("source", file, contract.sql_types)
    delivery = job.split("source", {"file": file.name, "sha256": sha256(file)}, lambda _: {})
    result = checks.Result(**delivery.facts["check"])
    lenient = contract.model_copy(update={"allowed_bad_ratio": 1})
    checks.enforce(job.engine, lenient, result, delivery.file(checks.QUARANTINE))
    return delivery


def make(job: Job, month: Month, delivery: Version, known: Version | None) -> Version:
    """One month of the dataset, from its rows known so far and those delivered."""
    promise = job.contracts["dataset"]
    with TemporaryDirectory(dir=job.store, prefix=".month-") as folder:
        merged = Path(folder)
        facts = merge.rows(job, month, known, delivery, merged)

        def read(folder: Path) -> dict[str, Any]:
            for file in merged.iterdir():
                file.rename(folder / file.name)
            job.engine.read("source", folder / merge.ROWS)
            job.engine.read("dataset", job.engine.transform(DATASET, folder / RAW))
            months.refuse_strays(job, month.name, DATASET)
            return facts

        found = months.fingerprint(job, merged / merge.ROWS)
        inputs = {"month": month.name, "rows": found, "contract": sha256(promise.path)}
        return job.dataset("dataset", inputs, read, store="months")


def publish(
    job: Job, made: dict[str, Version], before: Version | None, brought: ledger.Delivery
) -> Version | None:
    """The dataset of all months, for readers from now on; nothing where there is no month."""
    if not made:
        return None

    def write(folder: Path) -> dict[str, Any]:
        contract = job.contracts["dataset"]
        for name, month in made.items():
            job.engine.read(name, month.file("dataset.parquet"))
        rows = job.engine.write(" union all ".join(f'from "{name}"' for name in sorted(made)), folder / RAW)
        job.engine.read("dataset", (folder / RAW).rename(folder / "dataset.parquet"))
        warnings = months.judged(job, rows, made)
        shutil.copy(contract.path, folder)
        ((newest,),) = job.engine.rows(f'select max("{contract.time_key}") from dataset')
        source_rows = {name: month.inputs["rows"] for name, month in made.items()}
        about = {"rows": rows, "newest": newest.isoformat(), "warnings": warnings}
        return about | {"months": versions, "source_rows": source_rows}

    versions = {name: month.id for name, month in made.items()}
    dataset = job.make("dataset", versions, write)
    return publication.publish(Store(job.store / "dataset"), dataset.id, before, brought, job.now)


def write_report(
    job: Job, delivery: Version, dataset: Version | None, made: dict[str, Version], failed: dict[str, str]
) -> Version:
    """The page about this run, with the run in figures as facts; the newest lies in the store."""
    versions = {"source": delivery.id} | ({"dataset": dataset.id} if dataset else {})
    parts = {name: version.id for name, version in made.items()}
    at = job.now.isoformat(timespec="seconds")

    def describe() -> tuple[dict[str, Any], str]:
        summary = {
            **job.contracts["dataset"].model_dump(include={"product", "purpose", "owner", "contact"}),
            "at": at,
            "code": job.code,
            "versions": versions,
            "source": delivery.inputs,
            "checks": {"source": delivery.facts["check"], "dataset": months.checked(made)},
            "made": parts,
            "failed": failed,
            **(dataset.facts if dataset else {"rows": 0, "newest": None, "months": {}, "warnings": []}),
        }
        return summary, page.rendered("dataset.html", **summary)

    return job.report({"at": at} | versions | parts | failed, describe)
# <% endif %>
