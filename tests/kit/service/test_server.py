"""A server answers once its application has started, not before."""

import os
import resource
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from fastapi import FastAPI

from datadevops.contract import odcs
from datadevops.contract.target import Target
from datadevops.errors import SettingsError
from datadevops.service import server, serving
from datadevops.service.connection import Limits


@pytest.fixture
def files():
    """files(number): so many open files are allowed to this process, until the test ends."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield lambda number: resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(("allowed", "then"), [(400, 600), (599, 600), (600, 600), (900, 900)])
def test_more_open_files_are_allowed_where_connections_need_them_and_never_fewer(files, allowed, then):
    files(allowed)

    server.allow_files(400)

    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == then


MANY = """
import resource
from datadevops.service import server
resource.setrlimit(resource.RLIMIT_NOFILE, (300, 500))
server.allow_files(300)
server.allow_files(301)
"""


def test_more_connections_than_the_machine_has_open_files_for_are_refused_with_both_numbers():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    found = subprocess.run([sys.executable, "-c", MANY], env=environment, capture_output=True, text=True)

    assert "CF012" in found.stderr
    assert "301 connections need 501 open files, and 500 are allowed" in found.stderr


def test_an_application_that_does_not_start_is_an_error_and_no_address_is_printed(trained, monkeypatch):
    @asynccontextmanager
    async def lifespan(_):
        raise RuntimeError("no database")
        yield

    monkeypatch.setattr(signal, "signal", lambda *_: None)
    sockets, printed = (server.bind("127.0.0.1", 0), server.bind("127.0.0.1", 0)), []
    models = serving.Serving(trained.product, trained.root, odcs.load(trained.contract), Target("binary"))
    public = FastAPI(lifespan=lifespan)

    with sockets[0], sockets[1], pytest.raises(SettingsError, match="CF010"):
        server.serve(public, FastAPI(), sockets, models, Limits(9, 9), 0, lambda: printed.append("answering"))

    assert printed == []


SLOW = """
import asyncio, sys
from contextlib import asynccontextmanager
from pathlib import Path
from fastapi import FastAPI
from datadevops import Product
from datadevops.contract import odcs
from datadevops.contract.target import Target
from datadevops.service import management, server, serving
from datadevops.service.connection import Limits

@asynccontextmanager
async def lifespan(_):
    await asyncio.sleep(3600)
    yield

product, (store, contract) = Product("shop_orders", "Shop Orders", "model-service"), map(Path, sys.argv[1:])
models = serving.Serving(product, store, odcs.load(contract), Target("binary"))
models.look()
sockets = server.bind("127.0.0.1", 0), server.bind("127.0.0.1", 0)
print(sockets[1].getsockname()[1], flush=True)
inside = management.application(FastAPI(), models, Path("none"), "")
public, limits = FastAPI(lifespan=lifespan), Limits(9, 9)
server.serve(public, inside, sockets, models, limits, 0, lambda: print("answering", flush=True))
"""


def test_an_application_that_starts_slowly_is_not_ready_and_can_be_stopped(trained):
    words = [sys.executable, "-c", SLOW, str(trained.root), str(trained.contract)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        port = int(process.stdout.readline())
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20)
        process.terminate()
        printed, _ = process.communicate(timeout=20)

    assert refused.value.code == 503
    assert "the server is starting" in refused.value.read().decode()
    assert (printed, process.returncode) == ("", 0)
