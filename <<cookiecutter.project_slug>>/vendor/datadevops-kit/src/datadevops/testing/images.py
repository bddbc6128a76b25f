"""The images work as production runs them: no rights, no network, a read-only file system.

In:       a product, its Dockerfile; docker or podman.
Out:      checks that take minutes: `tox -e image`.
Failure:  without an engine that runs, the tests end with NOT RUN and exit code 3.
"""

import atexit
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from ..contract import odcs
from ..product import Product
from ..release import version
from .check import Check
from .containers import HARD, call, inside, output, secrets, volume

TOKEN = "secret"  # noqa: S105  # of the probe


def checks(product: Product, home: Path) -> Iterator[Check]:
    about: dict[str, Callable[[Product, Path, Path], Iterator[str]]] = {
        "the job publishes from a container without rights": _job,
        "an image has a user without a name and nothing that builds": _bare,
        "an image says whose it is, and which kit is in it": _labels,
    }
    if product.serves:
        about |= {
            "a service is ready, answers, and stops on SIGTERM": _service,
            "a service with a damaged model lives but is not ready": _damaged,
            "what serves cannot train": _no_training,
        }
    for name, faults in about.items():
        yield Check(name, partial(faults, product, home))


@cache
def _image(product: Product, home: Path, target: str) -> str:
    """The image of a target of the Dockerfile; what uv needs here to reach its index, it needs there."""
    name = f"{product.command}-{target}:test"
    output("build", *secrets(os.environ), "--target", target, "-t", name, str(home))
    return name


@cache
def _filled(product: Product, home: Path) -> str:
    """A store that the main job has filled."""
    store = volume()
    output("run", "--rm", *HARD, "--memory=2g", "-v", f"{store}:/store", _image(product, home, "job"))
    return store


def _job(product: Product, home: Path, _: Path) -> Iterator[str]:
    job, store = _image(product, home, "job"), _filled(product, home)
    status = json.loads(output("run", "--rm", *HARD, "-v", f"{store}:/store:ro", job, "status", "--json"))
    for published in status.get("datasets", [status]):
        if not published.get("rows"):
            yield f"it published {published}"


def _bare(product: Product, home: Path, _: Path) -> Iterator[str]:
    job = _image(product, home, "job")
    if int(inside(job, "id -u").stdout) <= 10_000:
        yield "its user has a name"
    if builders := inside(job, "command -v uv gcc cc make").stdout:
        yield f"it holds {builders}"
    if inside(job, "touch /app/x").returncode == 0:
        yield "/app can be written to"
    for target in ("job", "service") if product.serves else ("job",):
        if hidden := inside(_image(product, home, target), "find /app ! -readable").stdout:
            yield f"its user may not read {hidden}"


def _labels(product: Product, home: Path, _: Path) -> Iterator[str]:
    job = _image(product, home, "job")
    labels = json.loads(output("image", "inspect", "-f", "{{json .Config.Labels}}", job))
    yield from wrong_labels(product, labels)
    said = output("run", "--rm", *HARD, job, "--version")
    if not said.endswith(f"datadevops-kit {version()}"):
        yield f"it says {said!r}, but the kit here is {version()}"


def wrong_labels(product: Product, labels: Mapping[str, str]) -> Iterator[str]:
    """Which labels of an image that was built here, not by a release, do not say whose it is."""
    contract = next(iter(odcs.load_all(product.contracts).values()))
    expected = {"title": product.command, "version": "unreleased", "revision": "unknown"}
    expected |= {"authors": f"{contract.owner}, {contract.contact.removeprefix('mailto:')}"}
    for name, value in expected.items():
        if (found := labels.get(f"org.opencontainers.image.{name}")) != value:
            yield f"its label {name} is {found!r}, not {value!r}"


def _serve(product: Product, home: Path, store: str, folder: Path) -> str:
    """A container that serves from the store, in 256 MB."""
    tokens = folder / "tokens"
    tokens.mkdir()
    (tokens / "sha256").write_text(sha256(TOKEN.encode()).hexdigest(), encoding="utf-8")
    mounts = ["-v", f"{store}:/store:ro", "-v", f"{tokens}:/run/tokens:ro"]
    name = output("run", "-d", *HARD, "--memory=256m", *mounts, _image(product, home, "service"))
    atexit.register(call, "rm", "--force", name)
    return name


def _healthy(home: Path, name: str, seconds: float) -> bool:
    """Whether its health check passes within so many seconds."""
    check = health_check((home / "Dockerfile").read_text(encoding="utf-8"))
    end = time.monotonic() + seconds
    while call("exec", name, *check).returncode != 0:
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def health_check(dockerfile: str) -> list[str]:
    """The command of its HEALTHCHECK. Raises AssertionError where it has none of the form `CMD [...]`."""
    found = re.search(r"^HEALTHCHECK\b(?:.*\\\n)*.*\bCMD (\[.*\])$", dockerfile, re.M)
    assert found, "Dockerfile: it has no HEALTHCHECK with CMD [...]"  # noqa: S101
    return list(json.loads(found[1]))


def _service(product: Product, home: Path, folder: Path) -> Iterator[str]:
    running = _serve(product, home, _filled(product, home), folder)
    if not _healthy(home, running, seconds=30):
        yield f"it is not ready within 30 s\n{call('logs', running).stderr}"
        return
    probe = ["-e", f"PROBE_TOKEN={TOKEN}", running, product.command, "probe", "--timeout-seconds=10"]
    answer = json.loads(output("exec", *probe))
    from ..contract import target
    from ..service import answers  # a data pipeline has no service

    if not answers.is_one(answer, target.of(odcs.load_all(product.contracts))):
        yield f"it answers {answer}"
    output("stop", "-t", "15", running)
    if (code := output("inspect", "-f", "{{.State.ExitCode}}", running)) != "0":
        yield f"it ends with exit code {code}"


def _damaged(product: Product, home: Path, folder: Path) -> Iterator[str]:
    store, good = volume(), _filled(product, home)
    damage = "cp -r /good/. /store && truncate -s 100 /store/models/*/model.onnx"
    mounts = ["-v", f"{good}:/good:ro", "-v", f"{store}:/store"]
    assert inside(_image(product, home, "job"), damage, *mounts).returncode == 0  # noqa: S101
    running = _serve(product, home, store, folder)
    if _healthy(home, running, seconds=5):
        yield "it says that it is ready"
    if "is damaged" not in call("logs", running).stderr:
        yield "its log does not say that the model is damaged"
    if output("inspect", "-f", "{{.State.Running}}", running) != "true":
        yield "it has ended"


def _no_training(product: Product, home: Path, _: Path) -> Iterator[str]:
    program = "python -c 'import sklearn'"
    if inside(_image(product, home, "service"), program).returncode == 0:
        yield "the image that serves holds scikit-learn"
    if inside(_image(product, home, "job"), program).returncode != 0:
        yield "the image of the job has no scikit-learn"
