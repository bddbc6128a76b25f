"""The service of a product: its endpoints, the fast route, both ports.

In:       a product, its settings and contracts; which addresses to listen on, who may call.
Out:      a FastAPI application; a server that runs until it is stopped.
Failure:  the errors of `access`, `server` and `serving`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from ..contract import odcs, target
from ..contract.values import Contract
from ..product import Product, Settings
from ..telemetry import logs
from ..telemetry.service_metrics import PREDICT
from . import access, http, management, openapi, server
from .connection import Limits
from .serving import Serving


@dataclass(frozen=True)
class Listen:
    """The addresses that the service listens on, and who may call."""

    host: str
    port: int  # 0: any free port
    management_host: str
    management_port: int
    tokens: Path | None  # file of SHA-256 hashes of bearer tokens
    anonymous: bool  # whether other machines may call without a token
    limits: Limits
    drain_seconds: float  # how long a stopping server still accepts requests


def application(product: Product, serving: Serving, promise: Contract) -> FastAPI:
    """The FastAPI application with the team's endpoints; `promise`: the contract of the predictions."""
    app = FastAPI(
        title=promise.product,
        description=promise.purpose,
        version=promise.version,
        contact={"name": promise.owner, "url": promise.contact},
        docs_url=None,  # loads scripts from the internet; the management port has a page
        redoc_url=None,
    )
    product.module("service").endpoints(app, serving)
    return app


def routes(product: Product) -> list[str]:
    """All paths of the service, including the team's."""
    contracts = odcs.load_all(product.contracts)
    models = Serving(product, Path(), contracts["features"], target.of(contracts))
    app = application(product, models, contracts["predictions"])
    return [PREDICT, *(getattr(route, "path", "") for route in app.routes)]


def serve(
    product: Product,
    settings: Settings,
    contracts: dict[str, Contract],
    listen: Listen,
    alias: str,
    progress: Callable[[str], None],
) -> None:
    """Serve the model of `alias` until the process is stopped; `progress` is called with both
    addresses once they accept requests."""
    access.require_tokens(listen.host, listen.tokens, listen.anonymous)
    server.allow_files(listen.limits.connections)
    known = access.watched(listen.tokens) if listen.tokens else lambda: None
    sockets = (
        server.bind(listen.host, listen.port),
        server.bind(listen.management_host, listen.management_port),
    )
    models = Serving(product, settings.store, contracts["features"], target.of(contracts), alias)
    logs.start(lambda: {"model_version": models.champion and models.champion.version.id})
    models.look()
    public = application(product, models, contracts["predictions"])
    openapi.complete(public, models)
    at, inner = (server.url(*each.getsockname()[:2]) for each in sockets)
    inside = management.application(public, models, settings.home / "ops" / "slo.yaml", at)
    text = f"answering at {at}/v1/predict, status at {inner}/"
    edge = http.Service(public, models, known)
    server.serve(edge, inside, sockets, models, listen.limits, listen.drain_seconds, lambda: progress(text))
