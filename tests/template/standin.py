"""Images to build on, made from this machine's own Debian mirror: no registry is asked.

In:       a Dockerfile, a folder of the tests' own, a folder that keeps the root file system.
Out:      the images that the Dockerfile starts from, in a podman that keeps all in that folder.
Failure:  NOT RUN, a skip, where the machine cannot do it; AssertionError for a program that fails.

A stand-in is Debian with its Python; the other one holds the uv of this environment. They prove the
Dockerfile, not the registry, nor the size and the content of the official images.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from uv import find_uv_bin

STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/images"
runroot = "{folder}/run"
"""
# runc: crun refuses the mixed control groups of Debian 12. netns: a build asks the package index.
CONTAINERS = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
PYTHON = """
FROM scratch
ADD rootfs.tar /
ENV LANG=C.UTF-8 PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
"""
UV = """
FROM scratch
COPY uv uvx /
"""


@contextmanager
def podman(folder: Path) -> Iterator[None]:
    """Let whoever says podman mean one that keeps all it makes below `folder`."""
    if missing := [tool for tool in ("podman", "runc", "mmdebstrap") if not shutil.which(tool)]:
        pytest.skip(f"NOT RUN: {', '.join(missing)} not installed")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("NOT RUN: images are built by a root that may mount")
    (folder / "tmp").mkdir(parents=True)
    (folder / "storage.conf").write_text(STORAGE.format(folder=folder))
    (folder / "containers.conf").write_text(CONTAINERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINER_TOOL", "podman")
        patch.setenv("CONTAINERS_STORAGE_CONF", str(folder / "storage.conf"))
        patch.setenv("CONTAINERS_CONF", str(folder / "containers.conf"))
        patch.setenv("BUILDAH_ISOLATION", "chroot")
        patch.setenv("BUILDAH_FORMAT", "docker")  # the other one knows no HEALTHCHECK
        patch.setenv("TMPDIR", str(folder / "tmp"))  # of caches, too
        try:
            yield
        finally:
            subprocess.run(["umount", folder / "images" / "overlay"], check=False)
            shutil.rmtree(folder, ignore_errors=True)


def say(*words: str | Path) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def images(dockerfile: Path, folder: Path, cache: Path) -> None:
    """Make the two images that the Dockerfile starts from."""
    text = dockerfile.read_text(encoding="utf-8")
    (python,) = re.findall(r"^FROM (\S+) AS python$", text, re.M)
    (uv,) = re.findall(r"^FROM (\S+) AS uv$", text, re.M)
    found = Path(find_uv_bin())
    image(python, PYTHON, folder / "python", root_file_system(cache, python.rpartition("-")[2]))
    image(uv, UV, folder / "uv", found, found.with_name("uvx"))


def image(name: str, recipe: str, context: Path, *files: Path) -> None:
    context.mkdir()
    for file in files:
        shutil.copy(file, context / file.name)
    (context / "Dockerfile").write_text(recipe)
    say("podman", "build", "--quiet", "--tag", name, context)
    shutil.rmtree(context)


def root_file_system(cache: Path, suite: str) -> Path:
    """A Debian with Python, as a tar file; made once."""
    made = cache / suite / "rootfs.tar"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        link = 'for name in python python3; do ln -s /usr/bin/python3 "$1/usr/local/bin/$name"; done'
        command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"]
        command += ["--include=ca-certificates,python3,python3-venv", f"--customize-hook={link}"]
        new = made.with_name("new.tar")
        say(*command, suite, new, mirror())
        new.replace(made)
    return made


def mirror() -> str:
    """Where this machine's own packages come from."""
    sources = say("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages")
    return next(line.split()[1] for line in sources.splitlines() if line.startswith("Debian "))
