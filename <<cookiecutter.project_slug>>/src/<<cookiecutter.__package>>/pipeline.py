# <% if cookiecutter.product_type == 'model-service' %>
"""The main job, step by step. Yours: change the order, add a step; a step is a function of the job.

In:       a file of each source, which keeps its contract in contracts/sources/.
Out:      versions of data and model, published predictions, and a report that names them all.
Failure:  the first broken rule stops the run; what was published before stays published.
"""

from datadevops import steps
from datadevops.steps import Job, Version

from . import model


def run(job: Job) -> Version:
    """The report of this run."""
    steps.check(job)  # of each source: good rows and quarantine
    steps.transform(job)  # transforms/*.sql, in the order in which they need each other
    candidate = steps.train(job, model)  # on the past
    verdict = steps.judge(job, candidate, model)  # on the newest rows: beats each baseline? the champion?
    predictions = steps.predict(job, candidate, verdict)  # by the candidate if it passed
    steps.promote(job, candidate, verdict)  # the candidate to champion, or to challenger
    steps.publish(job, predictions)
    return steps.report(job)
# <% else %>
"""The main job, partition by partition. Yours: change the order, add a step; a step is a function of the job.

In:       a delivery: rows that keep their contract in contracts/sources/, new, late or known already.
Out:      each partition that it touches, made again; datasets in contracts/datasets/, published; a report.
Failure:  what is wrong with the whole delivery stops the run. A partition that fails stays as it was and
          is named in the report; the others are published. The contract of a dataset says how long one is.
"""

from datadevops import steps
from datadevops.steps import Job, Version


def run(job: Job) -> Version:
    """The report of this run."""
    steps.check(job)  # of each source: good rows and quarantine
    for name in steps.datasets(job):  # each after those that it is made from
        partitions = steps.make_partitions(job, name)  # transforms/*.sql, for each one touched
        steps.publish_dataset(job, name, partitions)  # all of them together, in one atomic step
    return steps.report(job)
# <% endif %>
