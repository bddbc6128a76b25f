"""Bake products with each engine, in folders of the tests' own.

In:       a template (a folder, usually a git repository), a folder to bake in, answers.
Out:      the path of the baked product.
Failure:  whatever the engine raises; AssertionError for an answer to no question, which both
          engines would ignore.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cookiecutter.main import cookiecutter
from copier import run_copy

from declaration import ROOT, questions

DEFAULT_SLUGS = {"model-service": "rain-forecast", "data-pipeline": "rain-statistics"}
TREE = "<<cookiecutter.project_slug>>"
# Parts of the template that most tests need not bake: copier takes half its time for the kit's files.
REST = "(tests|docs|benchmarks)/"
KIT_SOURCE, KIT_ROOMS = f"{TREE}/vendor/[^/]+/src/", rf"{TREE}/vendor/[^/]+/src/\w+/\w+/"

Engine = Callable[..., Path]


def by_cookiecutter(template: Path, folder: Path, **answers: Any) -> Path:
    """Bake with cookiecutter, which names the product's folder after its slug."""
    check_names(answers)
    output = {"output_dir": str(folder), "extra_context": answers}
    return Path(cookiecutter(str(template), no_input=True, **output))


def by_copier(template: Path, folder: Path, **answers: Any) -> Path:
    """Bake with copier, into a folder named as cookiecutter would name it."""
    check_names(answers)
    assert "project_slug" in answers or "project_name" not in answers, "say the folder's name"
    default = DEFAULT_SLUGS[answers.get("product_type", "model-service")]
    product = folder / str(answers.get("project_slug", default))
    run_copy(str(template), product, data=answers, defaults=True, quiet=True)
    return product


ENGINES: list[Engine] = [by_cookiecutter, by_copier]


def check_names(answers: dict[str, Any]) -> None:
    assert set(answers) <= set(questions()), "an engine ignores an answer to no question"


def environment(**more: str) -> dict[str, str]:
    """The environment of a child process: as a user's, not as that of the running tests."""
    ours = re.compile("VIRTUAL_ENV|PYTHON(PATH|DONTWRITEBYTECODE)|PYTEST_.*|TOX_(ENV|WORK).*|PY_COLORS")
    kept = {name: value for name, value in os.environ.items() if not ours.fullmatch(name)}
    return kept | more


def command(name: str) -> str:
    """The path of a program that was installed beside the running Python."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def run(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a user in the folder `cwd` would; its exit code is the caller's to read."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env=environment(PWD=str(cwd), **more),
        capture_output=True,
        text=True,
        check=False,
    )


def git(*arguments: str | Path, cwd: Path) -> str:
    done = run("git", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(repository: Path, message: str, tag: str = "") -> None:
    """Commit all that the folder holds, making it a repository first if it is none."""
    if not (repository / ".git").exists():
        git("init", "-q", "-b", "main", cwd=repository)
    git("add", "--all", cwd=repository)
    git("commit", "-q", "-m", message, cwd=repository)
    if tag:
        git("tag", tag, cwd=repository)


def copy_template(target: Path, *without: str) -> Path:
    """This working tree, changes and all, as a git repository of its own, tagged v1.0.0; `without` what
    these patterns match."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    for name in listed[:-1]:
        if any(re.match(pattern, name) for pattern in without):
            continue
        if (source := ROOT / name).is_file() or source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name, follow_symlinks=False)
    commit(target, "as it stands", "v1.0.0")
    return target
