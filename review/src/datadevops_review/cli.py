"""The command `datadevops-review`.

In:       words of the command line.
Out:      a report on stdout or in a file; the exit code.
Failure:  exit code 1 if a must fails, 2 for unusable input, 3 if a must could not be checked.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from . import __version__
from .profile import NAME, load
from .reference import page, sentence
from .reports import FORMATS, terminal
from .review import Unusable, review
from .rules import RULES
from .standard import STRICTNESSES, Standard
from .template import Template

EXIT_CODES = """exit codes: 0 all musts hold, 1 one fails, 2 unusable input, 3 NOT RUN: one was not checked

example: datadevops-review . --format markdown --output review.md"""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and end the process."""
    given = list(sys.argv[1:] if words is None else words)
    commands = {"check": check, "explain": explain, "rules": rules}
    name = given.pop(0) if given and given[0] in commands else "check"
    try:
        sys.exit(commands[name](given))
    except Unusable as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def check(words: Sequence[str]) -> int:
    """Review one repository."""
    parser = _parser(
        "datadevops-review", "Does a repository meet the standard of a data product? Reads only."
    )
    parser.add_argument("path", nargs="?", default=".", type=Path, help="the folder (default: this one)")
    parser.add_argument(
        "--format", choices=["terminal", *FORMATS], default="terminal", help="default: terminal"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the report there; the summary is printed"
    )
    parser.add_argument("--all", action="store_true", help="also show the rules that hold")
    parser.add_argument("--version", action="version", version=__version__)
    _standard_options(parser)
    options = parser.parse_args(words)
    found = review(options.path, standard(options, options.path))
    if options.format == "terminal" or options.output:
        terminal.show(found, Console(highlight=False), options.all)
    if options.format != "terminal":
        _write(FORMATS[options.format](found), options.output)
    return found.exit_code


def _standard_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help=f"default: {NAME} of the repository, if any"
    )
    parser.add_argument("--strictness", choices=STRICTNESSES, help="default: that of the profile, or starter")
    parser.add_argument(
        "--template", metavar="ADDRESS", help="a clone or an address of the template, to compare with"
    )


def standard(options: argparse.Namespace, path: Path) -> Standard:
    """The standard that the options ask for. Raises Unusable."""
    profile = options.profile or path / NAME
    asked = load(profile) if options.profile or profile.is_file() else Standard()
    if options.strictness:
        asked = replace(asked, strictness=options.strictness)
    return replace(asked, template=Template(options.template)) if options.template else asked


def explain(words: Sequence[str]) -> int:
    """Print what a rule asks, and how to keep it."""
    parser = _parser("datadevops-review explain", "What does a rule ask, and how is it kept?")
    parser.add_argument("rule", type=str.upper, choices=list(RULES), metavar="RULE", help="as DD404")
    name = parser.parse_args(words).rule
    print(f"{name}: {sentence(name)}\nA must from: {RULES[name].must or 'never'}\n{RULES[name].remedy}")
    return 0


def rules(words: Sequence[str]) -> int:
    """Print all rules as Markdown."""
    _parser("datadevops-review rules", "All rules, as Markdown.").parse_args(words)
    print(page(), end="")
    return 0


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    others = (
        "\n\nother commands: datadevops-review explain RULE | rules" if name == "datadevops-review" else ""
    )
    return argparse.ArgumentParser(
        name, description=description, epilog=EXIT_CODES + others, formatter_class=form, allow_abbrev=False
    )


def _write(text: str, path: Path | None) -> None:
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{path}: cannot be written: {error.strerror}") from error
