"""Score rows with a model version: ONNX, one thread, without the training packages.

In:       a version of the model store (its hashes verified), rows by column.
Out:      the probability of each row.
Failure:  StoreError ST002 (the file is not a model); ContractError ML004 (a column cannot be an input),
          ML008 (the contract does not fit the model), ML009 (the model returns no probability).
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
from ..errors import ContractError, StoreError
from ..store.versions import Version

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
    """Every column outside the key. Raises ContractError ML004 for text without enum, or a time."""
    for column in features.measures:
        time = column.type in ("date", "timestamp")
        if time or (column.type == "string" and not column.enum):
            kind, hint = (column.type, "") if time else ("string without enum", "give it an enum, or ")
            text = f"{features.path}: {column.name!r} cannot be a model input: {kind}"
            raise ContractError("ML004", text, f"{hint}convert it to a number in features.sql")
    return {column.name: list(column.enum) for column in features.measures}


@dataclass(frozen=True)
class Scorer:
    version: str
    inputs: Inputs
    threshold: float  # the probability from which the decision is yes
    model: bytes  # ONNX

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        return start(self.model)

    def __getstate__(self) -> dict[str, Any]:
        """The state sent to a Spark worker, which starts its own session."""
        return {name: value for name, value in vars(self).items() if name != "session"}

    def score(self, columns: Columns) -> npt.NDArray[np.float64]:
        """{input: (n,)} -> probability (n,)."""
        return probabilities(self.session, matrix(self.inputs, columns))


def score_table(engine: "Engine", scorer: Scorer, features: Contract, path: Path) -> int:
    """Write a prediction for each row of the table `features` to the parquet file `path`."""
    statement = f"select * from features order by {listed(features.keys)}"
    return engine.map(statement, partial(_predicted, scorer, features.keys), path)


def _predicted(scorer: Scorer, keys: Sequence[str], rows: Columns) -> Columns:
    probability = scorer.score(rows)
    if none := int(np.isnan(probability).sum()):
        text = f"version {scorer.version} returns no probability for {none:,} rows"
        raise ContractError("ML009", text, "limit the columns of the features, or use another estimator")
    n = len(probability)
    predictions = {
        "probability": probability,
        "threshold": np.full(n, scorer.threshold),
        "decision": probability >= scorer.threshold,
        "model_version": np.full(n, scorer.version, dtype=object),
    }
    return {name: rows[name] for name in keys} | predictions


def mismatches(version: Version, features: Contract) -> list[str]:
    """The inputs of this model version that do not match the contract: the column is missing, has other enum
    values, or may be null although the model was never tried with nulls."""
    wanted = {column.name: list(column.enum) for column in features.measures}
    inputs, nulls = version.facts["inputs"], {c.name for c in features.measures if not c.required}
    unasked = nulls - set(version.facts.get("nullable", inputs))
    return [name for name, enum in inputs.items() if wanted.get(name) != enum or name in unasked]


def fits(version: Version, features: Contract) -> bool:
    return not mismatches(version, features)


def require_matching_inputs(version: Version, features: Contract) -> None:
    if odd := mismatches(version, features):
        text = f"version {version.id} does not fit {features.path.name}: {', '.join(odd)}"
        raise ContractError("ML008", text, "train again, or roll back")


def load(version: Version) -> Scorer:
    """The scorer of a version; the store has verified its hashes."""
    facts = version.facts
    try:
        scorer = Scorer(version.id, facts["inputs"], facts["threshold"], version.file(MODEL).read_bytes())
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


def probabilities(
    session: onnxruntime.InferenceSession, x: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """x: (n, k) -> probability of yes (n,), 0 to 1."""
    (table,) = session.run(["probabilities"], {"x": x})  # (n, 2): no, yes
    yes: npt.NDArray[np.float64] = table[:, 1].astype(np.float64)
    return yes.clip(0, 1)  # float32 sums may exceed 1
