"""Ports and processes of a drill, none of which is left behind.

In:       a folder to delete at the end.
Out:      free ports; a process group that ends with this process, however it ends.
Failure:  none.
"""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from secrets import randbelow

PORTS = range(10_000, 32_768)  # higher ports are assigned by the operating system
_turns = count(randbelow(len(PORTS)))  # each port once; other processes start at another port


@contextmanager
def guarded(folder: Path) -> Iterator[int]:
    """A process group that is killed, with its folder deleted, when this process ends in any way: then the
    pipe to the guard closes."""
    guard = ["sh", "-c", 'read line; rm -rf "$0"; kill -9 0', str(folder)]
    with subprocess.Popen(guard, stdin=subprocess.PIPE, process_group=0) as process:  # noqa: S603
        yield process.pid


def free_port() -> int:
    """A free port that neither this process nor the operating system gives to anybody else."""
    while True:
        port = PORTS[next(_turns) % len(PORTS)]
        with socket.socket() as asked, suppress(OSError):  # the port is in use
            asked.bind(("127.0.0.1", port))
            return port


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it: nothing needs to be saved, and a paused process would not react to SIGTERM."""
    process.kill()
    process.wait()
