"""Rows without a known outcome, by the reason that labels.sql gives; labels that look made up or lost.

In:       an engine with the tables `features`, `labels` and the sources; their contracts; the SQL.
Out:      how many rows of the features have no known outcome, by reason; warnings.
Failure:  none. Where the SQL hides what the labels are made from, any column may be what they are made from.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlglot.errors import SqlglotError

from ..contract.kinds import listed, quoted_name
from ..contract.target import LABEL, REASON
from ..contract.values import Contract
from ..engine import lineage
from ..engine.graph import Statement, expanded, needed
from ..engine.start import Engine
from ..errors import counted


def unknown(engine: Engine, keys: Sequence[str]) -> dict[str, int]:
    """{reason: rows}; includes rows for which labels.sql returns no row."""
    reason = f"coalesce({REASON}, 'labels.sql returns no row for this key')"
    joined = f"features left join labels using ({listed(keys)})"
    found = f"select {reason}, count(*) from {joined} where {LABEL} is null group by 1 order by 1"
    return dict(engine.rows(found))


def unmatched(engine: Engine, keys: Sequence[str]) -> Iterator[str]:
    """A warning about known labels whose row the features have lost, as an inner join loses it."""
    names = listed(keys)
    lost = f"select {names} from labels where {LABEL} is not null except select {names} from features"
    ((count,),) = engine.rows(f"select count(*) from ({lost}) as lost")
    if count:
        ((*first,),) = engine.rows(f"select {names} from ({lost}) as lost order by {names} limit 1")
        shown = ", ".join(f"{name} {_shown(value)}" for name, value in zip(keys, first, strict=True))
        verb = "has" if count == 1 else "have"
        yield (
            f"{counted(count, 'known label')} {verb} no row of features, such as {shown}: is a join in"
            " features.sql not a left join? If features.sql leaves these rows out on purpose, let labels.sql"
            " leave them out too"
        )


def _shown(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def made_from(
    statements: Mapping[str, Statement], sources: Mapping[str, Contract]
) -> set[lineage.Base] | None:
    """The columns of sources that values and rows of the labels depend on, in small letters; None if the SQL
    does not tell."""
    try:
        tree = expanded(needed(statements, "labels"), "labels")
        found = lineage.of(tree, {name: source.sql_types for name, source in sources.items()})
    except SqlglotError:
        return None
    return None if found.whole else found.reads.union(*found.columns.values())


def doubtful(
    engine: Engine,
    keys: Sequence[str],
    sources: Sequence[Contract],
    used: Collection[lineage.Base] | None = None,
) -> Iterator[str]:
    """Warnings about labels that take an unknown outcome for an answer, as `coalesce(delay, 0) > 15` does:
    where a column known only after the outcome is null, the label should be null. `used`: the columns that
    the labels are made from; another one, such as the day of a last game, may be null for its own reasons."""
    ((unknown_rows,),) = engine.rows(f"select count(*) from labels where {LABEL} is null")
    for source in sources:
        for column in source.columns:
            if not column.known_after_outcome:
                continue
            if used is not None and (source.name.lower(), column.name.lower()) not in used:
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
