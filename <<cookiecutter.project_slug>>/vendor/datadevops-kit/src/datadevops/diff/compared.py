"""The contracts of a product now and at a tag of its repository, with what each change means.

In:       a product, its settings, a tag; empty: the last release.
Out:      facts; a page of them, as text or as Markdown.
Failure:  NotRunError CT011 (no git, no tags); ContractError CT001 to CT003 (a contract, then or now), CT013,
          CT030 (a consumer), CT031 (no such tag); StoreError ST002.
"""

from collections.abc import Sequence

from ..contract import consumers, released
from ..contract.compatibility import Comparison
from ..engine.start import start
from ..errors import counted
from ..product import Product, Settings
from ..release import code_sha256
from ..reports.page import rendered
from . import effects, stored
from .effects import Effect
from .facts import Facts, facts

TEMPLATES = {"text": "contract_diff.txt", "markdown": "contract_diff.md.j2"}
NOTHING: Facts = {"since": None, "breaking": False, "tables": []}  # of what was never released


def since(product: Product, settings: Settings, tag: str) -> Facts:
    """What has changed since the tag."""
    compared = released.comparisons(tag, product.contracts, settings.home)
    changed = [each for each in compared if each.changes or each.broken]
    return facts(tag, changed, consumers.load(product.contracts), _effects(product, settings, changed))


def page(found: Facts, form: str) -> str:
    """The facts as `text` or as `markdown`."""
    return rendered(TEMPLATES[form], headline=_headline(found), tables=found["tables"]).rstrip()


def broken(found: Facts) -> list[str]:
    """What breaks a promise without a new major version, and whom."""
    return [
        "\n    ".join([f"{each['table']}: {change['change']}", *change["consumers"]])
        for each in found["tables"]
        for change in each["changes"]
        if change["verdict"] == "breaking"
    ]


def _headline(found: Facts) -> str:
    if not found["since"]:
        return "there is no earlier release, so nothing is promised yet"
    times = len(broken(found))
    return f"{counted(times, 'breaking change') if times else 'no breaking changes'} since {found['since']}"


def _effects(product: Product, settings: Settings, changed: Sequence[Comparison]) -> dict[str, Effect]:
    """What each changed contract means for the rows that are stored, by table."""
    found, code = {}, code_sha256(product)
    with start(settings.engine, settings.memory_limit, product.folder, product.command) as engine:
        for each in changed:
            name, old, new = each.contract.name, each.old, each.new
            if old and new:
                rows = stored.rows_of(settings.store, old, product.datasets, code)
                found[name] = effects.of(engine, old, new, rows)
            else:
                found[name] = Effect("the contract is gone" if old else "the contract is new")
    return found
