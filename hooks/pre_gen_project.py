"""Refuse a bake that would go wrong, before a file is written.

In:       the answers, and the folder that cookiecutter has made for the product.
Out:      nothing, when every answer keeps its rule and the folder is empty.
Failure:  every broken rule on stderr, exit code 1; what stood in the folder stays as it was.
"""

import json
import os
import re
import sys
from pathlib import Path

ANSWERS = json.loads(r"""<< cookiecutter | jsonify >>""")
# As given on the command line: cookiecutter runs template code in those values, so what
# arrives in ANSWERS may look harmless. Rules hold for the text itself: answers are data.
UNRENDERED = json.loads(r"""<< _cookiecutter | jsonify >>""")


def given(name: str) -> list[object]:
    """What was answered: the text before cookiecutter rendered it, and the value."""
    # A slug that is no folder name arrives under another name, see `__folder`.
    value = ANSWERS.get("_refused_slug", ANSWERS[name]) if name == "project_slug" else ANSWERS[name]
    text = UNRENDERED[name]
    return [value] if text == ANSWERS["_derived"].get(name) else [text, value]


def shown(answer: object) -> str:
    if not isinstance(answer, str):  # of a YAML file: `org:`, `owner_team: on`, `project_name: 2024`
        return f"{json.dumps(answer)}, which is not text; write it in quotes"
    return repr(answer) if len(answer) <= 60 else f"{answer[:60]!r}... ({len(answer)} characters)"


def broken_rules() -> list[str]:
    """A paragraph for each answer that breaks its rule: the rule, an example, what was given."""
    return [
        f"  {rule['message']}\n    given: {shown(wrong[0])}"
        for name, rule in ANSWERS["_rules"].items()
        if (wrong := [each for each in given(name) if not keeps(each, rule["pattern"])])
    ]


def keeps(answer: object, pattern: str) -> bool:
    return isinstance(answer, str) and re.search(pattern, answer) is not None


def occupied(folder: Path) -> list[str]:
    """A paragraph when the folder already holds something."""
    names = sorted(path.name for path in folder.iterdir())
    return names and [
        f"  {folder} already holds {', '.join(names[:3])}{', ...' if names[3:] else ''}\n"
        "    To bring a product up to date, run `copier update` inside it.\n"
        "    To make another one, give another project_slug or --output-dir."
    ]


def other_version() -> list[str]:
    """A paragraph when a replay brings the tables of another version: what goes with which answer."""
    starts = [Path(os.environ.get("PWD", "/")), Path(ANSWERS["_output_dir"])]  # where cookiecutter was called
    files = [start / ANSWERS["_repo_dir"] / "cookiecutter.json" for start in starts]
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    changes = [
        [name for name in tables if re.match("_[^_]", name) and tables[name] != ANSWERS.get(name)]
        for tables in found
    ]
    changed = min(changes, key=len, default=[])
    return changed and [
        f"  the replayed answers were kept by another version of the template, with another {changed[0]}\n"
        "    Answer once more, or put your answers below `default_context:` in a file: --config-file FILE"
    ]


if problems := broken_rules() + occupied(Path.cwd()) + other_version():
    print("error: nothing was baked and nothing was changed, because", file=sys.stderr)
    sys.exit("\n".join(problems))
