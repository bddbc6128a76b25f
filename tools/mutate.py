"""How many of the small faults that a program brings into a room of the kit do its tests see?

    python tools/mutate.py store                              # 200 of them, always the same
    python tools/mutate.py store --mutants 20 --also service  # then the tests of other rooms, too

In:       a room of the kit, with tests of the same name; Cosmic Ray makes the faults (mutants) one at a time,
          in two copies of this tree.
Out:      a line for each mutant that no test saw, then the share that was killed.
Failure:  exit code 1 if fewer than 85 % were killed, 2 if the tests do not pass without a mutant.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / each) for each in ("tests", "tests/template")]
import bake  # noqa: E402

ROOMS, TESTS = Path("kit", "src", "datadevops"), Path("tests", "kit")
LEAST = 0.85
PROCESSES = 2
SETTINGS = """\
[cosmic-ray]
module-path = {module}
timeout = {timeout}
test-command = {command}
excluded-modules = []
[cosmic-ray.distributor]
name = "local"
"""


def environment(tree: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(tree / ROOMS.parent), "PYTHONDONTWRITEBYTECODE": "1"}


def run(tree: Path, *words: str) -> None:
    """Run a command of Cosmic Ray in the copy."""
    subprocess.run(
        [sys.executable, "-m", "cosmic_ray.cli", *words], cwd=tree, env=environment(tree), check=True
    )


def part(tree: Path, module: Path, tests: list[str], chosen: argparse.Namespace, number: int) -> list[Any]:
    """The results of every second of the chosen mutants, made in this copy of the tree."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    words = ["-c", "tests/kit/pytest.ini", "-x", "-q", "-p", "no:cacheprovider", *tests]
    began = time.monotonic()
    if subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tree, env=environment(tree)).returncode:
        sys.exit(2)
    settings = {
        "module": str(module),
        "timeout": 5 * (time.monotonic() - began) + 30,
        "command": " ".join([sys.executable, "-m", "pytest", *words]),
    }
    text = SETTINGS.format(**{name: json.dumps(value) for name, value in settings.items()})
    (tree / "mutants.toml").write_text(text, encoding="utf-8")
    run(tree, "init", "mutants.toml", "mutants.sqlite")
    with use_db(tree / "mutants.sqlite", WorkDB.Mode.open) as work:
        items = sorted(work.work_items, key=lambda each: repr(each.mutations))
        seeded = random.Random(chosen.seed)  # noqa: S311  no secret
        mine = seeded.sample(items, min(chosen.mutants, len(items)))[number::PROCESSES]
        skipped = {each.job_id for each in items} - {each.job_id for each in mine}
        work.set_multiple_results(skipped, WorkResult(WorkerOutcome.SKIPPED))
    run(tree, "exec", "mutants.toml", "mutants.sqlite")
    with use_db(tree / "mutants.sqlite", WorkDB.Mode.open) as work:
        return [result for _, result in work.results if result.worker_outcome != WorkerOutcome.SKIPPED]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("room")
    asked.add_argument("--mutants", type=int, default=200)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--also", nargs="*", default=[], help="rooms whose tests are asked after its own")
    chosen = asked.parse_args()
    tests = [str(TESTS / name) for name in [chosen.room, *chosen.also]]
    with TemporaryDirectory() as folder, ThreadPoolExecutor(PROCESSES) as pool:
        trees = [bake.copy_template(Path(folder, str(number))) for number in range(PROCESSES)]
        working = [
            pool.submit(part, tree, ROOMS / chosen.room, tests, chosen, number)
            for number, tree in enumerate(trees)
        ]
        results = [result for each in working for result in each.result()]
    survivors = [result for result in results if not result.is_killed]
    for each in survivors:
        print(each.diff)
    share = 1 - len(survivors) / len(results)
    print(f"{chosen.room}: {len(results) - len(survivors)} of {len(results)} mutants killed, {share:.1%}")
    return int(share < LEAST)


if __name__ == "__main__":
    raise SystemExit(main())
