# /// script
# requires-python = ">=3.11"
# ///
"""Drills on a quiet and on a busy machine: how many end with a false result.

    uv run benchmarks/drills.py [--rounds 10] [--impact critical] [--type model-service] [--machine quiet]

A baked product for each impact; its drill is run alone, then beside one endless loop for each core. Nothing
is broken but what the drill breaks, so each scenario must be ok, or NOT RUN where the machine was too slow.
Aim: no scenario fails.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import baked

DECLARED = json.loads((baked.ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
MACHINES = ("quiet", "busy")
CODES = {0: "passed", 1: "FAILED", 3: "not run"}


def drill(product: Path, busy: bool) -> tuple[int, str, float]:
    """Exit code, what it said and the seconds of one drill."""
    with ExitStack() as opened:
        for _ in range((os.cpu_count() or 1) * busy):
            loop = opened.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            opened.callback(loop.kill)
        began = time.monotonic()
        done = subprocess.run([baked.program(product), "drill"], cwd=product, capture_output=True, text=True)
        return done.returncode, done.stderr, time.monotonic() - began


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rounds", type=int, default=10)
    asked.add_argument("--impact", choices=DECLARED["outage_impact"], action="append")
    asked.add_argument("--type", choices=baked.KINDS, action="append")
    asked.add_argument("--machine", choices=MACHINES, action="append")
    options = asked.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        source = baked.template(Path(temporary, "template"))
        for kind in options.type or baked.KINDS:
            for impact in options.impact or DECLARED["outage_impact"]:
                folder = Path(temporary, kind, impact)
                product = baked.bake(source, folder, kind, f"outage_impact={impact}")
                baked.run(["uv", "sync", "-q"], product)
                for machine in options.machine or MACHINES:
                    results = [drill(product, machine == "busy") for _ in range(options.rounds)]
                    codes = Counter(CODES.get(code, f"exit code {code}") for code, _, _ in results)
                    counts = ", ".join(f"{count} {name}" for name, count in sorted(codes.items()))
                    seconds = sorted(each for _, _, each in results)[len(results) // 2]
                    print(f"{kind:13} {impact:8} {machine:5}: {counts}; {seconds:.0f} s each", flush=True)
                    for code, said, _ in results:
                        failed += code not in (0, 3)
                        lines = [
                            each for each in said.splitlines() if ": failed" in each or ": not run" in each
                        ]
                        print(*(f"    {each}" for each in lines), sep="\n", end="\n" * bool(lines))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
