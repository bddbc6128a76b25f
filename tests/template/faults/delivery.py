"""Faults in code, pipeline, image and files: what should never reach production."""

import json

from breaking import append, edit, write
from breaks import BREAKS

from .fault import SRC, Fault, against

MODEL = f"{SRC}/model.py"
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
        BREAKS["DD611"],
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
    against("an image that runs as root", "DD601"),
    against("an image without a version", "DD602"),
    against("an action of others that may be moved", "DD603"),
    against("a pipeline with all rights", "DD604"),
    against("a pod with all rights", "DD605"),
    against("a gate that may fail", "DD304"),
    against("a test that cannot fail", "DD301"),
    against("nobody owns a folder", "DD101"),
    against("nobody wrote down how to go back", "DD404"),
    against("an exception that has ended", "DD001"),
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
