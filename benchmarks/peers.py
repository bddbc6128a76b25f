# /// script
# requires-python = ">=3.11"
# dependencies = ["datadevops-kit"]
# [tool.uv.sources]
# datadevops-kit = { path = "../kit" }
# ///
"""Checks and features with the tools a team would else take, on the same rows: a table of ratios.

    uv run benchmarks/peers.py [ROWS]

1e6 rows if none are said, hourly, of a thousand stations. Each peer (`peers/with_*.py`) works in an
environment of its own, which uv makes. All hold seven rules, write the bad rows with the names of their
rules, the good rows, and features of them. Only the work is timed, not the start of Python; the peers take
turns, the best of the rounds counts. On a busy machine read the processor's seconds.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import stations

ROUNDS = 2
OURS = "datadevops"


def measured(script: Path, folder: Path) -> list[float]:
    """Seconds, seconds of processor time and peak megabytes."""
    out = folder / script.stem
    out.mkdir(exist_ok=True)
    words = [
        "uv",
        "run",
        "-q",
        str(script),
        str(folder / f"{stations.MEASURED}.parquet"),
        str(out / "made.parquet"),
    ]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    scripts = {
        path.stem.removeprefix("with_"): path for path in sorted(Path(__file__).parent.glob("peers/with_*"))
    }
    found: dict[str, list[list[float]]] = {name: [] for name in scripts}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        product = stations.product(folder)
        stations.write(product, rows, folder, bad_ratio=0.001)
        (contract,) = product.glob(f"src/*/contracts/sources/{stations.MEASURED}.yaml")
        shutil.copy(contract, folder)
        for _ in range(ROUNDS):
            for name, script in scripts.items():
                found[name].append(measured(script, folder))
    best = {name: [min(figures) for figures in zip(*each, strict=True)] for name, each in found.items()}
    ours = best[OURS]
    print(f"{f'{rows:,} rows':24}  seconds ratio  processor ratio     MB")
    for name, (seconds, used, megabytes) in best.items():
        wall = f"{seconds:8.2f} {seconds / ours[0]:5.1f}"
        processor = f"{used:10.2f} {used / ours[1]:5.1f}"
        print(f"{name:24} {wall} {processor} {megabytes:6.0f}")


if __name__ == "__main__":
    main()
