"""Text from the templates in this folder. Pages load nothing; their common style is page.css."""

from functools import cache
from pathlib import Path
from typing import Any


def rendered(template: str, **context: Any) -> str:
    """The template's text; values are escaped only in HTML."""
    return str(_environment(html=template.endswith(".html")).get_template(template).render(context))


def age(seconds: float) -> str:
    """A time span as people say it.

    >>> age(1800), age(7_200), age(400_000)
    ('30 min', '2 h', '4 days')
    """
    hours = seconds / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{int(hours)} h" if hours < 48 else f"{hours // 24:,.0f} days"


@cache
def _environment(html: bool) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # most commands render no page

    options: Any = {"autoescape": html, "undefined": StrictUndefined, "trim_blocks": True}
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), **options)  # noqa: S701
    environment.filters["age"] = age
    return environment
