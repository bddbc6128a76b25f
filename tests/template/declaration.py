"""What cookiecutter.json declares, as the tests need it.

In:       cookiecutter.json, or the text of another version of it.
Out:      questions, choices, sets of answers.
Failure:  none of its own: a file that is not JSON raises where it is read.
"""

import json
import re
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from allpairspy import AllPairs

ROOT = Path(__file__).resolve().parents[2]
# Above this number of combinations a suite of minutes would become one of hours: take pairs.
ALL_COMBINATIONS_UP_TO = 24

Declaration = dict[str, Any]
Answers = dict[str, Any]

DECLARED: Declaration = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))


def questions(declared: Declaration = DECLARED) -> Declaration:
    """The questions that a user sees, with their defaults."""
    return {name: value for name, value in declared.items() if not name.startswith("_")}


def choices(declared: Declaration = DECLARED) -> dict[str, list[Any]]:
    """The possible answers of each question that has a list of them; yes and no count."""
    return {
        name: value if isinstance(value, list) else [True, False]
        for name, value in questions(declared).items()
        if isinstance(value, list | bool)
    }


def free_texts(declared: Declaration = DECLARED) -> list[str]:
    """The questions that take any text its rule allows."""
    return [name for name in questions(declared) if name not in choices(declared)]


def answer_sets(declared: Declaration = DECLARED) -> list[Answers]:
    """All combinations of choices, or every pair of choices where all would be too many."""
    values = list(choices(declared).values())
    few = prod(len(each) for each in values) <= ALL_COMBINATIONS_UP_TO
    rows = product(*values) if few else AllPairs(values)
    return [dict(zip(choices(declared), row, strict=True)) for row in rows]


def keeps(name: str, text: str, declared: Declaration = DECLARED) -> bool:
    """Whether the text keeps the rule of the question `name`."""
    return re.search(declared["_rules"][name]["pattern"], text) is not None
