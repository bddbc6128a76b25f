"""What a product answered to the template's questions: its organisation, its team, where the team is reached.

In:       the checkout of a product.
Out:      the answers by question; none where the file is not there, as in an image.
Failure:  SettingsError CF013 (the file cannot be read, or holds no mapping).
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

from . import yaml_file
from .errors import SettingsError, first_line

FILE = ".copier-answers.yml"


def load(home: Path) -> dict[str, str]:
    """Question -> answer, as text."""
    path = home / FILE
    if not path.is_file():
        return {}
    try:
        content = yaml_file.document(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        content = first_line(error)
    if not isinstance(content, dict):
        raise SettingsError(
            "CF013",
            f"{path} holds no answers: {content}",
            "restore it: `git checkout -- .copier-answers.yml`",
        )
    return {name: str(answer) for name, answer in content.items()}


def contact_url(answers: Mapping[str, str]) -> str:
    """Where the team is reached, as a link; empty if nobody has said."""
    contact = answers.get("owner_contact", "")
    return contact if "://" in contact or not contact else f"mailto:{contact}"
