"""The site: Sphinx builds it from these pages, strictly and without network.

In:       the Markdown files of this folder, which read as well where they are stored.
Out:      pages that load nothing from other hosts. A link to a file outside this folder becomes a link to
          the repository.
Failure:  a warning for a dead link, a missing heading or a page in no list; `tox -e docs` makes it an error.
"""

import os
import re
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.util import logging

DOCS = Path(__file__).resolve().parent
REPOSITORY = os.environ.get("REPOSITORY", "https://github.com/org/datadevops-template")
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")

project = "datadevops-template"
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["conf.py"]
nitpicky = True
html_title = project
html_theme = "pydata_sphinx_theme"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "navigation_with_keys": False,
}


def point_to_the_repository(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace links that leave this folder: the site has only its own pages."""
    here = (Path(app.srcdir) / docname).parent

    def address(found: re.Match[str]) -> str:
        target = (here / found[1]).resolve()
        if target.is_relative_to(app.srcdir):
            return found[1]
        if not target.exists():
            logging.getLogger(__name__).warning("%s leads nowhere", found[1], location=docname)
        return f"{REPOSITORY}/blob/main/{quote(target.relative_to(DOCS.parent).as_posix())}"

    source[0] = LINK.sub(address, source[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", point_to_the_repository)
