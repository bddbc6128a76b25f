"""One row through the ONNX champion against the scikit-learn model it was made from.

Run it with the Python of a baked product. Aim: at least 40 times as fast.
"""

import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

(PACKAGE,) = {path.parents[1].name for path in Path(sys.prefix).parent.glob("src/*/kit/engine.py")}
model = import_module(f"{PACKAGE}.model")
artifact, scorer = (import_module(f"{PACKAGE}.kit.{name}") for name in ("artifact", "scorer"))


def microseconds(call: Callable[[], object], calls: int) -> float:
    """Median time of one call."""
    taken = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6


def main() -> None:
    random = np.random.default_rng(0)
    x = scorer.rounded(random.normal(size=(20_000, 28)))
    fitted = model.fit(x, x[:, 0] + x[:, 1] * x[:, 2] > 1)
    session = scorer.start(artifact.export(fitted, x[:2_000]))
    one = x[:1]
    slow = microseconds(lambda: fitted.predict_proba(one), 300)
    fast = microseconds(lambda: scorer.probabilities(session, one), 3_000)
    print(f"scikit-learn {slow:.0f} us, ONNX {fast:.1f} us a row")
    print(f"ratio {slow / fast:.0f} (aim: at least 40)")


main()
