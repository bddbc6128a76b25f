"""Score rows with a model version: ONNX, one thread, without the training packages.

In:       a version of the model store (its hashes verified), rows by column.
Out:      a forecast of each row, see `kinds`.
Failure:  StoreError ST002 (the file is not a model); ContractError ML004 (a column cannot be an input),
          ML009 (the model returns no forecast).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from ..contract.kinds import listed
from ..contract.values import Contract
from ..engine.columns import Columns, filled
from ..errors import ContractError, StoreError, counted
from ..store.versions import Version
from .kinds import KINDS, Floats, Output

if TYPE_CHECKING:  # a server does without DuckDB
    from ..engine.start import Engine

MODEL = "model.onnx"
HALF, KEPT = np.uint32(0x40), np.uint32(0xFFFFFF80)  # the bits of a float32, see `rounded`


# The columns of a model's matrix, in order, each with its enum values; () for numbers and booleans.
Inputs = Mapping[str, Sequence[Any]]


def matrix(inputs: Inputs, columns: Columns) -> npt.NDArray[np.float32]:
    """(n, k) float32, k inputs: an enum value as its index, null and unknown values as NaN."""
    cells = [_places(enum, columns[name]) if enum else filled(columns[name]) for name, enum in inputs.items()]
    return rounded(np.column_stack(cells))


def _places(enum: Sequence[Any], column: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    place = {value: float(at) for at, value in enumerate(enum)}
    places = np.array([place.get(value, np.nan) for value in np.ma.getdata(column).tolist()])
    return np.where(np.ma.getmaskarray(column), np.nan, places)


@np.errstate(over="ignore")
def rounded(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """`cells` to 17 significant bits, about 5 digits. A tree splits half-way between two values; at this
    distance the split is exact in float32, so ONNX always takes the same branch as scikit-learn. Values
    that are too large become infinite."""
    bits = (cells.astype(np.float32).view(np.uint32) + HALF) & KEPT
    return bits.view(np.float32)


def inputs_of(features: Contract) -> Inputs:
    """The inputs in the order of the contract. Raises ContractError ML004 for free text and times."""
    kinds = {column.name: column.type for column in features.inputs if column.type in ("date", "timestamp")}
    kinds |= {c.name: "string without enum" for c in features.inputs if c.type == "string" and not c.enum}
    if kinds:
        named = "\n  ".join(f"{name} cannot be a model input: {kind}" for name, kind in kinds.items())
        hint = "give it an enum, or convert it" if "string without enum" in kinds.values() else "convert it"
        text = f"{features.path}:\n  {named}"
        raise ContractError("ML004", text, f"{hint} to a number in features.sql")
    return {column.name: list(column.enum) for column in features.inputs}


@dataclass(frozen=True)
class Scorer:
    version: str
    inputs: Inputs
    output: Output  # how to read what the model returns: `kind`, and for yes or no the `threshold`
    model: bytes  # ONNX

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        return start(self.model)

    def __getstate__(self) -> dict[str, Any]:
        """The state sent to a Spark worker, which starts its own session."""
        return {name: value for name, value in vars(self).items() if name != "session"}

    def score(self, columns: Columns) -> Floats:
        """{input: (n,)} -> a forecast of each row: (n,), of classes (n, k)."""
        return self.forecast(matrix(self.inputs, columns))

    def forecast(self, x: npt.NDArray[np.float32]) -> Floats:
        """The same for rows (n, k) as `matrix` makes them."""
        kind = self.output["kind"]
        return KINDS[kind].forecast(table(self.session, kind, x), self.output)


def score_table(engine: "Engine", scorer: Scorer, features: Contract, path: Path) -> int:
    """Write a prediction for each row of the table `features` to the parquet file `path`."""
    statement = f"select * from features order by {listed(features.keys)}"
    return engine.map(statement, partial(_predicted, scorer, features.keys), path)


def _predicted(scorer: Scorer, keys: Sequence[str], rows: Columns) -> Columns:
    forecast = scorer.score(rows)
    if none := int(np.isnan(forecast.reshape(len(forecast), -1)).any(axis=1).sum()):
        text = f"version {scorer.version} returns no forecast for {counted(none, 'row')}"
        raise ContractError("ML009", text, "limit the columns of the features, or use another estimator")
    predictions = KINDS[scorer.output["kind"]].columns(forecast, scorer.output)
    version = {"model_version": np.full(len(forecast), scorer.version, dtype=object)}
    return {name: rows[name] for name in keys} | predictions | version


def load(version: Version) -> Scorer:
    """The scorer of a version; the store has verified its hashes."""
    facts = version.facts
    try:
        scorer = Scorer(version.id, facts["inputs"], facts["output"], version.file(MODEL).read_bytes())
        _ = scorer.session
    except Exception as error:  # onnxruntime has many error classes without a common base
        text = f"{version.folder / MODEL} is not a model: {error}"
        raise StoreError("ST002", text, "roll back to another version") from None
    return scorer


def start(model: bytes) -> onnxruntime.InferenceSession:
    """A session with one thread: more threads cost 3 times the CPU per row; scale by processes instead."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # what it would write to stderr, it raises too
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def table(
    session: onnxruntime.InferenceSession, kind: str, x: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """x: (n, k) -> what the model returns: probabilities of the classes it knows (n, c), numbers (n, 1)."""
    found: npt.NDArray[np.float32]
    (found,) = session.run([KINDS[kind].name], {"x": x})
    return found
