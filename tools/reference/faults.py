"""The page of the faults that the gates are tested with.

In:       the catalogue in tests/template/faults.
Out:      a page: each fault with the gate that sees it.
"""

HEAD = """\
<!-- Made by tools/make_reference.py from tests/template/faults. Do not edit. -->
# Faults that the gates must see

A gate that never fails guards nothing. `tox -e bites` brings each of these {count} faults into a fresh
product and sees two things: that its gate fails and says why, and that `lint`, `contracts` and `review` pass,
save where they rightly see it too.

A gate is an environment of the product's tox. `job` is its main job, `contracts` is `contract check`,
`template` is `review` beside the template. Faults in the kit are seen by the kit's own tests; in a product
its seal shows them, see [DD414](review-rules.md#dd414). Each rule of the checker is seen to fail in tests of
its own, and each alert in the [drill](../how-to/operate-a-product.md).
"""


def page() -> str:
    """The text of the page."""
    from faults import FAULTS  # doctests import this file without the tests

    parts = [HEAD.format(count=sum(map(len, FAULTS.values())))]
    for area, found in FAULTS.items():
        rows = "".join(f"| {each.title} | `{each.gate}` |\n" for each in found)
        parts.append(f"\n## {area}\n\n| fault | seen by |\n|---|---|\n{rows}")
    return "".join(parts)
