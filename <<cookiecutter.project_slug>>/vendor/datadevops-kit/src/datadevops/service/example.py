"""An example request of one row, for the OpenAPI document and the smoke test of a model.

In:       the contract of the features.
Out:      the body of a request, JSON: examples of the contract, else means of made-up rows, or plain values.
Failure:  ContractError CT007 if a plain value breaks a rule of its column.
"""

from datetime import date, datetime
from typing import Any

import msgspec

from ..contract.values import Column, Contract
from ..errors import ContractError
from . import request


def body(features: Contract) -> bytes:
    """A request that keeps the contract."""
    row = {column.name: _cell(column) for column in features.columns}
    made = msgspec.json.encode({"rows": [row]})
    try:
        request.Reader(features).read(made)
    except request.ViolationsError as error:
        bad = error.found[0]
        text = f"{features.path}: {bad.column} has no example, and {row[bad.column]!r} breaks its {bad.rule}"
        raise ContractError("CT007", text, "give the column `examples`") from None
    return made


def _cell(column: Column) -> Any:
    limits, given = column.limits, (*column.examples, *column.enum)
    if given:
        return given[0].isoformat() if isinstance(given[0], date) else given[0]
    if column.type in ("date", "timestamp"):
        plain = datetime(2024, 1, 1) if column.type == "timestamp" else date(2024, 1, 1)
        return (limits.minimum or limits.maximum or plain).isoformat()
    if column.type in ("number", "integer"):
        usual = 0.0 if isinstance(column.synthetic.mean, str) else column.synthetic.mean
        usual = usual if limits.minimum is None else max(usual, limits.minimum)
        usual = usual if limits.maximum is None else min(usual, limits.maximum)
        return round(usual) if column.type == "integer" else usual
    return "x" * max(limits.min_length, 1) if column.type == "string" else False
