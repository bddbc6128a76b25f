"""The steps of a run."""

from datadevops import steps


def run(job: steps.Job) -> steps.Version:
    delivery = steps.check(job, "source")
    partitions = steps.make_partitions(job, delivery)
    steps.publish_dataset(job, partitions)
    return steps.report(job)
