"""A server as a process, measured from outside, and wrk that asks it.

In:       the command of a server; Linux; wrk on the PATH.
Out:      its processor time and memory, those of its children included; what wrk counted.
Failure:  SystemExit 3, NOT RUN, where wrk is missing; SystemExit where a server does not start or answers
          with an error.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
LUA = """
local bodies, at = {%s}, 0
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
function request() at = at %% #bodies + 1; return wrk.format(nil, nil, nil, bodies[at]) end
"""


@dataclass(frozen=True)
class Side:
    """How to start a server; `{port}` in a word stands for its port."""

    words: list[str]
    path: str  # of predictions
    ready: str  # path that answers when it is ready
    environment: dict[str, str] = field(default_factory=dict)


class Server:
    def __init__(self, side: Side) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = str(taken.getsockname()[1])
        self.url, started = f"http://127.0.0.1:{port}{side.path}", time.monotonic()
        words = [word.replace("{port}", port) for word in side.words]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(words, env=os.environ | side.environment, **quiet)
        while not _answers(f"http://127.0.0.1:{port}{side.ready}"):
            if self.process.poll() is not None or time.monotonic() - started > 120:
                self.close()
                raise SystemExit(f"did not start: {' '.join(words)}")
            time.sleep(0.02)
        self.start_seconds = self.cpu_seconds()

    def pids(self) -> list[int]:
        """The process and what it started, and what that started."""
        found = [self.process.pid]
        parents = {int(path.name): int(_stat(path.name)[1]) for path in Path("/proc").glob("[0-9]*")}
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found

    def cpu_seconds(self) -> float:
        return sum(sum(map(int, _stat(pid)[11:13])) for pid in self.pids()) / TICK

    def megabytes(self) -> float:
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids()]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        started = self.pids()
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def cost(self, body: str, seconds: float) -> float:
        """Microseconds of processor time that a request takes the server."""
        before = self.cpu_seconds()
        counted = load(self.url, [body], seconds)
        if counted["errors"]:
            raise SystemExit(f"{self.url}: {counted['errors']} errors of {counted['requests']}")
        return (self.cpu_seconds() - before) / counted["requests"] * 1e6


def require_wrk() -> None:
    if not shutil.which("wrk"):
        print("NOT RUN: wrk is missing; Debian: apt-get install wrk", file=sys.stderr)
        raise SystemExit(3)


def load(
    url: str, bodies: list[str], seconds: float, connections: int = 8, pause_ms: float = 0
) -> dict[str, float]:
    """What wrk counts: requests, errors, requests a second, latency in ms."""
    quoted = ", ".join(f"[==[{body}]==]" for body in bodies)
    script = LUA % quoted + (f"function delay() return {pause_ms:.0f} end" if pause_ms else "")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words = f"wrk -t1 -c{connections} -d{seconds:.0f}s --latency -s {file.name} {url}".split()
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    percentiles = re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", text)
    failed = re.findall(r"(?:Non-2xx or 3xx responses: |connect |read |write |timeout )(\d+)", text)
    return {
        "requests": int(re.search(r"(\d+) requests in", text)[1]),
        "errors": sum(map(int, failed)),
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        **{f"p{share}": float(value) * unit[name] for share, value, name in percentiles},
    }


def _stat(pid: int | str) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ["X"] + ["0"] * 20


def _answers(url: str) -> bool:
    """Whether anything but 503 comes back from `url`."""
    try:
        urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - a port of our own
    except urllib.error.HTTPError as error:
        return error.code != 503
    except OSError:
        return False
    return True
