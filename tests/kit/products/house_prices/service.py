"""No endpoint of its own."""

from fastapi import FastAPI

from datadevops.service.serving import Serving


def endpoints(app: FastAPI, serving: Serving) -> None:
    pass
