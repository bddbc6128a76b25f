"""Write the template as a zip file that every system can unpack, Windows too.

    python tools/make_zip.py dist/template.zip
    python tools/make_zip.py dist/template.zip https://github.com/org/datadevops-template.git v1.2.0

In:       the files of this repository that git knows; where its products find updates: an address and a tag.
Out:      the zip file: what the two engines read, with `{@ variable @}` in place of `<< variable >>`, since
          Windows allows no `<` in the name of a file. The same files give the same bytes.
Failure:  exit code 1 and no zip file, if a text would change its meaning; 2 for wrong usage.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import make_copier_yml

ROOT = Path(__file__).resolve().parent.parent
NAME = "datadevops-template"
SHIPPED = ["LICENSE", "cookiecutter.json", "copier.yml", "hooks", "<<cookiecutter.project_slug>>"]
# Every rule refuses a brace in an answer: so no answer can contain code in these delimiters either.
OPENING, CLOSING = "{@", "@}"
DELIMITERS = {"variable_start_string": OPENING, "variable_end_string": CLOSING}
# What the template language reads, whichever comes first: a comment, a raw part, a block, a variable.
READ = re.compile(
    r"# <#.*?#>|# <%-?\s*raw\b.*?# <%-?\s*endraw\b.*?%>|# <%.*?%>|<<(?P<expression>.*?)>>", re.DOTALL
)


def converted(text: str) -> str:
    """The text with the other delimiters around its variables. Raises ValueError if it has one of them.

    >>> converted("cat << name >> >>log  # <% raw -%> << 1 >> # <% endraw %>")
    'cat {@ name @} >>log  # <% raw -%> << 1 >> # <% endraw %>'
    """
    if OPENING in text or any(CLOSING in (found["expression"] or "") for found in READ.finditer(text)):
        raise ValueError(f"contains `{OPENING}`, or `{CLOSING}` within a variable: write it in another way")
    return READ.sub(
        lambda found: found[0] if found["expression"] is None else OPENING + found[1] + CLOSING, text
    )


def converted_values(value: Any) -> Any:
    """The same for every text in a value of JSON or YAML."""
    if isinstance(value, dict):
        return {name: converted_values(each) for name, each in value.items()}
    if isinstance(value, list):
        return [converted_values(each) for each in value]
    return converted(value) if isinstance(value, str) else value


def cookiecutter_json(declaration: dict[str, Any], released: list[str]) -> str:
    """The declaration; the last hook records `_released`, since a zip file has no history to ask."""
    new = converted_values(declaration) | ({"_released": released} if released else {})
    new["_jinja2_env_vars"] |= DELIMITERS
    return json.dumps(new, indent=2, ensure_ascii=False) + "\n"


def copier_yml(declaration: dict[str, Any]) -> str:
    new = converted_values(make_copier_yml.copier_config(declaration))
    new["_envops"] |= DELIMITERS
    new["_subdirectory"] = "{@ '{@' @}cookiecutter.project_slug{@ '@}' @}"
    return make_copier_yml.as_text(new)


def contents(root: Path, released: list[str]) -> dict[str, bytes]:
    """What the zip file holds, by path. Raises ValueError, with its path, for a text to be changed first."""
    words = ["git", "-C", str(root), "ls-files", "-z", "--", *SHIPPED]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    declaration = json.loads((root / "cookiecutter.json").read_text(encoding="utf-8"))
    made = {
        "cookiecutter.json": cookiecutter_json(declaration, released).encode(),
        "copier.yml": copier_yml(declaration).encode(),
    }
    for name in listed.split("\0")[:-1]:
        content = (root / name).read_bytes()
        try:
            if name not in made and b"\0" not in content:
                content = converted(content.decode()).encode()
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        made.setdefault(converted(name), content)
    return dict(sorted(made.items()))


def write(root: Path, target: Path, released: list[str]) -> None:
    """Write the zip file. Nothing in it depends on the day, the machine or its version of zlib."""
    files = contents(root, released)
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w") as archive:
        archive.writestr(entry(""), b"")  # cookiecutter takes the first name for the folder of all others
        for name, content in files.items():
            archive.writestr(entry(name), content)


def entry(name: str) -> ZipInfo:
    """The name in the zip file, with the oldest date that it can have."""
    found = ZipInfo(f"{NAME}/{name}")
    found.create_system = 3  # Unix, wherever it is made
    found.external_attr = (0o100644 if name else 0o040755) << 16
    return found


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 3) or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        write(ROOT, Path(arguments[0]), arguments[1:])
    except ValueError as error:
        print(f"error: no zip file was written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
