"""Who the product is, and what differs from machine to machine.

In:       the package of a team; the environment variables <PREFIX>_HOME, _STORE, _MEMORY_LIMIT,
          _PUSHGATEWAY, _ENGINE and _LOCAL.
Out:      a `Product`, handed over as an argument; its `Settings`, read once by the command that runs.
Failure:  SettingsError CF001 (an unknown variable with our prefix, a store that is a file), CF006 (an
          invalid memory limit), CF007 (an unknown engine), CF013 (a product that is not baked to its end).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import Any, Literal

from .errors import SettingsError, nearest

MARKS = ("pyproject.toml", ".copier-answers.yml", "ops/slo.yaml")  # a product's folder has one at least
NAMES = ("HOME", "STORE", "MEMORY_LIMIT", "PUSHGATEWAY", "ENGINE", "LOCAL")


@dataclass(frozen=True)
class Settings:
    home: Path  # relative paths of the contracts start here
    store: Path  # versions of data and models
    memory_limit: str | None  # of DuckDB, as "4GB"; None: 80 % of the machine's
    pushgateway: str | None  # address that gets the metrics of each run, as "http://push:9091"
    engine: str  # "duckdb" or "spark"
    local: bool  # True: nothing is published outside this machine, as in drills and tests

    @property
    def at_home(self) -> bool:
        """Whether `home` is the folder of a product."""
        return any((self.home / mark).is_file() for mark in MARKS)


@dataclass(frozen=True)
class Product:
    package: str  # as "rain_forecast"
    title: str  # as people say it: "Rain Forecast"
    kind: Literal["model-service", "data-pipeline"]
    at: Path | None = None  # folder of the package, where it is not the imported one

    @property
    def command(self) -> str:
        """The command in a shell, as "rain-forecast"; also the name in metrics and logs."""
        return self.package.replace("_", "-")

    @property
    def prefix(self) -> str:
        """What its environment variables begin with, as "RAIN_FORECAST_"."""
        return f"{self.package.upper()}_"

    @property
    def folder(self) -> Path:
        """The folder of the package, with contracts/ and transforms/ in it."""
        if self.at:
            return self.at
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise SettingsError(
                "CF001", f"there is no package {self.package!r}", "install the product: `uv sync`"
            )
        return Path(spec.submodule_search_locations[0])

    @property
    def contracts(self) -> Path:
        return self.folder / "contracts"

    @property
    def transforms(self) -> Path:
        return self.folder / "transforms"

    @property
    def serves(self) -> bool:
        """Whether it has a model and a service."""
        return self.kind == "model-service"

    @property
    def makes(self) -> tuple[str, ...]:
        """The tables that its SQL must make; others are made on the way to them."""
        return ("features", "labels") if self.serves else self.datasets

    @property
    def datasets(self) -> tuple[str, ...]:
        """The tables that a data pipeline publishes: those with a contract in contracts/datasets/."""
        return tuple(sorted(path.stem for path in (self.contracts / "datasets").glob("*.yaml")))

    def module(self, name: str) -> Any:
        """The product's own module `name`, imported when it is needed: `pipeline`, `model`, `service`."""
        return import_module(f"{self.package}.{name}")

    def settings(self, environ: Mapping[str, str]) -> Settings:
        """The settings in `environ`; home is the checkout, or without one, the current folder."""
        names = {self.prefix + name: name for name in NAMES}
        for name in environ:
            if name.startswith(self.prefix) and name not in names:
                raise SettingsError("CF001", f"there is no setting {name}", nearest(name, names))
        given = {short: environ.get(name) or None for name, short in names.items()}
        limit = given["MEMORY_LIMIT"]
        if limit and not _is_amount(limit):
            text = f"{self.prefix}MEMORY_LIMIT={limit} is not a valid amount of memory"
            raise SettingsError("CF006", text, "write it as 4GB")
        engine = given["ENGINE"] or "duckdb"
        if engine not in ("duckdb", "spark"):
            raise SettingsError("CF007", f"there is no engine {engine!r}", "it is duckdb or spark")
        home, store = self._places(given["HOME"], given["STORE"])
        return Settings(home, store, limit, given["PUSHGATEWAY"], engine, bool(given["LOCAL"]))

    def _places(self, home: str | None, store: str | None) -> tuple[Path, Path]:
        """The folders `home` and `store`; the second may be absent so far."""
        checkout = self.folder.parents[1]
        _require_answers(checkout / ".copier-answers.yml")
        here = checkout if (checkout / "pyproject.toml").exists() else Path.cwd()
        try:
            base = Path(home or here).expanduser()
            root = Path(store or base / "store").expanduser()
        except RuntimeError as error:  # of ~name
            text = f"{self.prefix}HOME or {self.prefix}STORE: {error}"
            raise SettingsError("CF001", text.rstrip("."), "write the whole path, from / on") from None
        existing = next(path for path in (root, *root.parents) if path.exists())
        if not existing.is_dir():
            hint = f"set {self.prefix}STORE to a folder"
            raise SettingsError("CF001", f"the store cannot be {root}: {existing} is a file", hint)
        return base, root


def _is_amount(limit: str) -> bool:
    """Whether `limit` is a share of the memory above 0, or a number of bytes with its unit."""
    found = re.fullmatch(r"([0-9]*\.?[0-9]+) *([KMGT](i?B)?|%)", limit, re.IGNORECASE)
    return found is not None and 0 < float(found[1]) <= (100 if found[2] == "%" else inf)


def _require_answers(recorded: Path) -> None:
    """Raise SettingsError if the template's last hook, which records the answers, did not run."""
    if not recorded.is_file():
        return  # as in an image
    lines = recorded.read_text(encoding="utf-8").splitlines()
    if not any(line.strip() and not line.startswith("#") for line in lines):
        text = (
            f"{recorded} has no answers: the template's hooks did not run (--accept-hooks no).\n"
            "  So no answer was checked, and files are here that only other answers need"
        )
        hint = "remove this folder; bake again with the hooks, or with copier, which needs none"
        raise SettingsError("CF013", text, hint)
