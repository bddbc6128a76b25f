"""Values that show where two answers differ: at, beside and far from the limits of a column.

In:       a column of a contract.
Out:      values, of types that it does not take as well.
"""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..contract.values import Column

TEXTS = ["", " ", "é", "e\u0301", "🤦🏼\u200d♂️", "null", "NaN", "'; drop table t; --", "a\tb", "x" * 10_000]
NUMBERS = [0, -1, 0.5, -0.0, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf]
NUMBERS += [2**31, 2**63, -(2**100)]
TIMES = [datetime(1900, 1, 1), datetime.min, datetime.max, datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")  # digits by Unicode, but not by a contract


def values(column: Column) -> Iterator[Any]:
    """Values at, beside and far from every limit of `column`, and of types that it does not take."""
    yield from [None, True, False, 1, 1.0, "1", "true", *TEXTS, *NUMBERS]
    if column.type != "string":  # a time is text in a request, and none in a file
        midnight = column.type == "date"  # is a day in a file, and none in a request
        yield from (at for at in TIMES if not (midnight and isinstance(at, datetime)))
    for value in (*column.enum, *column.examples):
        yield value
        if isinstance(value, str):
            yield from (f"{value}\n", f" {value}", f"{value}x", value.swapcase(), value.translate(ARABIC))
    for length in filter(None, (column.limits.min_length, column.limits.max_length)):
        yield from ("x" * (length - 1), "x" * length, "x" * (length + 1), "é" * length)
    for bound in (column.limits.minimum, column.limits.maximum):
        if isinstance(bound, date):
            step = timedelta(microseconds=1) if isinstance(bound, datetime) else timedelta(days=1)
            yield from (bound - step, bound, bound + step)
        elif bound is not None:
            beside = (math.nextafter(bound, -math.inf), math.nextafter(bound, math.inf))
            yield from (bound - 1, bound, bound + 1, *beside)
