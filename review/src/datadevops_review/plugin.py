"""The rules as checks of repo-review, beside those of others: `repo-review PATH`.

In:       the folder that repo-review looks at.
Out:      a check for each rule. A waived, inapplicable or impossible one is skipped.
Failure:  none. A repository that is no folder of this machine is skipped whole.
"""

from importlib.resources.abc import Traversable
from pathlib import Path

from .profile import NAME, load
from .reference import sentence
from .review import DOCS, review
from .rules import RULES
from .standard import Standard
from .verdict import FAMILIES, Result


class Check:
    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        self.__doc__ = sentence
        self.family = name[:3]
        self.url = f"{DOCS}#{name.lower()}"

    def check(self, datadevops_results: dict[str, Result]) -> str | None:
        """What is wrong, as Markdown; "" if the rule holds."""
        result = datadevops_results.get(self.name)
        if result is None or result.state not in ("passed", "failed"):
            return None
        found = "".join(f"\n- {each}" for each in result.findings)
        return f"{result.remedy}\n{found}" if found else ""


def datadevops_results(root: Traversable) -> dict[str, Result]:
    """A fixture of repo-review: the whole review, made once."""
    if not isinstance(root, Path):
        return {}
    profile = root / NAME
    standard = load(profile) if profile.is_file() else Standard()
    return {each.rule: each for each in review(root, standard).results}


def checks() -> dict[str, Check]:
    return {name: Check(name, sentence(name)) for name in RULES}


def families() -> dict[str, dict[str, str | int]]:
    return {key: {"name": f"Data product: {name}", "order": 10} for key, name in FAMILIES.items()}
