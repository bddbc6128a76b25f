"""A review as text for people and for programs."""

from collections.abc import Callable

from ..verdict import Review
from . import html_page, json_text, markdown, sarif

# The terminal has a module of its own: it knows how wide it is.
FORMATS: dict[str, Callable[[Review], str]] = {
    "json": json_text.render,
    "markdown": markdown.render,
    "html": html_page.render,
    "sarif": sarif.render,
}
