"""MLflow and BentoML with the model of a product, for `serving.py --peers`.

In:       an ONNX file, a folder for what they save; uv, which makes their environments.
Out:      how to start each, and the same rows as each takes them.
Failure:  CalledProcessError of uv.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from http_load import Side

UV = ["uv", "run", "-q", "--no-project"]
MLFLOW = [*UV, "--with", "mlflow", "--with", "onnx", "--with", "onnxruntime"]
BENTOML = [*UV, "--with", "bentoml", "--with", "onnxruntime"]
SAVE = """
import sys, onnx, mlflow.onnx
mlflow.onnx.save_model(onnx.load(sys.argv[1]), sys.argv[2])
"""
SERVICE = """
import os
import bentoml, numpy as np, onnxruntime
@bentoml.service(workers=1)
class Model:
    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model, providers = os.environ["MODEL"], ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(model, options, providers=providers)
    @bentoml.api
    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.session.run(["probabilities"], {"x": x.astype(np.float32)})[0]
"""


def sides(model: Path, folder: Path) -> dict[str, Side]:
    saved = str(folder / "saved")
    subprocess.run([*MLFLOW, "python", "-c", SAVE, str(model), saved], check=True, capture_output=True)
    (folder / "peer_service.py").write_text(SERVICE)
    mlflow = ["mlflow", "models", "serve", "-m", saved, "-p", "{port}", "--env-manager", "local", "-w", "1"]
    bentoml = ["bentoml", "serve", "peer_service:Model", "-p", "{port}", "--working-dir", str(folder)]
    subprocess.run([*BENTOML, "true"], check=True)  # its packages, before a start is measured
    return {
        "MLflow": Side([*MLFLOW, *mlflow], "/invocations", "/ping"),
        "BentoML": Side([*BENTOML, *bentoml], "/predict", "/readyz", {"MODEL": str(model)}),
    }


def bodies(inputs: dict[str, list[Any]], rows: dict[int, list[dict[str, Any]]]) -> dict[str, dict[int, str]]:
    """They know no contract, so cells are coded as numbers before."""
    x = {
        n: [[_number(row[name], inputs[name]) for name in inputs] for row in some] for n, some in rows.items()
    }
    return {
        "MLflow": {n: json.dumps({"inputs": {"x": each}}) for n, each in x.items()},
        "BentoML": {n: json.dumps({"x": each}) for n, each in x.items()},
    }


def _number(value: Any, enum: list[Any]) -> float:
    return float(enum.index(value)) if value in enum else float(value or 0)
