"""Finish a cookiecutter bake so that it equals copier's.

In:       the answers, and the rendered product as working directory.
Out:      the product as its answers want it; .copier-answers.yml for `copier update`; next steps on stdout.
Failure:  a traceback; cookiecutter then removes the folder it made. What hinders updates is on stderr.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ANSWERS = json.loads(r"""<< cookiecutter | jsonify >>""")
# Where cookiecutter was called: it tells only if that is the output folder; else the shell does.
STARTS = [Path(ANSWERS["_output_dir"]), Path(os.environ.get("PWD", "/"))]
# By these variables git would work in another repository; it sets some for the hooks of a commit.
ELSEWHERE = r"GIT_(?!CONFIG_)\w*(DIR(ECTOR(Y|IES))?|TREE|FILE|PREFIX|NAMESPACE|PATHSPECS|OBJECTS|BASE|CONFIG)"


def drop_unwanted(product: Path) -> None:
    """Remove what the answers switch off, and what tools have left in a template's working tree."""
    unwanted = {f"**/{name}" for name in ANSWERS["_ignored"]}
    for question, files in ANSWERS["_only_if"].items():
        unwanted |= set().union(*files.values()) - set(files.get(ANSWERS[question], ()))
    for path in [path for pattern in unwanted for path in product.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def here(name: str) -> Path | None:
    """The absolute path of the template that has this name on this machine, None for an address."""
    found = [start / name for start in STARTS if (start / name / "cookiecutter.json").exists()]
    return found[0].resolve() if found else None


def git(clone: Path, *words: str) -> str:
    """What git says about the clone. Raises LookupError with its reason if it says nothing."""
    kept = {name: value for name, value in os.environ.items() if not re.fullmatch(ELSEWHERE, name)}
    command = ["git", "--no-optional-locks", "-C", str(clone), *words]
    if not shutil.which("git"):
        raise LookupError("git is not installed")
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LookupError(done.stderr.strip() or f"git {' '.join(words)} finds nothing")
    return done.stdout.strip()


def source() -> tuple[str, str]:
    """The template's address for copier, and its version. Raises LookupError if nobody can update."""
    given, clone = here(ANSWERS["_template"]), here(ANSWERS["_repo_dir"])
    if clone is None or given not in (None, clone) or not (clone / ".git").exists():
        raise LookupError("the template is not the top folder of a git repository")
    version = git(clone, "describe", "--tags", "--always")
    if git(clone, "status", "--porcelain", "--", "cookiecutter.json", "hooks", "*cookiecutter.*/*"):
        say(f"the template has changes that are not committed; the recorded {version} lacks them")
    if given:
        return str(given), version
    address = without_secrets(git(clone, "config", "--local", "remote.origin.url"))
    known = re.match(r".*\.git$|git(@|://)|https://git(hub|lab)\.com/", address)  # as copier asks
    return address if known else f"git+{address}", version


def without_secrets(address: str) -> str:
    """An address without password and token; ssh needs its user."""
    address = re.sub(r"^((?:\w+\+)?ssh://[^/:]*):[^/]*@", r"\1@", address)
    return re.sub(r"^((?:\w+\+)?(?!ssh:)\w+://)[^/]*@", r"\1", address.partition("?")[0])


def say(note: object) -> None:
    print(f"note: {note}", file=sys.stderr)


answers = {name: value for name, value in ANSWERS.items() if not name.startswith("_")}
if folder := here(ANSWERS["_template"]):
    answers["_src_path"] = str(folder)
try:
    answers["_src_path"], answers["_commit"] = ANSWERS.get("_released") or source()
except LookupError as reason:
    say(f"`copier update` cannot update this product: {reason}")
with Path(".copier-answers.yml").open("a", encoding="utf-8", newline="\n") as file:  # JSON is YAML
    file.writelines(f"{name}: {json.dumps(answers[name], ensure_ascii=False)}\n" for name in sorted(answers))
drop_unwanted(Path.cwd())
place = Path.cwd().name if STARTS[0] == STARTS[1] else Path.cwd()
steps = f"""Next:
  cd {place}<< "\n  docs/day-one.md   # start here" if cookiecutter.example == "rain" >>
  uv run {ANSWERS["project_slug"]} run   # the main job
  uv run tox   # quick checks\n"""
sys.stdout.buffer.write(os.fsencode(steps))  # bytes: on Windows a pipe may not know each letter of a path
