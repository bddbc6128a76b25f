"""Any estimator that model.py can return is trained, exported and scored, or refused with what it lacks."""

import re
from datetime import timedelta

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.multioutput import ClassifierChain
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils import all_estimators

from datadevops.contract.target import Target
from datadevops.errors import ContractError, of_the_machine
from datadevops.models import artifact, fitting, scorer
from datadevops.models.definition import Definition
from datadevops.models.gate import Limits
from datadevops.models.losses import deciding

pytestmark = [
    pytest.mark.filterwarnings("ignore:Field onnx.AttributeProto:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:sklearn"),
]


@pytest.fixture(scope="module")
def data():
    """x (600, 4) without nulls, some negative; y (600,) booleans."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 4)).astype(np.float32)
    return x, x[:, 0] + rng.normal(0, 0.5, 600) > 0.5


BINARY, CLASSES, NUMBER = Target("binary"), Target("classes", tuple("abc")), Target("regression")


def trained(fit, data, target=BINARY):
    """The forecast of the exported model and of the fitted one for the last 200 rows."""
    x, y = data
    definition = Definition(fit, {}, Limits(), None, timedelta(0), deciding(target.kind))
    fitted = fitting.fit(definition, target, x[:400], y[:400])
    answers = fitted.forecast(x[400:])
    onnx, _ = artifact.export(fitted, x[400:], [False] * 4)
    return scorer.Scorer("", {}, fitted.output, onnx).forecast(x[400:]), answers


def refusal(fit, data, target=BINARY):
    with pytest.raises(ContractError) as refused:
        trained(fit, data, target)
    assert (refused.value.id, refused.value.exit_code) == ("ML003", 2)
    return str(refused.value)


def pair(**more):
    return VotingClassifier([("one", LogisticRegression()), ("two", LogisticRegression(C=2))], **more)


SERVED = {
    "numbers as classes": AdaBoostClassifier(),
    "a calibrated decision": CalibratedClassifierCV(LinearSVC()),
    "a loss that gives probabilities": SGDClassifier(loss="log_loss"),
    "a soft vote": pair(voting="soft", flatten_transform=False),
}


@pytest.mark.parametrize("estimator", SERVED.values(), ids=SERVED)
def test_an_estimator_that_gives_probabilities_is_served_as_it_was_fitted(data, estimator):
    served, fitted = trained(estimator.fit, data)

    assert served == pytest.approx(fitted, abs=1e-5)
    assert served[data[1][400:]].mean() > served[~data[1][400:]].mean() + 0.1  # it is the probability of yes


ONLY_DECIDE = {
    "a linear support vector machine": LinearSVC(),
    "a support vector machine": SVC(),
    "a ridge": RidgeClassifier(),
    "a hinge": SGDClassifier(),
    "a hard vote": pair(),
    "a pipeline": make_pipeline(StandardScaler(), LinearSVC()),
    "a regressor": LinearRegression(),
    "an outlier detector": IsolationForest(),
}


@pytest.mark.parametrize("estimator", ONLY_DECIDE.values(), ids=ONLY_DECIDE)
def test_an_estimator_without_probabilities_is_refused_with_the_ways_to_get_them(data, estimator):
    text = refusal(estimator.fit, data)

    assert type(estimator).__name__ in text
    assert "has no predict_proba" in text
    assert "CalibratedClassifierCV(LinearSVC())" in text
    assert "a regressor" in text


class Fair:
    """A model that somebody wrote by hand."""

    def __init__(self, classes=None, row=(0.5, 0.5)):
        self._row = row
        if classes:
            self.classes_ = classes

    def predict_proba(self, x):
        return [self._row] * len(x)


RETURNED = {
    "nothing": (None, "fit returns nothing", "return"),
    "a text": ("model", "'model' has no predict_proba", "CalibratedClassifierCV"),
    "a class": (LogisticRegression, "missing 1 required", "another estimator"),
    "what is not fitted": (LogisticRegression(), "not fitted yet", "another estimator"),
    "a model without classes": (Fair(), "has no classes_", "0 and 1"),
    "other classes": (Fair(["no", "yes"]), "classes no, yes, not 0 and 1", "as they are"),
    "classes of two outcomes": (Fair([np.array([0, 1])] * 2), "classes [0 1], [0 1], not", "as they are"),
    "one class": (Fair([1]), "classes 1, not 0 and 1", "as they are"),
    "one column": (Fair([0, 1], (0.5,)), "not two probabilities", "another estimator"),
    "less than impossible": (Fair([0, 1], (-0.001, 0.5)), "not two probabilities", "another estimator"),
    "more than certain": (Fair([0, 1], (0.5, 1.001)), "not two probabilities", "another estimator"),
    "what is no probability": (Fair([0, 1], (0, np.nan)), "not two probabilities", "another estimator"),
    "what scikit-learn does not know": (Fair([0, 1]), "cannot be converted to ONNX", "another estimator"),
}


@pytest.mark.parametrize(("returned", "what", "remedy"), RETURNED.values(), ids=RETURNED)
def test_what_fit_returns_is_refused_with_what_is_wrong_and_what_to_do(data, returned, what, remedy):
    text, hint = refusal(lambda x, y: returned, data).split("hint: ")

    assert what in text
    assert remedy in hint


@pytest.mark.parametrize(
    ("estimator", "message"),
    [(MultinomialNB(), "Negative values in data"), (ClassifierChain(LogisticRegression()), "IndexError")],
    ids=["a ValueError", "another error"],
)
def test_an_estimator_that_fails_on_the_rows_is_refused_with_its_own_words(data, estimator, message):
    assert message in refusal(estimator.fit, data)


def test_a_fit_that_takes_other_arguments_is_refused(data):
    assert "takes 1 positional argument" in refusal(lambda x: x, data)


def test_an_error_in_the_code_of_the_team_keeps_its_traceback(data):
    with pytest.raises(KeyError, match="rain"):
        trained(lambda x, y: {}["rain"], data)


def test_more_memory_than_there_is_is_a_fault_of_the_machine_and_not_of_the_rows(data):
    with pytest.raises(MemoryError) as error:
        trained(lambda x, y: np.empty((10**9, 10**9)), data)

    found = of_the_machine(error.value)
    assert (found.id, found.message[:18]) == ("CF009", "Unable to allocate")


def test_fit_gets_the_outcomes_as_0_and_1(data):
    seen = []

    def fit(x, y):
        seen.append(y)
        return LogisticRegression().fit(x, y)

    trained(fit, data)

    (y,) = seen
    assert (y.dtype, set(y)) == (np.int64, {0, 1})


PARTS = ({}, {"estimator": LogisticRegression()}, {"estimators": pair().estimators})


def made(kind):
    for options in PARTS:
        try:
            return kind(**options)
        except TypeError:  # it needs other parts
            continue
    raise AssertionError(f"how is {kind} made?")


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [kind for _, kind in all_estimators(["classifier", "regressor", "cluster"])])
def test_every_estimator_of_scikit_learn_is_served_or_refused(data, kind):
    x, y = data
    for rows in (x, np.abs(x)):
        try:
            served, fitted = trained(made(kind).fit, (rows, y))
        except ContractError as refused:
            found = f"{refused.id} {refused.exit_code} {refused.message}"
        else:
            found = f"ML003 2 model.py: {np.abs(served - fitted).max() <= 1e-5}"

        assert re.match(r"ML003 2 model\.py: (?!False)", found)


def numbers(data):
    return data[0], 1e7 * data[0][:, 0] + 1e9


NUMBERS = {
    "trees": HistGradientBoostingRegressor(max_iter=20),
    "a forest": RandomForestRegressor(10, random_state=0),
    "a ridge behind a scaler": make_pipeline(StandardScaler(), Ridge()),
    "a regression of the median": QuantileRegressor(quantile=0.5, alpha=0.01),
}


@pytest.mark.parametrize("estimator", NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_served_in_its_unit_however_large_it_is(data, estimator):
    """In 32 bits a number of 1e9 has steps of 64; the model is fitted to mean 0 and spread 1."""
    served, fitted = trained(estimator.fit, numbers(data), NUMBER)

    assert served == pytest.approx(fitted, abs=1e-5 * 1e7)
    assert np.corrcoef(served, numbers(data)[1][400:])[0, 1] > 0.8


def test_a_forecast_stays_in_the_range_of_the_label(data):
    x, y = data[0], data[0][:, 0]

    served, _ = trained(LinearRegression().fit, (x, y), Target("regression", (), "", 0.5, 1.0))

    assert (served.min(), served.max()) == (0.5, 1.0)


class Guess:
    """A regressor that somebody wrote by hand: it gives the same for each row, or for all rows at once."""

    def __init__(self, row, at_once=False):
        self._answer = lambda x: row if at_once else [row] * len(x)

    def predict(self, x):
        return self._answer(x)


NO_NUMBERS = {
    "nothing known": Guess(np.nan),
    "a number without end": Guess(np.inf),
    "two numbers": Guess([0.5, 0.5]),
    "one number for all rows": Guess([0.5], at_once=True),
}


@pytest.mark.parametrize("estimator", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_gives_not_one_number_for_each_row_is_refused(data, estimator):
    assert "gives not one number for each row" in refusal(lambda x, y: estimator, numbers(data), NUMBER)


@pytest.mark.parametrize("row", [0.5, [0.5]], ids=["a number", "a table of one column"])
def test_one_number_for_each_row_is_a_forecast_in_the_unit_of_the_label(data, row):
    x, y = data[0], np.tile([10.0, 14.0], 300)  # mean 12, spread 2
    definition = Definition(lambda x, y: Guess(row), {}, Limits(), None, timedelta(0), deciding("regression"))

    assert fitting.fit(definition, NUMBER, x, y).forecast(x[:3]).tolist() == [13, 13, 13]


def three(data):
    return data[0], np.digitize(data[0][:, 0], [-0.5, 0.5])


def test_each_class_gets_a_probability(data):
    served, fitted = trained(LogisticRegression().fit, three(data), CLASSES)

    assert served == pytest.approx(fitted, abs=1e-5)
    assert served.sum(axis=1) == pytest.approx(np.ones(200))
    assert (served.argmax(axis=1) == three(data)[1][400:]).mean() > 0.9


def test_a_class_that_the_past_has_not_gets_probability_zero(data):
    x, y = three(data)

    served, _ = trained(LogisticRegression().fit, (x, np.where(y == 1, 2, y)), CLASSES)

    assert served.shape == (200, 3)
    assert served[:, 1].max() == 0


@pytest.mark.parametrize(
    ("returned", "target", "message"),
    [
        (LogisticRegression(), CLASSES, "has no predict_proba|not fitted"),
        (Fair([0, 5]), CLASSES, "classes 0, 5, not some of 0 to 2"),
        (Fair([0, 2], (0.2, 0.3, 0.5)), CLASSES, "gives not two probabilities for each row"),
        (Fair([0, 1, 2]), CLASSES, "gives not 3 probabilities for each row"),
        (Fair([0, 1]), NUMBER, "has no predict.*the label of labels.yaml is a number"),
    ],
    ids=["not fitted", "other classes", "a class too many", "a class too few", "a classifier for a number"],
)
def test_an_estimator_of_another_kind_is_refused(data, returned, target, message):
    assert re.search(f"(?s){message}", refusal(lambda x, y: returned, three(data), target))


def test_what_cannot_be_converted_is_named_by_its_step_with_what_can_be(data):
    steps = make_pipeline(StandardScaler(), SplineTransformer(), LogisticRegression())

    text = refusal(steps.fit, data)

    assert "splinetransformer: SplineTransformer()" in text
    assert "cannot be converted to ONNX" in text
    assert "HistGradientBoosting, forests" in text
