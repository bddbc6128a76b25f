"""A review as one HTML page that needs nothing else.

In:       a review.
Out:      a page.
Failure:  none.
"""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..verdict import FAMILIES, Review
from .summary import headline

ENVIRONMENT = Environment(
    loader=PackageLoader("datadevops_review", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _code(text: object) -> Markup:
    """The text with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped


ENVIRONMENT.filters["code"] = _code


def render(review: Review) -> str:
    page = ENVIRONMENT.get_template("review.html.j2")
    return page.render(review=review, headline=headline(review), families=FAMILIES) + "\n"
