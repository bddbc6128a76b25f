"""The command `datadevops-review`.

In:       words of the command line.
Out:      a report on stdout or in a file; the exit code.
Failure:  exit code 1 if a must fails, 2 for unusable input, 3 if a must could not be checked.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from . import __version__
from .fleet.command import fleet
from .options import add_standard, choice, parser, write
from .reference import page, sentence
from .reports import FORMATS, terminal
from .review import Unusable, review
from .rules import RULES

EXIT_CODES = "exit codes: 0 all musts hold, 1 one fails, 2 unusable input, 3 NOT RUN: one was not checked"
EXAMPLE = """

example: datadevops-review . --format markdown --output review.md

other commands: datadevops-review fleet PATH... | explain RULE | rules"""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and end the process."""
    given = list(sys.argv[1:] if words is None else words)
    commands = {"check": check, "explain": explain, "fleet": fleet, "rules": rules}
    name = given.pop(0) if given and given[0] in commands else "check"
    try:
        sys.exit(commands[name](given))
    except Unusable as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def check(words: Sequence[str]) -> int:
    """Review one repository."""
    about = "Does a repository meet the standard of a data product? Reads only."
    asked = parser("datadevops-review", about, EXIT_CODES + EXAMPLE)
    asked.add_argument("path", nargs="?", default=".", type=Path, help="the folder (default: this one)")
    asked.add_argument(
        "--format", choices=["terminal", *FORMATS], default="terminal", help="default: terminal"
    )
    asked.add_argument("--output", type=Path, metavar="FILE", help="write the report there; print a summary")
    asked.add_argument("--all", action="store_true", help="also show the rules that hold")
    asked.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    add_standard(asked)
    options = asked.parse_args(words)
    found = review(options.path, choice(options).standard(options.path))
    if options.format == "terminal" or options.output:
        terminal.show(found, Console(highlight=False), options.all)
    if options.format != "terminal":
        write(FORMATS[options.format](found), options.output)
    return found.exit_code


def explain(words: Sequence[str]) -> int:
    """Print what a rule asks, and how to keep it."""
    asked = parser("datadevops-review explain", "What does a rule ask, and how is it kept?", "")
    asked.add_argument("rule", type=str.upper, choices=list(RULES), metavar="RULE", help="as DD404")
    name = asked.parse_args(words).rule
    print(f"{name}: {sentence(name)}\nA must from: {RULES[name].must or 'never'}\n{RULES[name].remedy}")
    return 0


def rules(words: Sequence[str]) -> int:
    """Print all rules as Markdown."""
    parser("datadevops-review rules", "All rules, as Markdown.", "").parse_args(words)
    print(page(), end="")
    return 0
