"""The gates of a product that ask more than its own code: each is seen to fail, alone.

They are run as tox runs them. Services of others are stood in for: advisories by a server here,
the template by a folder, a provider's own program by a script that writes down how it was called.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from copier import run_copy

import bake
import workshop

# A key of no account; written in two parts, so that it is no finding here.
KEY = "AKIA" + "IOSFODNN7EXAMPLQ"
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": "a",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["a customer\n"]}],
            "source": ["print(1)"],
        }
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def product(baked: Path, environment: Path, tmp_path: Path) -> Path:
    """A product as its team has it: locked, committed, released."""
    product = shutil.copytree(baked, tmp_path / "rain-forecast")
    shutil.copy(environment.parent / "uv.lock", product)
    bake.commit(product, "as baked", "v1.0.0")
    return product


def gate(product: Path, environment: Path, name: str, *more: str, **settings: str) -> workshop.Done:
    """What a gate says; its words and settings may be added to."""
    tox = tomllib.loads((product / "tox.toml").read_text(encoding="utf-8"))["env"][name]
    done = None
    for command in tox["commands"]:
        done = bake.run(
            *(word for word in command if isinstance(word, str)),
            *more,
            cwd=product,
            UV_PROJECT_ENVIRONMENT=str(environment),
            UV_NO_SYNC="1",
            PYTHONPATH=workshop.sources(product),
            **(tox.get("set_env", {}) | settings),
        )
        if done.returncode:
            return done
    assert done
    return done


QUICK = ["lint", "secrets", "hooks", "sbom"]


def failing(product: Path, environment: Path) -> dict[str, int]:
    codes = {name: gate(product, environment, name).returncode for name in QUICK}
    return {name: code for name, code in codes.items() if code}


def test_a_fresh_product_passes_and_the_list_of_parts_names_what_runs(
    product: Path, environment: Path
) -> None:
    assert failing(product, environment) == {}

    parts = json.loads((product / "dist" / "sbom.json").read_text(encoding="utf-8"))
    names = {part["name"] for part in parts["components"]}
    assert parts["bomFormat"] == "CycloneDX"
    assert {"duckdb", "scikit-learn"} <= names  # of the service, and of the job that trains
    assert names.isdisjoint({"pytest", "ruff"})


BREAKS = {
    "a key": ("notes.md", f"aws_access_key_id = {KEY}\n", "secrets"),
    "a conflict": ("notes.md", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n", "hooks"),
    "a large file": ("notes.md", ("many words " * 100 + "\n") * 1_000, "hooks"),
    "a notebook with output": ("look.ipynb", json.dumps(NOTEBOOK, indent=1) + "\n", "hooks"),
    "an invalid contract": ("src/rain_forecast/contracts/more.yaml", "kind: Data\n", "hooks"),
    "another style": ("notes.py", "x = {'a':1}\n", "lint"),
}


@pytest.mark.parametrize(("file", "text", "seen"), BREAKS.values(), ids=BREAKS)
def test_what_is_broken_is_seen_by_its_gates_and_by_no_other(
    file: str, text: str, seen: str, product: Path, environment: Path
) -> None:
    (product / file).write_text(text, encoding="utf-8")
    bake.git("add", "--all", cwd=product)

    assert failing(product, environment) == dict.fromkeys(seen.split(), 1)


def test_a_secret_that_the_team_knows_to_be_none_is_let_through(product: Path, environment: Path) -> None:
    text = f"KEY={KEY}  # pragma: allowlist secret\n"
    (product / "example.sh").write_text(text, encoding="utf-8")

    assert gate(product, environment, "secrets").returncode == 0


@contextmanager
def advisories(weak: str) -> Iterator[str]:
    """The address of a service that knows of one weakness, in the package `weak`."""
    known = {"id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z", "summary": "made up"}

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            found = [{"vulns": [known]} if each["package"]["name"] == weak else {} for each in asked]
            self.answer({"results": found})

        def do_GET(self) -> None:
            self.answer(known)

        def answer(self, body: object) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' own output is read."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("weak", "code"), [("duckdb", 1), ("no-package-of-ours", 0)])
def test_a_published_weakness_of_a_dependency_fails_the_audit(
    weak: str, code: int, product: Path, environment: Path
) -> None:
    with advisories(weak) as url:
        done = gate(product, environment, "audit", "--service-url", url)

    assert done.returncode == code, done.stderr
    assert ("PYSEC-2026-1" in done.stdout) == bool(code)


def test_an_audit_without_the_network_is_not_run(product: Path, environment: Path) -> None:
    nowhere = ["--service-url", "http://127.0.0.1:1"]

    done = gate(product, environment, "audit", *nowhere, UV_HTTP_RETRIES="0")

    assert done.returncode == 3
    assert "NOT RUN: " in done.stderr


@pytest.mark.parametrize("name", ["secrets", "hooks"])
def test_a_gate_that_needs_git_is_not_run_without(name: str, product: Path, environment: Path) -> None:
    shutil.rmtree(product / ".git")

    done = gate(product, environment, name)

    assert done.returncode == 3
    assert "NOT RUN: " in done.stderr


def test_no_parts_are_listed_when_nobody_can_tell_them(product: Path, environment: Path) -> None:
    (product / "uv.lock").unlink()

    done = gate(product, environment, "sbom", UV_OFFLINE="1", UV_NO_CACHE="1")

    assert done.returncode == 3
    assert "NOT RUN: " in done.stderr


def without(tool: str, folder: Path) -> str:
    """A PATH with every program but one."""
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).glob("*"):
            (folder / program.name).unlink(missing_ok=True)
            (folder / program.name).symlink_to(program)
    (folder / tool).unlink(missing_ok=True)
    return str(folder)


def test_a_scan_without_docker_is_not_run(product: Path, environment: Path, tmp_path: Path) -> None:
    done = gate(product, environment, "scan", PATH=without("docker", tmp_path / "bin"))

    assert done.returncode == 3
    assert "NOT RUN: docker is not installed" in done.stderr


@pytest.mark.parametrize(("grype", "code"), [(0, 0), (2, 1), (1, 3)])
def test_a_scan_tells_a_weakness_from_a_scanner_that_failed(
    grype: int, code: int, product: Path, environment: Path, tmp_path: Path
) -> None:
    """Grype exits with 2 for a finding, with 1 for its own failure: anchore/grype#2575."""
    fake = stand_in("docker", f'[ "$1" = save ] || exit {grype}', tmp_path / "bin")

    done = gate(product, environment, "scan", PATH=fake)

    assert done.returncode == code
    assert ("NOT RUN" in done.stderr) == (code == 3)
    assert "--fail-on high" in (tmp_path / "bin" / "docker.log").read_text(encoding="utf-8")


