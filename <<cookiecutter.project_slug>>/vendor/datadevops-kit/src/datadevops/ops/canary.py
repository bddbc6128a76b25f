"""Is the new version of a service as good as the one that runs? Both answer callers at the same time.

In:       objectives with counters; two versions that Prometheus scrapes side by side.
Out:      a `Verdict` for each objective.
Failure:  NotRunError OP010 (Prometheus does not answer).

The rule: promote the canary if, with 99 % confidence and in every objective, its share of bad events is at
most one error budget higher than that of the stable version. Roll it back if, with the same confidence, the
share is higher than that in any objective. Otherwise wait for more traffic. The interval of the difference is
Newcombe's hybrid score interval, which holds for few events and for no bad event at all: Statistics in
Medicine 17 (1998), 873-890, method 10. It takes events as independent; the rows of one request are not quite.
"""

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import NamedTuple

from ..telemetry import prometheus
from .objectives import Objective

# Half a percent on either side, because a rollout asks repeatedly: ten times are five percent.
Z = 2.576
RELEASE = ("target_info", "service_version")  # the series and label that tell the version of an instance
MODEL = ("product_model_info", "version")


class Count(NamedTuple):
    bad: int
    total: int

    @property
    def share(self) -> float:
        return self.bad / self.total if self.total else 0.0


class Verdict(NamedTuple):
    objective: str
    stable: Count
    canary: Count
    least: float  # how much higher the canary's share of bad events is, lower bound
    most: float  # upper bound
    allowed: float

    @property
    def word(self) -> str:
        if not self.stable.total:
            return "too few"  # most likely its name is misspelt: there is nothing to compare with
        return "worse" if self.least > self.allowed else "good" if self.most < self.allowed else "too few"


def judge(
    address: str,
    job: str,
    objectives: Iterable[Objective],
    by: tuple[str, str],
    pair: tuple[str, str],
    seconds: int,
) -> Iterator[Verdict]:
    """`by`: RELEASE or MODEL; `pair`: the stable version and the canary; `seconds`: how far back events count
    at most."""
    info, label = by
    here = f'{info}{{job="{job}"}}'

    # Count from the start of the canary: before, the stable version may have had other callers.
    step = max(1, seconds // 240)
    ages = f"time() - min by ({label}) (min_over_time(timestamp({here})[{seconds}s:{step}s]))"
    age_seconds = {each.labels.get(label): each.value for each in prometheus.query(address, ages)}
    window = round(age_seconds.get(pair[1], 0)) + step

    def counted(**selectors: str) -> Iterator[list[float]]:
        """The events of each version by selector, in one query: the counters go on between two queries."""
        join = f"on (job, instance) group_left ({label}) {here}"
        parts = (
            f'label_replace(sum by ({label}) (increase({each}[{window}s]) * {join}), "of", "{name}", "", "")'
            for name, each in selectors.items()
        )
        samples = prometheus.query(address, " or ".join(parts))
        found = {(each.labels["of"], each.labels.get(label)): each.value for each in samples}
        return ([found.get((name, version), 0.0) for version in pair] for name in selectors)

    for o in objectives:
        if o.total:
            totals, given = counted(total=o.total, given=o.bad or o.good)
            bad = given if o.bad else (total - good for total, good in zip(totals, given, strict=True))
            one, two = (Count(round(b), max(round(t), round(b))) for b, t in zip(bad, totals, strict=True))
            yield Verdict(o.name, one, two, *difference(one, two), o.budget)


def difference(one: Count, two: Count) -> tuple[float, float]:
    """Bounds of how much higher the share of `two` is.

    >>> "{:.4f} {:.4f}".format(*difference(Count(0, 1000), Count(0, 1000)))
    '-0.0066 0.0066'
    """
    (low, high), (lower, higher) = wilson(one), wilson(two)
    found, p, q = two.share - one.share, one.share, two.share
    return found - sqrt((q - lower) ** 2 + (high - p) ** 2), found + sqrt((higher - q) ** 2 + (p - low) ** 2)


def wilson(count: Count) -> tuple[float, float]:
    """Bounds of the true share; without any event, 0 and 1.

    >>> "{:.3f} {:.3f}".format(*wilson(Count(5, 100)))
    '0.017 0.139'
    """
    n, z = count.total, Z**2
    middle, half = count.bad + z / 2, Z * sqrt(count.bad * (1 - count.share) + z / 4)
    return (middle - half) / (n + z), (middle + half) / (n + z)
