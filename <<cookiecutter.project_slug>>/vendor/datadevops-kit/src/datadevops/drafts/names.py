"""Names that a contract allows, for those that a file has.

In:       the names of columns, the name of a file.
Out:      for each a name of its own: a letter, then letters, digits and `_`.
Failure:  none.
"""

import re
import unicodedata
from collections.abc import Sequence

from ..contract.kinds import word

SIGNS = {"%": "_pct_", "#": "_number_", "&": "_and_"}
TAKEN = ("broken_rules",)  # a quarantine file has a column of that name


def legal(given: str, otherwise: str) -> str:
    """`given` as a name; what cannot be part of one is left out. `otherwise`: where nothing remains, and in
    front of a digit.

    >>> legal("Fare $", "column_2"), legal("2. Größe (%)", "column_3"), legal("温度", "column_4")
    ('fare', 'column_3_2_gro_e_pct', 'column_4')
    """
    if _is_word(given):
        return given
    signs = "".join(SIGNS.get(sign, sign) for sign in given)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", signs) if not unicodedata.combining(sign))
    joined = re.sub("[^a-z0-9]+", "_", bare.lower()).strip("_")
    return joined if _is_word(joined) else f"{otherwise}_{joined}".rstrip("_")


def columns(there: Sequence[str]) -> dict[str, str]:
    """Name in the file -> name in the contract. Upper and lower case count as the same."""
    taken = {*TAKEN, *(name.lower() for name in there)}
    called = {}
    for place, name in enumerate(there, 1):
        if _is_word(name) and name.lower() not in TAKEN:
            called[name] = name
            continue
        free = first = legal(name, f"column_{place}")
        number = 1
        while free.lower() in taken:
            number += 1
            free = f"{first}_{number}"
        taken.add(free.lower())
        called[name] = free
    return called


def _is_word(name: str) -> bool:
    try:
        return bool(word(name))
    except ValueError:
        return False
