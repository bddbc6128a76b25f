"""An endpoint of the team's own, beside POST /v1/predict."""

from fastapi import FastAPI

from datadevops.service.serving import Serving


def endpoints(app: FastAPI, serving: Serving) -> None:
    @app.get("/v1/threshold", summary="The probability from which the decision is yes")
    async def threshold() -> dict[str, float | None]:
        model = serving.champion
        return {"threshold": model.scorer.output["threshold"] if model else None}
