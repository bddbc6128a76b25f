"""Rendering the product against rendering a template of one file, both by the command people type.

Limits: the command itself, most of whose time is its own start; and a template of as many files as
the product's with one line in each, which is what cookiecutter takes for files that say nothing.
Aim: at most 1.5 times as long as one file.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 15


def seconds(template: Path, out: Path) -> float:
    words = [sys.executable, "-m", "cookiecutter", str(template), "--no-input", "--default-config"]
    start = time.perf_counter()
    subprocess.run([*words, "--output-dir", str(out)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def template(folder: Path, files: list[Path]) -> Path:
    """A template with the same questions, empty hooks and these files, of one line each."""
    declaration = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    folder.mkdir()
    (folder / "cookiecutter.json").write_text(json.dumps(declaration), encoding="utf-8")
    tree = folder / "<<cookiecutter.project_slug>>"
    for file in files:
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        (tree / file).write_text("# << cookiecutter.project_name >>\n", encoding="utf-8")
    (folder / "hooks").mkdir()
    for name in ("pre_gen_project.py", "post_gen_project.py"):
        (folder / "hooks" / name).write_text("pass\n", encoding="utf-8")
    return folder


def main() -> None:
    tree = ROOT / "<<cookiecutter.project_slug>>"
    names = [path.relative_to(tree) for path in tree.rglob("*") if path.is_file()]
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        templates = {
            "one file": template(scratch / "one", [Path("README.md")]),
            "as many files": template(scratch / "many", names),
            "product": ROOT,
        }
        times: dict[str, list[float]] = {name: [] for name in templates}
        for turn in range(ROUNDS):
            for name, source in templates.items():
                (scratch / f"{name}-{turn}").mkdir()
                times[name].append(seconds(source, scratch / f"{name}-{turn}"))
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    for name, median in medians.items():
        print(f"{name:13} {median:.3f} s, ratio {median / medians['one file']:.2f}")
    print("aim: at most 1.5")


main()
