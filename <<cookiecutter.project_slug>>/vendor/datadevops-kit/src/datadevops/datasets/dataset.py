"""A dataset that a run makes: what it promises, the SQL that makes it, the tables that it is made from.

In:       a job, the name of the dataset.
Out:      a `Dataset`.
Failure:  ContractError CT004 (no table with a time for a dataset that has partitions, or several).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ..contract.values import Contract
from ..engine import graph
from ..engine.graph import Statement
from ..job import Job
from ..release import code_sha256
from ..store.versions import Store, version_of
from . import cut, layout


@dataclass(frozen=True)
class Dataset:
    job: Job
    contract: Contract
    source: Contract  # of the table whose rows are cut into partitions: a source, or another dataset
    statements: Mapping[str, Statement]  # that make it, in their order
    whole: tuple[str, ...] = ()  # the other tables that it is made from; they come whole

    @property
    def name(self) -> str:
        return self.contract.name

    @property
    def grain(self) -> str | None:
        """How long a time a partition holds; None: all rows are one partition."""
        return self.contract.grain

    @property
    def word(self) -> str:
        """What people call a partition: a month, a day."""
        return cut.word(self.grain)

    @property
    def published(self) -> Store:
        """The versions that are published."""
        return self.job.store(self.name)

    @property
    def partitions(self) -> Store:
        """The versions of its partitions."""
        return self.job.store(f"{self.name}/partitions")

    @cached_property
    def code(self) -> str:
        """The hash of the code that makes it: not that of other datasets."""
        tables = {*self.statements, self.source.name, *self.whole} & self.job.contracts.keys()
        files = {self.job.contracts[table].path for table in tables}
        return code_sha256(self.job.product, files | {each.path for each in self.statements.values()})

    @cached_property
    def others(self) -> dict[str, str]:
        """What is in the tables that come whole: other rows make every partition anew."""
        return {name: version_of(layout.files_of_rows(name, self.job.made[name])) for name in self.whole}

    @property
    def partition_name(self) -> str:
        """SQL for the name of the partition that a row of the source belongs to."""
        return cut.name_sql(self.source, self.grain)

    def within(self, partition: str) -> str:
        """SQL that is true for the good rows of the source in that partition."""
        return cut.within(self.source, self.grain, partition)


def of(job: Job, name: str) -> Dataset:
    """The dataset of that name."""
    made_from = inputs(job.statements, job.contracts, name)
    source = cut.source_of(made_from, job.contracts[name])
    statements = graph.needed(job.statements, name, given=_names(job.contracts))
    whole = tuple(table for table in made_from if table != source.name)
    return Dataset(job, job.contracts[name], source, statements, whole)


def require_inputs(statements: Mapping[str, Statement], contracts: Mapping[str, Contract]) -> None:
    """Refuse a dataset if what it is made from does not say to which partition a row belongs."""
    for name in _names(contracts):
        source = cut.source_of(inputs(statements, contracts, name), contracts[name])
        cut.require_partitions(source, contracts[name])


def inputs(
    statements: Mapping[str, Statement], contracts: Mapping[str, Contract], name: str
) -> dict[str, Contract]:
    """The sources and the other datasets that a dataset is made from."""
    steps = graph.needed(statements, name, given=_names(contracts))
    read = {table for step in steps.values() for table in step.reads}
    return {table: contracts[table] for table in contracts if table in read - steps.keys()}


def _names(contracts: Mapping[str, Contract]) -> list[str]:
    return [name for name, contract in contracts.items() if contract.is_dataset]
