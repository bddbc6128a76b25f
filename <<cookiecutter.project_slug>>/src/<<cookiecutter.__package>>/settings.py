# The template's file: edits here meet template updates (copier update merges them).
"""What differs from machine to machine, read once from the environment; where the contracts lie.

In:       variables <PREFIX>_HOME, <PREFIX>_STORE, <PREFIX>_MEMORY_LIMIT, <PREFIX>_PUSHGATEWAY and
          <PREFIX>_ENGINE; <PREFIX>_LOCAL is for kit/objects.py.
Out:      a `Settings`.
Failure:  SettingsError CF001 (an unknown variable with our prefix, a store that is a file), CF006 (a memory
          limit that is none), CF007 (an engine that there is not).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path

from .kit import odcs
from .kit.contract import Contract
from .kit.errors import ContractError, SettingsError, nearest

PACKAGE = Path(__file__).parent
PREFIX = f"{PACKAGE.name.upper()}_"


@dataclass(frozen=True)
class Settings:
    home: Path  # relative paths of the contracts start here
    store: Path  # versions of data and models
    memory_limit: str | None  # of DuckDB, as "4GB"; None: 80 % of the machine's
    pushgateway: str | None  # address that is told of each run, as "http://push:9091"; None: nobody
    engine: str  # "duckdb" or "spark"


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; home is the checkout, or where there is none, this folder."""
    names = [PREFIX + name for name in ("HOME", "STORE", "MEMORY_LIMIT", "PUSHGATEWAY", "ENGINE", "LOCAL")]
    for name in environ:
        if name.startswith(PREFIX) and name not in names:
            raise SettingsError("CF001", f"there is no setting {name}", nearest(name, names))
    limit = environ.get(names[2]) or None
    if limit and not _is_amount(limit):
        raise SettingsError("CF006", f"{names[2]}={limit} is no amount of memory", "write it as 4GB")
    if (engine := environ.get(names[4]) or "duckdb") not in ("duckdb", "spark"):
        raise SettingsError("CF007", f"there is no engine {engine!r}", "it is duckdb or spark")
    checkout = PACKAGE.parents[1]
    here = checkout if (checkout / "pyproject.toml").exists() else Path.cwd()
    try:
        home = Path(environ.get(names[0]) or here).expanduser()
        store = Path(environ.get(names[1]) or home / "store").expanduser()
    except RuntimeError as error:  # of ~name
        text = f"{names[0]} or {names[1]}: {error}"
        raise SettingsError("CF001", text.rstrip("."), "write the path from / on") from None
    there = next(path for path in (store, *store.parents) if path.exists())
    if not there.is_dir():
        hint = f"let {names[1]} name a folder"
        raise SettingsError("CF001", f"the store cannot be {store}: {there} is a file", hint)
    return Settings(home, store, limit, environ.get(names[3]) or None, engine)


def _is_amount(limit: str) -> bool:
    """Whether a part of the memory, or so many bytes of it, can be meant; nothing at all cannot."""
    found = re.fullmatch(r"([0-9]*\.?[0-9]+) *([KMGT](i?B)?|%)", limit, re.IGNORECASE)
    return found is not None and 0 < float(found[1]) <= (100 if found[2] == "%" else inf)


def contract(name: str) -> Contract:
    """The product's contract `name`. Raises ContractError CT001 with the nearest name."""
    known = {path.stem: path for path in (PACKAGE / "contracts").glob("*.yaml")}
    if name not in known:
        raise ContractError("CT001", f"there is no contract {name!r}", nearest(name, sorted(known)))
    return odcs.load(known[name])
