# /// script
# requires-python = ">=3.11"
# ///
"""How long a command of the product takes to start, against the product of an older commit.

    uv run benchmarks/start.py [COMMIT] [--rounds 15]

Both are installed in environments of their own and have run once; they take turns. Median of wall and
processor time. Aim: not slower than the older one.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import baked


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("commit", nargs="?", default=baked.OLDER)
    asked.add_argument("--rounds", type=int, default=15)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        products = baked.side_by_side(Path(temporary), options.commit)
        for word in ("status", "--help"):
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in products}
            for turn in range(options.rounds + 1):
                for name, product in products.items():
                    figures = baked.measured([baked.program(product), word], product)
                    if turn:  # the first compiles bytecode
                        found[name].append(figures)
            medians = [
                [statistics.median(each) for each in zip(*them, strict=True)] for them in found.values()
            ]
            for what, ours, theirs in zip(("wall", "processor"), *medians, strict=True):
                print(
                    f"{word:7} {what:9} this tree {ours:.3f} s, {options.commit} {theirs:.3f} s,"
                    f" ratio {ours / theirs:.2f} (aim: at most 1)"
                )


if __name__ == "__main__":
    main()
