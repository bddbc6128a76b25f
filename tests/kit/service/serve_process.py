"""A server for the kit's tests: `python serve_process.py STORE CONTRACT [TOKENS]`, on free ports.

The variable LIMITS: connections in all, and from one address.

Beside POST /v1/predict it has endpoints that are slow, that fail, and that take a typed body.
"""

import asyncio
import builtins
import os
import sys
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel, Field

from datadevops import Product
from datadevops.contract import odcs
from datadevops.contract.target import Target
from datadevops.service import access, body, connection, http, management, openapi, server, serving
from datadevops.telemetry import logs

body.BODY_SECONDS, connection.HEAD_SECONDS = 0.5, 1.0
serving.WATCH_SECONDS = 0.1
serving.SHADOW_SHARE = 1.0


PRODUCT = Product("shop_orders", title="Shop Orders", kind="model-service")


class Card(BaseModel):
    number: int = Field(gt=0)


def application() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(0.7)
        return "done"

    @app.get("/fails")
    async def fails(fault: str = "RuntimeError") -> str:
        raise getattr(builtins, fault)("swordfish")

    @app.post("/card")
    async def card(card: Card) -> Card:
        return card

    return app


if __name__ == "__main__":
    store, contract, *tokens = map(Path, sys.argv[1:])
    models = serving.Serving(PRODUCT, store, odcs.load(contract), Target("binary"))
    logs.start(lambda: {"model_version": models.champion and models.champion.version.id})
    models.look()
    public = application()
    openapi.complete(public, models)
    sockets = server.bind("127.0.0.1", 0), server.bind("127.0.0.1", 0)
    urls = [f"http://127.0.0.1:{each.getsockname()[1]}/" for each in sockets]
    edge = http.Service(public, models, access.watched(tokens[0]) if tokens else lambda: None)
    inside = management.application(public, models, Path("none"), urls[0])
    limits = connection.Limits(*map(int, os.environ.get("LIMITS", "800 400").split()))
    server.serve(edge, inside, sockets, models, limits, 1.0, lambda: print(*urls, flush=True))
