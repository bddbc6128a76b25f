# /// script
# requires-python = ">=3.11"
# dependencies = ["cookiecutter>=2.7", "copier>=9.15"]
# ///
"""Rendering a product against rendering a template of one file, by cookiecutter and by copier.

    uv run benchmarks/render.py [--rounds 9]

The whole command, default answers, median; the processor's time beside it for a busy machine. The template
of one file has the same questions and hooks that do nothing. The parts are what a bake takes less without
them.
Aims: at most 1.6 times one file with cookiecutter, 2.0 times with copier.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import baked

AIMS = {"cookiecutter": 1.6, "copier": 2.0}
PARTS = ("vendor", "ops/generated")


def command(engine: str, template: Path, out: Path) -> list[str]:
    words = [sys.executable, "-m", engine]
    if engine == "copier":
        return [*words, "copy", "--defaults", "--quiet", str(template), str(out)]
    return [*words, str(template), "--no-input", "--default-config", "--output-dir", str(out)]


def templates(folder: Path) -> dict[str, Path]:
    """The product's template, the one without each part, the one of a single file."""
    whole = baked.template(folder / "product")
    found = {"product": whole}
    for part in PARTS:
        found[f"without {part}"] = copy = folder / part.replace("/", "-")
        shutil.copytree(whole, copy)
        shutil.rmtree(copy / baked.TREE / part)
    found["one file"] = one = folder / "one-file"
    (one / baked.TREE).mkdir(parents=True)
    (one / baked.TREE / "README.md").write_text("# << cookiecutter.project_name >>\n")
    for name in ("cookiecutter.json", "copier.yml"):
        shutil.copy(whole / name, one / name)
    (one / "hooks").mkdir()
    for name in ("pre_gen_project.py", "post_gen_project.py"):
        (one / "hooks" / name).write_text("pass\n")
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rounds", type=int, default=9)
    rounds = asked.parse_args().rounds
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        sources = templates(scratch / "templates")
        for turn in range(rounds + 1):
            for engine in AIMS:
                for name, source in sources.items():
                    out = scratch / f"{engine} {name} {turn}"
                    figures = baked.measured(command(engine, source, out), scratch)
                    if turn:  # the first fills caches
                        found.setdefault((engine, name), []).append(figures)
                    shutil.rmtree(out)
    for engine, aim in AIMS.items():
        for place, what in enumerate(("wall", "processor")):
            median = {
                name: statistics.median(each[place] for each in found[engine, name]) for name in sources
            }
            one, product = median["one file"], median["product"]
            spent = {part: product - median[f"without {part}"] for part in PARTS}
            spent["the rest"] = product - one - sum(spent.values())
            parts = ", ".join(f"{part} {seconds:.2f}" for part, seconds in spent.items())
            print(
                f"{engine:12} {what:9} one file {one:.2f} s, product {product:.2f} s ({parts}),"
                f" ratio {product / one:.2f}" + f" (aim: at most {aim})" * (what == "wall")
            )


if __name__ == "__main__":
    main()
