"""How many of the small faults that a program brings into a room of the kit do its tests see?

    python tools/mutate.py                                    # in each room 200, always the same; hours
    python tools/mutate.py store ops --mutants 20 --also service  # then the tests of other rooms, too

In:       rooms of the kit, each with tests of the same name; Cosmic Ray makes the faults (mutants), one at a
          time, in a copy of this tree. Only files of tests that call the changed function are asked, and
          those that start Python.
Out:      file, line and difference of each mutant that no test saw, then the share killed in each room.
Failure:  exit code 1 if fewer than 85 % were killed in a room, 2 if the tests do not pass without a mutant.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import forked_tests
from small_faults import Mutant, mutants

sys.path[:0] = [str(Path(__file__).parents[1] / each) for each in ("tests", "tests/template")]
import bake  # noqa: E402
from declaration import ROOT  # noqa: E402

ROOMS = forked_tests.SOURCE / "datadevops"
EXAMPLES = forked_tests.TESTS / "test_doctests.py"  # of all rooms
LEAST = 0.85
# Modules whose tests need Spark, images or a server that speaks S3. To ask about them: `--without`, and
# `--marks s3`.
OF_OTHER_TESTS = ["containers", "engines", "images", "objects", "spark_engine", "spark_session", "start"]


@dataclass(frozen=True)
class Result:
    room: str
    of: int  # all mutants that there are
    mutants: int
    survivors: list[Mutant]
    out_of_time: int  # counted as killed: they end no test
    minutes: float

    @property
    def share(self) -> float:
        return 1 - len(self.survivors) / self.mutants

    def __str__(self) -> str:
        killed = self.mutants - len(self.survivors)
        slow = f", {self.out_of_time} of them out of time" if self.out_of_time else ""
        return (
            f"{self.room:10} {killed:3} of {self.mutants} killed, {self.share:4.0%}{slow} "
            f"(seeded from {self.of}; {self.minutes:.0f} min)"
        )


def asked(mutant: Mutant, surveyed: dict[str, dict[str, Any]]) -> list[str]:
    """The files of tests to run for a mutant: that of the same name first, then the quickest."""
    callers = [name for name, each in surveyed.items() if mutant.line in each["lines"].get(mutant.file, [])]
    starters = [name for name, each in surveyed.items() if each["other_processes"] and name not in callers]
    own = f"test_{Path(mutant.file).stem}.py"
    return sorted(
        callers + starters,
        key=lambda name: (Path(name).name != own, name in starters, surveyed[name]["seconds"]),
    )


def killed(tree: Path, mutant: Mutant, surveyed: dict[str, dict[str, Any]]) -> int | None:
    """The exit code of the tests that saw the mutant; None where none did."""
    if not (files := asked(mutant, surveyed)):
        return None
    seconds = sum(surveyed[each]["seconds"] for each in files)
    text = (tree / mutant.file).read_text(encoding="utf-8")
    (tree / mutant.file).write_text(mutant.changed(text), encoding="utf-8")
    code, _ = forked_tests.run(tree, files, int(3 * seconds) + 30)
    (tree / mutant.file).write_text(text, encoding="utf-8")
    return code or None


def judge(tree: Path, room: str, chosen: argparse.Namespace) -> Result:
    began = time.monotonic()
    modules = sorted(
        each.relative_to(tree)
        for each in (tree / ROOMS / room).glob("*.py")
        if each.stem not in chosen.without
    )
    possible = [mutant for file in modules for mutant in mutants(tree, file)]
    seeded = random.Random(chosen.seed)  # noqa: S311  no secret
    mine = seeded.sample(possible, min(chosen.mutants, len(possible)))
    folders = [forked_tests.TESTS / each for each in [room, *chosen.also]]
    found = [file.relative_to(tree) for each in folders for file in sorted((tree / each).glob("test_*.py"))]
    tests = list(map(str, [*found, EXAMPLES]))
    surveyed = forked_tests.survey(tree, tests)
    survivors, out_of_time = [], 0
    for number, mutant in enumerate(mine, 1):
        code = killed(tree, mutant, surveyed)
        out_of_time += code == forked_tests.OUT_OF_TIME
        place = f"{room} {number}/{len(mine)} {mutant.file}:{mutant.line}"
        print(place, "survived" if code is None else "killed", file=sys.stderr, flush=True)
        if code is None:
            survivors.append(mutant)
            print(f"{mutant.file}:{mutant.line} survived", mutant.difference(tree), sep="\n", flush=True)
    minutes = (time.monotonic() - began) / 60
    return Result(room, len(possible), len(mine), survivors, out_of_time, minutes)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    rooms = sorted(each.parent.name for each in (ROOT / ROOMS).glob("*/__init__.py"))
    words.add_argument("rooms", nargs="*", default=rooms, metavar="ROOM", help="default: all of them")
    words.add_argument("--mutants", type=int, default=200, help="in each room")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--also", nargs="*", default=[], help="rooms whose tests are asked, too")
    words.add_argument("--without", nargs="*", default=OF_OTHER_TESTS, metavar="MODULE", help="not these")
    words.add_argument("--marks", metavar="EXPRESSION", help="of the tests, as pytest's -m")
    chosen = words.parse_args()
    forked_tests.WORDS.extend(["-m", chosen.marks] if chosen.marks else [])
    with TemporaryDirectory() as folder:
        sys.pycache_prefix = str(Path(folder, "bytecode"))
        tree = bake.copy_template(Path(folder, "tree"))
        results = []
        for room in chosen.rooms:
            results.append(judge(tree, room, chosen))
            print(results[-1], flush=True)
    print("", *results, sep="\n")
    return int(any(each.share < LEAST for each in results))


if __name__ == "__main__":
    raise SystemExit(main())
