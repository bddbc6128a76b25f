"""The pipelines of a repository, of any provider.

In:       the files of GitHub Actions, GitLab CI, Azure Pipelines and others.
Out:      each pipeline: when it runs, the commands it says, the values it gives to names.
Failure:  none: a file that is not YAML is a problem of the repository, and no pipeline.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .repository import Repository

PLACES = {
    "github": [".github/workflows/*.yml", ".github/workflows/*.yaml"],
    "gitlab": [".gitlab-ci.yml", ".gitlab/ci/*.yml"],
    "azure": ["azure-pipelines*.yml", ".azuredevops/*.yml", ".azure-pipelines/*.yml"],
    "other": [".circleci/config.yml", "bitbucket-pipelines.yml", "Jenkinsfile"],
}
COMMANDS = {"after_script", "bash", "before_script", "command", "powershell", "pwsh", "run", "script"}
REVIEWS = {"pull_request", "pull_request_target", "merge_group"}
MAX_DEPTH = 40


@dataclass(frozen=True)
class Pipeline:
    path: str
    provider: str
    document: dict[str, Any]
    on_review: bool  # runs for each proposed change
    on_change: bool  # runs for each proposed or merged change, not only for tags and by hand

    def jobs(self) -> dict[str, dict[str, Any]]:
        jobs = self.document.get("jobs")
        named = jobs.items() if isinstance(jobs, dict) else []
        return {str(name): job for name, job in named if isinstance(job, dict)}


@lru_cache(maxsize=4)
def pipelines(repository: Repository) -> tuple[Pipeline, ...]:
    """All pipelines of the repository."""
    found = []
    for provider, places in PLACES.items():
        for path in repository.matching(*places):
            if path == "Jenkinsfile":
                found.append(Pipeline(path, provider, {"script": repository.text(path)}, True, True))
            for document in repository.documents(path) if path != "Jenkinsfile" else []:
                if isinstance(document, dict):
                    found.append(Pipeline(path, provider, document, *triggers(provider, document)))
    return tuple(found)


def triggers(provider: str, document: dict[str, Any]) -> tuple[bool, bool]:
    """Does it run for a proposed change; for a proposed or merged one?"""
    if provider == "github":
        on = document.get("on", {})
        events = {on} if isinstance(on, str) else set(on)
        review = bool(events & REVIEWS)
        push = on.get("push") if isinstance(on, dict) else None
        only_tags = isinstance(push, dict) and "tags" in push and "branches" not in push
        return review, review or ("push" in events and not only_tags)
    if provider == "gitlab":
        workflow = document.get("workflow")
        rules = workflow.get("rules", []) if isinstance(workflow, dict) else []
        return not rules or "merge_request" in str(rules), True
    if provider == "azure":
        return document.get("pr") != "none", document.get("trigger") != "none"
    return True, True


def said(node: Any, depth: int = 0) -> Iterator[str]:
    """The commands in a pipeline, each as it is written, wherever they are."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, list):
        for each in node:
            yield from said(each, depth + 1)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in COMMANDS:
                yield from strings(value)
            else:
                yield from said(value, depth + 1)


def given(node: Any, found: dict[str, list[str]], depth: int = 0) -> dict[str, list[str]]:
    """Every value that a pipeline gives to a name, in `env`, `variables`, a matrix or elsewhere."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    if isinstance(node, dict):
        for key, value in node.items():
            values = value if isinstance(value, list) else [value]
            plain = [str(each) for each in values if isinstance(each, str | int | float)]
            found.setdefault(str(key).upper(), []).extend(plain)
    for each in children if depth <= MAX_DEPTH else []:
        given(each, found, depth + 1)
    return found


def strings(node: Any, depth: int = 0) -> Iterator[str]:
    """The texts below a node of YAML."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | dict) and depth <= MAX_DEPTH:
        for each in node.values() if isinstance(node, dict) else node:
            yield from strings(each, depth + 1)
