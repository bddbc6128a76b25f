"""Run tests in a fork of this process, which keeps what others wrote imported: that takes most of the time.

In:       a copy of the tree, files of tests in it.
Out:      pytest's exit code; and of each file the lines of the kit whose functions it called.
Failure:  none of its own: tests that run out of time end as `OUT_OF_TIME`.
"""

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

SOURCE, TESTS = Path("kit", "src"), Path("tests", "kit")
OUT_OF_TIME = -signal.SIGXCPU
WORDS = ["-c", f"{TESTS}/pytest.ini", "-x", "-q", "-p", "no:cacheprovider", "--no-header"]
# What is imported before pytest starts cannot be rewritten by it; its own parts are. Hypothesis warns where
# a module of it that reads a file, such as that of regular expressions, was imported before.
WORDS += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-W", "ignore:Slow code in plugin"]


@dataclass
class Seen:
    """What a file of tests used: notes of a run without a fault."""

    calls: dict[int, CodeType] = field(default_factory=dict)
    other_processes: bool = False

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            self.calls[id(frame.f_code)] = frame.f_code
            if frame.f_code is subprocess.Popen.__init__.__code__:
                words = frame.f_locals["args"]
                self.other_processes |= sys.prefix in (words if isinstance(words, str) else f"{words[0]}")
            self.other_processes |= frame.f_code is BaseProcess.start.__code__

    def report(self, tree: Path) -> dict[str, Any]:
        lines: dict[str, set[int]] = {}
        for code in self.calls.values():
            if code.co_filename.startswith(str(tree / SOURCE)):
                file = str(Path(code.co_filename).relative_to(tree))
                lines.setdefault(file, set()).update(line for *_, line in code.co_lines() if line)
        return {
            "lines": {file: sorted(each) for file, each in lines.items()},
            "other_processes": self.other_processes,
            "imported": [name for name, each in sys.modules.items() if by_others(each)],
        }


def by_others(module: Any) -> bool:
    file = getattr(module, "__file__", None) or ""
    return file.startswith(sys.prefix) and "pytest" not in file and "xdist" not in file


def child(tree: Path, files: list[str], cpu_seconds: int, notes: Path | None) -> int:
    os.setsid()
    os.chdir(tree)
    printed = notes.with_suffix(".txt") if notes else os.devnull
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(output, stream)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    sys.path.insert(0, str(tree / SOURCE))
    os.environ |= {"PYTHONPATH": str(tree / SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = notes is None
    seen = Seen()
    if notes:
        threading.setprofile(seen.note)
        sys.setprofile(seen.note)
    code = pytest.main([*WORDS, *files])
    sys.setprofile(None)
    if notes:
        notes.write_text(json.dumps(seen.report(tree)), encoding="utf-8")
    return int(code)


def run(tree: Path, files: list[str], cpu_seconds: int, notes: Path | None = None) -> tuple[int, float]:
    """pytest's exit code for these files, and the seconds of processor time that it took.

    Seconds of a processor and not of a clock: a machine with other work is slow, not wrong. A test that
    waits for ever is ended by the clock, when twenty times as much has gone.
    """
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    if (process := os.fork()) == 0:
        code = 1
        try:
            code = child(tree, files, cpu_seconds, notes)
        finally:
            os._exit(code)
    end = time.monotonic() + 20 * cpu_seconds
    while (status := os.waitpid(process, os.WNOHANG))[0] == 0 and time.monotonic() < end:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    if status[0] == 0:
        os.waitpid(process, 0)
        return OUT_OF_TIME, cpu_seconds
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = now.ru_utime + now.ru_stime - spent.ru_utime - spent.ru_stime
    return os.waitstatus_to_exitcode(status[1]), took


def survey(tree: Path, files: list[str]) -> dict[str, dict[str, Any]]:
    """What each file of tests calls, without a fault; leaves the modules that others wrote imported here.

    Each file in a process of its own: what a fixture made for an earlier file would have no callers.
    Exits with 2 where a test fails without a fault, and prints what pytest printed.
    """
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        notes = tree / "notes.json"
        code, seconds = run(tree, [file], 3600, notes)
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            printed = notes.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")
            print(printed, f"{file} fails without a fault: exit code {code}", sep="\n", file=sys.stderr)
            sys.exit(2)
        found[file] = json.loads(notes.read_text(encoding="utf-8")) | {"seconds": seconds}
        with warnings.catch_warnings(action="ignore"):
            for name in found[file].pop("imported"):
                with suppress(Exception):
                    importlib.import_module(name)
        notes.unlink()
    return found
