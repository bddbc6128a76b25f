"""Review many repositories, several at once.

In:       folders, and the choice of their standard.
Out:      a row for each, the worst first.
Failure:  none: see `row`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from ..options import Choice
from ..review import Unusable
from .row import Row, row

FEW = 3  # for so few another process costs more than it brings


def rows(paths: Sequence[Path], choice: Choice, processes: int, done: Callable[[], None]) -> list[Row]:
    """A row for each folder; `done` is called after each."""
    found = []
    if processes < 2 or len(paths) <= FEW:
        for path in paths:
            found.append(_row(path, choice))
            done()
    else:
        with ProcessPoolExecutor(processes) as pool:
            for future in as_completed([pool.submit(_row, path, choice) for path in paths]):
                found.append(future.result())
                done()
    return sorted(found, key=lambda each: each.rank)


def _row(path: Path, choice: Choice) -> Row:
    try:
        return row(path, choice.standard(path))
    except Unusable as error:
        return Row(path.name, str(path), str(error))
    except Exception as error:  # the fault is ours: one repository must not end the report of all
        return Row(
            path.name, str(path), f"the review failed, please report it: {type(error).__name__}: {error}"
        )
