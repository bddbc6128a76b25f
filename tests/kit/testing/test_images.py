"""What the checks of images read and ask for; tests/template/test_image.py breaks real images."""

from pathlib import Path

import pytest

from datadevops.testing import containers, images

DOCKERFILE = Path(__file__).parents[3] / "<<cookiecutter.project_slug>>" / "Dockerfile"
LABELS = {
    "org.opencontainers.image.title": "shop-forecast",
    "org.opencontainers.image.version": "unreleased",
    "org.opencontainers.image.revision": "unknown",
    "org.opencontainers.image.authors": "shop-data, shop-data@example.com",
}


def test_a_job_has_three_checks_and_a_service_three_more(forecast, statistics, tmp_path):
    of_service, of_job = (
        [check.name for check in images.checks(product, tmp_path)] for product in (forecast, statistics)
    )

    assert len(of_job) == 3
    assert of_service[:3] == of_job
    assert len(of_service) == 6


def test_the_health_check_is_read_from_the_dockerfile_of_a_product():
    command = images.health_check(DOCKERFILE.read_text(encoding="utf-8"))

    assert command[:2] == ["python", "-c"]
    assert "/readyz" in command[2]


def test_a_health_check_may_stand_on_one_line():
    assert images.health_check('FROM x\nHEALTHCHECK CMD ["look"]\nCMD ["serve"]\n') == ["look"]


@pytest.mark.parametrize(
    "text", ['FROM x\nCMD ["serve"]\n', 'HEALTHCHECK NONE\nCMD ["serve"]', "HEALTHCHECK CMD look"]
)
def test_a_dockerfile_whose_health_check_cannot_be_run_is_found(text):
    with pytest.raises(AssertionError, match="has no HEALTHCHECK"):
        images.health_check(text)


def test_an_image_that_says_whose_it_is_passes(forecast):
    assert list(images.wrong_labels(forecast, LABELS)) == []


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("value", ["somebody else's", None])
def test_a_label_that_is_wrong_or_missing_is_named(forecast, name, value):
    (found,) = images.wrong_labels(forecast, LABELS | {name: value})

    short = name.rpartition(".")[2]
    assert found == f"its label {short} is {value!r}, not {LABELS[name]!r}"


def test_a_build_gets_the_files_that_uv_needs_here():
    environ = {"SSL_CERT_FILE": "/ca.crt", "UV_CONFIG_FILE": "", "NETRC": "/netrc"}

    assert containers.secrets(environ) == ["--secret=id=ca,src=/ca.crt", "--secret=id=netrc,src=/netrc"]


@pytest.mark.parametrize("named", [None, "no-such-engine", "false"])
def test_without_an_engine_that_runs_the_tests_end_with_a_code_of_their_own(monkeypatch, tmp_path, named):
    if named:
        monkeypatch.setenv("CONTAINER_TOOL", named)  # `false` is there, and no engine
    else:
        monkeypatch.delenv("CONTAINER_TOOL", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(pytest.exit.Exception, match="NOT RUN: the images need docker or podman") as ended:
        containers.tool.__wrapped__()

    assert ended.value.returncode == 3