def stand_in(tool: str, script: str, folder: Path) -> str:
    """A PATH on which `tool` is a script that first writes down how it was called."""
    folder.mkdir()
    program = folder / tool
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder / tool}.log\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


PREDICTIONS = "src/rain_forecast/contracts/predictions.yaml"
FEATURES = "src/rain_forecast/contracts/features.yaml"
PROMISES = {
    "a column less": (PREDICTIONS, "      - name: threshold\n", "      - name: limit\n", 1),
    "a new null": (
        PREDICTIONS,
        "logicalType: boolean\n        required: true",
        "logicalType: boolean",
        1,
    ),
    "another description": (PREDICTIONS, "One row per station and hour.", "A row per hour.", 0),
    "a new major version": (PREDICTIONS, "version: 1.0.0", "version: 2.0.0", 0),
    "one more to send": (
        FEATURES,
        "    properties:\n",
        "    properties:\n      - {name: sun_h, logicalType: number}\n",
        1,
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "code"), PROMISES.values(), ids=PROMISES)
def test_a_contract_that_breaks_what_the_last_release_promised_is_refused(
    file: str, old: str, new: str, code: int, product: Path, environment: Path
) -> None:
    text = (product / file).read_text(encoding="utf-8")
    assert old in text
    (product / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    bake.commit(product, "change a contract")

    done = gate(product, environment, "breaking")

    assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize("deploy", ["kubernetes", "compose"])
def test_a_fresh_pipeline_holds_nothing_that_looks_like_a_secret(
    deploy: str, template: Path, environment: Path, tmp_path: Path
) -> None:
    asked = {"product_type": "data-pipeline", "deploy": deploy}
    product = bake.by_cookiecutter(template, tmp_path, **asked)
    bake.commit(product, "as baked")

    assert gate(product, environment, "secrets").stdout == ""


def test_a_dataset_keeps_its_promise_too(template: Path, environment: Path, tmp_path: Path) -> None:
    product = bake.by_cookiecutter(template, tmp_path, product_type="data-pipeline")
    bake.commit(product, "as baked", "v1.0.0")
    contract = next(product.glob("src/*/contracts/dataset.yaml"))
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("required: true", "required: false"), encoding="utf-8")
    bake.commit(product, "promise less")

    done = gate(product, environment, "breaking")

    assert done.returncode == 1
    assert "contracts break what v1.0.0 promised" in done.stderr


def test_before_the_first_release_nothing_is_promised(product: Path, environment: Path) -> None:
    done = gate(product, environment, "breaking")  # the only release is this commit

    assert done.returncode == 0
    assert done.stdout == "there is no release yet, so nothing is promised\n"


