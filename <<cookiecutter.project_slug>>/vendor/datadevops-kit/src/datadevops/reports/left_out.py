"""One line about the columns of a file that its contract does not have, however many they are."""

from collections.abc import Sequence

from ..errors import counted

MOST_NAMED = 12  # a line that people still read; the page of the run names all


def line(columns: Sequence[str]) -> str:
    """Which columns are left out.

    >>> line(["sky"])
    '1 column is not in the contract, so it is left out: sky'
    >>> line([*"abcdefghijklmn"])
    '14 columns are not in the contract, so they are left out: a, b, c, d, e, f, g, h, i, j, k, l and 2 more'
    """
    one = len(columns) == 1
    more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
    why = f"{'is' if one else 'are'} not in the contract, so {'it is' if one else 'they are'} left out"
    return f"{counted(len(columns), 'column')} {why}: {', '.join(columns[:MOST_NAMED])}{more}"
