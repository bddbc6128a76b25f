"""What looks too good to be true: a person must look at it before the model is used.

In:       the features, the rows as a matrix with their outcomes and slices; what model.py acknowledges.
Out:      facts for the report; warnings; checks of the gate that fail until model.py says why it is right.
Failure:  ContractError ML004 (an input is the number of its row).
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.kinds import quoted_name
from ..contract.values import Contract
from ..engine.columns import Columns, joined
from ..engine.start import Engine
from ..errors import ContractError
from . import remedies
from .gate import Check
from .losses import Floats, Outcomes
from .split import Slices

DECIDES = 0.9  # skill of one column alone, from which a person must say why it is known in time
MOST_SEEN = 0.01  # share of the newest rows that may have a twin among the rows for training
MARGIN = 10  # bits: once in a thousand, and more where columns depend on each other
SHOWN = 2  # pairs of rows that are alike
DUPLICATES = "duplicates"  # what model.py acknowledges them by
FEW_VALUES = 2  # rows for each value of a column of the key, from which rows of one value may be alike
FEWEST_UNITS = 80  # of fewer, the quarter to evaluate on has less than 20: two or three values are no units
FEWEST = 100  # rows; in fewer, numbers may be consecutive by chance


def refuse_row_numbers(engine: Engine, features: Contract) -> None:
    """Raise ContractError ML004 if an input has consecutive values, each once: it is the order of the file,
    which often tells the outcome."""
    numbers = [c.name for c in features.inputs if c.type in ("integer", "number") and not c.enum]
    figures = [f"count(distinct {c}), max({c}) - min({c}) + 1" for c in map(quoted_name, numbers)]
    ((rows, *found),) = engine.rows(f"select {', '.join(['count(*)', *figures])} from features")
    pairs = zip(found[::2], found[1::2], strict=True)
    wrong = [name for name, pair in zip(numbers, pairs, strict=True) if set(pair) == {rows}]
    if wrong and rows >= FEWEST:
        text = f"{features.path}: {', '.join(wrong)} numbers the {rows:,} rows, so it tells their order"
        raise ContractError("ML004", text, "leave it out, or make it a column of the key")


def constant(x: npt.NDArray[np.float32], names: Sequence[str], slices: Slices) -> list[str]:
    """The inputs with one value only, or none, in the rows for training or in those for evaluation."""
    known = slices.past | slices.validation
    return [
        name
        for name, column in zip(names, x.T, strict=True)
        if min(len(np.unique(column[part])) for part in (known, slices.newest)) < 2
    ]


def seen_before(x: npt.NDArray[np.float32], y: Outcomes, slices: Slices) -> list[tuple[int, int]]:
    """Places of the newest rows that have all inputs and the outcome in common with a row for training, each
    with the place of the first such row, where chance does not explain it.

    A value that a share p of the rows has is worth -log2(p) bits, as if columns did not depend on each other.
    Among n x m pairs of rows, one of log2(n x m) bits is alike by chance; what counts has `MARGIN` more.
    """
    cells = np.ascontiguousarray(np.column_stack([x.astype(np.float64), y]))
    rows = cells.view(f"V{cells.dtype.itemsize * cells.shape[1]}").ravel()
    known, newest = slices.past | slices.validation, slices.newest
    before, first = np.unique(rows[known], return_index=True)
    nearest = np.searchsorted(before, rows[newest]).clip(max=len(before) - 1)
    alike = before[nearest] == rows[newest]
    if not alike.any():
        return []
    bits = sum(_bits(column[known | newest])[newest[known | newest]] for column in cells.T)
    by_chance = np.log2(known.sum()) + np.log2(newest.sum())
    copies = alike & (bits > by_chance + MARGIN)
    pairs = np.flatnonzero(newest)[copies], np.flatnonzero(known)[first[nearest[copies]]]
    return list(zip(*(places.tolist() for places in pairs), strict=True))


def twins(keys: Columns, found: Sequence[tuple[int, int]]) -> list[str]:
    """Some of the rows that `seen_before` found, by their keys."""
    columns = [joined(column) for column in keys.values()]
    pairs = [[", ".join(str(column[place]) for column in columns) for place in pair] for pair in found]
    return [" and ".join(pair) for pair in pairs[:SHOWN]]


def _bits(column: Floats) -> Floats:
    """What each value (n,) is worth, in bits (n,): the rarer, the more."""
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    return -np.log2(counts / len(column))[place]


def repeated(keys: Columns, rows: int) -> list[Any] | None:
    """The column of the key [name, rows of each value on average] that has the most values, but far fewer
    than there are rows; None if there is none. Rows of one value, as of one player, are often alike."""
    counts = {name: len(np.unique(joined(column))) for name, column in keys.items()}
    many = {
        name: rows / count
        for name, count in counts.items()
        if count >= FEWEST_UNITS and rows >= FEW_VALUES * count
    }
    return min(([name, mean] for name, mean in many.items()), key=itemgetter(1), default=None)


def of_repeated(found: Sequence[Any] | None) -> Iterator[str]:
    """A warning about a unit with several rows where model.py does not say by what the rows are split."""
    if found:
        name, mean = found
        shown = f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}".removesuffix(".0")
        yield (
            f"each {name} has {shown} rows on average: if the {name} of new rows was never seen before,"
            f' set SPLIT_BY = "{name}" in model.py; if not, SPLIT_BY = None'
        )


def checks(facts: Mapping[str, Any], acknowledged: Mapping[str, str]) -> list[Check]:
    """A check for each feature that alone decides, and for rows that were seen before."""
    doubts = {
        f"{name} alone": (name, f"skill {skill:.4f}", f"< {DECIDES:g}", remedies.ALONE)
        for name, skill in facts["suspicious"].items()
        if skill >= DECIDES
    }
    seen, rows = facts["seen_before"], facts["rows"]["newest"]
    if seen > MOST_SEEN * rows:
        figure, bound = f"{seen:,} of {rows:,}", f"at most {MOST_SEEN:.0%} of the rows"
        shown = "; ".join(facts.get("twins", ()))  # a model that was trained by an older kit has none
        remedy = f"{remedies.SEEN}{f'. Alike are {shown}' if shown else ''}"
        doubts["rows to evaluate on like one for training"] = (DUPLICATES, figure, bound, remedy)
    return [
        Check(name, f"{figure}, acknowledged: {acknowledged[known]}", bound, True)
        if known in acknowledged
        else Check(name, figure, f'{bound}, or a reason in ACKNOWLEDGED["{known}"]', False, remedy)
        for name, (known, figure, bound, remedy) in doubts.items()
    ]
