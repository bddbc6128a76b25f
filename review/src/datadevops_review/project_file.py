"""Which changes of `pyproject.toml` are a team's own.

In:       the file of a product, and as the template renders it.
Out:      whether they differ in what belongs to the template.
Failure:  none: a file that is no TOML differs.
"""

import tomllib
from typing import Any

from .contracts import mapping

NAME = "pyproject.toml"
# A team adds here, and leaves what the template has: names below each other, to a list or a table.
ADDED_TO = (
    ("project", "dependencies"),
    ("project", "optional-dependencies"),
    ("dependency-groups",),
    ("tool", "uv"),
)
OWN = (("project", "version"), ("tool", "datadevops-review"))


def same_template_part(mine: bytes, rendered: bytes) -> bool:
    """Whether all of the template's settings are there, and a team only added what is its own."""
    expected = tomllib.loads(rendered.decode())
    try:
        found = tomllib.loads(mine.decode())
    except ValueError:
        return False
    for place in ADDED_TO:
        if not _holds(_take(found, place), _take(expected, place)):
            return False
    for place in OWN:
        _take(found, place)
        _take(expected, place)
    return found == expected


def _take(document: dict[str, Any], place: tuple[str, ...]) -> Any:
    """What is there, which then no longer is."""
    *above, name = place
    for each in above:
        document = mapping(document.get(each))
    return document.pop(name, None)


def _holds(found: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(_holds(found.get(k), v) for k, v in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and all(each in found for each in expected)
    return expected is None or bool(found == expected)
