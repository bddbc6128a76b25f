"""Words that stand for null in columns of text.

In:       a table, its columns of text.
Out:      for each column that has some, the words as they stand there.
Failure:  none.
"""

from collections.abc import Mapping, Sequence

from ..contract.kinds import quoted_name
from ..contract.predicates import literal
from ..engine.files import without as cell_without
from ..engine.start import Engine
from .looks import AT_ONCE

WORDS = ("na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "-", "--", "?", ".")


def words(engine: Engine, table: str, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Column -> the words in it, of the columns that have some."""
    listed = ", ".join(map(literal, WORDS))
    found = dict[str, tuple[str, ...]]()
    for start in range(0, len(columns), AT_ONCE):
        part = columns[start : start + AT_ONCE]
        wanted = ", ".join(
            f"list_sort(list(distinct {quoted_name(name)})"
            f" filter (lower(trim({quoted_name(name)})) in ({listed})))"
            for name in part
        )
        (cells,) = engine.rows(f"select {wanted} from {table}")
        found |= {name: tuple(cell) for name, cell in zip(part, cells, strict=True) if cell}
    return found


def without(table: str, missing: Mapping[str, Sequence[str]]) -> str:
    """SQL for the rows of the table with null for these words."""
    if not missing:
        return table
    cells = ", ".join(
        f"{cell_without(quoted_name(name), found)} as {quoted_name(name)}" for name, found in missing.items()
    )
    return f"(select * replace ({cells}) from {table})"
