"""The page of the questions.

In:       the content of cookiecutter.json.
Out:      a page: each question with its default or its choices, and its rule.
"""

from collections.abc import Iterator
from typing import Any

HEAD = """\
<!-- Made by tools/make_reference.py from cookiecutter.json. Do not edit. -->
# Questions and answers

Both engines ask these questions in this order, write each answer exactly as it was typed, and record it
in `.copier-answers.yml`. A wrong answer is refused before any file is written. Questions and choices are
never renamed or removed; a deprecated choice keeps working. [Answer from a
file](../how-to/answer-from-a-file.md) gives an organisation its own defaults. [Files of a
product](files.md) says which files come only with an answer.
"""
MADE = {
    "project_name": "Rain Forecast; of a data pipeline Rain Statistics",
    "project_slug": "`project_name` in lower case with dashes; one word gets `data-` in front",
    "description": "the question that the sample of this type answers",
    "owner_contact": "`owner_team`, at example.com",
}


def page(declared: dict[str, Any]) -> str:
    """The text of the page."""
    asked = {name: value for name, value in declared.items() if not name.startswith("_")}
    return HEAD + "".join("\n".join(_section(name, value, declared)) for name, value in asked.items())


def _section(name: str, value: Any, declared: dict[str, Any]) -> Iterator[str]:
    prompt = declared["__prompts__"][name]
    labels = prompt if isinstance(prompt, dict) else {"__prompt__": prompt}
    yield f"\n## {name}\n"
    yield f"{labels['__prompt__']}\n"
    if isinstance(value, list):
        yield "| answer | |"
        yield "|---|---|"
        for choice in value:
            about = labels[choice].partition(" - ")[2]
            yield f"| `{choice}`{', the default' if choice == value[0] else ''} | {about} |"
        yield ""
    else:
        yield f"Default: {MADE[name] if name in declared['_derived'] else f'`{value}`'}.\n"
    if rule := declared["_rules"].get(name):
        yield f"Rule: {rule['message'].replace('<', '&lt;')}.\n"
