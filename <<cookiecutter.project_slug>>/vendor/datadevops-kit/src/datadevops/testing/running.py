"""Run a product in a folder of its own: its SQL on a few rows, its main job, its service.

In:       a product, a folder.
Out:      rows, a report, an address.
Failure:  what the product raises; AssertionError where a server does not start.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..contract import odcs
from ..contract.predicates import literal
from ..contract.values import Contract
from ..engine import graph
from ..engine.duckdb_engine import DuckDB
from ..job import Delivered
from ..product import Product
from ..steps.run import run as run_steps
from ..store.versions import Version
from ..telemetry import direct

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    store: Path
    report: Version
    steps: list[str]  # the pieces of work that were really done

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the report says, as `run --json` does."""
        return self.report.facts


def run(
    product: Product,
    folder: Path,
    sources: Path | Mapping[str, Path] | None = None,
    progress: Callable[[str], object] = lambda _: None,
    **options: Any,
) -> Run:
    """Run the main job into the store `folder`/store; nothing leaves this machine.

    `sources`: files by table, or the file of the only source; for others the file that the contract names.
    `progress` gets the name of each piece of work that is done; `options` are those of the command line.
    """
    contracts = odcs.load_sources(product.contracts)
    environ = {f"{product.prefix}STORE": str(folder / "store"), f"{product.prefix}LOCAL": "yes"}
    settings = product.settings(environ)
    given = _by_source(contracts, sources or {})
    steps: list[str] = []

    def note(step: str, *_: object) -> None:
        steps.append(step)
        progress(step)

    with DuckDB() as engine:
        delivered = {}
        for table, contract in contracts.items():
            path = given.get(table) or settings.home / (contract.location or "")
            delivered[table] = Delivered(path, str(path.absolute()), table in given or path.exists())
        done = run_steps(product, settings, engine, delivered, NOON, note, **options)
    return Run(settings.store, done, steps)


def transformed(
    product: Product,
    name: str,
    rows: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Mapping[str, Any]]],
    folder: Path,
) -> list[dict[str, Any]]:
    """The rows of the table `name` that transforms/*.sql make of these rows.

    `rows`: by source, or those of the only source. Columns that a row lacks are null; a source that is not
    given has no rows.
    """
    contracts = odcs.load_sources(product.contracts)
    given = _by_source(contracts, rows)
    with DuckDB() as engine:
        for table, contract in contracts.items():
            engine.keep(table, _table(contract, given.get(table, ())))
        found = graph.statements(product.transforms, contracts, product.makes)
        graph.make(engine, graph.needed(found, name), folder)
        names = list(engine.types(f'from "{name}"'))
        return [dict(zip(names, row, strict=True)) for row in engine.rows(f'from "{name}"')]


def _by_source(contracts: Mapping[str, Contract], given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        assert len(contracts) == 1, f"say for which source it is: {', '.join(contracts)}"  # noqa: S101
        return dict.fromkeys(contracts, given)
    assert given.keys() <= contracts.keys(), f"sources are {', '.join(contracts)}"  # noqa: S101
    return given


def _table(contract: Contract, rows: Sequence[Mapping[str, Any]]) -> str:
    """SQL of these rows, with every column of the contract."""
    lines = [
        ", ".join(f'cast({_sql(row.get(c.name))} as {c.sql_type}) as "{c.name}"' for c in contract.columns)
        for row in rows or [{}]
    ]
    return " union all ".join(f"select {line}" for line in lines) + ("" if rows else " limit 0")


def _sql(value: Any) -> str:
    return "null" if value is None else literal(value)


@dataclass(frozen=True)
class Server:
    url: str
    management_url: str

    def ask(self, path: str, body: bytes | None = None) -> Any:
        """The JSON that comes back; a body makes it a POST. Raises urllib.error.HTTPError."""
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers)  # noqa: S310
        with direct.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def serving(product: Product, store: Path) -> Iterator[Server]:
    """The service of the product on a store, as a process of its own, on free ports."""
    command = [sys.executable, "-c", f"from {product.package}.cli import app; app()"]
    ports = ["serve", "--port", "0", "--management-port", "0", "--drain-seconds", "0"]
    ours = {f"{product.prefix}STORE": str(store), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(  # noqa: S603
        [*command, *ports], env=os.environ | ours, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            line = process.stdout.readline().decode() if process.stdout else ""
            urls = re.findall(r"http://[^/\s]+", line)
            assert len(urls) == 2, f"the service did not start: {line}"  # noqa: S101
            yield Server(*urls)
        finally:
            process.terminate()
