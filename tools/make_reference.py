"""Write the pages of docs/reference that are made from the template and the kit.

    python tools/make_reference.py           # write the pages
    python tools/make_reference.py --check   # change nothing; name the pages that are stale

In:       cookiecutter.json, the files of the product tree, tools/file_sentences.yaml with a sentence for each
          of them, the command line of the kit, its metrics, and the faults of tests/template. The environment
          has the kit's dependencies.
Out:      questions.md, files.md, commands.md, metrics.md and faults.md.
Failure:  exit code 1 if --check finds a stale page, or if a file has no sentence, or a sentence no file;
          nothing is written then.
"""

import json
import sys
from pathlib import Path
from typing import Any

from reference import commands, faults, files, metrics, questions

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / each) for each in ("kit/src", "tests", "tests/template")]
sys.dont_write_bytecode = True  # products are baked from the kit's folder

TREE = ROOT / "<<cookiecutter.project_slug>>"
REFERENCE = ROOT / "docs" / "reference"
SENTENCES = Path(__file__).with_name("file_sentences.yaml")


def pages(declared: dict[str, Any]) -> dict[str, str]:
    """The text of each page by its name. Raises ValueError if files and sentences do not match."""
    found = files.rendered(TREE, declared["_ignored"])
    return {
        "questions.md": questions.page(declared),
        "files.md": files.page(declared, found, files.sentences(SENTENCES)),
        "commands.md": commands.page(),
        "metrics.md": metrics.page(),
        "faults.md": faults.page(),
    }


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        made = pages(json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8")))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    written = {name: REFERENCE / name for name in made}
    stale = [
        name
        for name, path in written.items()
        if not path.exists() or path.read_text(encoding="utf-8") != made[name]
    ]
    if arguments:
        print("".join(f"docs/reference/{name}\n" for name in stale), end="")
        return int(bool(stale))
    for name in stale:
        written[name].write_text(made[name], encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
