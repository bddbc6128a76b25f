"""Rows that are gone upstream go from the dataset too, if its source says `deliveries: complete`.

In:       a partition, its known rows, a delivery that has been split into good and bad rows.
Out:      which of the known rows stay; how many go.
Failure:  none.

A delivery is complete for the partitions that it has good rows of; one that it lacks stays as it is. A known
row goes only if it is certain that the delivery lacks it:
- A row in quarantine is not gone: what was known of its key stays.
- If a row in quarantine breaks a rule about a column of the key, nobody knows which row it is. Then nothing
  goes from its partition; from none, if its time is unknown.
- A file delivered before, to which others came later, changes nothing: it would bring back what they deleted.
"""

from ..contract.kinds import listed
from ..engine import checks
from . import cut
from .dataset import Dataset
from .partitions import Partition


def winner_and_loser(dataset: Dataset, partition: Partition, made: str, old: str) -> tuple[str, str]:
    """SQL for the rows that a partition gets, and for those that it keeps where their keys are no others, of
    the delivered rows `made` and the known rows `old`."""
    if partition.repeated.superseded or not partition.good:
        return old, f"{old} limit 0"
    keys = dataset.source.keys
    bad = f"refused where {dataset.partition_name} in ('{partition.name}', '{cut.WITHOUT_TIME}')"
    broken = {rule.partition(":")[0] for rule in checks.by_rule(dataset.job.engine, bad)}
    if broken & {*keys}:
        return made, old
    return made, f"select * from ({old}) semi join (select * from {bad}) using ({listed(keys)})"


def count(dataset: Dataset) -> int:
    """How many rows of the table `known` are not in the table of the source."""
    source = dataset.source
    if source.deliveries != "complete":
        return 0
    gone = f'from known anti join "{source.name}" using ({listed(source.keys)})'
    ((rows,),) = dataset.job.engine.rows(f"select count(*) {gone}")
    return int(rows)
