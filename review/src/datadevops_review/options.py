"""What the commands have in common: which standard they ask for, and how they write.

In:       words of the command line.
Out:      a choice, which gives each repository its standard.
Failure:  Unusable.
"""

import argparse
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from .profile import NAME, load
from .review import Unusable
from .standard import STRICTNESSES, Standard, Strictness
from .template import Template

ADDRESS = r"\w[\w+.-]+://|[\w.-]+@[\w.-]+:"  # https://..., or git@host:...


@dataclass(frozen=True)
class Choice:
    profile: Path | None
    strictness: Strictness | None
    template: str | None
    compare: bool = True  # also render the template

    def standard(self, repository: Path) -> Standard:
        """The standard for a repository: of the profile, or of the file that it brings. Raises Unusable."""
        profile = self.profile or repository / NAME
        asked = load(profile) if self.profile or profile.is_file() else Standard()
        if self.strictness:
            asked = replace(asked, strictness=self.strictness)
        address = self.template or (asked.template.address if asked.template else None)
        return replace(asked, template=Template(address, self.compare)) if address else asked


def parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(
        name, description=description, epilog=epilog, formatter_class=form, allow_abbrev=False
    )


def add_standard(asked: argparse.ArgumentParser) -> None:
    """Add the options that choose a standard."""
    of_template = "a clone or an address of the template, to compare with"
    asked.add_argument(
        "--profile",
        metavar="FILE",
        help=f"a file; default: {NAME} of the repository, if any",
    )
    asked.add_argument("--strictness", choices=STRICTNESSES, help="default: that of the profile, or starter")
    asked.add_argument("--template", metavar="ADDRESS", help=of_template)


def choice(options: argparse.Namespace) -> Choice:
    """What the options choose. Raises Unusable for a profile that cannot be used."""
    if options.profile and re.match(ADDRESS, options.profile):
        raise Unusable(
            f"--profile {options.profile}: takes a file on this machine, not an address. Download it first, "
            f"or keep it as {NAME} in the repository, where it is found without the option."
        )
    profile = Path(options.profile) if options.profile else None
    if profile:
        load(profile)
    return Choice(profile, options.strictness, options.template, getattr(options, "compare", True))


def write(text: str, path: Path | None) -> None:
    """Write to the file, or to stdout. Raises Unusable."""
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{path}: cannot be written: {error.strerror}") from error
