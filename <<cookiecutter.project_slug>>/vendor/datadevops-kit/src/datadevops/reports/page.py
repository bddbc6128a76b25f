"""Text from the templates in this folder. Pages load nothing; their common style is page.css."""

from functools import cache
from pathlib import Path
from typing import Any

from ..errors import counted
from . import ages, left_out


def rendered(template: str, **context: Any) -> str:
    """The template's text; values are escaped only in HTML."""
    return str(_environment(html=template.endswith(".html")).get_template(template).render(context))


@cache
def _environment(html: bool) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # most commands render no page

    options: Any = {"autoescape": html, "undefined": StrictUndefined, "trim_blocks": True}
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), **options)  # noqa: S701
    environment.filters |= {
        "age": ages.shown,
        "since": ages.since,
        "counted": counted,
        "left_out": left_out.line,
    }
    return environment
