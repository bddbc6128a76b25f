"""How late this machine is: as a program of its own it does a little work again and again.

In:       a process group to start that program in.
Out:      how many seconds later than on an idle machine the work was done.
Failure:  none.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from statistics import median
from threading import Thread

EVERY = 0.2  # seconds from the end of the work to its next turn
WORK = 0.005  # seconds of a processor; a request takes about as much
RECENT = 20.0  # seconds
MOST = 4.0  # times as long as on an idle machine the drill waits


class Lateness:
    def __init__(self) -> None:
        self._found: list[tuple[float, float]] = []  # when the work was done, seconds late

    def __len__(self) -> int:
        return len(self._found)

    def read(self, lines: Iterable[str]) -> None:
        for line in lines:
            at, late = map(float, line.split())
            self._found.append((at, late))

    def since(self, began: float) -> float:
        """Median seconds late from `began`, in seconds since the epoch; 0 if it was not measured."""
        late = [late for at, late in self._found if at >= began]
        return median(late) if late else 0.0

    def factor(self) -> float:
        """How many times as long as on an idle machine things take now, at most `MOST`."""
        return min(MOST, 1 + self.since(time.time() - RECENT) / WORK)


@contextmanager
def measured(group: int) -> Iterator[Lateness]:
    """Measure during the block, in a process of this group."""
    command, lateness = [sys.executable, __file__], Lateness()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=group) as process:  # noqa: S603
        assert process.stdout  # noqa: S101  # it is a pipe
        reader = Thread(target=lateness.read, args=[process.stdout])
        reader.start()
        try:
            yield lateness
        finally:
            process.kill()
            reader.join()


def main() -> None:
    while True:
        time.sleep(EVERY)
        begin, used = time.perf_counter(), time.process_time()
        while time.process_time() - used < WORK:
            pass
        print(time.time(), time.perf_counter() - begin - WORK, flush=True)


if __name__ == "__main__":
    main()
