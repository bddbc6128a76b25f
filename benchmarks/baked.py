"""Products to measure: default answers, in a folder of their own, with an environment of their own.

In:       this working tree, or a commit of its repository; git and uv on the PATH.
Out:      folders of a template and of its products; the programs in a product's environment.
Failure:  CalledProcessError of git or uv.
"""

import io
import os
import re
import resource
import shutil
import subprocess
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDER = "fc1d725"  # the last commit before the kit became a library
TREE = "<<cookiecutter.project_slug>>"
KINDS = ("model-service", "data-pipeline")


def template(folder: Path, commit: str = "") -> Path:
    """What a clone would hold: the working tree with its changes, or that of `commit`."""
    folder.mkdir(parents=True)
    if commit:
        words = ["git", "archive", "--format=tar", commit]
        packed = subprocess.run(words, cwd=ROOT, env=apart(), check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        return folder
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, env=apart(), check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (source := ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)
    return folder


def bake(source: Path, folder: Path, kind: str = KINDS[0], *answers: str) -> Path:
    """A product of the template `source`, alone in `folder`; an answer is name=value."""
    folder.mkdir(parents=True)
    words = ["uvx", "-q", "cookiecutter", str(source), "--no-input", "--default-config"]
    run([*words, "-o", str(folder), f"product_type={kind}", *answers], source)
    (product,) = folder.iterdir()
    return product


def run(words: Sequence[str | Path], folder: Path) -> None:
    """Run a program as a user in `folder` would; shows what it printed only if it fails."""
    done = subprocess.run(
        words, cwd=folder, env=apart(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout[-3000:]}")


def measured(words: Sequence[str | Path], folder: Path) -> tuple[float, float]:
    """Seconds of wall time and of processor time that `run` takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(words, folder)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def program(product: Path, name: str = "") -> str:
    """The path of a program in the product's environment; without a name, of its own command."""
    return str(product / ".venv" / "bin" / (name or product.name))


def side_by_side(folder: Path, commit: str) -> dict[str, Path]:
    """A model service of this tree and one of `commit`, both installed, each after one run."""
    products = {}
    for name, at in (("this tree", ""), (commit, commit)):
        place = folder / name.replace(" ", "-")
        products[name] = product = bake(template(place / "template", at), place / "product")
        run(["uv", "sync", "-q"], product)
        run([program(product), "run"], product)
    return products


def apart() -> dict[str, str]:
    """The environment of a user's shell: not that of the running Python, nor of a hook of git."""
    ours = r"VIRTUAL_ENV|PYTHON(PATH|DONTWRITEBYTECODE)|GIT_(?!CONFIG_)\w*(DIR|DIRECTORY|TREE|FILE|PREFIX)"
    return {name: value for name, value in os.environ.items() if not re.fullmatch(ours, name)}
