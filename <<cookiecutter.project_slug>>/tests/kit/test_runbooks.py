# The template's file: edits here meet template updates (copier update merges them).
"""A runbook can be trusted at 3AM: there is one for each alert, and what it says to type works."""

import ast
import json
import re
import shlex
import shutil
import subprocess

import pytest
import typer
import yaml

from << cookiecutter.__package >> import cli, ops_cli, settings
from << cookiecutter.__package >>.kit import COMMAND, alerts

OPS = settings.PACKAGE.parents[1] / "ops"
BOOKS = sorted((OPS / "runbooks").glob("*.md"))
RULES = [
    rule
    for file in sorted((OPS / "generated" / "rules").glob("*.yml"))
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
SECTIONS = [
    "What it means for users",
    "See it",
    "Stop the harm",
    "Find the cause",
    "Whom to call",
    "Afterwards",
]
PROGRAMS = {COMMAND, "curl"}
PROMETHEUS = {"up", "ALERTS"}  # series of its own


def blocks(text, language):
    """The lines of the fenced blocks of a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
    return [line for block in found for line in block.splitlines()]


def queries():
    """Every expression of rules, panels and runbooks, by where it stands."""
    panels = json.loads((OPS / "generated" / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in RULES]
    asked += [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    return asked + [
        (book.name, line) for book in BOOKS for line in blocks(book.read_text(encoding="utf-8"), "promql")
    ]


def test_every_alert_has_a_runbook_and_every_runbook_has_an_alert():
    names = [alert.name for alert in alerts.alerts(ops_cli.promise())]

    assert [book.stem for book in BOOKS] == sorted(names)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_a_runbook_says_what_to_do_in_an_order_that_helps(book):
    text = book.read_text(encoding="utf-8")

    assert text.startswith(f"# {book.stem}\n")
    assert re.findall(r"^## (.*)$", text, re.M) == SECTIONS
    assert blocks(text, "promql")


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_every_command_in_it_can_be_typed(book):
    for line in blocks(book.read_text(encoding="utf-8"), "sh"):
        program, *words = shlex.split(line)
        assert program in PROGRAMS
        if program == COMMAND:
            parses(words)


def parses(words):
    """Raises what the command line says to a user who types these words."""
    command = typer.main.get_command(cli.app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(COMMAND, words)


def typed(path):
    """The words of each command of this product in a script of the pipeline; a variable is an x."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.List) and node.elts and getattr(node.elts[0], "id", "") == "PRODUCT":
            yield [word.value if isinstance(word, ast.Constant) else "x" for word in node.elts[1:]]


@pytest.mark.parametrize("path", sorted(OPS.with_name("ci").glob("*.py")), ids=lambda path: path.stem)
def test_every_command_that_a_release_gives_can_be_typed(path):
    for words in typed(path):
        parses(words)


@pytest.mark.parametrize("words", ["slo chek", "status --reason x", "statu"])
def test_a_command_that_cannot_be_typed_is_seen(words):
    with pytest.raises(Exception, match=r"chek|reason|statu"):
        parses(words.split())


@pytest.mark.parametrize("book", [*BOOKS, OPS / "postmortem.md"], ids=lambda book: book.stem)
def test_every_link_in_it_leads_somewhere(book):
    links = re.findall(r"\]\(([^)]+)\)", book.read_text(encoding="utf-8"))

    assert [link for link in links if ":" not in link and not (book.parent / link).is_file()] == []


def test_every_query_is_promql(tmp_path):
    if not (promtool := shutil.which("promtool")):
        pytest.skip("NOT RUN: promtool is not installed")
    rules = [{"record": f"query:{number}", "expr": query} for number, (_, query) in enumerate(queries())]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))

    done = subprocess.run(
        [promtool, "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def names_in(query):
    bare = re.sub(r'"[^"]*"', '""', query)
    return set(re.findall(r"([a-zA-Z_:][\w:]*)\{", bare))


def test_every_query_asks_for_metrics_that_exist():
    known = {*ops_cli.promise().metrics, *PROMETHEUS}
    known |= {rule["record"] for rule in RULES if "record" in rule}

    unknown = [
        (place, sorted(names_in(query) - known)) for place, query in queries() if names_in(query) - known
    ]

    assert unknown == []
    assert names_in('1 - sum(rate(x_total{job="a"}[5m])) / slo:y{}') == {"x_total", "slo:y"}