def test_a_shallow_clone_does_not_know_what_was_promised(
    product: Path, environment: Path, tmp_path: Path
) -> None:
    (product / "notes.md").write_text("more\n", encoding="utf-8")
    bake.commit(product, "one more")
    bake.git("clone", "-q", "--depth", "1", f"file://{product}", tmp_path / "shallow", cwd=tmp_path)

    done = gate(tmp_path / "shallow", environment, "breaking")

    assert done.returncode == 3
    assert "NOT RUN: this clone is shallow" in done.stderr


@pytest.fixture
def newer(own_template: Path) -> Path:
    """The template, with a version that its products do not have yet."""
    header = own_template / bake.TREE / ".editorconfig"
    header.write_text(header.read_text(encoding="utf-8") + "\n[*.md]\nmax_line_length = 100\n", "utf-8")
    bake.commit(own_template, "say how long a line is", "v1.1.0")
    return own_template


def of_version_one(template: Path, folder: Path, environment: Path, **answers: str) -> Path:
    """A product of the template's v1.0.0, with a repository to push to."""
    product = folder / "rain-forecast"
    run_copy(str(template), product, data=answers, defaults=True, quiet=True, vcs_ref="v1.0.0")
    shutil.copy(environment.parent / "uv.lock", product)
    bake.commit(product, "as baked")
    bake.git("init", "-q", "--bare", folder / "origin.git", cwd=folder)
    bake.git("config", "receive.advertisePushOptions", "true", cwd=folder / "origin.git")
    bake.git("remote", "add", "origin", folder / "origin.git", cwd=product)
    return product


def test_a_newer_version_of_the_template_is_told_and_merged_when_asked(
    newer: Path, environment: Path, tmp_path: Path
) -> None:
    product = of_version_one(newer, tmp_path, environment)

    assert gate(product, environment, "update").returncode == 1
    assert gate(product, environment, "update", "apply").returncode == 0
    assert "max_line_length" in (product / ".editorconfig").read_text(encoding="utf-8")
    bake.commit(product, "update")
    assert gate(product, environment, "update").returncode == 0


def test_a_template_out_of_reach_is_no_template_that_is_up_to_date(product: Path, environment: Path) -> None:
    answers = product / ".copier-answers.yml"
    lines = answers.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("_src_path")]
    answers.write_text("\n".join([*kept, '_src_path: "/nowhere"']) + "\n", encoding="utf-8")

    done = gate(product, environment, "update")

    assert done.returncode == 3
    assert "NOT RUN: the template cannot be asked" in done.stderr


PROPOSED = {
    "github": ("gh", "pr create --head template-v1.1.0 --title Update the template to v1.1.0"),
    "gitlab": ("", ""),
    "azure": ("az", "repos pr create --detect --source-branch template-v1.1.0"),
}


@pytest.mark.life
@pytest.mark.parametrize(
    ("ci", "tool", "words"),
    [
        pytest.param(ci, *said, marks=[pytest.mark.long] * (ci != "github"), id=ci)
        for ci, said in PROPOSED.items()
    ],
)
def test_each_week_the_newest_version_is_proposed_once(
    ci: str, tool: str, words: str, newer: Path, environment: Path, tmp_path: Path
) -> None:
    product = of_version_one(newer, tmp_path, environment, ci=ci)
    path = stand_in(tool or "gh", "", tmp_path / "bin")
    settings = {"UV_PROJECT_ENVIRONMENT": str(environment), "UV_NO_SYNC": "1", "PATH": path}
    settings |= {"CI_PROJECT_URL": str(tmp_path / "origin"), "PYTHONPATH": workshop.sources(product)}

    token = {"TEMPLATE_UPDATE_TOKEN": "t0"}

    without_token = bake.run("bash", "ci/update.sh", cwd=product, **settings)
    done = bake.run("bash", "ci/update.sh", cwd=product, **token, **settings)

    assert without_token.returncode == 3
    assert done.returncode == 0, done.stdout + done.stderr
    branches = bake.git("branch", "--list", "--format=%(refname:short)", cwd=tmp_path / "origin.git")
    assert branches.split() == ["template-v1.1.0"]
    log = tmp_path / "bin" / f"{tool}.log"
    assert not tool or log.read_text(encoding="utf-8").startswith(words)
    assert "ops/generated: rules.yml" in done.stdout, "the kit may have brought better rules"

    bake.git("switch", "-q", "main", cwd=product)
    again = bake.run("bash", "ci/update.sh", cwd=product, **token, **settings)
    assert "template-v1.1.0 is proposed already" in again.stdout
