"""Any row that keeps the contract gets the same answer in a batch and in a request, and keeps its key."""

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from datadevops import Product
from datadevops.contract.target import Target
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.models import artifact, drift, scorer
from datadevops.models.fitting import Fitted
from datadevops.service.serving import Serving
from datadevops.store import aliases
from datadevops.store.versions import Store
from small_contract import column, contract_of

WORDS = ["it's", '"', "Ä", "雪 ❄", "null", "", "a,b", "0"]
PLACES = [2**53, 2**53 + 1, -1]
CONTRACT = {
    "id": ("integer", {"primaryKey": True, "primaryKeyPosition": 1, "required": True}),
    "name": ("string", {"primaryKey": True, "primaryKeyPosition": 2, "required": True}),
    "at": ("timestamp", {"primaryKey": True, "primaryKeyPosition": 3, "required": True}),
    "count": ("integer", {}),
    "amount": ("number", {}),
    "paid": ("boolean", {}),
    "word": ("string", {"enum": WORDS}),
    "place": ("integer", {"enum": PLACES}),
}
TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "string": pa.string()}
WHOLE = st.integers(-(2**63), 2**63 - 1) | st.integers(2**53 - 2, 2**53 + 2) | st.integers(-3, 3)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from([*WORDS, "nan", "\0"])
CELLS = {
    "id": WHOLE,
    "name": TEXT,
    "at": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    "count": WHOLE | st.none(),
    "amount": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    "paid": st.booleans() | st.none(),
    "word": st.sampled_from(WORDS) | st.none(),
    "place": st.sampled_from(PLACES) | st.none(),
}


def key(row):
    return row["id"], row["name"], row["at"]


ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=6, unique_by=key)
OUTPUT = {
    "binary": {"threshold": 0.5},
    "classes": {"classes": ["a", "b", "c"], "places": [0, 1, 2]},
    "regression": {
        "scale": 3.0,
        "offset": 1e6,
        "minimum": 0,
        "maximum": None,
        "intervals": {"edges": [1e6], "low": [-1.0, -2.0], "high": [2.0, 3.0]},
    },
}
ANSWER = {  # kind -> what a batch writes, and the same of an answer
    "binary": ("probability, decision", lambda each: (each.probability, each.decision)),
    "classes": (
        "value, probability_a, probability_b, probability_c",
        lambda each: (each.value, *each.probabilities.values()),
    ),
    "regression": ("value, low, high", lambda each: (each.value, each.low, each.high)),
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory):
    columns = [column(name, kind, **rules) for name, (kind, rules) in CONTRACT.items()]
    return contract_of(*columns, folder=tmp_path_factory.mktemp("contract"), name="features")


@pytest.fixture(scope="module")
def served(contract, tmp_path_factory):
    """served(kind): a server's core, with a small model of that kind in use."""
    random = np.random.default_rng(0)
    inputs = scorer.inputs_of(contract)
    x = scorer.rounded(random.normal(0, 1, (600, len(inputs))) * [1e15, 1e9, 1, 4, 1])
    x[random.random(x.shape) < 0.1] = np.nan
    y = np.nan_to_num(x[:, 0] / 1e15 + x[:, 1] / 1e9 + x[:, 2] + x[:, 3] / 4)

    def make(kind):
        estimator = HistGradientBoostingRegressor if kind == "regression" else HistGradientBoostingClassifier
        outcome = y if kind == "regression" else np.digitize(y, [0] if kind == "binary" else [-1, 1])
        output = {"kind": kind, **OUTPUT[kind]}
        fitted = Fitted(estimator(max_iter=8, random_state=0).fit(x, outcome), output)

        def write(folder):
            (folder / scorer.MODEL).write_bytes(artifact.export(fitted, x)[0])
            forecast = drift.of_forecast(fitted.forecast(x), output.get("classes", ()))
            return {"inputs": inputs, "output": output, "drift_baseline": {}, "forecast_baseline": forecast}

        store = Store(tmp_path_factory.mktemp(kind) / "models")
        aliases.promote(store, store.make({}, write).id, "champion", "a test", datetime.now(UTC))
        product = Product("any_rows", title="Any Rows", kind="model-service")
        serving = Serving(
            product, store.root.parent, contract, Target(kind, ("a", "b", "c") if kind == "classes" else ())
        )
        serving.look()
        assert serving.champion, serving.refused
        return serving

    return make


def in_a_batch(engine, serving, made, folder, kind):
    """Key -> what is written for it: the rows of a file, checked and scored."""
    types = {name: TYPES.get(kind, pa.timestamp("us")) for name, (kind, _) in CONTRACT.items()}
    table = pa.table({name: pa.array([row[name] for row in made], each) for name, each in types.items()})
    pq.write_table(table, folder / "in.parquet")
    engine.read("features", folder / "in.parquet")
    result = checks.split(engine, serving.features, folder)
    assert (result.good, result.broken) == (len(made), {})
    engine.read("features", folder / "features.parquet")
    scorer.score_table(engine, serving.champion.scorer, serving.features, folder / "out.parquet")
    found = engine.rows(f"select id, name, \"at\", {ANSWER[kind][0]} from '{folder / 'out.parquet'}'")
    return {row[:3]: row[3:] for row in found}


def in_a_request(serving, made, kind):
    """The same for a request of these rows."""
    read = serving.reader.read(json.dumps({"rows": made}, default=datetime.isoformat).encode())
    model = serving.champion
    found = model.kind.predict(model.score(model.matrix(read)), model.scorer.output)
    keys = [key(row) for row in made]
    return dict(zip(keys, map(ANSWER[kind][1], found), strict=True))


@pytest.mark.parametrize("kind", OUTPUT)
def test_any_row_is_answered_alike_in_a_batch_and_in_a_request(served, tmp_path, kind):
    serving, seen = served(kind), set()

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # rows are small as they are
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(ROWS)
    def alike(made):
        batch = in_a_batch(engine, serving, made, tmp_path, kind)

        assert batch == in_a_request(serving, made, kind)
        for row in made[:2]:
            assert batch.items() >= in_a_request(serving, [row], kind).items()
        seen.update(batch.values())

    with DuckDB() as engine:
        alike()

    assert len(seen) > 10, "the model tells rows apart"
