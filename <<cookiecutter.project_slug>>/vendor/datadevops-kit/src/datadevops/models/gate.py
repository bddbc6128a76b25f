"""May a candidate become champion? It is evaluated on rows that it has never seen.

In:       outcomes of the newest rows; forecasts of the candidate, of each naive baseline and of the
          current champion; the team's limits.
Out:      one `Check` for each rule: the figure, its bound, the result.

One loss decides, as skill over each baseline, see `losses`: it does not depend on how often an outcome
occurs, so groups can be compared too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import counted
from . import losses, remedies
from .intervals import COVERED
from .limits import Limits
from .losses import Floats, Loss, Outcomes
from .split import Truths

FEW_BLOCKS = 60  # fewer pass a good model in half of the cases only


@dataclass(frozen=True)
class Check:
    name: str
    figure: str
    bound: str
    passed: bool | None  # None: the check could not be run, which is not green
    remedy: str = ""  # what to try first if it has not passed
    judged: bool = True  # False: it is only shown, decides nothing, and `bound` says why


@dataclass(frozen=True)
class Newest:
    """The rows to evaluate on: all arrays (n,), forecasts of classes (n, k)."""

    kind: str
    loss: Loss
    outcome: Outcomes
    candidate: Floats
    baselines: dict[str, Floats]  # by name
    champion: Floats | None  # None: there is none, or it cannot score these rows
    misfit: str  # why it cannot; empty if there is none
    covered: npt.NDArray[np.bool_] | None  # of a number: whether it lies in its interval
    decided: npt.NDArray[np.bool_] | None  # of yes or no: whether the decision is yes
    block: npt.NDArray[Any]
    blocks: str  # what a block is, as "days"
    group: npt.NDArray[Any] | None
    groups: Sequence[str]  # all that features have at any time; each has a line
    other_split: str = ""  # why the champion knows rows of these, so that it is not compared; empty if not
    unseen: Truths | None = None  # the rows that the champion has not learnt; None: all


def judge(rows: Newest, limits: Limits) -> list[Check]:
    """Every check of the gate; the candidate passes if all have passed."""
    of_rows = rows.loss.of_rows
    mine = of_rows(rows.outcome, rows.candidate)
    naive = {name: of_rows(rows.outcome, forecast) for name, forecast in rows.baselines.items()}
    checks = [_enough(rows, limits)]
    for name, other in naive.items():
        skill = losses.skill(mine, other, rows.block)
        checks.append(_above(f"skill over {name}", skill, limits.skill, remedies.SKILL))
    best = min(naive.values(), key=lambda loss: float(loss.mean()))
    checks += _champion(rows, limits, mine, best)
    checks += [_group(rows, limits, group, mine, best) for group in rows.groups]
    return [*checks, *_calibration(rows, limits), *_decisions(rows)]


def _enough(rows: Newest, limits: Limits) -> Check:
    found = len(np.unique(rows.block))
    few = ", few: the intervals are wide" if found < FEW_BLOCKS else ""
    name, bound = f"{rows.blocks} to evaluate on", f">= {limits.blocks}"
    if found < limits.blocks:
        first = remedies.DAYS if rows.blocks == "days" else remedies.BLOCKS
        return Check(name, f"NOT RUN: {found}", bound, None, first)
    return Check(name, f"{found}{few}", bound, True)


def _champion(rows: Newest, limits: Limits, mine: Floats, best: Floats) -> Iterator[Check]:
    """Whether the candidate is not much worse than the champion, on rows that are new to both."""
    name, bound = "skill against the champion", f"wholly > {-limits.champion_loss:g}"
    if rows.other_split:
        yield Check(name, "not compared", rows.other_split, True, judged=False)
    elif rows.misfit:
        yield Check(name, f"NOT RUN: {rows.misfit}", bound, None, remedies.MISFIT)
    elif rows.champion is not None:
        part = np.ones(len(mine), dtype=bool) if rows.unseen is None else rows.unseen
        if rows.unseen is not None and (found := len(np.unique(rows.block[part]))) < limits.blocks:
            few = f"NOT RUN: the champion has learnt all but {found} of these {rows.blocks}"
            yield Check(name, few, f"at least {limits.blocks}", None, remedies.LEARNT)
            return
        # As a share of the naive loss: of a champion that is nearly perfect, chance alone is a large share.
        theirs = rows.loss.of_rows(rows.outcome, rows.champion)
        gained = losses.ratio((theirs - mine)[part], best[part], rows.block[part])
        yield _above(name, gained, -limits.champion_loss, remedies.CHAMPION)


def _above(name: str, found: tuple[float, float, float], least: float, remedy: str) -> Check:
    _, low, high = found
    first = remedies.BY_CHANCE if high > least else remedy
    return Check(name, f"{low:+.4f} .. {high:+.4f}", f"wholly > {least:g}", low > least, first)


def _group(rows: Newest, limits: Limits, group: str, mine: Floats, best: Floats) -> Check:
    name, few = f"skill in {group}", f"shown only: below {limits.group_rows:,} rows"
    part = np.asarray(rows.group).astype(str) == group
    if not part.any():
        return Check(name, "no newest row", few, True, judged=False)
    _, low, high = losses.skill(mine[part], best[part], rows.block[part])
    figure = f"{low:+.4f} .. {high:+.4f}"
    if (count := int(part.sum())) < limits.group_rows:
        return Check(name, f"{figure}, of {counted(count, 'row')}", few, True, judged=False)
    bound = f"at least partly >= {limits.group_skill:g}"
    return Check(name, figure, bound, high >= limits.group_skill, remedies.GROUP)


def _calibration(rows: Newest, limits: Limits) -> Iterator[Check]:
    """Whether the probabilities are frequencies, and the intervals contain what they say."""
    if rows.kind != "regression":
        probability, right = rows.candidate, rows.outcome
        if rows.kind == "classes":
            probability, right = rows.candidate.max(axis=1), rows.candidate.argmax(axis=1) == rows.outcome
        error = losses.calibration_error(probability, right)
        most = max(limits.calibration_error, losses.calibration_by_chance(probability))
        bound = f"<= {most:.4f}"
        yield Check("calibration error", f"{error:.4f}", bound, error <= most, remedies.CALIBRATION)
        return
    one = np.ones(len(rows.outcome))
    share, low, high = losses.ratio(np.asarray(rows.covered, dtype=np.float64), one, rows.block)
    most = max(limits.calibration_error, (high - low) / 2)  # half an interval of 95 % is 2 standard errors
    name, bound = "outcomes in their 90 % interval", f"{COVERED:g} +- {most:.4f}"
    yield Check(name, f"{share:.4f}", bound, abs(share - COVERED) <= most, remedies.COVERAGE)
    if rows.loss is losses.SQUARED:
        spread = max(float(rows.outcome.std()), 1e-300)
        _, low, high = losses.ratio((rows.candidate - rows.outcome) / spread, one, rows.block)
        nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        yield Check(
            "bias, in spreads",
            f"{low:+.4f} .. {high:+.4f}",
            f"at least partly within {limits.bias:g} of 0",
            nearest <= limits.bias,
            remedies.BIAS,
        )


def _decisions(rows: Newest) -> Iterator[Check]:
    """A check that fails if every row gets the same decision, although both outcomes occur."""
    if rows.decided is None or len(np.unique(rows.outcome)) == 1:
        return
    if len(np.unique(rows.decided)) == 1:
        figure = f"{'yes' if rows.decided[0] else 'no'} in all {counted(len(rows.decided), 'row')}"
        bound = "both yes and no, as the outcomes are"
        yield Check("decisions", figure, bound, False, remedies.DECISIONS)
