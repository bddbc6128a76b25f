"""What copier asks about a product before it updates it, so that nothing of the team's is lost.

In:       the declaration, and the product tree of the template.
Out:      parts of copier.yml: patterns of the team's files, the hidden question `before`, and the reasons why
          a product cannot take another answer.
Failure:  none.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

# The product's folder; `[` in a pattern of file names would begin a set of letters.
HERE = "# <% set here = _copier_conf.dst_path | string | replace('[', '[[]') %>"
IS_PRODUCT = "(here ~ '/.copier-answers.yml') | fileglob"
PACKAGE = "<<cookiecutter.__package>>"
BEFORE = """\
# <% set recorded = IS_PRODUCT and _external_data.recorded or {} %>
# <% set package = 'src/' ~ recorded.get('project_slug', '') | replace('-', '_') %>
package: << package if (here ~ '/' ~ package ~ '/*') | fileglob else '' >>
kit: << 'vendor' if (here ~ '/vendor/datadevops-kit/pyproject.toml') | fileglob else '' >>
answers:
# <% for question in QUESTIONS %>
  << question >>: << recorded.get(question, '') | tojson >>
# <% endfor %>
files:
# <% for question, files in FILES.items() %>
  << question >>:
# <% for file in files.get(recorded.get(question, ''), []) if (here ~ '/' ~ file) | fileglob %>
  - << file | tojson >>
# <% endfor %>
# <% endfor %>
"""


class Guard(NamedTuple):
    """When another answer to a free text is refused, and why."""

    condition: str
    reason: str


TEXT_GUARDS = {
    "project_slug": Guard(
        "before.package and before.answers.project_slug != project_slug",
        "rename the package first: Another name of the product, in docs/how-to/update-a-product.md",
    ),
    "kit_index": Guard(
        "before.kit and before.answers.kit_index == 'vendored' != kit_index",
        "drops vendor/; nothing was changed. Look for edits of yours in it, `git rm -r vendor`, commit, "
        "update again",
    ),
}


def team_files(yours: list[str], tree: Path) -> list[str]:
    """The files of the tree that belong to the team, as patterns: `src/*/model.py`."""
    return sorted({name for pattern in yours for name in names(pattern, tree)})


def names(pattern: str, tree: Path) -> list[str]:
    """The files at or below the paths of the tree that match, as patterns of their names in a product."""
    paths = [path for found in tree.glob(pattern) for path in (found, *found.rglob("*"))]
    files = [path.relative_to(tree) for path in paths if path.is_file() and path.parent.name != "__pycache__"]
    return [file.as_posix().replace(PACKAGE, "*") for file in files]


def skip_if_there(file: str) -> str:
    """The pattern of a file of the team; none if a product is without it.

    copier makes a file anew if a skip pattern matches it. What no pattern matches stays deleted.
    """
    here = "_copier_conf.dst_path ~"
    gone = f"({here} '/.copier-answers.yml') | fileglob and not ({here} '/{file}') | fileglob"
    return f"<< '' if {gone} else '/{file}' >>"


def before(declaration: dict[str, Any], tree: Path) -> dict[str, Any]:
    """The hidden question `before`: what the product has recorded, and which files it has by that."""
    questions = [*declaration["_only_if"], "project_slug"]
    files = {each: files_by_answer(each, declaration, tree) for each in questions if each not in TEXT_GUARDS}
    text = BEFORE.replace("QUESTIONS", json.dumps(questions)).replace("FILES", json.dumps(files, indent=2))
    return {"type": "yaml", "when": False, "default": f"{HERE}\n{text.replace('IS_PRODUCT', IS_PRODUCT)}"}


def files_by_answer(question: str, declaration: dict[str, Any], tree: Path) -> dict[str, list[str]]:
    """The files of the tree that go with each answer; none of a question whose answer is fixed."""
    if question in declaration["_fixed"]:
        return {}
    found = declaration["_only_if"].get(question, {})
    return {
        answer: sorted({name for path in paths for name in names(path, tree)})
        for answer, paths in found.items()
    }


def choice_guard(question: str, choice: str, declaration: dict[str, Any], tree: Path) -> str:
    """Why a product cannot change its answer to this choice, as a template; empty if it always can."""
    changed = f"before.answers.{question} not in ['', '{choice}']"
    if reason := declaration["_fixed"].get(question):
        return f"<< '{reason}' if {changed} else '' >>"
    files = files_by_answer(question, declaration, tree)
    others = {file for answer, each in files.items() if answer != choice for file in each}
    if not others - set(files.get(choice, [])):
        return ""
    stay = sorted(others & set(files.get(choice, [])))
    gone = f"(before.files.{question} or [])" + (f" | reject('in', {stay}) | list" if stay else "")
    told = (
        f"'{choice} drops ' ~ gone | join(' ') ~ '; nothing was changed. "
        "Look for edits of yours in these files, `git rm` them, commit, update again'"
    )
    # At a prompt a line is cut at the edge of the terminal.
    short = "'drops files: use --data'"
    reason = f"{told} if '{question}' in _copier_conf.data else {short}"
    return f"# <% set gone = {gone} %><< ({reason}) if gone and {changed} else '' >>"
