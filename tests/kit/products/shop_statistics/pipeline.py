"""The steps of a run."""

from datadevops import steps


def run(job: steps.Job) -> steps.Version:
    delivery = steps.check(job, "source")
    months = steps.make_months(job, delivery)
    steps.publish_dataset(job, months)
    return steps.report(job)
