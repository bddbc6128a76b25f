"""The least that answers with a model over HTTP: a raw ASGI app, the limit of the product's service.

In:       the ONNX file of a model, JSON with its `inputs` and `threshold`, a port; the Python of a product.
Out:      answers to POST, until it is stopped.
Failure:  a traceback; a request that is not valid is not answered.
"""

import json
import sys
from typing import Any, Literal

import msgspec
import numpy as np
import onnxruntime
import uvicorn

MODEL, FACTS, PORT = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
NAMES = list(FACTS["inputs"])
CODES = {name: {value: float(i) for i, value in enumerate(e)} for name, e in FACTS["inputs"].items() if e}

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
kinds = {name: Literal[tuple(CODES[name])] if name in CODES else float for name in NAMES}
Row = msgspec.defstruct("Row", [(name, kind | None, None) for name, kind in kinds.items()], gc=False)
Body = msgspec.defstruct("Body", [("rows", list[Row])])


class Prediction(msgspec.Struct, gc=False):
    probability: float
    decision: bool


class Answer(msgspec.Struct, gc=False):
    model_version: str
    threshold: float
    predictions: list[Prediction]


decode, encode = msgspec.json.Decoder(Body).decode, msgspec.json.Encoder().encode
nan, limit = float("nan"), FACTS["threshold"]


def cell(name: str, value: Any) -> float:
    return nan if value is None else CODES[name][value] if name in CODES else value


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    x = [[cell(name, getattr(row, name)) for name in NAMES] for row in decode(body).rows]
    (table,) = session.run(["probabilities"], {"x": np.array(x, dtype=np.float32)})
    found = [Prediction(p, p >= limit) for p in table[:, 1].tolist()]
    out = encode(Answer("v1", limit, found))
    about = [(b"content-length", b"%d" % len(out)), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": about})
    await send({"type": "http.response.body", "body": out})


uvicorn.run(app, port=PORT, access_log=False, log_level="error", lifespan="off")
