"""Rendering the product against rendering a template of one file, both by the command people type.

Limit: the command itself, most of whose time is its own start. Aim: at most 1.5 times as long.
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


def one_file_template(folder: Path) -> Path:
    """A template with the same questions, empty hooks and a single file."""
    declaration = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    (folder / "cookiecutter.json").write_text(json.dumps(declaration), encoding="utf-8")
    tree = folder / "<<cookiecutter.project_slug>>"
    tree.mkdir()
    (tree / "README.md").write_text("# << cookiecutter.project_name >>\n", encoding="utf-8")
    (folder / "hooks").mkdir()
    for name in ("pre_gen_project.py", "post_gen_project.py"):
        (folder / "hooks" / name).write_text("pass\n", encoding="utf-8")
    return folder


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        (scratch / "template").mkdir()
        small = one_file_template(scratch / "template")
        times: dict[str, list[float]] = {"one file": [], "product": []}
        for turn in range(ROUNDS):
            for name, template in (("one file", small), ("product", ROOT)):
                (scratch / f"{name}-{turn}").mkdir()
                times[name].append(seconds(template, scratch / f"{name}-{turn}"))
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    print({name: f"{median:.3f} s" for name, median in medians.items()})
    print(f"ratio {medians['product'] / medians['one file']:.2f} (aim: at most 1.5)")


main()
