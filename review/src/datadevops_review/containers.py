"""Images: how Dockerfiles build them, and which others are used.

In:       Dockerfiles, compose files, pipelines and manifests of Kubernetes.
Out:      stages with what they start from and who runs them; references to images; pods.
Failure:  none: what is not written as expected counts as absent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .contracts import mapping, mappings
from .repository import Repository

PODS = r"^kind:\s*[\"']?(Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod)\b"


@dataclass
class Stage:
    image: str  # what it starts from: an image, or the name of a stage before it
    name: str
    line: int
    base: "Stage | None" = None
    user: str = ""
    said: set[str] = field(default_factory=set)  # instructions

    def runs_as(self) -> str:
        """The user that the stage, or one that it starts from, sets; "" is root."""
        return self.user or (self.base.runs_as() if self.base else "")


def dockerfiles(repository: Repository) -> list[str]:
    return repository.matching("Dockerfile", "*/Dockerfile", "Dockerfile.*", "*.dockerfile", "Containerfile")


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile; arguments with a default are put in."""
    found: list[Stage] = []
    arguments: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        word, _, rest = line.strip().partition(" ")
        if word.upper() == "ARG" and "=" in rest:
            name, _, value = rest.partition("=")
            arguments[name.strip()] = value.strip("\"' ")
        if start := re.match(r"(?i)FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", line.strip()):
            image = re.sub(r"\$\{?(\w+)[^}/:]*\}?", lambda each: arguments.get(each[1], each[0]), start[1])
            base = next((each for each in found if each.name.casefold() == image.casefold()), None)
            found.append(Stage(image, start[2] or "", number, base))
        elif found and word.isalpha() and word.isupper():
            found[-1].said.add(word)
            if word == "USER":
                found[-1].user = rest.strip()
    return found


def images(repository: Repository) -> Iterator[tuple[str, int, str]]:
    """Each image that somebody else built: file, line, reference."""
    for path in dockerfiles(repository):
        for stage in stages(repository.text(path)):
            if not stage.base and stage.image != "scratch":
                yield path, stage.line, stage.image
    composed = repository.matching(
        "compose*.y*ml", "docker-compose*.y*ml", "*/docker-compose*.y*ml", ".gitlab-ci.yml"
    )
    for path in composed:
        for number, line in enumerate(repository.text(path).splitlines(), start=1):
            if (found := re.match(r"\s*-?\s*image:\s*[\"']?([^\s\"'{]+)", line)) and "$" not in found[1]:
                yield path, number, found[1]


def full_name(image: str) -> str:
    """The image with its registry: `docker:29` is `docker.io/library/docker:29`."""
    host, slash, _ = image.partition("/")
    if slash and (host == "localhost" or re.search(r"[.:]", host)):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"


def pods(repository: Repository) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What Kubernetes runs: file, kind, the specification of the pod."""
    for path in repository.yaml_files(PODS):
        for document in mappings(repository.documents(path)):
            spec = mapping(document.get("spec"))
            if document.get("kind") == "CronJob":
                spec = mapping(mapping(spec.get("jobTemplate")).get("spec"))
            if document.get("kind") != "Pod":
                spec = mapping(mapping(spec.get("template")).get("spec"))
            if spec.get("containers"):  # a patch of kustomize may have none
                yield path, str(document.get("kind")), spec
