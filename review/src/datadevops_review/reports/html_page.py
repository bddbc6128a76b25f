"""A review as one HTML page that needs nothing else.

In:       a review.
Out:      a page.
Failure:  none.
"""

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..verdict import FAMILIES, Review
from .summary import headline

ENVIRONMENT = Environment(
    loader=PackageLoader("datadevops_review", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(review: Review) -> str:
    page = ENVIRONMENT.get_template("review.html.j2")
    return page.render(review=review, headline=headline(review), families=FAMILIES) + "\n"
