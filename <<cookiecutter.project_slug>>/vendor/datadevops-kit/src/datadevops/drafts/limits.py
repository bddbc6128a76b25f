"""Limits with room around what was seen.

In:       the smallest and the largest value.
Out:      a minimum and a maximum; None where no bound can be guessed.
Failure:  none.
"""

import math
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ..contract.kinds import BIGINT

WHOLES = (1, 100)  # a share ends there
LAST = 2100


def of_numbers(low: float, high: float) -> tuple[float | None, float | None]:
    """As much room on each side as the values span; but zero, 1 and 100 are ends where values stop at them.

    >>> of_numbers(-11.1, 37.8), of_numbers(983.8, 1042.1), of_numbers(12.7, 100.0), of_numbers(0.0, 469.2)
    ((-60.0, 90.0), (920.0, 1110.0), (0, 100), (0, 1000.0))
    """
    span = Decimal(repr(high)) - Decimal(repr(low)) or abs(Decimal(repr(high))) or Decimal(1)
    step = Decimal(10) ** span.adjusted()
    below = ((Decimal(repr(low)) - span) / step).to_integral_value(ROUND_FLOOR) * step
    above = ((Decimal(repr(high)) + span) / step).to_integral_value(ROUND_CEILING) * step
    minimum = 0 if 0 <= low <= span else _finite(below)
    maximum = (
        int(high) if low >= 0 and high in WHOLES else 0 if 0 <= -high <= span and low < 0 else _finite(above)
    )
    return minimum, maximum


def of_integers(low: int, high: int) -> tuple[int | None, int | None]:
    """The same for whole numbers, within 64 bits.

    >>> of_integers(1, 7), of_integers(-(2**63), 5)
    ((0, 13), (None, None))
    """
    least, most = (None if bound is None else int(bound) for bound in of_numbers(low, high))
    return (
        least if least is not None and least > BIGINT["minimum"] else None,
        most if most is not None and most < BIGINT["maximum"] else None,
    )


def of_times(low: date, high: date) -> tuple[date | None, date | None]:
    """From the decade of the first to the year 2100, without an end for what is later.

    >>> of_times(date(2013, 1, 1), date(2013, 12, 30))
    (datetime.date(2010, 1, 1), datetime.date(2100, 1, 1))
    """
    kind = datetime if isinstance(low, datetime) else date
    return kind(max(low.year // 10 * 10, 1), 1, 1), kind(LAST, 1, 1) if high.year < LAST else None


def _finite(bound: Decimal) -> float | None:
    return float(bound) if math.isfinite(float(bound)) else None
