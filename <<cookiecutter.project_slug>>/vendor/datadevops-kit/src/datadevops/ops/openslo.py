"""Read an OpenSLO file and check its form.

In:       the path of ops/slo.yaml.
Out:      its documents, which all have the form that openslo.yaml describes.
Failure:  SloError OP001 (names every wrong place).
"""

from collections.abc import Collection, Iterator
from functools import cache, reduce
from importlib.resources import files
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

from .. import yaml_file
from ..errors import SloError, nearest

KINDS = ["Service", "AlertNotificationTarget", "SLO"]
MISSING = "run it in the product's folder; if it was there, get it back: `git checkout ops/slo.yaml`"
RECEIVERS = ["page", "ticket", "heartbeat", "unrouted"]  # each is an AlertNotificationTarget


def documents(path: Path) -> dict[str, list[Any]]:
    """The documents of the file by kind."""
    try:
        found = [each for each in yaml_file.documents(path.read_text(encoding="utf-8")) if each]
    except FileNotFoundError:
        raise SloError("OP001", f"{path}: there is no such file", MISSING) from None
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SloError("OP001", f"{path} cannot be read: {error}", "give an OpenSLO file") from None
    if errors := [*_form_errors(found), *_set_errors(found)]:
        text = "\n  ".join([f"{path} is not in the supported form of OpenSLO v1", *errors])
        raise SloError("OP001", text, "correct it, then run `COMMAND slo render`")
    return {kind: [each for each in found if each["kind"] == kind] for kind in KINDS}


def _form_errors(found: list[Any]) -> Iterator[str]:
    """What is wrong inside single documents."""
    from jsonschema_rs import Draft202012Validator  # most commands read no objectives

    for number, document in enumerate(found, start=1):
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind not in KINDS:
            yield f"document {number}: kind must be one of {', '.join(KINDS)}"
            continue
        for error in Draft202012Validator(_schemas()[kind]).iter_errors(document):
            place = ".".join(map(str, error.instance_path))
            unexpected = getattr(error.kind, "unexpected", [])
            known = reduce(getitem, error.schema_path[:-1], _schemas()[kind]).get("properties", {})
            hints = [f"unknown key {key!r}, {nearest(key, known)}" for key in unexpected]
            yield f"document {number}, {kind} {place}: {'; '.join(hints) or error.message}"


def _set_errors(found: list[Any]) -> Iterator[str]:
    """Documents that are missing or there twice."""
    names = [_name(each) for each in found if isinstance(each, dict) and each.get("kind") in KINDS]
    yield from (f"{name} is there twice" for name in sorted(_duplicates(names)))
    needed = [f"AlertNotificationTarget {name}" for name in RECEIVERS]
    yield from (f"{name} is missing" for name in needed if name not in names)
    if sum(name.startswith("Service") for name in names) != 1:
        yield "there must be exactly one Service"
    if not any(name.startswith("SLO") for name in names):
        yield "there must be at least one SLO"


def _name(document: Any) -> str:
    metadata = document.get("metadata")
    return f"{document['kind']} {metadata.get('name')}" if isinstance(metadata, dict) else document["kind"]


def _duplicates(names: Collection[str]) -> set[str]:
    return {name for name in names if list(names).count(name) > 1}


@cache
def _schemas() -> Any:
    return yaml_file.document(files(__package__).joinpath("openslo.yaml").read_text(encoding="utf-8"))
