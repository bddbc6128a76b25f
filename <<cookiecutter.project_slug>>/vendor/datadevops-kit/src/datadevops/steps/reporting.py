"""The page about a run, and its figures as facts; the newest page is in the store, beside it the model card.

In:       the versions and notes of the steps.
Out:      a version of the store `reports`; model-card.md of the champion.
Failure:  none of its own.
"""

from dataclasses import asdict
from typing import Any

from ..datasets import whole
from ..datasets.outcome import Outcome
from ..job import Job
from ..release import version as release
from ..reports import flow, page
from ..store.versions import Version
from . import arrivals


def report(job: Job) -> Version:
    """The report of this run."""
    return _of_model(job) if job.product.serves else _of_datasets(job)


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
    from ..models import card, drift, holdout, matching, reference  # a data pipeline has no models
    from ..models.report import page as model_page

    candidate, contract = job.made["candidate"], job.contracts["features"]
    versions = {name: version.id for name, version in job.made.items()}
    before = job.notes["champion_before"]
    goal = target.of(job.contracts)
    base = before if before and matching.fits(before, contract, goal) else candidate
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
            **_of_labels(job, candidate),
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


def _of_labels(job: Job, candidate: Version) -> dict[str, Any]:
    """How many outcomes are unknown; what a person should look at before the figures."""
    from ..models import doubts, labels

    sources = {name: job.contracts[name] for name in job.sources}
    keys, used = job.contracts["features"].keys, labels.made_from(job.statements, sources)
    return {
        "unknown": labels.unknown(job.engine, keys),
        "doubts": [
            *labels.unmatched(job.engine, keys),
            *labels.doubtful(job.engine, keys, [*sources.values()], used),
            *doubts.of_repeated(candidate.facts.get("repeated")),  # an older kit did not look
        ],
    }


def _of_datasets(job: Job) -> Version:
    delivered = {name: job.made[name] for name in job.sources}
    found = {name: _of_dataset(job, name, outcome) for name, outcome in job.notes["datasets"].items()}
    versions = {name: job.made[name].id for name in (*job.sources, *found) if name in job.made}
    failed = {name: each["error"] for name, each in found.items() if each["error"]}
    for name, each in found.items():
        failed |= {f"{name} {partition}": why for partition, why in each["failed"].items()}
    about = _about(job, next(iter(found)))

    def describe() -> tuple[dict[str, Any], str]:
        summary = {
            **about,
            "versions": versions,
            "sources": arrivals.of_sources(job),
            "tables": (tables := _tables(job)),
            "checks": {name: each.facts["check"] for name, each in delivered.items()},
            "datasets": found,
            "failed": failed,
        }
        return summary, page.rendered("datasets.html", **summary, picture_of=flow.of(tables))

    made = {name: each["made"] for name, each in found.items()}
    return job.report({"at": about["at"], "made": made, "failed": failed} | versions, describe)


def _of_dataset(job: Job, name: str, outcome: Outcome) -> dict[str, Any]:
    """What the run did with a dataset, and what is published of it now."""
    published = job.made.get(name)
    nothing: dict[str, Any] = {"rows": 0, "newest": None, "partitions": {}, "warnings": []}
    return {
        "version": published.id if published else None,
        "grain": job.contracts[name].grain,
        "check": whole.check_counts(outcome.made) | {"deleted": outcome.deleted},
        "made": {partition: version.id for partition, version in outcome.made.items()},
        "failed": outcome.failed,
        "error": outcome.error,
        **(published.facts if published else nothing),
    }
