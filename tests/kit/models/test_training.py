"""A candidate is trained on the past, measured on the newest rows, and judged against the champion."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from datadevops.contract.target import Target
from datadevops.errors import ContractError
from datadevops.models import evaluation, losses, training
from datadevops.models.baselines import usual
from datadevops.models.definition import Definition
from datadevops.models.gate import Limits
from small_contract import column, contract_of

STEPS, SHOPS = 800, ["north", "south"]  # a step every three hours: 100 days
SIZE, MORE = (column(name, "number", required=True) for name in ("size", "more"))
KEYS = [
    column("shop", "string", primaryKey=True, primaryKeyPosition=1),
    column("opened_at", "timestamp", primaryKey=True, primaryKeyPosition=2),
]
FEATURES = f"""select ['north', 'south'][1 + i % 2] as shop,
    timestamp '2025-01-01' + to_hours(i // 2 * 3) as opened_at,
    (hash(i) % 1000) / 100.0 as size, (hash(i + {2 * STEPS}) % 1000) / 100.0 as "more"
    from range({2 * STEPS}) as t(i)"""
CHANCE = '(hash("more") % 100) / 20.0'  # 0 to 5
KINDS = {  # kind -> label in SQL of `size`, its type, target, estimator
    "binary": (f"size + {CHANCE} > 7.5", "boolean", Target("binary"), LogisticRegression),
    "classes": (
        f"if(size + {CHANCE} > 10, 'c', if(size + {CHANCE} > 5, 'b', 'a'))",
        "string",
        Target("classes", ("a", "b", "c")),
        LogisticRegression,
    ),
    "regression": (f"size + {CHANCE}", "number", Target("regression"), LinearRegression),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def train(engine, store):
    """train(kind, features, columns, keys, group=...): a candidate in the store, and what judges it."""

    def make(kind, features=FEATURES, columns=(SIZE, MORE), keys=KEYS, **more):
        label, type_, target, estimator = KINDS[kind]
        contracts = {
            "features": contract_of(*keys, *columns),
            "labels": contract_of(*keys, column("label", type_)),
        }
        engine.keep("features", features)
        names, source = ", ".join(each["name"] for each in keys), FEATURES if keys is KEYS else features
        engine.keep("labels", f"select {names}, {label} as label from ({source})")
        model = replace(
            Definition(
                lambda x, y: estimator().fit(x, y),
                {"usual": lambda past, known, rows: usual(known, past["shop"], rows["shop"])},
                Limits(),
                "shop",
                timedelta(hours=1),
                losses.deciding(kind),
            ),
            **more,
        )
        inputs = {"kind": kind, "columns": [each["name"] for each in columns], "at": f"{datetime.now(UTC)}"}
        candidate = store.make(
            inputs, lambda folder: training.train(engine, contracts, target, model, folder)
        )

        def judge(champion=None):
            found = evaluation.judge(engine, contracts["features"], target, model, candidate, champion)
            return {check.name: check for check in found}

        return candidate, judge

    return make


def test_a_candidate_is_measured_on_the_whole_days_of_the_newest_quarter(train, kind):
    facts = train(kind)[0].facts

    rows = facts["rows"]
    assert rows["newest"] == facts["skill"]["all"]["rows"] == 26 * 8 * 2
    assert rows["past"] > rows["validation"] > 20
    assert sum(rows.values()) <= 2 * STEPS
    assert facts["newest_from"] == "2025-03-16T00:00:00"
    assert (facts["units"], facts["time"], facts["split_by"]) == (26, "opened_at", [])
    assert facts["span"] == ["2025-01-01T00:00:00.000000", "2025-04-10T21:00:00.000000"]


def test_what_turns_a_forecast_into_an_answer_is_found_on_rows_that_the_trial_has_not_seen(train, kind):
    output = train(kind)[0].facts["output"]

    assert ("threshold" in output, "intervals" in output) == (kind == "binary", kind == "regression")
    if kind == "binary":
        assert 0.2 < output["threshold"] < 0.6
    if kind == "regression":
        (low, *_), (high, *_) = output["intervals"]["low"], output["intervals"]["high"]
        assert high - low == pytest.approx(4.5, abs=0.4)  # 90 % of 0 to 5


def test_a_model_that_knows_more_than_the_baseline_passes_in_every_group(train, kind):
    candidate, judge = train(kind, limits=Limits(calibration_error=0.1))  # of few rows

    checks = judge()

    assert {check.passed for check in checks.values()} == {True}, checks
    assert {"skill over usual", "skill in north", "skill in south"} <= checks.keys()
    assert "skill against the champion" not in checks
    assert candidate.facts["groups"] == SHOPS
    assert set(candidate.facts["figures"]) == {"all", *SHOPS}
    assert candidate.facts["importance"]["inputs"][0]["names"] == ["size"]
    assert candidate.facts["importance"]["inputs"][0]["skill"] > 0.2


VISITS = f"""select shop, 'p' || (epoch(opened_at) // 10800 % 200)::bigint as person,
    row_number() over (order by opened_at, shop) as visit, size, "more" from ({FEATURES})"""
VISIT_KEYS = [
    column(name, type_, primaryKey=True, primaryKeyPosition=place)
    for place, (name, type_) in enumerate([("shop", "string"), ("person", "string"), ("visit", "integer")], 1)
]


@pytest.mark.parametrize(
    ("chosen", "unit", "repeated"),
    [(False, ("shop", "person", "visit"), ["person", 8.0]), (True, ("person",), None)],
)
def test_without_a_time_rows_are_split_by_units_and_a_unit_of_several_rows_is_told_unless_chosen(
    train, chosen, unit, repeated
):
    candidate, judge = train("binary", VISITS, keys=VISIT_KEYS, units=unit, split_chosen=chosen)

    facts = candidate.facts
    assert (facts["time"], facts["span"], facts["newest_from"]) == (None, None, None)
    assert (facts["split_by"], facts["repeated"]) == (list(unit), repeated)
    assert sum(facts["rows"].values()) == 2 * STEPS
    assert facts["units"] == facts["rows"]["newest"] // (8 if chosen else 1)
    assert judge()["units to evaluate on"].passed


def test_a_baseline_knows_the_last_outcome_of_the_same_group(train, engine):
    seen = {}

    def last(past, known, rows):
        seen.update(
            zip(zip(rows["shop"], rows["opened_at"].tolist(), strict=True), rows["last_outcome"], strict=True)
        )
        return rows["last_outcome"]

    train("regression", baselines={"last": last})

    before = "lag(label) over (partition by shop order by opened_at)"
    known = {
        (shop, at): label for shop, at, label in engine.rows(f"select shop, opened_at, {before} from labels")
    }
    assert len(seen) > 26 * 8 * 2
    assert seen == {row: known[row] for row in seen}


def test_what_a_model_may_read_as_null_is_recorded(train):
    fit = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit

    candidate, _ = train("binary", columns=[SIZE, MORE | {"required": False}], fit=fit)

    assert candidate.facts["nullable"] == ["more"]


def test_without_a_group_only_all_rows_are_measured(train):
    candidate, judge = train("binary", group=None)

    assert candidate.facts["groups"] == []
    assert set(candidate.facts["figures"]) == {"all"}
    assert [name for name in judge() if "skill in" in name] == []


def test_the_champion_forecasts_the_same_rows(train, kind):
    champion, judge = train(kind)

    (low, high) = map(float, judge(champion)["skill against the champion"].figure.split(" .. "))

    assert (low, high) == pytest.approx((0, 0), abs=1e-4)


def test_a_champion_of_an_input_that_is_gone_cannot_be_compared(train):
    champion, _ = train("binary")

    check = train("binary", columns=[SIZE])[1](champion)["skill against the champion"]

    assert (check.passed, check.figure) == (None, "NOT RUN: more is gone")


@pytest.mark.parametrize(
    ("nulls", "figure"),
    [(0, "-"), (1, "NOT RUN: size may be null now and is in 1 row; the champion does not take nulls")],
)
def test_a_champion_that_takes_no_nulls_is_compared_while_there_are_none(train, nulls, figure):
    champion, _ = train("binary", columns=[SIZE])
    last = f"{nulls} = 1 and opened_at = timestamp '2025-04-10 21:00' and shop = 'north'"
    features = f"select * replace (case when not ({last}) then size end as size) from ({FEATURES})"
    fit = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit

    _, judge = train("binary", features, [SIZE | {"required": False}], fit=fit)

    assert judge(champion)["skill against the champion"].figure.startswith(figure)


@pytest.mark.parametrize(
    ("days", "figure"), [(95, "[+-]0\\.\\d+ \\.\\. "), (85, "NOT RUN: the champion has learnt all but 11 of")]
)
def test_a_champion_of_later_rows_is_compared_on_those_that_are_new_to_it_too(train, days, figure):
    """The rows of the champion are held out from day 75 on."""
    champion, _ = train("binary")
    fewer = f"from ({FEATURES}) where opened_at < timestamp '2025-01-01' + to_days({days})"

    _, judge = train("binary", fewer)

    assert re.match(figure, judge(champion)["skill against the champion"].figure)


@pytest.mark.parametrize(("days", "compared"), [(94, True), (93, False)])
def test_the_first_day_that_is_new_to_the_champion_counts(train, days, compared):
    """A row a day, at midnight; those of the champion are held out from day 74 on, and 20 are needed."""
    midnights = f"from ({FEATURES}) where opened_at = date_trunc('day', opened_at)"
    champion, _ = train("regression", midnights)

    _, judge = train("regression", f"{midnights} and opened_at < timestamp '2025-01-01' + to_days({days})")

    check = judge(champion)["skill against the champion"]
    assert check.figure.startswith("NOT RUN: the champion has learnt all but 19") is not compared


@pytest.mark.parametrize(("shops", "refused"), [(100, False), (101, True)])
def test_up_to_100_groups_are_evaluated_each(train, shops, refused):
    """Rows without an outcome count, as predictions are made for them too."""
    more = "select 'n' || i as shop, timestamp '2025-04-10 21:00' as opened_at, 1.0 as size, 1.0 as \"more\""
    features = f"{FEATURES} union all {more} from range({shops - 2}) as t(i)"

    if refused:
        with pytest.raises(ContractError, match=r"ML002.*GROUP is 'shop', which has 101 values"):
            train("binary", features)
    else:
        assert len(train("binary", features)[0].facts["groups"]) == shops
