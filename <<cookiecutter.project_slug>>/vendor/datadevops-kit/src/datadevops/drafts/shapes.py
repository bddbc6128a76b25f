"""The shape of a text: AA9999 for two capital letters and four digits.

In:       a text, or a shape.
Out:      its shape, in which 9, A and a stand for digits and letters; a pattern, and a text of that shape.
Failure:  none: a text with other signs than letters, digits and a few between them has no shape.
"""

import re
from itertools import groupby

CLASSES = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]", ".": "[.]"}
MADE_UP = str.maketrans("9Aa", "1Bc")


def of(text: str) -> str:
    """The shape, empty if there is none.

    >>> of("EC-2041.b")
    'AA-9999.a'
    """
    if not re.fullmatch("[A-Za-z0-9_./: -]+", text):
        return ""
    return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", re.sub("[0-9]", "9", text)))


def pattern(shape: str) -> str:
    """What all texts of one shape match.

    >>> pattern("AA-9999.a")
    '[A-Z]{2}-[0-9]{4}[.][a-z]'
    """
    runs = [(CLASSES.get(sign, sign), len(list(same))) for sign, same in groupby(shape)]
    return "".join(signs + (f"{{{count}}}" if count > 1 else "") for signs, count in runs)


def example(shape: str) -> str:
    """A made-up text of that shape."""
    return shape.translate(MADE_UP)
