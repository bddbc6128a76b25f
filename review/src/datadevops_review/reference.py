"""The rules as a page, made from the code.

In:       the rules.
Out:      docs/reference/review-rules.md.
Failure:  none.
"""

from collections.abc import Iterator

from .rules import RULES
from .verdict import FAMILIES

TOP = """# The rules of `datadevops-review`

Made from the code by `datadevops-review rules`; do not edit it. A rule is a must from the strictness in its
column on. Before that, and where it says never, it is a should, which does not fail the command.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([TOP, *_overview(), *_sections()])


def _overview() -> Iterator[str]:
    yield "| rule | a must from | what must be true |"
    yield "|---|---|---|"
    for name, rule in RULES.items():
        yield f"| [{name}](#{name.lower()}) | {rule.must or 'never'} | {sentence(name)} |"
    yield ""


def _sections() -> Iterator[str]:
    for family, title in FAMILIES.items():
        yield f"## {title}\n"
        for name, rule in RULES.items():
            if name.startswith(family):
                yield f"### {name}\n\n{sentence(name)}\n\n{rule.remedy}\n"


def sentence(name: str) -> str:
    """What must be true, on one line."""
    return " ".join((RULES[name].__doc__ or "").split())
