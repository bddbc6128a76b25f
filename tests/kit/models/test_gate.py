"""Each check of the gate passes on one forecast and fails on another, for each kind of target."""

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from datadevops.models import gate, losses, remedies

DAYS, HOURS = 100, 24
LIMITS = gate.Limits()
NAIVE, CHAMPION = "skill over persistence", "skill against the champion"
CALIBRATION, COVERAGE = "calibration error", "outcomes in their 90 % interval"


def newest(kind, outcome, candidate, naive, **more):
    """2,400 rows of 100 days and two groups."""
    champion = candidate + (
        0 if kind == "classes" else np.random.default_rng(1).normal(0, 1e-3, len(outcome))
    )
    rows = gate.Newest(
        kind=kind,
        loss=losses.deciding(kind),
        outcome=outcome,
        candidate=candidate,
        baselines={"persistence": naive},
        champion=champion,
        misfit="",
        covered=None,
        decided=None,
        block=np.repeat(np.arange(DAYS), HOURS).astype("datetime64[D]"),
        blocks="days",
        group=np.tile(["north", "north", "north", "south"], len(outcome) // 4),
        groups=["north", "south"],
    )
    return replace(rows, **more)


@pytest.fixture
def binary():
    """Known probabilities, and a candidate that forecasts them exactly."""
    rng = np.random.default_rng(0)
    truth = rng.beta(0.3, 1.0, DAYS * HOURS)
    naive = np.clip(truth + rng.normal(0, 0.3, truth.size), 0, 1)
    return newest("binary", rng.random(truth.size) < truth, truth, naive)


@pytest.fixture
def classes():
    rng = np.random.default_rng(0)
    truth = rng.dirichlet([0.5, 0.5, 0.5], DAYS * HOURS)
    outcome = (rng.random(len(truth))[:, np.newaxis] > truth.cumsum(axis=1)).sum(axis=1)
    return newest("classes", outcome, truth, np.full_like(truth, 1 / 3))


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    mean = rng.normal(50, 10, DAYS * HOURS)
    outcome = mean + rng.normal(0, 2, mean.size)
    covered = rng.random(mean.size) < 0.9
    return newest("regression", outcome, mean, np.full_like(mean, 50), covered=covered)


@pytest.fixture(params=["binary", "classes", "numbers"])
def rows(request):
    return request.getfixturevalue(request.param)


def failed(rows, limits=LIMITS):
    """The checks that did not pass, with their result: False, or None for not run."""
    return {c.name: c.passed for c in gate.judge(rows, limits) if c.passed is not True}


def test_a_forecast_of_the_truth_passes_every_check(rows):
    names = [check.name for check in gate.judge(rows, LIMITS) if check.passed is True]

    assert names[:5] == ["days to evaluate on", NAIVE, CHAMPION, "skill in north", "skill in south"]
    assert names[5:] == ([COVERAGE, "bias, in spreads"] if rows.kind == "regression" else [CALIBRATION])


def test_a_forecast_no_better_than_the_naive_one_fails(rows):
    even = replace(rows, candidate=rows.baselines["persistence"], champion=None)

    assert NAIVE in failed(even)


def test_each_baseline_that_is_not_beaten_is_named(rows):
    both = replace(rows, baselines=rows.baselines | {"climatology": rows.candidate}, champion=None)

    assert failed(both) == {"skill over climatology": False}


@pytest.mark.parametrize("seed", range(3))
def test_a_coin_is_no_better_than_another_coin(binary, seed):
    one, other = np.random.default_rng(seed).random((2, binary.outcome.size))

    assert NAIVE in failed(replace(binary, candidate=one, baselines={"persistence": other}))


def test_the_right_order_with_wrong_probabilities_fails_on_skill_and_calibration(binary):
    overconfident = replace(binary, candidate=binary.candidate**0.1)

    assert {NAIVE, CALIBRATION} <= set(failed(overconfident))


def test_a_small_bias_of_probabilities_fails_on_calibration_alone(binary):
    biased = replace(binary, candidate=np.clip(binary.candidate + 0.07, 0, 1))

    assert failed(biased) == {CALIBRATION: False}


def test_probabilities_that_are_just_as_far_off_as_they_may_be_pass(binary):
    biased = replace(binary, candidate=np.clip(binary.candidate + 0.07, 0, 1))
    error = losses.calibration_error(biased.candidate, binary.outcome)

    assert failed(biased, limits=gate.Limits(calibration_error=error)) == {}
    assert failed(biased, limits=gate.Limits(calibration_error=error - 1e-6)) == {CALIBRATION: False}


def test_classes_that_are_too_sure_fail_on_calibration(classes):
    sharp = classes.candidate**3
    sure = replace(classes, candidate=sharp / sharp.sum(axis=1, keepdims=True))

    assert CALIBRATION in failed(sure)


def test_few_rows_may_be_further_from_calibration_by_chance(binary):
    every = np.arange(0, binary.outcome.size, 40)
    few = {
        name: getattr(binary, name)[every] for name in ("outcome", "candidate", "champion", "block", "group")
    }
    few["baselines"] = {"persistence": binary.baselines["persistence"][every]}

    (check,) = (c for c in gate.judge(replace(binary, **few), LIMITS) if c.name == CALIBRATION)

    assert float(check.bound.removeprefix("<= ")) > LIMITS.calibration_error


@pytest.mark.parametrize(("answer", "word"), [(False, "no"), (True, "yes")])
def test_one_decision_for_all_rows_fails(binary, answer, word):
    decided = np.full(binary.outcome.size, answer)

    (check,) = (c for c in gate.judge(replace(binary, decided=decided), LIMITS) if not c.passed)

    assert (check.name, check.figure, check.passed) == ("decisions", f"{word} in all 2,400 rows", False)


def test_a_single_row_with_another_decision_will_do(binary):
    assert failed(replace(binary, decided=np.arange(binary.outcome.size) == 0)) == {}


@pytest.mark.parametrize("share", [0.8, 0.99])
def test_intervals_that_cover_too_little_or_too_much_fail(numbers, share):
    covered = np.random.default_rng(1).random(numbers.outcome.size) < share

    assert failed(replace(numbers, covered=covered)) == {COVERAGE: False}


def test_intervals_that_cover_just_enough_pass(numbers):
    covered = np.arange(numbers.outcome.size) % 8 > 0
    limit = abs(float(covered.mean()) - 0.9)

    assert failed(replace(numbers, covered=covered), limits=gate.Limits(calibration_error=limit)) == {}
    assert COVERAGE in failed(
        replace(numbers, covered=covered), limits=gate.Limits(calibration_error=limit - 0.001)
    )


def test_intervals_may_be_as_far_off_as_chance_explains_in_nineteen_of_twenty_cases(numbers):
    checks = gate.judge(numbers, gate.Limits(calibration_error=0))

    (bound,) = (check.bound for check in checks if check.name == COVERAGE)
    chance = 1.96 * (0.9 * 0.1 / numbers.outcome.size) ** 0.5  # of a normal distribution
    assert float(bound.removeprefix("0.9 +- ")) == pytest.approx(chance, rel=0.25)


@pytest.mark.parametrize("error", [0.2, -0.2])
def test_a_forecast_mean_that_is_always_too_high_or_too_low_fails_on_bias(numbers, error):
    off = numbers.candidate + error * numbers.outcome.std()

    assert failed(replace(numbers, candidate=off, champion=off)) == {"bias, in spreads": False}
    assert failed(replace(numbers, candidate=off, champion=off), limits=gate.Limits(bias=0.25)) == {}
    assert "bias, in spreads" not in failed(
        replace(numbers, candidate=off, champion=off, loss=losses.deciding("regression", "median"))
    )


def test_a_forecast_that_may_not_be_biased_at_all_passes_where_chance_explains_its_error(numbers):
    assert failed(numbers, limits=gate.Limits(bias=0.0)) == {}


@pytest.mark.parametrize(("error", "passed"), [(0.0, True), (0.001, False)])
def test_where_all_outcomes_are_equal_any_bias_is_too_large_and_none_is_none(numbers, error, passed):
    even = np.full_like(numbers.outcome, 50)
    rows = replace(numbers, outcome=even, candidate=even + error, champion=None)

    (bias,) = (check for check in gate.judge(rows, LIMITS) if check.name == "bias, in spreads")

    assert bias.passed is passed


def test_worse_than_the_champion_fails_although_it_beats_the_naive_forecast(binary):
    noise = np.random.default_rng(2).normal(0, 0.15, binary.outcome.size)
    worse = replace(binary, candidate=np.clip(binary.candidate + noise, 0, 1), champion=binary.candidate)

    checks = {check.name: check for check in gate.judge(worse, LIMITS)}
    assert (checks[CHAMPION].passed, checks[CHAMPION].bound) == (False, "wholly > -0.05")
    assert checks[NAIVE].passed


def test_as_good_as_a_nearly_perfect_champion_passes(numbers):
    """A share of the champion's own loss would refuse it: chance alone is half of so small a loss."""
    random = np.random.default_rng(3)
    one, other = (numbers.outcome + random.normal(0, 0.05, numbers.outcome.size) for _ in range(2))

    assert CHAMPION not in failed(replace(numbers, candidate=one, champion=other))


def test_a_champion_that_cannot_score_these_rows_is_not_run_and_not_green(rows):
    other = replace(rows, champion=None, misfit="size is gone")

    checks = {check.name: check for check in gate.judge(other, LIMITS)}

    assert checks[CHAMPION].passed is None
    assert (checks[CHAMPION].figure, checks[CHAMPION].bound) == ("NOT RUN: size is gone", "wholly > -0.05")


def test_a_champion_that_knows_rows_which_are_held_out_is_not_compared_and_the_others_decide(binary):
    best = replace(binary, champion=binary.outcome.astype(float), other_split="it was split by player")

    checks = {check.name: check for check in gate.judge(best, LIMITS)}

    assert {check.passed for check in checks.values()} == {True}
    assert (checks[CHAMPION].figure, checks[CHAMPION].judged) == ("not compared", False)
    assert checks[CHAMPION].bound == "it was split by player"


def test_a_champion_that_has_learnt_some_of_the_rows_is_compared_on_the_others(binary):
    """Where it has learnt them, it knows each outcome."""
    new = np.arange(binary.outcome.size) >= 60 * HOURS
    half = replace(binary, champion=np.where(new, binary.champion, binary.outcome))

    assert CHAMPION in failed(half)
    assert CHAMPION not in failed(replace(half, unseen=new))


@pytest.mark.parametrize(("new", "passed"), [(19, None), (20, True)])
def test_a_champion_is_compared_on_no_fewer_days_than_a_model_needs(binary, new, passed):
    unseen = np.arange(binary.outcome.size) >= (DAYS - new) * HOURS

    (check,) = (c for c in gate.judge(replace(binary, unseen=unseen), LIMITS) if c.name == CHAMPION)

    assert check.passed is passed
    if passed is None:
        assert check.figure == "NOT RUN: the champion has learnt all but 19 of these days"
        assert (check.bound, check.remedy) == ("at least 20", remedies.LEARNT)


def test_without_a_champion_no_check_compares_with_one(rows):
    checks = gate.judge(replace(rows, champion=None), LIMITS)

    assert CHAMPION not in [check.name for check in checks]
    assert all(check.passed for check in checks)


def test_a_group_that_is_forecast_worse_than_naively_fails_and_is_named(binary):
    guesses = np.random.default_rng(3).permutation(binary.candidate)
    unserved = replace(binary, candidate=np.where(binary.group == "south", guesses, binary.candidate))

    assert [name for name in failed(unserved) if name.startswith("skill in")] == ["skill in south"]


def test_a_group_in_which_the_outcome_is_rare_is_judged_by_the_same_measure(binary):
    """Its average precision is far below that of the others, although it is forecast as well."""
    rare = np.where(binary.group == "south", binary.candidate / 10, binary.candidate)
    outcome = np.random.default_rng(5).random(rare.size) < rare
    naive = np.where(binary.group == "south", 0.1 * outcome.mean(), outcome.mean())

    assert (
        failed(replace(binary, outcome=outcome, candidate=rare, baselines={"usual": naive}, champion=rare))
        == {}
    )


def test_a_small_group_is_shown_and_not_judged(binary):
    group = np.where(np.arange(binary.outcome.size) < 50, "east", "north")
    bad = np.where(group == "east", 1 - binary.candidate, binary.candidate)

    checks = gate.judge(replace(binary, candidate=bad, group=group, groups=["east", "north"]), LIMITS)
    (east,) = (check for check in checks if check.name == "skill in east")

    assert (east.passed, east.judged) == (True, False)
    assert "of 50 rows" in east.figure
    assert east.bound == "shown only: below 200 rows"


def test_a_group_of_just_enough_rows_is_judged(binary):
    south = int((binary.group == "south").sum())

    checks = gate.judge(binary, gate.Limits(group_rows=south))

    assert [check.bound for check in checks if check.name == "skill in south"] == ["at least partly >= 0"]


def test_a_group_that_is_forecast_as_well_as_naively_passes(binary):
    naive = np.where(binary.group == "south", binary.baselines["persistence"], binary.candidate)

    assert "skill in south" not in failed(replace(binary, candidate=naive))


def test_a_group_without_newest_rows_is_shown_and_not_judged_as_a_small_one(rows):
    closed = replace(rows, groups=["east", *rows.groups])

    (check,) = (each for each in gate.judge(closed, LIMITS) if not each.judged)

    assert (check.name, check.figure, check.passed) == ("skill in east", "no newest row", True)
    assert check.bound == "shown only: below 200 rows"


def test_groups_that_are_all_too_small_hide_no_fault_of_all_rows(binary):
    small = gate.Limits(group_rows=binary.outcome.size)

    passed, refused = (
        gate.judge(rows, small) for rows in (binary, replace(binary, candidate=1 - binary.candidate))
    )

    assert [check.name for check in passed if not check.judged] == ["skill in north", "skill in south"]
    assert NAIVE in [check.name for check in refused if check.passed is False]


HOLDS = {  # of an interval from low to high
    "wholly >": lambda low, high, limit: low > limit,
    "at least partly >=": lambda low, high, limit: high >= limit,
    "at least partly within": lambda low, high, limit: low <= limit and high >= -limit,
}


@pytest.mark.parametrize("moved", [-1.0, -0.2, -0.02, 0.0, 0.02, 0.2, 1.0])
def test_the_words_of_each_bound_say_of_the_figure_what_the_check_decides(numbers, moved):
    """A reader needs the line alone: value, rule and result agree."""
    random = np.random.default_rng(4)
    off = numbers.candidate + moved * numbers.outcome.std() + random.normal(0, 8, numbers.outcome.size)

    checks = gate.judge(replace(numbers, candidate=off, champion=numbers.candidate), LIMITS)

    intervals = [check for check in checks if " .. " in check.figure]
    assert len(intervals) == 5
    for check in intervals:
        words, limit = re.fullmatch(r"(.*?) (-?[\d.]+)( of 0)?", check.bound).group(1, 2)
        low, high = map(float, check.figure.split(" .. "))
        assert HOLDS[words](low, high, float(limit)) is check.passed


@pytest.mark.parametrize("groups", [[7, 12], [True, False], ["2025-01-01", "2025-01-02"]])
def test_groups_may_be_numbers_truths_and_times(binary, groups):
    kind = "datetime64[D]" if isinstance(groups[0], str) else None
    group = np.tile(np.array(groups, dtype=kind), binary.outcome.size // 2)

    checks = gate.judge(replace(binary, group=group, groups=list(map(str, groups))), LIMITS)

    assert [check.passed for check in checks if check.name.startswith("skill in")] == [True, True]


def test_too_few_days_are_not_run_and_not_green(rows):
    days = replace(rows, block=np.arange(rows.outcome.size) % 19)

    assert failed(days) == {"days to evaluate on": None}


def test_just_enough_days_will_do(rows):
    assert failed(rows, limits=gate.Limits(blocks=DAYS)) == {}


@pytest.mark.parametrize(("days", "few"), [(59, True), (60, False)])
def test_few_days_are_marked(rows, days, few):
    (check,) = gate.judge(replace(rows, block=np.arange(rows.outcome.size) % days), LIMITS)[:1]

    assert check.passed is True
    assert ("few" in check.figure) is few


def test_the_same_rows_get_the_same_answer_each_time(rows):
    assert gate.judge(rows, LIMITS) == gate.judge(rows, LIMITS)


LIMIT_FAULTS = {
    "skill": (0.99, NAIVE),
    "champion_loss": (-0.5, CHAMPION),
    "group_skill": (0.99, "skill in north"),
    "blocks": (101, "days to evaluate on"),
}


@pytest.mark.parametrize("limit", LIMIT_FAULTS)
def test_each_limit_can_be_set(binary, limit):
    value, name = LIMIT_FAULTS[limit]

    assert name in failed(binary, limits=gate.Limits(**{limit: value}))


def remedy(rows, name, limits=LIMITS):
    """What is said of the check of that name, which did not pass."""
    (found,) = [c.remedy for c in gate.judge(rows, limits) if c.passed is not True and c.name == name]
    return found


def test_a_skill_below_its_limit_has_another_remedy_than_one_that_chance_explains(binary):
    worse = replace(binary, candidate=1 - binary.candidate, champion=binary.candidate)
    one, other = np.random.default_rng(0).random((2, binary.outcome.size))
    coins = replace(binary, candidate=one, baselines={"persistence": other}, champion=other)

    even = replace(binary, candidate=binary.baselines["persistence"])

    assert remedy(worse, NAIVE) == remedy(even, NAIVE) == remedies.SKILL
    assert remedy(worse, CHAMPION) == remedies.CHAMPION
    assert remedy(coins, NAIVE) == remedy(coins, CHAMPION, gate.Limits(champion_loss=0)) == remedies.BY_CHANCE


def test_each_check_that_does_not_pass_says_what_to_try_first(binary, numbers):
    guesses = np.random.default_rng(3).permutation(binary.candidate)
    faults = {
        "skill in south": replace(
            binary, candidate=np.where(binary.group == "south", guesses, binary.candidate)
        ),
        CALIBRATION: replace(binary, candidate=np.clip(binary.candidate + 0.07, 0, 1)),
        "decisions": replace(binary, decided=np.full(binary.outcome.size, True)),
        "days to evaluate on": replace(binary, block=np.arange(binary.outcome.size) % 19),
        "units to evaluate on": replace(binary, block=np.arange(binary.outcome.size) % 19, blocks="units"),
        CHAMPION: replace(binary, champion=None, misfit="size is gone"),
        COVERAGE: replace(numbers, covered=np.arange(numbers.outcome.size) % 2 == 0),
        "bias, in spreads": replace(numbers, candidate=numbers.candidate + 0.2 * numbers.outcome.std()),
    }

    said = {name: remedy(rows, name) for name, rows in faults.items()}

    assert said == {
        "skill in south": remedies.GROUP,
        CALIBRATION: remedies.CALIBRATION,
        "decisions": remedies.DECISIONS,
        "days to evaluate on": remedies.DAYS,
        "units to evaluate on": remedies.BLOCKS,
        CHAMPION: remedies.MISFIT,
        COVERAGE: remedies.COVERAGE,
        "bias, in spreads": remedies.BIAS,
    }


def sentences():
    """{limit: what `help(Limits)` says of it}."""
    said = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", gate.Limits.__doc__ or "", re.M)
    return {name: " ".join(text.split()) for name, text in said}


def test_the_help_has_a_sentence_on_each_limit_and_on_how_to_choose_it():
    assert [*sentences()] == [limit.name for limit in fields(gate.Limits)]
    assert [name for name, text in sentences().items() if not re.search(r"(Raise|Lower) it", text)] == []


def test_the_page_of_a_product_says_the_same_with_the_defaults():
    root = Path(__file__).parents[3] / "<<cookiecutter.project_slug>>"
    page = (root / "docs" / "your-own-data.md").read_text(encoding="utf-8")

    listed = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| (.*) \|$", page, re.M)

    assert listed == [(each.name, str(each.default), sentences()[each.name]) for each in fields(gate.Limits)]
