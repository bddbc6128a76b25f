# The template's file: edits here meet template updates (copier update merges them).
"""Is the new version as good as the one before? By what the callers of both get at the same time.

In:       objectives with counters, two versions that Prometheus scrapes side by side.
Out:      a `Verdict` on each objective.
Failure:  NotRunError OP010 (Prometheus does not answer).

The rule: with 99 % confidence the share of bad events of the canary is at most one error budget above
that of the stable version, in every objective; then it is promoted. Is it certainly more in one, it is
rolled back. Else more traffic has to come. The interval of the difference is Newcombe's hybrid score
interval, which is right for few events and for none that is bad: Statistics in Medicine 17 (1998),
873-890, method 10. Events are taken as independent; the rows of one request are not quite.
"""

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import NamedTuple

from . import prometheus
from .slo import Objective

# Half a percent on either side, because a rollout asks again and again: ten times are five percent.
Z = 2.576
RELEASE = ("target_info", "service_version")  # which series and label tell the version of an instance
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
    least: float  # by how much the share of bad events of the canary is higher
    most: float
    allowed: float

    @property
    def word(self) -> str:
        if not self.stable.total:
            return "too few"  # most likely its name is misspelt: nothing to be as good as
        return "worse" if self.least > self.allowed else "good" if self.most < self.allowed else "too few"


def judge(
    address: str,
    job: str,
    objectives: Iterable[Objective],
    by: tuple[str, str],
    pair: tuple[str, str],
    seconds: int,
) -> Iterator[Verdict]:
    """`pair`: the stable version and the canary; `seconds`: of the past that count, at most."""
    info, label = by
    here = f'{info}{{job="{job}"}}'

    # From when the canary came: before that the stable version may have had other callers.
    step = max(1, seconds // 240)
    ages = f"time() - min by ({label}) (min_over_time(timestamp({here})[{seconds}s:{step}s]))"
    came = {each.labels.get(label): each.value for each in prometheus.query(address, ages)}
    window = round(came.get(pair[1], 0)) + step

    def counted(**selectors: str) -> Iterator[list[float]]:
        """The events of each version by selector, in one query: between two the counters go on."""
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
    """By how much the share of `two` is higher, at least and at most.

    >>> "{:.4f} {:.4f}".format(*difference(Count(0, 1000), Count(0, 1000)))
    '-0.0066 0.0066'
    """
    (low, high), (lower, higher) = wilson(one), wilson(two)
    found, p, q = two.share - one.share, one.share, two.share
    return found - sqrt((q - lower) ** 2 + (high - p) ** 2), found + sqrt((higher - q) ** 2 + (p - low) ** 2)


def wilson(count: Count) -> tuple[float, float]:
    """Between what and what the true share lies; of nothing, anywhere.

    >>> "{:.3f} {:.3f}".format(*wilson(Count(5, 100)))
    '0.017 0.139'
    """
    n, z = count.total, Z**2
    middle, half = count.bad + z / 2, Z * sqrt(count.bad * (1 - count.share) + z / 4)
    return (middle - half) / (n + z), (middle + half) / (n + z)
