"""May a candidate become champion? It is evaluated on rows that it has never seen.

In:       outcomes of the newest rows; forecasts of the candidate, of each naive baseline and of the
          current champion; the team's limits.
Out:      one `Check` for each rule: the figure, its bound, the result.

One loss decides, as skill over each baseline, see `losses`: it does not depend on how often an outcome
occurs, so groups can be compared too. The defaults of `Limits` were chosen on 14 real data sets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import counted
from . import losses
from .intervals import COVERED
from .losses import Floats, Loss, Outcomes

FEW_BLOCKS = 60  # fewer pass a good model in half of the cases only


@dataclass(frozen=True)
class Limits:
    """The limits of the gate. Each has a default that suits most products."""

    skill: float = 0.0  # least skill over each baseline; raise it if a model must pay for its upkeep
    champion_loss: float = 0.05  # worse than the champion by this share of the naive loss; lower it if
    #   a small loss costs much and there are many newest rows, otherwise as good models are refused
    group_skill: float = 0.0  # least skill that each group may still have; lower it for a group that
    #   cannot be forecast better than naively, if others gain
    group_rows: int = 200  # groups with fewer newest rows are shown, not judged; raise it if groups
    #   are refused by chance
    calibration_error: float = 0.05  # between forecast and frequency, or between coverage of the 90 %
    #   intervals and 0.9; lower it if somebody computes costs from them
    bias: float = 0.1  # mean error of a forecast mean, as a share of the spread (standard deviation)
    blocks: int = 20  # days (without time: units) to evaluate on; with fewer, nobody can tell


@dataclass(frozen=True)
class Check:
    name: str
    figure: str
    bound: str
    passed: bool | None  # None: the check could not be run, which is not green


@dataclass(frozen=True)
class Newest:
    """The rows to evaluate on: all arrays (n,), forecasts of classes (n, k)."""

    kind: str
    loss: Loss
    outcome: Outcomes
    candidate: Floats
    baselines: dict[str, Floats]  # by name
    champion: Floats | None  # None: there is none, or it cannot score these rows
    covered: npt.NDArray[np.bool_] | None  # of a number: whether it lies in its interval
    block: npt.NDArray[Any]
    blocks: str  # what a block is, as "days"
    group: npt.NDArray[Any] | None
    groups: Sequence[str]  # all that features have at any time; each must be evaluated


def judge(rows: Newest, limits: Limits, has_champion: bool) -> list[Check]:
    """Every check of the gate; the candidate passes if all have passed."""
    of_rows, against = rows.loss.of_rows, "skill against the champion"
    mine = of_rows(rows.outcome, rows.candidate)
    naive = {name: of_rows(rows.outcome, forecast) for name, forecast in rows.baselines.items()}
    checks = [_enough(rows, limits)]
    for name, other in naive.items():
        checks.append(_above(f"skill over {name}", losses.skill(mine, other, rows.block), limits.skill))
    best = min(naive.values(), key=lambda loss: float(loss.mean()))
    if rows.champion is not None:
        # As a share of the naive loss: of a champion that is nearly perfect, chance alone is a large share.
        theirs = of_rows(rows.outcome, rows.champion)
        checks.append(_above(against, losses.ratio(theirs - mine, best, rows.block), -limits.champion_loss))
    elif has_champion:
        checks.append(Check(against, "NOT RUN: it needs other columns", f"> -{limits.champion_loss}", None))
    checks += [_group(rows, limits, group, mine, best) for group in rows.groups]
    return [*checks, *_calibration(rows, limits)]


def _enough(rows: Newest, limits: Limits) -> Check:
    found = len(np.unique(rows.block))
    few = ", few: the intervals are wide" if found < FEW_BLOCKS else ""
    name, bound = f"{rows.blocks} to evaluate on", f">= {limits.blocks}"
    if found < limits.blocks:
        return Check(name, f"NOT RUN: {found}", bound, None)
    return Check(name, f"{found}{few}", bound, True)


def _above(name: str, found: tuple[float, float, float], least: float) -> Check:
    _, low, high = found
    return Check(name, f"{low:+.4f} .. {high:+.4f}", f"> {least:g}", low > least)


def _group(rows: Newest, limits: Limits, group: str, mine: Floats, best: Floats) -> Check:
    name, bound = f"skill in {group}", f"not below {limits.group_skill:g}"
    part = np.asarray(rows.group).astype(str) == group
    if not part.any():
        return Check(name, "NOT RUN: no newest row", bound, None)
    _, low, high = losses.skill(mine[part], best[part], rows.block[part])
    figure = f"{low:+.4f} .. {high:+.4f}"
    if (count := int(part.sum())) < limits.group_rows:
        return Check(
            name, f"{figure}, of {counted(count, 'row')}", f"shown only, below {limits.group_rows} rows", True
        )
    return Check(name, figure, bound, high >= limits.group_skill)


def _calibration(rows: Newest, limits: Limits) -> Iterator[Check]:
    """Whether the probabilities are frequencies, and the intervals contain what they say."""
    if rows.kind != "regression":
        probability, right = rows.candidate, rows.outcome
        if rows.kind == "classes":
            probability, right = rows.candidate.max(axis=1), rows.candidate.argmax(axis=1) == rows.outcome
        error = losses.calibration_error(probability, right)
        most = max(limits.calibration_error, losses.calibration_by_chance(probability))
        yield Check("calibration error", f"{error:.4f}", f"<= {most:.4f}", error <= most)
        return
    one = np.ones(len(rows.outcome))
    share, low, high = losses.ratio(np.asarray(rows.covered, dtype=np.float64), one, rows.block)
    most = max(limits.calibration_error, (high - low) / 2)  # half an interval of 95 % is 2 standard errors
    name, bound = "outcomes in their 90 % interval", f"{COVERED:g} +- {most:.4f}"
    yield Check(name, f"{share:.4f}", bound, abs(share - COVERED) <= most)
    if rows.loss is losses.SQUARED:
        spread = max(float(rows.outcome.std()), 1e-300)
        _, low, high = losses.ratio((rows.candidate - rows.outcome) / spread, one, rows.block)
        nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        yield Check(
            "bias, in spreads", f"{low:+.4f} .. {high:+.4f}", f"within {limits.bias:g}", nearest < limits.bias
        )
