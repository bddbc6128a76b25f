"""Programs that a rule asks.

In:       the words of a command, how long it may take, what cannot be done without it.
Out:      what it says.
Failure:  NotRun where it is missing, takes too long or fails.
"""

import subprocess
from collections.abc import Sequence

from .verdict import NotRun


def said(words: Sequence[str], seconds: int, without: str) -> str:
    """The standard output of the command; `without`: a sentence of what cannot be done if it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRun(f"{without}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise NotRun(f"{without}: {last}")
    return done.stdout
