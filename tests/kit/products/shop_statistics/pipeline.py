"""The steps of a run."""

from datadevops import steps


def run(job: steps.Job) -> steps.Version:
    steps.check(job)
    partitions = steps.make_partitions(job)
    steps.publish_dataset(job, partitions)
    return steps.report(job)
