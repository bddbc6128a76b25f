"""Read a contract file of the Open Data Contract Standard (https://bitol.io), version 3.

In:       a YAML file whose stem is the name of its one table.
Out:      a `Contract`, valid by the standard's own schema and free of contradictions.
Failure:  ContractError CT001 (no such file, or not YAML), CT002 (not ODCS: every wrong place, each with the
          nearest known key), CT003 (contradicts itself, or asks for what is not supported here), CT013 (two
          files of one table, a source with a reserved name, no source at all, a column that refers to none).
"""

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from .. import yaml_file
from ..errors import ContractError
from . import relationships, unsupported
from .contradictions import contradictions
from .kinds import KINDS
from .logical_types import carried, first, typed
from .standard import VERSION, misfits, place
from .values import Contract

SOURCES = "sources"  # the folder with the contracts of the tables that are delivered
DATASETS = "datasets"  # and that of the tables that a data pipeline publishes
OF_MODELS = ("features", "labels", "predictions")  # tables of a product with a model
RESERVED = (*OF_MODELS, "models", "reports")  # names in the store that are the kit's own
NOT_CHECKED = "it is not checked here; leave it out, or write a quality rule of type sql"


def load(path: Path) -> Contract:
    """The contract in the file `path`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError("CT001", f"{path} cannot be read: {error}", "give a YAML file") from None
    return parsed(path, text)


def parsed(path: Path, text: str) -> Contract:
    """The contract in a text that stands, or stood, in the file `path`, whose folder says what it is of."""
    try:
        return _parsed(path, text)
    except yaml.YAMLError as error:
        raise ContractError("CT001", f"{path} cannot be read: {error}", "correct those lines") from None


@lru_cache(maxsize=100)  # a run asks for the same contract several times, and the schema takes 0.1 s
def _parsed(path: Path, content: str) -> Contract:
    raw = typed(yaml_file.document(content))
    if found := dict.fromkeys(misfits(raw)):
        text = "\n  ".join([f"{path} is not a contract (ODCS {VERSION})", *found])
        raise ContractError("CT002", text, "correct it; https://bitol.io lists the keys of the standard")
    raw = _with_carried(raw)
    found = dict.fromkeys(unsupported.refusals(raw))
    wrong, hint = "asks for what is not supported here", "change each of these places"
    supported = _without_unsupported(raw)
    try:
        contract = Contract.model_validate(supported | {"path": path})
        if not found:
            found = dict.fromkeys(contradictions(contract, len(raw["schema"])))
            wrong, hint = "contradicts itself", "change one of the two"
    except ValidationError as error:
        for each in error.errors():
            words = NOT_CHECKED if each["type"] == "extra_forbidden" else each["msg"]
            found[place(each["loc"], supported) + words] = None
    if found:
        text = "\n  ".join([f"{path} {wrong}", *found]).replace("Value error, ", "")
        raise ContractError("CT003", text, hint)
    return contract


def _with_carried(raw: dict[str, Any]) -> dict[str, Any]:
    """The content, each column with what its physicalType can carry, what it refers to, and a logicalType,
    even if empty."""
    server, tables = first(raw, "servers"), []
    for table in raw.get("schema", []):
        found = [(column, carried(column, server)) for column in table.get("properties", [])]
        columns = [{"logicalType": next(iter(can), ""), **column, "carried": can} for column, can in found]
        tables.append(relationships.with_targets(table | {"properties": columns}))
    return raw | {"schema": tables}


def _without_unsupported(raw: dict[str, Any]) -> dict[str, Any]:
    """The content without the columns and rules of types that there are not here."""

    def kept(entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {
            "quality": [each for each in entry.get("quality", []) if each.get("type") != "custom"]
        }

    table = first(raw, "schema")
    columns = [kept(column) for column in table.get("properties", []) if column["logicalType"] in KINDS]
    return raw | {"schema": [kept(table) | {"properties": columns}]}


def load_all(folder: Path) -> dict[str, Contract]:
    """Every contract of a product, by table: those in its `folder`, of its sources, of its datasets."""
    found = {table: load(path) for table, path in files(folder).items()}
    relationships.require_targets(found)
    return found


def load_sources(folder: Path) -> dict[str, Contract]:
    """The contracts of the tables that are delivered, by table; ContractError CT013 if there is none."""
    found = {table: load(path) for table, path in files(folder).items() if path.parent.name == SOURCES}
    if not found:
        text = f"{folder / SOURCES} has no contract, so nothing can be delivered"
        raise ContractError("CT013", text, "write one: `COMMAND new-contract FILE` drafts it")
    relationships.require_targets(found)
    return found


def load_published(folder: Path) -> dict[str, Contract]:
    """The contracts of the tables that consumers get, by table, those that are there so far."""
    found = {table: contract for table, contract in load_all(folder).items() if contract.is_published}
    for address, times in Counter(contract.location for contract in found.values()).items():
        if address and times > 1:
            names = ", ".join(table for table, contract in found.items() if contract.location == address)
            text = f"{folder / DATASETS}: {names} are all published at {address}: one would replace another"
            raise ContractError("CT013", text, "give each a location of its own")
    return found


def files(folder: Path) -> dict[str, Path]:
    """The contract files of a product, by table. Raises ContractError CT013."""
    found: dict[str, Path] = {}
    folders = folder, folder / SOURCES, folder / DATASETS
    for path in sorted(path for each in folders for path in each.glob("*.yaml")):
        if same := [known for name, known in found.items() if name.lower() == path.stem.lower()]:
            text = f"{same[0]} and {path} are contracts of one table; in SQL capitals do not matter"
            raise ContractError("CT013", text, "rename one of the two files, and the table in it")
        if path.parent in folders[1:] and path.stem.lower() in RESERVED:
            text = f"{path}: no source or dataset can be called {path.stem}, a name that the kit uses"
            raise ContractError("CT013", text, "rename the file, and the table in it")
        found[path.stem] = path
    if of_models := [found[table] for table in OF_MODELS if table in found]:
        for path in (path for path in found.values() if path.parent.name == DATASETS):
            text = f"{path}: a product with {of_models[0].name} publishes predictions, and no dataset"
            raise ContractError("CT013", text, "publish it from a product of its own: a data pipeline")
    return found
