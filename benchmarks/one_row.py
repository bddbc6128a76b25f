"""One row, measured with the Python of a product that has run: `inference.py` starts it in each of them.

In:       the folder of the product.
Out:      JSON on stdout: microseconds of one call, the median, by what is called.
Failure:  a traceback.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

CALLS = 3_000


def microseconds(call: Callable[[], object], calls: int = CALLS) -> float:
    taken = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6


def modules(package: str) -> tuple[Any, ...]:
    """artifact, odcs, scorer and serving: of the library, or of a product from before there was one."""
    product = import_module(package)
    if hasattr(product, "PRODUCT"):
        places = ["models.artifact", "contract.odcs", "models.scorer", "service.serving"]
        return tuple(import_module(f"datadevops.{place}") for place in places)
    places = ["artifact", "odcs", "scorer", "serving"]
    return tuple(import_module(f"{package}.kit.{place}") for place in places)


def main() -> None:
    home = Path(sys.argv[1])
    package = home.name.replace("-", "_")
    artifact, odcs, scorer, serving = modules(package)
    features = odcs.load(home / "src" / package / "contracts" / "features.yaml")
    if product := getattr(import_module(package), "PRODUCT", None):
        served = serving.Serving(product, home / "store", features)
    else:
        served = serving.Serving(home / "store", features, serving.Metrics())
    served.look()
    model = served.champion

    random = np.random.default_rng(0)
    x = scorer.rounded(random.normal(size=(20_000, 28)))
    fitted = import_module(f"{package}.model").fit(x, x[:, 0] + x[:, 1] * x[:, 2] > 1)
    session, one = scorer.start(artifact.export(fitted, x[:2_000])), x[:1]
    found = {
        "request, from its body to a probability": microseconds(
            lambda: model.score(model.matrix(served.reader.read(served.example)))
        ),
        "ONNX": microseconds(lambda: scorer.probabilities(session, one)),
        "scikit-learn": microseconds(lambda: fitted.predict_proba(one), CALLS // 10),
    }
    print(json.dumps(found))


main()
