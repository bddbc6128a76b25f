"""Rows without a known outcome, by the reason that labels.sql gives; labels that look made up.

In:       an engine with the tables `features`, `labels` and the sources; their contracts.
Out:      how many rows of the features have no known outcome, by reason; warnings.
"""

from collections.abc import Iterator, Sequence

from ..contract.kinds import listed, quoted_name
from ..contract.target import LABEL, REASON
from ..contract.values import Contract
from ..engine.start import Engine
from ..errors import counted


def unknown(engine: Engine, keys: Sequence[str]) -> dict[str, int]:
    """{reason: rows}; includes rows for which labels.sql returns no row."""
    reason = f"coalesce({REASON}, 'labels.sql returns no row for this key')"
    joined = f"features left join labels using ({listed(keys)})"
    found = f"select {reason}, count(*) from {joined} where {LABEL} is null group by 1 order by 1"
    return dict(engine.rows(found))


def doubtful(engine: Engine, keys: Sequence[str], sources: Sequence[Contract]) -> Iterator[str]:
    """Warnings about labels that take an unknown outcome for an answer, as `coalesce(delay, 0) > 15` does:
    where a column known only after the outcome is null, the label should be null."""
    ((unknown_rows,),) = engine.rows(f"select count(*) from labels where {LABEL} is null")
    for source in sources:
        for column in source.columns:
            if not column.known_after_outcome:
                continue
            null = f"{source.name}.{quoted_name(column.name)} is null"
            ((nulls,),) = engine.rows(f"select count(*) from {source.name} where {null}")
            what = f"{column.name} of {source.name} is known only after the outcome"
            if nulls and not unknown_rows:
                yield f"no label is unknown, although {what} and null in {counted(nulls, 'row')}"
            elif nulls and set(source.keys) == set(keys):
                joined = f"labels join {source.name} using ({listed(keys)})"
                ((made,),) = engine.rows(
                    f"select count(*) from {joined} where {null} and {LABEL} is not null"
                )
                if made:
                    yield f"{counted(made, 'label')} known where {column.name} is null, although {what}"
