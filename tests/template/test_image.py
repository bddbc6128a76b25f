"""A baked product's images, built and run for real: its own test passes, and can fail.

Slow; needs the package index, root, and apt's podman, runc, mmdebstrap: `tox -e image`.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

import bake
import standin
import workshop

pytestmark = pytest.mark.image

ADDED_BYTES = 350_000_000  # to its base, by the image that serves
HEAVIEST = "du -sm /app/.venv/lib/python3*/site-packages/* | sort -rn | head -5"


@pytest.fixture(scope="module", autouse=True)
def _podman(whole_baked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("images") / "podman"
    cache = Path(os.environ.get("TOX_ENV_DIR", folder.parent)) / "bases"
    with standin.podman(folder):
        standin.images(whole_baked / "Dockerfile", folder, cache)
        yield


def build(product: Path, *words: str) -> workshop.Done:
    """Build the image that serves, as `rain-forecast`; words may ask for another one."""
    ca = os.environ.get("SSL_CERT_FILE")
    secret = [f"--secret=id=ca,src={ca}"] if ca else []
    return bake.run("podman", "build", *secret, "-t", "rain-forecast", *words, product, cwd=product)


def seconds(product: Path) -> float:
    """That the image takes to build."""
    begin = time.monotonic()
    done = build(product)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - begin


def layers(name: str) -> list[str]:
    (found,) = json.loads(standin.say("podman", "image", "inspect", name))
    return list(found["RootFS"]["Layers"])


def size(name: str) -> int:
    """Bytes of the image and all that is below it."""
    return int(standin.say("podman", "image", "inspect", "-f", "{{.Size}}", name))


@pytest.fixture(scope="module")
def cold(whole_baked: Path) -> float:
    """Seconds of the first build."""
    return seconds(whole_baked)


def test_a_change_of_the_source_is_one_small_layer(
    cold: float, whole_baked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = shutil.copytree(whole_baked, tmp_path / "changed")
    before = layers("rain-forecast")
    with (changed / "src" / "rain_forecast" / "service.py").open("a") as file:
        file.write("# changed\n")

    warm = seconds(changed)

    after = layers("rain-forecast")
    with capsys.disabled():
        print(f"\nbuilt in {cold:.0f} s, after a change of the source in {warm:.0f} s")
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]
    assert warm < cold


@pytest.mark.usefixtures("cold")
def test_an_emergency_edit_of_the_kit_reaches_the_image_and_it_says_so(
    whole_baked: Path, tmp_path: Path
) -> None:
    edited = shutil.copytree(whole_baked, tmp_path / "edited")
    build(whole_baked)
    before = layers("rain-forecast")
    kit = edited / "vendor/datadevops-kit/src/datadevops"
    with (kit / "reports" / "page.css").open("a") as file:
        file.write("/* edited at three in the morning */\n")

    assert build(edited).returncode == 0

    run = ["podman", "run", "--rm", "--no-healthcheck", "rain-forecast"]
    assert "+edited." in standin.say(*run, "--version")
    assert layers("rain-forecast")[:-2] == before[:-2], "below the kit and the product nothing is new"


@pytest.mark.usefixtures("cold")
def test_what_is_added_to_the_base_is_not_heavy(
    whole_baked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (base,) = re.findall(r"^FROM (\S+) AS python$", (whole_baked / "Dockerfile").read_text(), re.M)

    added = size("rain-forecast") - size(base)

    look = ["podman", "run", "--rm", "--no-healthcheck", "--entrypoint=sh", "rain-forecast", "-c"]
    heaviest = re.findall(r"(\d+)\s.*/(\S+)", standin.say(*look, HEAVIEST))
    with capsys.disabled():
        print(f"\n{added / 1e6:.0f} MB on its base:", *(f"{name} {mb}" for mb, name in heaviest))
    assert added < ADDED_BYTES


def own_checks(product: Path, environment: Path) -> dict[str, set[str]]:
    """The product's own checks of its images, by how they ended; its files are its owner's alone."""
    standin.say("chmod", "-R", "go-rwx", product)
    done = workshop.at_work(product, environment, "pytest", "-m", "image", "-rA")
    print(done.stdout)
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S+::test_product\[(.+?)\]", done.stdout, re.M)
    return {end: {name for ended, name in found if ended == end} for end, _ in found}


@pytest.mark.parametrize("product_type", ["model-service", "data-pipeline"])
def test_the_images_of_a_product_pass_its_own_checks(
    product_type: str, whole_template: Path, tmp_path: Path, environment: Path
) -> None:
    product = bake.by_cookiecutter(whole_template, tmp_path, product_type=product_type)

    ended = own_checks(product, environment)

    assert ended.keys() == {"PASSED"}
    assert len(ended["PASSED"]) == {"model-service": 6, "data-pipeline": 3}[product_type]


# What is broken: texts of the Dockerfile and other ones, the tests that must see it.
BREAKS: dict[str, tuple[dict[str, str], set[str]]] = {
    "what is in it": (
        {
            "image.authors": "image.author",
            "/readyz": "/livez",
            "COPY --from=build /app": "COPY --from=build-job /app",
            "COPY --chmod=755 ops": "COPY ops",
        },
        {
            "an image has a user without a name and nothing that builds",
            "an image says whose it is, and which kit is in it",
            "a service with a damaged model lives but is not ready",
            "what serves cannot train",
        },
    ),
    "who runs, and who hears signals": (
        {
            "10001": "1001",
            'ENTRYPOINT ["rain-forecast"]': 'ENTRYPOINT ["sh", "-c", "rain-forecast $0 $*; true"]',
        },
        {
            "an image has a user without a name and nothing that builds",
            "a service is ready, answers, and stops on SIGTERM",
        },
    ),
    "no place to write": (
        {" && chown 10001:10001 /store": ""},
        {
            "the job publishes from a container without rights",
            "a service is ready, answers, and stops on SIGTERM",
            "a service with a damaged model lives but is not ready",
        },
    ),
}


EVERY = [
    pytest.param(*broken, id=name, marks=[pytest.mark.long] * (name != "what is in it"))
    for name, broken in BREAKS.items()
]


@pytest.mark.parametrize(("edits", "seen"), EVERY)
def test_what_is_broken_is_seen_by_its_check_and_by_no_other(
    edits: dict[str, str], seen: set[str], whole_baked: Path, tmp_path: Path, environment: Path
) -> None:
    broken = shutil.copytree(whole_baked, tmp_path / "broken")
    text = (broken / "Dockerfile").read_text(encoding="utf-8")
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    (broken / "Dockerfile").write_text(text, encoding="utf-8")

    ended = own_checks(broken, environment)

    assert ended.get("FAILED", set()) | ended.get("ERROR", set()) == seen


# As `docker`, of the service alone: what watches it comes from a registry.
DOCKER = """#!/bin/sh
shift
exec {compose} "$@" service
"""
RUNNING = "rain-forecast_service_1"
RELEASES = {  # file, text, other text: any free port, and a service that does not start
    "v1.2.2": ("compose.yaml", '8000:8000", "127.0.0.1:9000:9000"', ':8000"'),
    "v1.2.3": ("Dockerfile", 'CMD ["serve", ', 'CMD ["serve", "--no-such-option", '),
}


@pytest.fixture
def released(whole_template: Path, tmp_path: Path) -> Iterator[Path]:
    """A product for one machine, and two releases of it: v1.2.3 does not start."""
    product = bake.by_cookiecutter(whole_template, tmp_path, deploy="compose")
    for tag, (file, old, new) in RELEASES.items():
        text = (product / file).read_text(encoding="utf-8")
        assert old in text
        (product / file).write_text(text.replace(old, new), encoding="utf-8")
        bake.commit(product, tag, tag)
        image = ["--target", "service", "-t", f"localhost/rain-forecast:{tag.removeprefix('v')}"]
        assert build(product, *image).returncode == 0
    assert build(product, "--target", "job", "-t", "rain-forecast-job").returncode == 0
    store = ["-v", "rain-forecast_store:/store"]
    standin.say("podman", "run", "--rm", "--no-healthcheck", *store, "rain-forecast-job")
    (product / "tokens.sha256").write_text(sha256(b"secret").hexdigest())
    yield product
    bake.run(bake.command("podman-compose"), "down", "--volumes", cwd=product)


def answers() -> bool:
    """Whether the container that runs gives a prediction."""
    ask = ["podman", "exec", "-e", "PROBE_TOKEN=secret", RUNNING, "rain-forecast", "probe"]
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


@pytest.mark.long
def test_the_documented_command_brings_back_the_image_before(
    released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER.format(compose=bake.command("podman-compose")), encoding="utf-8")
    docker.chmod(0o755)
    path = f"{docker.parent}:{os.environ['PATH']}"
    text = (released / "docs" / "rollback.md").read_text(encoding="utf-8")
    (documented,) = re.findall(r"^\| the image \| on the machine: `(.+?)` \|", text, re.M)
    back = documented.replace("REGISTRY=...", "REGISTRY=localhost")
    forth = back.replace("1.2.2", "1.2.3")
    assert back != documented
    assert forth != back

    done = bake.run("sh", "-c", forth, cwd=released, PATH=path)
    assert done.returncode == 0, done.stderr
    time.sleep(3)
    assert not answers()
    begin = time.monotonic()
    done = bake.run("sh", "-c", back, cwd=released, PATH=path)
    assert done.returncode == 0, done.stderr
    while not answers():
        assert time.monotonic() - begin < 60, standin.say("podman", "logs", RUNNING)

    assert standin.say("podman", "inspect", "-f", "{{.ImageName}}", RUNNING).endswith(":1.2.2\n")
    with capsys.disabled():
        print(f"\nthe image before answers after {time.monotonic() - begin:.1f} s")


@pytest.mark.long
def test_a_lock_that_no_longer_fits_is_refused(whole_baked: Path, tmp_path: Path) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "product")
    assert bake.run("uv", "lock", cwd=product).returncode == 0
    fits = build(product, "--target=build")

    text = (product / "pyproject.toml").read_text(encoding="utf-8")
    (product / "pyproject.toml").write_text(text.replace('"fastapi"', '"fastapi>=0.166"'))
    done = build(product, "--target=build")

    assert fits.returncode == 0, fits.stderr
    assert done.returncode != 0
    assert "uv.lock" in done.stdout + done.stderr
