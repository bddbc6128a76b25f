# /// script
# requires-python = ">=3.11"
# ///
"""One row in this tree's product against the product of an older commit, and ONNX against scikit-learn.

    uv run benchmarks/inference.py [COMMIT] [--rounds 5]

In one process, without HTTP; the products take turns, the best of the rounds counts. Aims: a request at most
as long as in the older product; ONNX at least 40 times as fast as scikit-learn.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import baked

SCRIPT = Path(__file__).with_name("one_row.py")


def measured(product: Path) -> dict[str, float]:
    words = [baked.program(product, "python"), str(SCRIPT), str(product)]
    told = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(told.splitlines()[-1])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("commit", nargs="?", default=baked.OLDER)
    asked.add_argument("--rounds", type=int, default=5)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        products = baked.side_by_side(Path(temporary), options.commit)
        best: dict[str, dict[str, float]] = {name: {} for name in products}
        for _ in range(options.rounds):
            for name, product in products.items():
                for what, figure in measured(product).items():
                    best[name][what] = min(best[name].get(what, figure), figure)
    (_, ours), (older, theirs) = best.items()
    for what in ours:
        ratio = ours[what] / theirs[what]
        print(f"{what:40} this tree {ours[what]:7.1f} us, {older} {theirs[what]:7.1f} us, ratio {ratio:.2f}")
    print("aim of the first: at most 1")
    print(f"ratio scikit-learn / ONNX {ours['scikit-learn'] / ours['ONNX']:.0f} (aim: at least 40)")


if __name__ == "__main__":
    main()
