# The template's file: edits here meet template updates (copier update merges them).
"""Ask the tools of Prometheus about rules and routes.

Failure:  NotRunError OP004 (the tool is not installed), RefusedError OP005 (it says no).
"""

import shutil
import subprocess
from pathlib import Path

from .errors import NotRunError, RefusedError

INSTALL = (
    "Debian, Ubuntu: apt install prometheus prometheus-alertmanager; macOS: brew install prometheus"
    " alertmanager; Windows: the zip files of prometheus.io/download, on the PATH"
)


def found(what: str, *names: str) -> str:
    """The first of these programs that is on the PATH; `what` is not run without it."""
    for name in names:
        if program := shutil.which(name):
            return program
    raise NotRunError("OP004", f"{names[-1]} is not on the PATH: {what} NOT RUN", INSTALL)


def ask(tool: str, *words: str, folder: Path) -> None:
    """Raise unless `tool`, run in `folder`, is content."""
    program = found("the alerts were", tool)
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise RefusedError("OP005", f"{tool} {' '.join(words[:2])} says no\n{said}", "see ops/slo.yaml")
