"""Ctrl-C ends a command without a traceback, in the middle of a query too."""

import signal
import subprocess
import sys
import time
from subprocess import PIPE

import pytest

COMMAND = """
import signal, time
import duckdb
from datadevops.cli.application import application
from datadevops.product import Product
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has none
app = application(Product("shop_orders", "Shop Orders", "model-service"))
engine = duckdb.connect(config={{"threads": 1}})
@app.command()
def wait():
    print("begun", flush=True)
    {work}
app(["wait"])
"""
WORK = {
    "Python": "time.sleep(60)",
    "a query": 'engine.execute("select sum(range) from range(1_000_000_000_000)")',
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_ctrl_c_ends_a_command_without_a_traceback(work):
    command = [sys.executable, "-c", COMMAND.format(work=work)]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as run:
        run.stdout.readline()
        time.sleep(0.5)  # the work begins
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)

    assert (run.returncode, said) == (130, "")
