"""Check the labels: for each key of the features true, false, or null with a reason.

In:       an engine that knows the tables `features` and `labels`; the key of the features.
Out:      how many rows have no known outcome, by reason.
Failure:  ContractError CT006 (labels.sql gives other columns, or a key twice).
"""

from collections.abc import Sequence
from pathlib import Path

from ..contract.kinds import listed
from ..engine.start import Engine
from ..errors import ContractError


def refuse(engine: Engine, keys: Sequence[str], path: Path) -> None:
    """Raise where training cannot use what the file `path` gives."""
    found, needed = engine.types("from labels"), [*keys, "label", "unknown_because"]
    if taken := {"label", "unknown_because"} & engine.types("from features").keys():
        text = f"the features have a column {' and '.join(sorted(taken))}, as the labels must have"
        raise ContractError("CT006", text, "give it another name in features.sql and features.yaml")
    wrong = [f"{name} is missing" for name in needed if name not in found]
    if found.get("label", "BOOLEAN") != "BOOLEAN":
        wrong.append(f"label is {found['label']}, not true, false or null")
    if wrong:
        text = f"{path} must give the columns {', '.join(needed)}: {', '.join(wrong)}"
        raise ContractError("CT006", text, "name them so; a label compares, as in `next_mm > 0 as label`")
    twice = f"select count(*) from labels group by {listed(keys)} having count(*) > 1"
    ((rows,),) = engine.rows(f"select count(*) from ({twice}) as twice")
    if rows:  # each would be learnt from, and judged, as often as it comes
        text = f"{path} must give one row for each {', '.join(keys)}: {rows:,} keys come more than once"
        raise ContractError("CT006", text, "look at its joins; `group by` makes one row of many")


def unknown(engine: Engine, keys: Sequence[str]) -> dict[str, int]:
    """Rows of the features that cannot be learnt from, by reason; those without a label row, too."""
    reason = "coalesce(unknown_because, 'the labels do not say')"
    joined = f"features left join labels using ({listed(keys)})"
    found = f"select {reason}, count(*) from {joined} where label is null group by 1 order by 1"
    return dict(engine.rows(found))
