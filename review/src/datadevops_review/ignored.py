"""What git leaves out of a repository.

In:       a folder.
Out:      paths from there on: files, and folders with a `/` at their end.
Failure:  none: without git, or where the folder is in no repository, nothing is left out.
"""

import os
import subprocess
from pathlib import Path

ASKED = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}  # set by the hooks of a commit
TIMEOUT_SECONDS = 60


def ignored(root: Path) -> frozenset[str]:
    """The files and folders that git ignores and does not track."""
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    words = ["git", "-C", str(root), *ASKED]
    try:
        done = subprocess.run(words, capture_output=True, check=False, env=kept, timeout=TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(os.fsdecode(done.stdout).split("\0")) if done.returncode == 0 else frozenset()
