"""The steps of a run."""

from datadevops import steps
from shop_crowds import model


def run(job: steps.Job) -> steps.Version:
    steps.check(job)
    steps.transform(job)
    candidate = steps.train(job, model)
    verdict = steps.judge(job, candidate, model)
    predictions = steps.predict(job, candidate, verdict)
    steps.promote(job, candidate, verdict)
    steps.publish(job, predictions)
    return steps.report(job)
