"""Train a model on the past, evaluate it on the newest rows, make it champion if it passes.

In:       the versions of features; the module model.py of the product.
Out:      versions of models and predictions; the aliases champion, challenger and published.
Failure:  the errors of `models`. A candidate that does not pass becomes the challenger.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

from ..contract import target
from ..job import RAW, Job
from ..models import evaluation, matching, remedies, scorer, training
from ..models.definition import define
from ..models.gate import Check
from ..store import aliases, objects
from ..store.versions import Version


def train(job: Job, model: ModuleType) -> Version:
    """A candidate that has never seen the newest rows."""
    goal = target.of(job.contracts)
    definition = define(model, job.contracts["features"], goal)

    def write(folder: Path) -> dict[str, Any]:
        facts = training.train(job.engine, job.contracts, goal, definition, folder)
        return facts | {"sources": {name: _delivered(job.made[name]) for name in job.sources}}

    inputs = {name: job.made[name].id for name in ("features", "labels")}
    job.made["candidate"] = job.make("models", inputs, write)
    return job.made["candidate"]


def _delivered(source: Version) -> dict[str, Any]:
    """What a model is made from, for its card: also when the source's version is gone."""
    check = source.facts["check"]
    return {**source.inputs, "good": check["good"], "bad": check["bad"]}


def judge(job: Job, candidate: Version, model: ModuleType) -> list[Check]:
    """The checks of the gate, against each baseline and the champion; none if it is already the champion."""
    models = job.store("models")
    champion = job.notes["champion_before"] = aliases.current(models, "champion")
    verdict: list[Check] = []
    if not champion or champion.id != candidate.id:
        job.progress("gate")
        contract, goal = job.contracts["features"], target.of(job.contracts)
        definition = define(model, contract, goal)
        verdict = evaluation.judge(job.engine, contract, goal, definition, candidate, champion)
        if candidate.id in aliases.rolled_back(models, "champion"):
            verdict.append(Check("it was rolled back", "yes", "no", False, remedies.ROLLED_BACK))
    job.notes["gate"] = verdict
    return verdict


def predict(job: Job, candidate: Version, verdict: list[Check]) -> Version | None:
    """Predictions for every row, by the candidate if it passed, else by the champion; None if neither fits
    these features. Predictions that break their contract stop the run before the champion changes."""
    contract = job.contracts["features"]
    passed = all(check.passed for check in verdict)
    model = candidate if passed else job.notes["champion_before"]
    if model is None or not matching.fits(model, contract, target.of(job.contracts)):
        return None

    def read(folder: Path) -> dict[str, Any]:
        scorer.score_table(job.engine, scorer.load(model), contract, folder / RAW)
        job.engine.read("predictions", folder / RAW)
        if not contract.timed:
            return {"newest": None}
        ((newest,),) = job.engine.rows(f'select max("{contract.time_key}") from predictions')
        return {"newest": newest.isoformat()}

    inputs = {"features": job.made["features"].id, "model": model.id}
    job.made["predictions"] = job.table("predictions", inputs, read)
    return job.made["predictions"]


def promote(job: Job, candidate: Version, verdict: list[Check]) -> Version | None:
    """Make the candidate champion if it passed, else challenger; returns the champion."""
    models = job.store("models")
    champion: Version | None = job.notes["champion_before"]
    if verdict and all(check.passed for check in verdict):
        champion = aliases.promote(models, candidate.id, "champion", "passed the gate", job.clock())
    elif verdict:
        aliases.promote(models, candidate.id, "challenger", "did not pass the gate", job.clock())
    if champion:
        job.made["champion"] = champion
    return champion


def publish(job: Job, predictions: Version | None) -> None:
    """Publish these predictions, in the store and at the address in their contract."""
    if predictions:
        address = job.contracts["predictions"].location
        if address and objects.is_address(address) and not job.settings.local:
            objects.publish(predictions, address)
        aliases.promote(job.store("predictions"), predictions.id, aliases.PUBLISHED, "run", job.clock())
