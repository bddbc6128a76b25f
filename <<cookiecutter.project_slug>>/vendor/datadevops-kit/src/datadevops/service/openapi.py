"""The OpenAPI document of the service: the team's endpoints, which FastAPI describes, and the fast route.

In:       a FastAPI application, the models.
Out:      the document, with an example request that can be sent unchanged.
"""

from typing import Any

import msgspec
from fastapi import FastAPI

from ..telemetry.service_metrics import PREDICT
from . import answers
from .problems import PROBLEM, Problem
from .serving import Serving

REFUSALS = {
    "400": "not JSON, or not of this shape",
    "401": "no token, or not a valid one",
    "408": "the headers or the body took too long to arrive",
    "413": "the body is too large",
    "415": "not application/json",
    "422": "rows break the contract",
    "429": "too many requests wait on one connection",
    "431": "the headers are too large",
    "500": "an error in the service",
    "503": "no verified model yet, or too many requests or connections",
}


def complete(app: FastAPI, serving: Serving) -> None:
    """Add the fast route and the refusals to the OpenAPI document of `app`."""
    contract, of_fastapi = serving.features, app.openapi

    def document() -> dict[str, Any]:
        found = of_fastapi()
        (rows, answer, problem), known = msgspec.json.schema_components(
            [serving.reader.body, answers.KINDS[serving.target.kind].answer, Problem],
            schema_hook=_schema,
            ref_template="#/components/schemas/{name}",
        )
        _describe(known, serving)
        refusal = {"content": {PROBLEM: {"schema": problem}}}
        example = msgspec.json.decode(serving.example)
        found.setdefault("components", {}).setdefault("schemas", {}).update(known)
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}, {}]
        found["paths"][PREDICT] = {
            "post": {
                "operationId": "predict",
                "summary": f"Score 1 to 1,000 rows of the contract {contract.name} {contract.version}",
                "description": contract.purpose,
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": rows, "example": example}},
                },
                "responses": {
                    "200": {"description": "scored", "content": {"application/json": {"schema": answer}}},
                    **{status: {"description": text, **refusal} for status, text in REFUSALS.items()},
                },
            }
        }
        return found

    app.openapi = document  # type: ignore[method-assign]


def _describe(known: dict[str, Any], serving: Serving) -> None:
    """Add to the schema of a prediction which classes there are, or the unit of its numbers."""
    if serving.target.kind == "classes":
        known["Class"]["properties"]["value"]["enum"] = list(serving.target.classes)
    if serving.target.unit:
        for number in known["Number"]["properties"].values():
            number["description"] = serving.target.unit


def _schema(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a cell type made by `row_types.field`; msgspec knows all other types."""
    enum, pattern = kind.column.enum, kind.column.limits.pattern  # it has one of the two
    return msgspec.json.schema(kind.plain) | ({"enum": enum} if enum else {"pattern": f"^(?:{pattern})$"})
