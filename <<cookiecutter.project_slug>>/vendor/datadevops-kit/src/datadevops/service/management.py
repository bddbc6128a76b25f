"""The management port: health, the model, metrics, a status page. Nothing secret, so no tokens.

In:       the public application (for its OpenAPI document), the models, the file of objectives.
Out:      an ASGI application.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .. import yaml_file
from ..reports import ages
from ..reports.page import rendered
from .problems import encode
from .serving import Serving


def application(app: FastAPI, serving: Serving, objectives: Path, address: str) -> Starlette:
    """`address`: the address of the public port."""

    async def livez(_: Request) -> Response:
        return _json({"live": True})

    async def readyz(_: Request) -> Response:
        answer = {"ready": serving.ready} | ({} if serving.ready else {"why": serving.why})
        return _json(answer, 200 if serving.ready else 503)

    async def model(_: Request) -> Response:
        found = model_facts(serving)
        return _json(found or {"why": serving.why}, 200 if found else 503)

    async def metrics(_: Request) -> Response:
        serving.measure()
        return Response(generate_latest(serving.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def openapi(_: Request) -> Response:
        return _json(app.openapi())

    async def status(_: Request) -> Response:
        found, why = read_objectives(objectives)
        page = rendered(
            "status.html",
            contract=serving.features,
            serving=serving,
            model=model_facts(serving),
            now=datetime.now(UTC),
            sources=ages.of_sources(serving.models.root.parent, datetime.now(UTC)),
            objectives=found,
            no_objectives=why,
            openapi=app.openapi(),
            example=serving.example.decode(),
            address=address,
        )
        return HTMLResponse(page)

    at = {"/": status, "/livez": livez, "/readyz": readyz, "/v1/model": model, "/metrics": metrics}
    at["/openapi.json"] = openapi
    return Starlette(routes=[Route(path, made) for path, made in at.items()])


def _json(content: Any, status: int = 200) -> Response:
    """With a newline at its end: people ask with curl, in a terminal."""
    return Response(encode(content) + b"\n", status, media_type="application/json")


def model_facts(serving: Serving) -> dict[str, Any] | None:
    """Facts about the model in use; None if there is no model."""
    if (model := serving.champion) is None:
        return None
    version, contract = model.version, serving.features
    return {
        "version": version.id,
        "trained_at": version.made_at,
        "answers_since": model.since.isoformat(timespec="seconds"),
        "output": model.scorer.output,
        "metrics": version.facts["figures"]["all"]["candidate"],
        "made_from": dict(version.inputs),
        "sha256": version.manifest_sha256,
        "contract": {"name": contract.name, "version": contract.version},
    }


def read_objectives(path: Path) -> tuple[list[dict[str, str]], str]:
    """Name, objective and target of each SLO in an OpenSLO file; why there are none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], "There is no ops/slo.yaml here."
    except OSError as error:
        return [], f"ops/slo.yaml may not be read: {error.strerror}."
    try:
        found = [
            {
                "name": document["metadata"]["name"],
                "objective": objective["displayName"],
                "target": f"{objective['target'] * 100:g} %",
            }
            for document in yaml_file.documents(content.decode())
            if document and document["kind"] == "SLO"  # empty after a last line `---`
            for objective in document["spec"]["objectives"]
        ]
    except (ValueError, LookupError, TypeError, yaml.YAMLError):
        found = []
    return found, "" if found else "ops/slo.yaml is not valid; `slo check` says why."
