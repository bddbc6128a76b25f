"""The endpoints of the online service. Yours: add your own.

POST /v1/predict is there already: it is made from contracts/features.yaml and answers with the
champion of the store. Each endpoint here passes the same checks: token, size, overload, metrics.
"""

from fastapi import FastAPI

from . import settings
from .kit.serving import Serving


def application(serving: Serving) -> FastAPI:
    """The FastAPI application; `serving.champion` is the model that answers at the moment."""
    promise = settings.contract("predictions")
    app = FastAPI(
        title=promise.product,
        description=promise.purpose,
        version=promise.version,
        contact={"name": promise.owner, "url": promise.contact},
        docs_url=None,  # they load scripts from elsewhere; the management port has a page
        redoc_url=None,
    )

    @app.get("/v1/threshold", summary="The probability from which the decision is yes")
    async def threshold() -> dict[str, float | None]:
        model = serving.champion
        return {"threshold": model.scorer.threshold if model else None}

    return app
