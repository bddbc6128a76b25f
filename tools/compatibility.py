"""Compare the template with its last release: does an update take something away from a team?

    python tools/compatibility.py

In:       cookiecutter.json and the names of the files, as they stand and at the newest tag below HEAD.
Out:      exit code 0 when questions and choices only grew and each file of the team is still the team's, or
          when CHANGELOG.md has an entry "Migration of `NAME`: ..." for each loss; the losses on stdout.
Failure:  exit code 1 for a loss without an entry; 3 and NOT RUN when no release is known to compare with.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TREE = "<<cookiecutter.project_slug>>/"
NOT_RUN = 3


class Version(NamedTuple):
    declared: dict[str, Any]  # the content of cookiecutter.json
    files: list[str]  # of the product tree
    changelog: str


def losses(old: Version, new: Version) -> Iterator[tuple[str, str]]:
    """What a product of the old version loses: a name for the changelog, and what happens."""
    for question, value in questions(old).items():
        if question not in questions(new):
            yield question, "the question is gone: an update would take the default of another one"
        elif gone := set(value_list(value)) - set(value_list(questions(new)[question])):
            for choice in sorted(map(str, gone)):
                yield f"{question}={choice}", "the choice is gone: an update would take the default"
    left = new.declared["_left_to_teams"]
    for file in [file for file in old.files if of_team(file, old)]:
        if file in new.files and not of_team(file, new):
            yield file, "was the team's: an update would merge into it (`_yours`)"
        elif any(below(file, pattern) for pattern in left):
            continue
        elif answers := withdrawn(file, old, new):
            yield file, f"an update would delete it, with {answers} (`_left_to_teams` keeps it)"


def questions(version: Version) -> dict[str, Any]:
    return {name: value for name, value in version.declared.items() if not name.startswith("_")}


def value_list(value: Any) -> list[Any]:
    """The choices of a question; none of a free text."""
    return value if isinstance(value, list) else [True, False] if isinstance(value, bool) else []


def of_team(file: str, version: Version) -> bool:
    return any(below(file, pattern) for pattern in version.declared["_yours"])


def below(file: str, pattern: str) -> bool:
    """Is the file what the pattern names, or in a folder that it names?

    >>> below("src/rain/model.py", "src/*/model.py"), below("ops/slo.yaml", "ops"), below("opsy", "ops")
    (True, True, False)
    """
    names, patterns = file.split("/"), pattern.split("/")
    return len(names) >= len(patterns) and all(map(fnmatchcase, names, patterns))


def withdrawn(file: str, old: Version, new: Version) -> str:
    """With which answers the new version no longer brings the file; empty if it always does."""
    if file not in new.files:
        return "any answer"
    for question, answers in conditions(file, new).items():
        default = value_list(questions(new)[question])[:1]  # what a product answers to a new question
        had = conditions(file, old).get(question) or set(value_list(questions(old).get(question, default)))
        if missing := had - answers:
            return f"{question}={', '.join(sorted(missing))}"
    return ""


def conditions(file: str, version: Version) -> dict[str, set[str]]:
    """The answers that bring the file, of each question that it depends on and that is still asked."""
    found = {
        question: {answer for answer, paths in only.items() if any(below(file, path) for path in paths)}
        for question, only in version.declared["_only_if"].items()
        if question in version.declared
    }
    return {question: answers for question, answers in found.items() if answers}


def last_release() -> str:
    """The newest tag of a release that HEAD contains. Raises LookupError if none is known."""
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        raise LookupError("this clone is shallow, so the last release is not known")
    tags = git("tag", "--merged", "HEAD", "--sort=version:refname").split()
    released = [tag for tag in tags if re.fullmatch(r"v\d+\.\d+\.\d+", tag)]  # no candidates
    if not released:
        raise LookupError("there is no release yet to compare with")
    return released[-1]


def at(tag: str) -> Version:
    names = git("ls-tree", "-r", "-z", "--name-only", tag, "--", TREE).split("\0")
    changelog = git("show", f"{tag}:CHANGELOG.md")
    return Version(json.loads(git("show", f"{tag}:cookiecutter.json")), in_tree(names), changelog)


def now() -> Version:
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", TREE).split("\0")
    names = [name for name in names if (ROOT / name).is_file()]
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("cookiecutter.json", "CHANGELOG.md")]
    return Version(json.loads(texts[0]), in_tree(names), texts[1])


def in_tree(names: list[str]) -> list[str]:
    return [name.removeprefix(TREE) for name in names if name.startswith(TREE)]


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> int:
    try:
        tag = last_release()
    except LookupError as reason:
        print(f"NOT RUN: {reason}", file=sys.stderr)
        return NOT_RUN
    old, new = at(tag), now()
    untold = 0
    for name, happens in losses(old, new):
        entry = f"Migration of `{name}`:"
        told = new.changelog.count(entry) > old.changelog.count(entry)
        untold += not told
        print(f"{name}: {happens}" + ("; CHANGELOG.md has a migration" if told else ""))
    if untold:
        print(
            f"{untold} of these would hit products of {tag} unprepared. Put it back, or say in CHANGELOG.md "
            "what teams do before they update, in an entry that begins with: Migration of `NAME`:",
            file=sys.stderr,
        )
    return int(untold > 0)


if __name__ == "__main__":
    raise SystemExit(main())
