"""Run promtool and amtool, which check rules and routes.

In:       the name of a tool and its arguments.
Out:      nothing, if the tool accepts the files.
Failure:  NotRunError OP004 (the tool is not installed), RefusedError OP005 (it reports errors).
"""

import shutil
import subprocess
from pathlib import Path

from ..errors import NotRunError, RefusedError

INSTALL = (
    "Debian, Ubuntu: apt install prometheus prometheus-alertmanager; macOS: brew install prometheus"
    " alertmanager; Windows: the zip files of prometheus.io/download, on the PATH"
)


def find(purpose: str, *names: str) -> str:
    """The path of the first of these programs that is on the PATH. `purpose`: what is not run without it,
    with its verb, such as "the drill was"."""
    for name in names:
        if program := shutil.which(name):
            return program
    raise NotRunError("OP004", f"{names[-1]} is not on the PATH: {purpose} NOT RUN", INSTALL)


def run(tool: str, *arguments: str, folder: Path) -> None:
    """Raise if `tool`, run in `folder`, reports errors."""
    program = find("the alerts were", tool)
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        output = (done.stdout + done.stderr).strip()
        text = f"{tool} {' '.join(arguments[:2])} reports errors\n{output}"
        raise RefusedError("OP005", text, "correct ops/slo.yaml, then run `COMMAND slo render`")


def check(folder: Path) -> None:
    """Check ops/generated: the rules are valid and pass their tests, the routes are valid."""
    run("promtool", "check", "rules", "rules.yml", folder=folder)
    run("promtool", "test", "rules", "rules_test.yml", folder=folder)
    run("amtool", "check-config", "alertmanager.yml", folder=folder)
