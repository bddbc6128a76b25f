"""The endpoints of the online service. Yours: add your own.

POST /v1/predict is there already: it is made from contracts/features.yaml and answers with the
champion of the store. Each endpoint here passes the same checks: token, size, overload, metrics.
"""

from datadevops.service import Serving
from fastapi import FastAPI


def endpoints(app: FastAPI, serving: Serving) -> None:
    """Add endpoints to `app`; `serving.champion` is the model that answers at the moment."""

    @app.get("/v1/threshold", summary="The probability from which the decision is yes")
    async def threshold() -> dict[str, float | None]:
        model = serving.champion
        return {"threshold": model.scorer.output.get("threshold") if model else None}
