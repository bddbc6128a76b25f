"""Faults in code, pipeline, image and files: what should never reach production."""

import json

from breaking import append, delete, edit, write

from .fault import SRC, Fault

GATES, MODEL = ".github/workflows/gates.yml", f"{SRC}/model.py"
KEY = "AKIA" + "IOSFODNN7EXAMPLQ"  # of no account; in two parts, so that it is no finding here
PRIVATE = "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n"
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
WAIVER = 'DD404 = {reason = "moving", owner = "weather-data", until = 2026-01-31}'

FAULTS = [
    Fault(
        "a name that nothing uses",
        "lint",
        r"F401",
        edit(f"{SRC}/service.py", ("from fastapi import FastAPI\n", "from fastapi import FastAPI, Query\n")),
    ),
    Fault("another style", "lint", r"reformat", append(MODEL, "x = {'a':1}\n")),
    Fault(
        "a function that returns something else than it says",
        "type",
        r"return-value",
        append(f"{SRC}/pipeline.py", "\n\ndef rows() -> int:\n    return str(1)\n"),
    ),
    Fault(
        "a key in a file",
        "secrets",
        r"notes\.md",
        write("notes.md", f"aws_access_key_id = {KEY}\n"),
        also=frozenset({"review"}),
    ),
    Fault(
        "a private key in a file",
        "secrets",
        r"ssh\.txt",
        write("ssh.txt", PRIVATE),
    ),
    Fault(
        "a conflict that nobody resolved",
        "hooks",
        r"conflict",
        write("notes.md", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"),
    ),
    Fault(
        "a notebook with rows of customers in it",
        "hooks",
        r"notebooks",
        write("look.ipynb", json.dumps(NOTEBOOK, indent=1) + "\n"),
    ),
    Fault(
        "a large file",
        "hooks",
        r"no file above 1 MB",
        write("notes.md", ("many words " * 100 + "\n") * 1_000),
    ),
    Fault("an image that runs as root", "review", r"DD601", edit("Dockerfile", ("USER 10001:10001\n", ""))),
    Fault(
        "an image without a version",
        "review",
        r"DD602",
        edit("Dockerfile", ("python:3.13-slim-trixie", "python:latest")),
    ),
    Fault(
        "an action of others that may be moved",
        "review",
        r"DD603",
        edit(GATES, ("actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "actions/checkout@v6")),
    ),
    Fault("a pipeline with all rights", "review", r"DD604", edit(GATES, ("permissions: {}\n", ""))),
    Fault(
        "a pod with all rights",
        "review",
        r"DD605",
        edit(
            "deploy/kubernetes/base/deployment.yaml", ("allowPrivilegeEscalation: false", "privileged: true")
        ),
    ),
    Fault(
        "a gate that may fail",
        "review",
        r"DD304",
        edit("ci/run.sh", ('exec uv run tox -e "$GATE"', 'uv run tox -e "$GATE" || true')),
    ),
    Fault(
        "a test that cannot fail",
        "review",
        r"DD301",
        write("tests/test_nothing.py", "def test_it_works() -> None:\n    assert True\n"),
    ),
    Fault(
        "nobody owns a folder",
        "review",
        r"DD101",
        edit("CODEOWNERS", ("* @acme/weather-data", "docs/ @acme/weather-data")),
    ),
    Fault("nobody wrote down how to go back", "review", r"DD404", delete("docs/rollback.md")),
    Fault(
        "an exception that has ended",
        "review",
        r"DD001",
        append("pyproject.toml", f"\n[tool.datadevops-review.waivers]\n{WAIVER}\n"),
    ),
    Fault(
        "a description of the product that is out of date",
        "test",
        r"product\.odps\.yaml",
        edit("product.odps.yaml", ("rain-forecast:predictions", "rain-forecast:forecasts")),
    ),
    Fault(
        "a README that names a command that does not exist",
        "test",
        r"models demote",
        append("README.md", "\n```sh\nuv run rain-forecast models demote\n```\n"),
    ),
    Fault(
        "a file of the template that was edited", "template", r"DD415", append("ci/run.sh", "# An edit.\n")
    ),
]
