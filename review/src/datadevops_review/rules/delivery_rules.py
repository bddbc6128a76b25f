"""DD4, first part: does a change reach production safely, and back?"""

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from ..commands import lines
from ..containers import dockerfiles, pods, stages
from ..contracts import mapping, mappings
from ..pipelines import given, pipelines
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

LOCKED = (
    r"--(locked|frozen|require-hashes)\b|\bUV_(LOCKED|FROZEN)=|"
    r"\b(pip-sync|poetry install|pdm sync|conda-lock|pixi run|npm ci)\b"
)
BACK = re.compile(r"^(#+)\s.*\b(roll(s|ed|ing)? ?back|revert|go back)\b", re.I | re.M)
COMMAND = re.compile(r"^(    |\t)\S|^\s*```|`[a-z][\w.-]* [^`]+`", re.M)


class DD401:
    """A pipeline runs for each proposed change."""

    must: Strictness | None = "starter"
    remedy = "Let a pipeline start for pull or merge requests, at a provider that the profile allows."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        found = pipelines(repository)
        if not found:
            yield Finding("", "no pipeline of GitHub, GitLab, Azure or another provider")
        elif not any(each.on_review for each in found):
            yield Finding(found[0].path, "no pipeline starts for a proposed change")
        providers = {each.provider for each in found}
        if found and standard.ci and not providers & set(standard.ci):
            yield Finding(
                found[0].path, f"runs on {', '.join(sorted(providers))}; allowed: {', '.join(standard.ci)}"
            )


class DD402:
    """The pipeline installs exactly what is locked, so that yesterday's build can be made again."""

    must: Strictness | None = "production"
    remedy = "Commit the lock file, and install with `--locked`, `UV_LOCKED=1`, `pip-sync` or the like."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not repository.pyproject and not repository.matching("requirements*.txt"):
            raise NotApplicable("there is no Python project")
        names = {
            name for each in pipelines(repository) if each.on_change for name in given(each.document, {})
        }
        if not names & {"UV_LOCKED", "UV_FROZEN"} and not re.search(LOCKED, "\n".join(lines(repository))):
            yield Finding("", "no pipeline that runs for changes installs from a lock")


class DD403:
    """The versions of Python are stated, and none is older than allowed."""

    must: Strictness | None = "starter"
    remedy = "Set `requires-python` below `[project]` to versions that are allowed."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not repository.first("pyproject.toml") and not repository.matching("*.py"):
            raise NotApplicable("there is no Python project")
        stated = mapping(repository.pyproject.get("project")).get("requires-python")
        try:
            versions = SpecifierSet(str(stated)) if stated else None
        except InvalidSpecifier:
            versions = None
        if versions is None:
            yield Finding("pyproject.toml", f"`requires-python` is {stated!r}")
            return
        minor = Version(standard.minimum_python).minor
        old = [f"3.{each}" for each in range(6, minor) if f"3.{each}.99" in versions]
        if old:
            yield Finding(
                "pyproject.toml", f"`requires-python` allows {old[0]}; oldest: {standard.minimum_python}"
            )


class DD404:
    """Going back is written down: a heading about it, with the commands to type."""

    must: Strictness | None = "starter"
    remedy = "Write a page about it: which command rolls back the code, which the data or the model."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for path in repository.matching("*.md", "*.rst"):
            text = repository.text(path)
            for heading in BACK.finditer(text):
                rest = text[heading.end() :]
                section = re.split(rf"^#{{1,{len(heading[1])}}}\s", rest, maxsplit=1, flags=re.M)[0]
                if COMMAND.search(section):
                    return
        yield Finding("docs", "no section on going back has a command")


class DD405:
    """The service says whether it is alive and ready."""

    must: Strictness | None = "production"
    remedy = "Give each service a `readinessProbe` and a `livenessProbe`, or its image a `HEALTHCHECK`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        services = [
            (path, spec) for path, kind, spec in pods(repository) if kind in ("Deployment", "StatefulSet")
        ]
        exposed = [
            (path, stage)
            for path in dockerfiles(repository)
            for stage in stages(repository.text(path))
            if "EXPOSE" in stage.said
        ]
        if not services and not exposed:
            raise NotApplicable("nothing here answers requests")
        for path, spec in services:
            for container in mappings(spec.get("containers")):
                for probe in ("readinessProbe", "livenessProbe"):
                    if not container.get(probe):
                        yield Finding(path, f"container {container.get('name')} has no `{probe}`")
        for path, stage in exposed if not services else []:
            if "HEALTHCHECK" not in stage.said:
                yield Finding(
                    path,
                    f"stage {stage.name or stage.image} answers requests without HEALTHCHECK",
                    stage.line,
                )
