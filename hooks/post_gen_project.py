"""Finish a cookiecutter bake so that it equals copier's.

In:       the answers, and the rendered product as working directory.
Out:      the product without the files its answers switch off, its answers recorded in
          .copier-answers.yml so that `copier update` can take over, the next steps on stdout.
Failure:  a traceback; cookiecutter then removes the folder it made.
"""

import json
import os
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

ANSWERS = json.loads(r"""<< cookiecutter | jsonify >>""")
# Relative paths in the answers start where cookiecutter was called. It tells that folder only
# when it is also the output folder; else the shell does.
STARTS = [Path(ANSWERS["_output_dir"]), Path(os.environ.get("PWD", "/"))]


def drop_ignored(product: Path) -> None:
    """Remove what tools have left in a template's working tree: environments, caches, builds."""
    for folder, names, _ in os.walk(product):
        ignored = [name for name in names if any(fnmatch(name, each) for each in ANSWERS["_ignored"])]
        for name in ignored:
            shutil.rmtree(Path(folder, name))
            names.remove(name)


def drop_unwanted(product: Path) -> None:
    for question, files in ANSWERS["_only_if"].items():
        wanted = set(files.get(ANSWERS[question], ()))
        for pattern in set().union(*files.values()) - wanted:
            for path in product.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def template_folder(name: str) -> Path | None:
    """The absolute path of a template on this machine, None for an address."""
    found = [start / name for start in STARTS if (start / name / "cookiecutter.json").is_file()]
    return found[0].resolve() if found else None


def version(clone: Path | None) -> str:
    """The tag or commit that was rendered, empty where the template is not a git clone."""
    if clone is None or not (clone / ".git").exists() or not shutil.which("git"):
        return ""
    command = ["git", "-C", str(clone), "describe", "--tags", "--always"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def record_answers(target: Path) -> None:
    answers = {name: value for name, value in ANSWERS.items() if not name.startswith("_")}
    answers["_src_path"] = str(template_folder(ANSWERS["_template"]) or ANSWERS["_template"])
    if commit := version(template_folder(ANSWERS["_repo_dir"])):
        answers["_commit"] = commit
    with target.open("a", encoding="utf-8", newline="\n") as file:
        for name in sorted(answers):  # JSON is YAML, and needs no import of yaml
            file.write(f"{name}: {json.dumps(answers[name], ensure_ascii=False)}\n")


drop_unwanted(Path.cwd())
drop_ignored(Path.cwd())
record_answers(Path(".copier-answers.yml"))
print(f"""Next:
  cd {Path.cwd().name if STARTS[0] == STARTS[1] else Path.cwd()}
  uv run {ANSWERS["project_slug"]} run   # the main job, on the sample data
  uv run tox   # every check""")
