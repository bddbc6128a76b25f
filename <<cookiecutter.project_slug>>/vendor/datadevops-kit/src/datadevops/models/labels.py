"""Rows without a known outcome, by the reason that labels.sql gives.

In:       an engine with the tables `features` and `labels`; the key of the features.
Out:      how many rows of the features have no known outcome, by reason.
"""

from collections.abc import Sequence

from ..contract.kinds import listed
from ..contract.target import LABEL, REASON
from ..engine.start import Engine


def unknown(engine: Engine, keys: Sequence[str]) -> dict[str, int]:
    """{reason: rows}; includes rows for which labels.sql returns no row."""
    reason = f"coalesce({REASON}, 'labels.sql returns no row for this key')"
    joined = f"features left join labels using ({listed(keys)})"
    found = f"select {reason}, count(*) from {joined} where {LABEL} is null group by 1 order by 1"
    return dict(engine.rows(found))
