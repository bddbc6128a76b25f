"""The served model gives the same answers as the trained one, or it is refused."""

import pickle

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from datadevops.contract import odcs
from datadevops.errors import ContractError, StoreError
from datadevops.models import artifact, scorer
from datadevops.models.fitting import Fitted

# skl2onnx 1.20 hands truths where protobuf 6 wants numbers; both are pinned in pyproject.toml.
OUTPUT = {"kind": "binary", "threshold": 0.3}
pytestmark = pytest.mark.filterwarnings("ignore:Field onnx.AttributeProto:DeprecationWarning")


@pytest.fixture(scope="module")
def data():
    """x (2000, 4) with nulls, the last column an enum of five; y (2000,)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 4)).astype(np.float32)
    x[:, 3] = rng.integers(0, 5, 2000)
    y = x[:, 0] + np.isin(x[:, 3], [1, 4]) + rng.normal(0, 0.5, 2000) > 1
    x[rng.random(x.shape) < 0.1] = np.nan
    return x, y


def exported(estimator, x, nullable=None):
    """A scorer of the ONNX file made from a fitted classifier."""
    onnx, _ = artifact.export(Fitted(estimator, OUTPUT), x, nullable)
    return scorer.Scorer("", {}, OUTPUT, onnx)


def boosting(**more):
    return HistGradientBoostingClassifier(max_iter=5, random_state=0, **more)


ESTIMATORS = {
    "boosted trees": boosting(),
    "a regression behind an imputer": make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()),
    "a forest": RandomForestClassifier(20, random_state=0),
    "a forest behind an imputer": make_pipeline(SimpleImputer(), RandomForestClassifier(20, random_state=0)),
    "a calibrated regression": make_pipeline(
        SimpleImputer(), CalibratedClassifierCV(LogisticRegression(), method="sigmoid", cv=2)
    ),
    "bagged trees behind an imputer": make_pipeline(
        SimpleImputer(), BaggingClassifier(DecisionTreeClassifier(), random_state=0)
    ),
}


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_an_exported_model_answers_as_the_fitted_one_on_rows_with_and_without_nulls(data, estimator):
    x, y = data
    fitted = estimator.fit(x[:1000], y[:1000])

    served = exported(fitted, x[1000:])

    for rows in (x, np.nan_to_num(x), np.full((1, 4), np.nan, dtype=np.float32)):
        assert served.forecast(rows) == pytest.approx(fitted.predict_proba(rows)[:, 1], abs=1e-5)


REGRESSORS = {
    "boosted trees": HistGradientBoostingRegressor(max_iter=5, random_state=0),
    "a forest": RandomForestRegressor(20, random_state=0),
    "columns by kind": make_pipeline(
        ColumnTransformer(
            [
                ("words", make_pipeline(SimpleImputer(), OrdinalEncoder()), [3]),
                ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), [0, 1, 2]),
            ]
        ),
        Ridge(),
    ),
}


@pytest.mark.parametrize("estimator", REGRESSORS.values(), ids=REGRESSORS)
def test_an_exported_regressor_answers_as_the_fitted_one_on_rows_with_and_without_nulls(data, estimator):
    x = data[0]
    output = {"kind": "regression", "offset": 0.0, "scale": 1.0, "minimum": None, "maximum": None}
    fitted = Fitted(estimator.fit(x[:1000], np.nan_to_num(x[:1000, 0])), output)

    onnx, gap = artifact.export(fitted, x[1000:])

    assert gap < artifact.TOLERANCE
    assert scorer.Scorer("", {}, output, onnx).forecast(x) == pytest.approx(fitted.forecast(x), abs=1e-5)


def test_a_model_that_accepts_no_nulls_is_fine_if_none_are_allowed(data):
    x, y = data
    x = np.where(np.isnan(x) & (np.arange(4) > 0), 0, x).astype(np.float32)  # the first column has nulls
    first = ColumnTransformer([("first", SimpleImputer(), [0])], remainder="passthrough")
    fitted = make_pipeline(first, LogisticRegression()).fit(x[:1000], y[:1000])

    served = exported(fitted, x[1000:], [True, False, False, False])

    assert served.forecast(x) == pytest.approx(fitted.predict_proba(x)[:, 1], abs=1e-5)
    with pytest.raises(ContractError, match=r"(?s)ML003.*a SimpleImputer before it to accept nulls"):
        exported(fitted, x[1000:])


def test_a_wrong_conversion_is_refused_with_the_size_of_the_difference(data):
    x, y = data
    fitted = boosting(categorical_features=[3]).fit(x[:1000], y[:1000])

    with pytest.raises(ContractError) as error:
        exported(fitted, x[1000:])

    assert (error.value.id, error.value.exit_code) == ("ML003", 2)
    for part in ("ONNX and HistGradientBoostingClassifier", "differ by up to 0.", "in probability; 1e-05 is"):
        assert part in str(error.value)


def test_a_linear_model_of_large_inputs_is_refused_and_converted_as_the_hint_says(data):
    x = np.nan_to_num(data[0]) * np.float32(1000) + np.float32(1e6)
    output = {"kind": "regression", "offset": 0.0, "scale": 1.0}
    y = (x[:, 0] - 1e6) / 1000

    with pytest.raises(
        ContractError,
        match=r"(?s)ML003.* in spreads of the label;.*put a StandardScaler before a linear model",
    ) as error:
        artifact.export(Fitted(Ridge().fit(x, y), output), x, [False] * 4)
    scaled = make_pipeline(StandardScaler(), Ridge()).fit(x, y)
    _, gap = artifact.export(Fitted(scaled, output), x, [False] * 4)

    assert "nothing was registered" in error.value.hint
    assert gap < artifact.TOLERANCE


def test_a_conversion_that_is_wrong_on_nulls_alone_is_refused(data):
    """For these trees the converter omits the branch for nulls; without nulls the conversion is exact."""
    x, y = np.nan_to_num(data[0]), data[1]
    fitted = CalibratedClassifierCV(DecisionTreeClassifier(max_depth=4)).fit(x[:1000], y[:1000])

    with pytest.raises(ContractError, match="ML003"):
        exported(fitted, x[1000:])


def test_a_model_that_accepts_no_nulls_is_refused_with_the_reason(data):
    x, y = np.nan_to_num(data[0]), data[1]
    fitted = LogisticRegression().fit(x, y)

    with pytest.raises(ContractError, match=r"(?s)ML003.*NaN"):
        exported(fitted, x)


def scored(version):
    """The answer of a version to one row."""
    return scorer.load(version).score({"a": np.array([0.5]), "b": np.array(["x"], dtype=object)})


@pytest.fixture
def registered(store, data):
    """registered(onnx): a version of the model store with these bytes as its model."""

    def write(onnx):
        def files(folder):
            (folder / scorer.MODEL).write_bytes(onnx)
            return {"inputs": {"a": [], "b": ["x", "y"]}, "output": OUTPUT}

        return store.make({"bytes": len(onnx)}, files)

    return write


def test_a_version_of_the_store_scores_rows_by_column(registered, data):
    x, y = np.nan_to_num(data[0][:, [0, 3]]), data[1]
    fitted = LogisticRegression().fit(x, y)

    version = registered(exported(make_pipeline(SimpleImputer(), fitted).fit(x, y), x).model)

    assert scored(version) == pytest.approx(fitted.predict_proba([[0.5, 0.0]])[:, 1], abs=1e-5)
    assert (scorer.load(version).version, scorer.load(version).output) == (version.id, OUTPUT)


def test_a_scorer_that_is_sent_to_another_process_scores_there_as_here(data):
    x, y = np.nan_to_num(data[0]), data[1]
    here = exported(LogisticRegression().fit(x, y), x, [False] * 4)
    answers = here.forecast(x)  # so that its session is open

    there = pickle.loads(pickle.dumps(here))  # noqa: S301  it was written here

    assert there.forecast(x).tolist() == answers.tolist()


def test_rows_without_a_forecast_stop_the_scoring(registered, data, engine, orders, tmp_path):
    x, y = np.nan_to_num(data[0][:, [0, 3]]), data[1]
    fitted = LogisticRegression().fit(x, y)
    fitted.coef_ = np.zeros_like(fitted.coef_)  # zero times infinity is NaN
    loaded = scorer.load(registered(exported(fitted, x, [False, False]).model))
    row = "'web' as shop, timestamp '2024-01-01' as ordered_at, 1e300 as a, 'x' as b"
    engine.keep("features", f"select {row}")

    with pytest.raises(ContractError, match=r"ML009.*no forecast for 1 row"):
        scorer.score_table(engine, loaded, orders, tmp_path / "scored.parquet")


@pytest.mark.parametrize("onnx", [b"", b"no model", b"\x08\x09" * 500], ids=["empty", "text", "noise"])
def test_a_file_that_is_not_a_model_is_refused_by_name(registered, onnx):
    version = registered(onnx)

    with pytest.raises(StoreError, match=rf"(?s)ST002.*{version.id}.*model\.onnx is not a model.*roll back"):
        scorer.load(version)


def masked(values, nulls, dtype=None):
    return np.ma.masked_array(np.array(values, dtype=dtype), nulls)


INPUTS = {"word": ("?", "x"), "code": (999999, 1), "truth": (), "number": ()}


def test_an_enum_value_becomes_its_index_and_unknown_or_null_becomes_nan():
    matrix = scorer.matrix(
        INPUTS,
        {
            "word": masked(["x", "?", "never seen", "x"], [0, 0, 0, 1], object),
            "code": masked([1, 999999, 7, 1], [0, 0, 0, 1]),
            "truth": masked([True, False, True, True], [0, 0, 0, 1]),
            "number": masked([0.5, -1.0, 2.0, 2.0], [0, 0, 0, 1]),
        },
    )

    expected = [[1, 1, 1, 0.5], [0, 0, 0, -1], [np.nan, np.nan, 1, 2], [np.nan] * 4]
    np.testing.assert_array_equal(matrix, np.array(expected, dtype=np.float32))


def test_cells_are_rounded_to_the_nearest_number_of_17_bits():
    """Of a number of 32 bits, which has 24, the last seven are dropped."""
    step = 2.0**-23  # the last bit of numbers from 1 to 2
    ends = np.array([1 + 63 * step, 1 + 64 * step, -1 - 63 * step, -1 - 64 * step, 1e39, np.nan])

    found = scorer.rounded(ends)

    np.testing.assert_array_equal(found, [1, 1 + 128 * step, -1, -1 - 128 * step, np.inf, np.nan])
    assert not np.any(scorer.rounded(np.random.default_rng(0).normal(size=99)).view(np.uint32) & 127)


def test_the_inputs_are_the_columns_outside_the_key_in_the_order_of_the_contract(edited):
    words = {
        "orders": {"quality": []},
        "sku": {"enum": [{"value": "gift"}], "examples": []},
        "note": {"enum": [{"value": "no"}], "examples": []},
    }
    words |= {"shipped_at": {"logicalType": "boolean"}}
    words |= {"due_on": {"logicalType": "boolean", "logicalTypeOptions": {}}}
    contract = odcs.load(edited(**words))

    inputs = scorer.inputs_of(contract)

    assert list(inputs) == [column.name for column in contract.measures]
    assert (inputs["stars"], inputs["unit_price"]) == ([1, 2, 3], [])


NO_INPUTS = {
    "sku": "sku cannot be a model input: string without enum.*give it an enum, or convert it",
    "shipped_at": "shipped_at cannot be a model input: timestamp\n\nhint: convert it to a number",
    "due_on": "due_on cannot be a model input: date\n\nhint: convert it to a number",
}


@pytest.mark.parametrize("name", NO_INPUTS)
def test_a_column_that_cannot_be_a_model_input_is_named(orders, name):
    columns = tuple(column for column in orders.columns if column.name == name)

    with pytest.raises(ContractError, match=f"(?s)ML004.*{NO_INPUTS[name]}"):
        scorer.inputs_of(orders.model_copy(update={"columns": columns}))
