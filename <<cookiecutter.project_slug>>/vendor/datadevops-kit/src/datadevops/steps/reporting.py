"""The page about a run, and its figures as facts; the newest page is in the store, beside it the model card.

In:       the versions and notes of the steps.
Out:      a version of the store `reports`; model-card.md of the champion.
Failure:  none of its own.
"""

from dataclasses import asdict
from typing import Any

from ..datasets import whole
from ..job import Job
from ..release import version as release
from ..reports import flow, page
from ..store.versions import Version
from . import arrivals


def report(job: Job) -> Version:
    """The report of this run."""
    return _of_model(job) if job.product.serves else _of_dataset(job)


def _tables(job: Job) -> dict[str, Any]:
    """Each table of this run: its rows, what it is made from, the seconds that took if it was made now."""
    reads = dict.fromkeys(job.sources, ()) | {name: each.reads for name, each in job.statements.items()}
    seconds = job.notes.get("seconds", {})
    return {
        name: {"rows": _rows(job.made.get(name)), "from": list(read), "seconds": seconds.get(name)}
        for name, read in reads.items()
    }


def _rows(version: Version | None) -> int | None:
    if version is None:
        return None
    check: dict[str, int] = version.facts.get("check", {})
    return check.get("good", version.facts.get("rows"))


def _about(job: Job, promise: str) -> dict[str, Any]:
    return {
        **job.contracts[promise].model_dump(include={"product", "purpose", "owner", "contact"}),
        "at": job.now.isoformat(timespec="seconds"),
        "code": job.code,
        "release": release(),
    }


def _of_model(job: Job) -> Version:
    from ..contract import target
    from ..models import card, drift, holdout, labels, reference, scorer  # a data pipeline has no models
    from ..models.report import page as model_page

    candidate, contract = job.made["candidate"], job.contracts["features"]
    versions = {name: version.id for name, version in job.made.items()}
    before = job.notes["champion_before"]
    goal = target.of(job.contracts)
    base = before if before and scorer.fits(before, contract, goal) else candidate
    old = not all(delivered.there for delivered in job.sources.values())
    about = _about(job, "predictions")

    def describe() -> tuple[dict[str, Any], str]:
        _, outcome, forecasts = holdout.read(job.engine, candidate, contract.keys)
        first = candidate.facts["newest_from"]
        newest, known = (reference.part(contract, table, first, new=True) for table in ("features", "labels"))
        predictions = job.made.get("predictions")
        summary = {
            **about,
            "versions": versions,
            "champion_before": before.id if before else None,
            "sources": arrivals.of_sources(job),
            "tables": (tables := _tables(job)),
            "newest": predictions.facts["newest"] if predictions else None,
            "rows": predictions.facts["check"]["good"] if predictions else 0,
            "checks": {name: c for name in tables if (c := job.made[name].facts.get("check"))},
            "unknown": labels.unknown(job.engine, contract.keys),
            "doubts": [*labels.doubtful(job.engine, contract.keys, [job.contracts[s] for s in job.sources])],
            "model": {**candidate.facts, "trained_at": candidate.made_at, "drift_baseline": base.id},
            "gate": [asdict(check) for check in job.notes["gate"]],
            "drift": drift.compare(job.engine, newest, base.facts["drift_baseline"])
            | drift.compare(job.engine, known, base.facts["label_baseline"]),
            "drift_limit": contract.drift_limit,
        }
        return summary, model_page(summary, outcome, forecasts)

    card.write(job.product, job.settings.store, job.contracts, job.made.get("champion"))
    # How old a source is that delivered nothing differs from run to run.
    return job.report(versions | ({"at": about["at"]} if old else {}), describe)


def _of_dataset(job: Job) -> Version:
    delivered, dataset = {name: job.made[name] for name in job.sources}, job.made.get("dataset")
    versions = {name: each.id for name, each in delivered.items()}
    versions |= {"dataset": dataset.id} if dataset else {}
    made = {name: version.id for name, version in job.notes["partitions"].items()}
    grain = job.contracts["dataset"].grain
    failed = job.notes["failed"]
    about = _about(job, "dataset")

    def describe() -> tuple[dict[str, Any], str]:
        counts = whole.check_counts(job.notes["partitions"]) | {"deleted": job.notes.get("deleted", 0)}
        checks = {name: each.facts["check"] for name, each in delivered.items()} | {"dataset": counts}
        nothing: dict[str, Any] = {"rows": 0, "newest": None, "partitions": {}, "warnings": []}
        summary = {
            **about,
            "versions": versions,
            "sources": arrivals.of_sources(job),
            "tables": (tables := _tables(job)),
            "grain": grain,
            "checks": checks,
            "made": made,
            "failed": failed,
            **(dataset.facts if dataset else nothing),
        }
        return summary, page.rendered("dataset.html", **summary, picture_of=flow.of(tables))

    return job.report({"at": about["at"]} | versions | made | failed, describe)
