"""Check the labels: for each key of the features true, false, or null with a reason.

In:       an engine with the tables `features` and `labels`; the key of the features.
Out:      how many rows have no known outcome, by reason.
Failure:  ContractError CT006 (labels.sql returns other columns, a key twice, or a label that is unknown).
"""

from collections.abc import Sequence
from pathlib import Path

from ..contract.kinds import listed
from ..engine.start import Engine
from ..errors import ContractError


def refuse(engine: Engine, keys: Sequence[str], path: Path) -> None:
    """Raise ContractError CT006 if training cannot use the result of the file `path`."""
    found, needed = engine.types("from labels"), [*keys, "label", "unknown_because"]
    if taken := {"label", "unknown_because"} & engine.types("from features").keys():
        text = f"the features have a column {' and '.join(sorted(taken))}, a name reserved for the labels"
        raise ContractError("CT006", text, "give it another name in features.sql and features.yaml")
    wrong = [f"{name} is missing" for name in needed if name not in found]
    if found.get("label", "BOOLEAN") != "BOOLEAN":
        wrong.append(f"label is {found['label']}, not true, false or null")
    if wrong:
        text = f"{path} must return the columns {', '.join(needed)}: {', '.join(wrong)}"
        raise ContractError("CT006", text, "use these names; a label compares, as `next_mm > 0 as label`")
    twice = f"select count(*) from labels group by {listed(keys)} having count(*) > 1"
    ((rows,),) = engine.rows(f"select count(*) from ({twice}) as twice")
    if rows:  # each would count several times in training and evaluation
        text = f"{path} must return one row for each {', '.join(keys)}: {rows:,} keys occur more than once"
        raise ContractError("CT006", text, "check its joins; `group by` makes one row of many")

    known = "label is not null and unknown_because is not null"
    both = engine.rows(f"select {listed(keys)}, label, unknown_because from labels where {known} limit 2")
    if both:
        ((rows,),) = engine.rows(f"select count(*) from labels where {known}")
        examples = "; ".join(", ".join(map(str, row)) for row in both)
        text = f"{path}: {rows:,} rows have a label and a reason why it is unknown, e.g. {examples}"
        raise ContractError(
            "CT006", text, "make label null where unknown_because has a reason, or drop the reason"
        )


def unknown(engine: Engine, keys: Sequence[str]) -> dict[str, int]:
    """How many rows of the features have no known outcome, by reason; includes rows without a label row."""
    reason = "coalesce(unknown_because, 'no reason given')"
    joined = f"features left join labels using ({listed(keys)})"
    found = f"select {reason}, count(*) from {joined} where label is null group by 1 order by 1"
    return dict(engine.rows(found))
