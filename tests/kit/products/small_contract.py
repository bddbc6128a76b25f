"""A contract of a few columns, for tests of one rule or one type."""

from pathlib import Path

from datadevops.contract.values import Contract


def contract_of(*columns, folder="", **table):
    """The contract `t` of these columns, in that folder; `table`: more of what the standard says of it."""
    entry = {"name": "t", "properties": list(columns), **table}
    return Contract.model_validate({"path": Path(folder, "t.yaml"), "version": "1.0.0", "schema": [entry]})


def column(name, kind, **rules):
    """A column of a contract; limits need no level of their own."""
    limits = {key: rules.pop(key) for key in ("minimum", "maximum", "pattern") if key in rules}
    values = {"enum": [{"value": each} for each in rules.pop("enum", [])]}
    return {"name": name, "logicalType": kind, "logicalTypeOptions": limits, **rules, **values}
