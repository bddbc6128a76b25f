# The template's file: edits here meet template updates (copier update merges them).
"""The images work as production runs them: no rights, no network, a read-only file system.

Minutes, and needs docker or podman: `tox -e image`.
"""

import functools
import json
import os
import shutil
import subprocess
# <% if cookiecutter.product_type == 'model-service' %>
import time
# <% endif %>
import uuid

import pytest

from << cookiecutter.__package >> import settings
from << cookiecutter.__package >>.kit import COMMAND

HOME = settings.PACKAGE.parents[1]
HARD = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
# podman's timers for health checks need systemd, so the tests ask by themselves.
HARD += ["--pids-limit=64", "--network=none", "--no-healthcheck"]

pytestmark = pytest.mark.image


@functools.cache
def tool():
    """The program that CONTAINER_TOOL names, else docker or podman: the first that has an engine."""
    for name in [os.environ["CONTAINER_TOOL"]] if "CONTAINER_TOOL" in os.environ else ["docker", "podman"]:
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True).returncode == 0:
            return name
    return pytest.exit("NOT RUN: the images need docker or podman, and an engine that runs", returncode=3)


def call(*words):
    return subprocess.run([tool(), *map(str, words)], capture_output=True, text=True)


def said(*words):
    done = call(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def build(target):
    """The image of a target of the Dockerfile; what uv needs here to reach its index, it needs there."""
    name = f"{COMMAND}-{target}:test"
    given = {"ca": os.environ.get("SSL_CERT_FILE"), "uv": os.environ.get("UV_CONFIG_FILE")}
    secrets = [f"--secret=id={secret},src={path}" for secret, path in given.items() if path]
    said("build", *secrets, "--target", target, "-t", name, HOME)
    return name


@pytest.fixture(scope="module")
def job():
    return build("job")


@pytest.fixture(scope="module")
def volume():
    """volume() makes one; it is gone at the end."""
    names = []

    def make():
        names.append(f"{COMMAND}-{uuid.uuid4().hex[:8]}")
        said("volume", "create", names[-1])
        return names[-1]

    yield make
    for name in names:
        said("volume", "rm", name)


@pytest.fixture(scope="module")
def ran(job, volume):
    """A store that the main job has filled."""
    store = volume()
    said("run", "--rm", *HARD, "--memory=2g", "-v", f"{store}:/store", job)
    return store


def inside(image, command, *words):
    """What a shell in the image says."""
    return call("run", "--rm", *HARD, *words, "--entrypoint=sh", image, "-c", command)


def test_the_job_publishes_from_a_container_without_rights(job, ran):
    status = said("run", "--rm", *HARD, "-v", f"{ran}:/store:ro", job, "status", "--json")

    assert json.loads(status)["rows"] > 0


def test_an_image_has_a_user_without_name_and_nothing_that_builds(job):
    assert int(inside(job, "id -u").stdout) > 10000
    assert inside(job, "command -v uv gcc cc make").stdout == ""
    assert inside(job, "touch /app/x").returncode != 0


def test_an_image_says_whose_it_is(job):
    labels = json.loads(said("image", "inspect", "-f", "{{json .Config.Labels}}", job))

    named = {key.removeprefix("org.opencontainers.image."): value for key, value in labels.items()}
    assert named["title"] == COMMAND
    assert named["authors"].startswith("<< cookiecutter.owner_team >>, ")
    assert named["source"].endswith(COMMAND)
    assert (named["version"], named["revision"]) == ("unreleased", "unknown")
# <% if cookiecutter.product_type == 'model-service' %>


@pytest.fixture(scope="module")
def service():
    return build("service")


@pytest.fixture
def serve(service, tmp_path):
    """serve(store) is a container that serves from the store, in 256 MB."""
    names = []
    tokens = tmp_path / "tokens"
    tokens.mkdir()
    hashed = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"  # pragma: allowlist secret
    (tokens / "sha256").write_text(hashed)

    def run(store):
        mounts = ["-v", f"{store}:/store:ro", "-v", f"{tokens}:/run/tokens:ro"]
        names.append(said("run", "-d", *HARD, "--memory=256m", *mounts, service))
        return names[-1]

    yield run
    for name in names:
        print(call("logs", name).stderr)  # seen where a test fails
        call("kill", name)
        said("rm", name)


def healthy(name, seconds):
    """Whether its health check is content within so many seconds."""
    text = (HOME / "Dockerfile").read_text(encoding="utf-8")
    check = json.loads(text.partition("HEALTHCHECK")[2].partition("CMD ")[2].splitlines()[0])
    end = time.monotonic() + seconds
    while call("exec", name, *check).returncode != 0:
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def test_a_service_is_ready_answers_and_ends_well_when_told_to(serve, ran):
    running = serve(ran)

    assert healthy(running, seconds=30)
    answer = said("exec", "-e", "PROBE_TOKEN=secret", running, COMMAND, "probe", "--timeout-seconds=10")
    said("stop", "-t", "15", running)

    assert 0 <= json.loads(answer)["predictions"][0]["probability"] <= 1
    assert said("inspect", "-f", "{{.State.ExitCode}}", running) == "0"


def test_a_service_with_a_corrupt_model_lives_but_is_not_ready(job, serve, ran, volume):
    store = volume()
    damage = "cp -r /good/. /store && truncate -s 100 /store/models/*/model.onnx"
    assert inside(job, damage, "-v", f"{ran}:/good:ro", "-v", f"{store}:/store").returncode == 0

    running = serve(store)

    assert not healthy(running, seconds=5)
    assert "is damaged" in call("logs", running).stderr
    assert said("inspect", "-f", "{{.State.Running}}", running) == "true"


def test_what_serves_cannot_train(service, job):
    program = "python -c 'import sklearn'"

    assert inside(service, program).returncode != 0
    assert inside(job, program).returncode == 0
# <% endif %>
