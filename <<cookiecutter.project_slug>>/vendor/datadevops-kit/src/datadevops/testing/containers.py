"""Images and containers, by docker or podman.

In:       words of its command line.
Out:      what it says.
Failure:  AssertionError with what it says. Without an engine that runs, the tests end with NOT RUN and exit
          code 3.
"""

import atexit
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from uuid import uuid4

import pytest

HARD = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
# podman's timers for health checks need systemd, so the checks ask by themselves.
HARD += ["--pids-limit=64", "--network=none", "--no-healthcheck"]


@cache
def tool() -> str:
    """The program that CONTAINER_TOOL names, else docker or podman: the first that has an engine."""
    for name in [os.environ["CONTAINER_TOOL"]] if "CONTAINER_TOOL" in os.environ else ["docker", "podman"]:
        if shutil.which(name) and not subprocess.run([name, "info"], capture_output=True).returncode:  # noqa: S603
            return name
    pytest.exit("NOT RUN: the images need docker or podman, and an engine that runs", returncode=3)


def call(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool(), *words], capture_output=True, text=True, check=False)  # noqa: S603


def output(*words: str) -> str:
    done = call(*words)
    assert done.returncode == 0, f"{tool()} {' '.join(words)}\n{done.stdout}{done.stderr}"  # noqa: S101
    return done.stdout.strip()


def secrets(environ: Mapping[str, str]) -> list[str]:
    """The options of a build that hand over the files which these variables name."""
    names = {"ca": "SSL_CERT_FILE", "uv": "UV_CONFIG_FILE", "netrc": "NETRC"}
    return [f"--secret=id={id},src={environ[name]}" for id, name in names.items() if environ.get(name)]


def volume() -> str:
    """A volume that is gone at the end."""
    name = f"datadevops-{uuid4().hex[:8]}"
    output("volume", "create", name)
    atexit.register(call, "volume", "rm", "--force", name)
    return name


def inside(image: str, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What a shell in the image says."""
    return call("run", "--rm", *HARD, *words, "--entrypoint=sh", image, "-c", command)
