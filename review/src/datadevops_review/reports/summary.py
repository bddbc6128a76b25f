"""The one sentence that all reports begin with."""

from ..verdict import Review


def headline(review: Review) -> str:
    """As `31 of 33 rules pass; 1 must and 1 should fail, 2 are waived (strictness: starter).`"""
    passed, failed = review.in_state("passed"), review.in_state("failed")
    musts, shoulds = len(review.in_state("failed", "must")), len(review.in_state("failed", "should"))
    parts = [f"{len(passed)} of {len(passed) + len(failed)} rules pass"]
    if failed:
        parts.append(f"{musts} must and {shoulds} should fail")
    for state, words in {
        "waived": "waived",
        "not run": "NOT RUN",
        "not applicable": "not applicable",
    }.items():
        if count := len(review.in_state(state)):  # type: ignore[arg-type]  # the keys are states
            parts.append(f"{count} {words}")
    return (
        f"{parts[0]}; {', '.join(parts[1:])} (strictness: {review.strictness})."
        if parts[1:]
        else parts[0] + "."
    )
