"""The steps of a run."""

from datadevops import steps


def run(job: steps.Job) -> steps.Version:
    steps.check(job)
    for name in steps.datasets(job):
        partitions = steps.make_partitions(job, name)
        steps.publish_dataset(job, name, partitions)
    return steps.report(job)
