"""Text from the templates in this folder. Pages load nothing; their common style is page.css."""

from pathlib import Path
from typing import Any


def rendered(template: str, **context: Any) -> str:
    """The template's text; values are escaped only in HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # most commands render no page

    html = template.endswith(".html")
    options: Any = {"autoescape": html, "undefined": StrictUndefined, "trim_blocks": True}
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), **options)  # noqa: S701
    return environment.get_template(template).render(context)
