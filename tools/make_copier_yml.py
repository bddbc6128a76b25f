"""Write copier.yml from cookiecutter.json, so that each question is declared once.

    python tools/make_copier_yml.py           # write copier.yml
    python tools/make_copier_yml.py --check   # change nothing; say whether it is up to date

In:       cookiecutter.json beside this folder, and the names of the files in the product tree.
Out:      copier.yml beside it; with --check a unified diff on stdout when it is stale.
Failure:  exit code 1 when --check finds a difference; nothing is written then.
"""

import difflib
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

import update_guards

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "<<cookiecutter.project_slug>>"
HEADER = "# Made by tools/make_copier_yml.py from cookiecutter.json. Do not edit.\n"
# StrictUndefined by name in _envops arrived in this release.
MIN_COPIER_VERSION = "9.15.0"
AFTER_COPY = """\
# <% if not _copier_conf.vcs_ref_hash %>
note: `copier update` cannot update this product: the template is not a git repository
# <% endif %>
Next:
  cd << _copier_conf.dst_path >><< "\\n  docs/day-one.md   # start here" if example == "rain" >>
  uv run << project_slug >> run   # the main job
  uv run tox   # quick checks
"""


def copier_config(declaration: dict[str, Any]) -> dict[str, Any]:
    """All of copier.yml as one mapping, made from the content of cookiecutter.json."""
    questions = {name: value for name, value in declaration.items() if name[0] != "_"}
    return {
        "_min_copier_version": MIN_COPIER_VERSION,
        "_templates_suffix": "",
        # Spelt so that neither engine takes the folder's name for an expression.
        "_subdirectory": "<< '<' * 2 >>cookiecutter.project_slug<< '>' * 2 >>",
        "_envops": {
            **declaration["_jinja2_env_vars"],
            "keep_trailing_newline": True,
            "undefined": "jinja2.StrictUndefined",
        },
        "_exclude": [
            *declaration["_ignored"],
            *(f"/{path}" for path in declaration["_left_to_teams"]),
            *exclusions(declaration["_only_if"]),
        ],
        "_skip_if_exists": [
            update_guards.skip_if_there(file)
            for file in update_guards.team_files(declaration["_yours"], TREE)
        ],
        "_message_after_copy": AFTER_COPY,
        "_external_data": {"recorded": ".copier-answers.yml"},
        "before": update_guards.before(declaration, TREE),
        **{name: question(name, declaration) for name in questions},
        "cookiecutter": namespace(questions, declaration),
    }


def question(name: str, declaration: dict[str, Any]) -> dict[str, Any]:
    """One question in copier's terms. A list of values is a choice, its first the default."""
    value, prompt = declaration[name], declaration["__prompts__"][name]
    labels = prompt if isinstance(prompt, dict) else {"__prompt__": prompt}
    asked: dict[str, Any] = {
        "type": "bool" if isinstance(value, bool) else "str",
        "help": labels["__prompt__"],
    }
    if isinstance(value, list):
        guards = {choice: update_guards.choice_guard(name, choice, declaration, TREE) for choice in value}
        asked["choices"] = {
            labels.get(choice, choice): {"value": choice, "validator": guard} if guard else choice
            for choice, guard in guards.items()
        }
        value = value[0]
    asked["default"] = bare(value) if isinstance(value, str) else value
    if rule := declaration["_rules"].get(name):
        pattern, message = quoted(rule["pattern"]), quoted(example_first(rule["message"]))
        # As it was given: copier makes "7" of a file's `org: 007`.
        no_text = f"_copier_conf.data.get('{name}', '') is not string"
        quotes = quoted(f"{name} must be text: write it in quotes")
        good = f"{name} | regex_search({pattern})"
        refused = f"{quotes} if {no_text} else {message} if not {good}"
        if guard := update_guards.TEXT_GUARDS.get(name):
            refused += f" else {quoted(guard.reason)} if {guard.condition}"
        asked["validator"] = f"<< {refused} else '' >>"
    return asked


def namespace(questions: dict[str, Any], declaration: dict[str, Any]) -> dict[str, Any]:
    """The hidden question `cookiecutter`: the answers under the names that the tree uses.

    JSON rather than YAML, because `tojson` writes an emoji as two surrogates, which only
    JSON puts together again.
    """
    rows = {name: name for name in questions}
    for name, value in declaration.items():
        if name.startswith("__") and isinstance(value, str):
            rows[name] = f"({bare(expression(value))})"
    pairs = [f'  "{name}": << {source} | tojson >>' for name, source in rows.items()]
    return {"type": "json", "when": False, "default": "{\n" + ",\n".join(pairs) + "\n}\n"}


def example_first(message: str) -> str:
    """The message of a rule with its example in front.

    copier shows one line under the prompt and cuts it at the edge of the terminal.

    >>> example_first("org must be letters; type for example: acme")
    'type for example: acme; org must be letters'
    """
    rule, _, example = message.rpartition("; ")
    return f"{example}; {rule}"


def exclusions(only_if: dict[str, dict[str, list[str]]]) -> list[str]:
    """The lines of `_exclude`: each names its path when the answer is not one the path goes with.

    >>> exclusions({"ci": {"github": ["CODEOWNERS"], "gitlab": ["CODEOWNERS"]}})
    ["<< '' if ci in ['github', 'gitlab'] else '/CODEOWNERS' >>"]
    """
    answers: dict[tuple[str, str], list[str]] = {}
    for name, choices in only_if.items():
        for choice, paths in choices.items():
            for path in paths:
                answers.setdefault((name, path), []).append(choice)
    return [
        f"<< '' if {name} in {choices} else {quoted('/' + path)} >>"
        for (name, path), choices in answers.items()
    ]


def expression(rendered: str) -> str:
    """What stands inside `<< ... >>`. Raises ValueError if the text is not one expression."""
    found = re.fullmatch(r"<<\s*(.*?)\s*>>", rendered)
    if not found:
        raise ValueError(f"not one `<< expression >>`: {rendered!r}")
    return found.group(1)


def bare(text: str) -> str:
    """The text without `cookiecutter.`: copier keeps the answers at top level."""
    return re.sub(r"\bcookiecutter\.", "", text)


def quoted(text: str) -> str:
    """The text as a string literal of the template language.

    >>> print(quoted(r"it's \\d"))
    'it\\'s \\\\d'
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Dumper(yaml.SafeDumper):
    """Writes text of several lines as a `|` block, which people can read."""


def as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, as_block)


def as_text(config: dict[str, Any]) -> str:
    """The text of copier.yml."""
    # No folding: a rule stays on one line, so that it can be searched for and compared.
    return HEADER + yaml.dump(config, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=9999)


def main(arguments: list[str]) -> int:
    declaration = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    target = ROOT / "copier.yml"
    new = as_text(copier_config(declaration))
    if arguments == ["--check"]:
        old = target.read_text(encoding="utf-8") if target.exists() else ""
        lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
        diff = difflib.unified_diff(*lines, "copier.yml", "cookiecutter.json says")
        sys.stdout.writelines(diff)
        return int(old != new)
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    target.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
