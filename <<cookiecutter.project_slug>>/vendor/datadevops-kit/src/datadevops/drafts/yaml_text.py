"""Values and comments as YAML on one line, so that a person can edit what was drafted.

In:       text, numbers, lists, mappings; text for a comment.
Out:      YAML in flow style.
Failure:  none.
"""

from collections.abc import Iterable
from typing import Any

import yaml

WIDE = 1_000_000  # characters: no line is broken
Line = tuple[str, str]  # YAML and what was seen; the second may be empty


def flow(value: Any) -> str:
    """The value on one line.

    >>> flow([{"value": "a, b"}, {"value": "no"}]), flow("Fare $: net"), flow(1e16)
    ("[{value: 'a, b'}, {value: 'no'}]", "'Fare $: net'", '1.0e+16')
    """
    style = '"' if isinstance(value, str) and not value.isprintable() else None
    text = yaml.safe_dump(
        [value], default_flow_style=True, default_style=style, allow_unicode=True, width=WIDE, sort_keys=False
    )
    return text.strip()[1:-1]


def page(lines: Iterable[Line], left: str = "") -> list[str]:
    """The lines as they stand in the file, each after `left`."""
    return [f"{left}{text}{f'  # {_printable(seen)}' if seen else ''}" for text, seen in lines]


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)
