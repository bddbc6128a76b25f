"""What a run did with a dataset.

In:       the version that was published before.
Out:      figures for the report; filled by the steps.
Failure:  none.
"""

from dataclasses import dataclass, field

from ..store.versions import Version
from . import ledger


@dataclass
class Outcome:
    before: Version | None  # what was published before
    made: dict[str, Version] = field(default_factory=dict)  # partitions made in this run
    failed: dict[str, str] = field(default_factory=dict)  # partition -> why it stays as it was
    deleted: int = 0  # source rows that are gone upstream
    brought: ledger.Delivery = ledger.NOTHING
    error: str = ""  # why nothing new of it is published
