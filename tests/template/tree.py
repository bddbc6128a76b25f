"""Checks of a rendered folder. Each returns its findings, one line each; none is good.

In:       a folder that an engine rendered, or a copy that a test broke on purpose.
Out:      a list of findings that name the file and what is wrong with it.
Failure:  none of its own: a file that cannot be read raises.
"""

import ast
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import yaml

from declaration import DECLARED

HEADER = "Template-owned: copier update merges your edits."
# The licence is a legal text, and `copier update` alone may write the answers.
WITHOUT_HEADER = {"LICENSE", ".copier-answers.yml"}
VENDOR = "vendor/"  # the kit's source: copied as it is, and nobody's to edit
COMMENTED = {".cfg", ".css", ".html", ".md", ".py", ".sh", ".sql", ".toml", ".yaml", ".yml"}
COMMENTED_NAMES = {".dockerignore", ".gitattributes", ".gitignore", "CODEOWNERS", "Dockerfile"}

Snapshot = dict[str, tuple[int, bytes]]


def files(folder: Path) -> dict[str, Path]:
    """The files below the folder by relative path, without those of git."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in named.items() if not name.startswith(".git/")}


def texts(folder: Path) -> dict[str, bytes]:
    """The content of the files that are text: those without a NUL byte."""
    contents = {name: path.read_bytes() for name, path in files(folder).items()}
    return {name: content for name, content in contents.items() if b"\0" not in content}


def snapshot(folder: Path) -> Snapshot:
    """Permissions and bytes of everything below the folder; a subfolder has no bytes."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode & 0o777,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def differences(one: Snapshot, two: Snapshot) -> list[str]:
    """Where two snapshots differ, e.g. `docs/a.md: bytes`."""
    found = []
    for name in sorted(one.keys() | two.keys()):
        if name not in two:
            found.append(f"{name}: only in the first")
        elif name not in one:
            found.append(f"{name}: only in the second")
        elif one[name][0] != two[name][0]:
            found.append(f"{name}: mode {one[name][0]:o} and {two[name][0]:o}")
        elif one[name][1] != two[name][1]:
            found.append(f"{name}: bytes")
    return found


def leftover_markers(folder: Path) -> list[str]:
    """Template code that no engine rendered, in a name or in a text."""
    delimiters = DECLARED["_jinja2_env_vars"]
    openers = {delimiters[f"{kind}_start_string"] for kind in ("variable", "block", "comment")}
    marker = re.compile("|".join([*map(re.escape, openers), r"<%|%>", r"\bcookiecutter\.\w"]))
    found = [f"{name}: in its name" for name in files(folder) if marker.search(name)]
    for name, content in texts(folder).items():
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            if marker.search(line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def whole_parquet(content: bytes) -> None:
    """Raise ValueError unless the bytes are framed as a parquet file is: magic, footer, magic."""
    footer_bytes = int.from_bytes(content[-8:-4], "little")
    if content[:4] != b"PAR1" or content[-4:] != b"PAR1" or footer_bytes > len(content) - 12:
        raise ValueError("not a whole parquet file")


def yaml_documents(content: bytes) -> list[object]:
    return list(yaml.load_all(content, Loader=yaml.CSafeLoader))  # ten times as fast as SafeLoader


PARSERS: dict[str, Callable[[bytes], object]] = {
    "Dockerfile": lambda content: content.decode("utf-8").replace("\\$", "$"),
    ".json": json.loads,
    ".parquet": whole_parquet,
    ".py": ast.parse,
    ".toml": lambda content: tomllib.loads(content.decode("utf-8")),
    ".yaml": yaml_documents,
    ".yml": yaml_documents,
}


def parsed(path: Path) -> object:
    """What the file says, for a kind of file that has a parser; else its text."""
    content = path.read_bytes()
    parser = PARSERS.get(path.suffix or path.name)
    return parser(content) if parser else content.decode("utf-8", errors="replace")


def unparsable(folder: Path) -> list[str]:
    """The files that their own kind's parser refuses."""
    found = []
    for name, path in files(folder).items():
        try:
            parsed(path)
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            found.append(f"{name}: {error}".splitlines()[0])
    return found


def untidy(folder: Path) -> list[str]:
    """Texts that an editor would change on saving: line ends, trailing blanks, the last line."""
    found = []
    for name, content in texts(folder).items():
        if b"\r" in content:
            found.append(f"{name}: a carriage return")
        if re.search(rb"[ \t]+$", content, re.MULTILINE):
            found.append(f"{name}: blanks at the end of a line")
        if content and not content.endswith(b"\n"):
            found.append(f"{name}: no newline at the end")
        if content.endswith(b"\n\n") or content.startswith(b"\n"):
            found.append(f"{name}: empty lines at its start or end")
    return found


def team_owned(folder: Path) -> set[str]:
    """The files that belong to the product's team, as `_yours` has it."""
    matched = [path for pattern in DECLARED["_yours"] for path in folder.glob(pattern)]
    return {
        file.relative_to(folder).as_posix()
        for path in matched
        for file in ([path] if path.is_file() else path.rglob("*"))
        if file.is_file()
    }


def misattributed(folder: Path) -> list[str]:
    """Files of the template that do not say so in their first line, files of the team that do."""
    found = []
    yours = team_owned(folder)
    for name, content in texts(folder).items():
        says_so = HEADER in content.decode("utf-8").partition("\n")[0]
        can_say = Path(name).suffix in COMMENTED or Path(name).name in COMMENTED_NAMES
        if name in yours and says_so:
            found.append(f"{name}: is the team's, but says that it is the template's")
        elif name.startswith(VENDOR):
            continue
        elif name not in yours | WITHOUT_HEADER and can_say and not says_so:
            found.append(f"{name}: is the template's, but does not say so in its first line")
    return found


CHECKS = [leftover_markers, unparsable, untidy, misattributed]
