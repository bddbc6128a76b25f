"""DD6, first part: what may run, and with which rights?"""

import fnmatch
import re
from collections.abc import Iterator

from ..containers import dockerfiles, full_name, images, pods, stages
from ..contracts import mapping, mappings
from ..pipelines import pipelines
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

ROOT = {"", "0", "root"}
USES = re.compile(r"^\s*-?\s*uses:\s*[\"']?([^\s\"'#]+)")
PINNED = re.compile(r"@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$")
OWN = ("./", "$/", "../")


class DD601:
    """No image runs as root."""

    must: Strictness | None = "starter"
    remedy = "End each stage that is run with `USER 10001:10001`, or another user that is not root."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        built = {path: stages(repository.text(path)) for path in dockerfiles(repository)}
        if not built:
            raise NotApplicable("no image is built here")
        for path, found in built.items():
            text = repository.text(path)
            copied = set(re.findall(r"--from=(\S+)", text))
            used = {id(each.base) for each in found} | {id(each) for each in found if each.name in copied}
            for stage in found:
                final = id(stage) not in used or stage is found[-1]
                if final and stage.runs_as().partition(":")[0] in ROOT:
                    yield Finding(path, f"stage {stage.name or stage.image} runs as root", stage.line)


class DD602:
    """Each image of others is named by its version, and comes from where it may."""

    must: Strictness | None = "starter"
    remedy = "Name a version (`python:3.13-slim`), or better a digest (`@sha256:`); Renovate raises both."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        found = list(images(repository))
        if not found:
            raise NotApplicable("no image is used here")
        for path, line, image in found:
            tag = image.rpartition("/")[2].partition(":")[2].partition("@")[0]
            if "@sha256:" not in image and tag in ("", "latest"):
                yield Finding(path, f"{image} names no version", line)
            elif "@sha256:" not in image and standard.at_least("regulated"):
                yield Finding(path, f"{image} names no digest", line)
            allowed = standard.base_images
            names = (image, full_name(image))
            if allowed and not any(fnmatch.fnmatchcase(name, each) for name in names for each in allowed):
                yield Finding(path, f"{image} is none of {', '.join(allowed)}", line)


class DD603:
    """Code of others in a pipeline is pinned to a commit: a tag can be moved."""

    must: Strictness | None = "starter"
    remedy = "Write `uses: owner/action@<40 digits> # v1.2.3`; Renovate and `pinact` do it for you."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not any(each.provider == "github" for each in pipelines(repository)):
            raise NotApplicable("no pipeline uses actions of GitHub")
        places = repository.matching(".github/workflows/*.y*ml", ".github/actions/*.y*ml", "action.y*ml")
        for path in places:
            for number, line in enumerate(repository.text(path).splitlines(), start=1):
                found = USES.match(line)
                if found and not found[1].startswith(OWN) and not PINNED.search(found[1]):
                    yield Finding(path, f"{found[1]} is not pinned to a commit", number)


class DD604:
    """Each job of a pipeline says which rights it needs, and none has all."""

    must: Strictness | None = "starter"
    remedy = "Write `permissions: {}` at the top of the workflow, and what a job needs in the job."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        workflows = [each for each in pipelines(repository) if each.provider == "github"]
        if not workflows:
            raise NotApplicable("only GitHub has rights for jobs")
        for workflow in workflows:
            top = workflow.document.get("permissions")
            if top == "write-all":
                yield Finding(workflow.path, "`permissions: write-all`")
            for name, job in workflow.jobs().items():
                if job.get("permissions", top) is None:
                    yield Finding(
                        workflow.path, f"job {name} has no `permissions`, so it has those of the repository"
                    )
                elif job.get("permissions") == "write-all":
                    yield Finding(workflow.path, f"job {name}: `permissions: write-all`")


class DD605:
    """No container has more rights than it needs."""

    must: Strictness | None = "production"
    remedy = "Set `runAsNonRoot: true` and `allowPrivilegeEscalation: false`; remove `privileged`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        composed = repository.matching("compose*.y*ml", "docker-compose*.y*ml")
        found = list(pods(repository))
        if not found and not composed:
            raise NotApplicable("no container is run from here")
        for path, kind, spec in found:
            pod = mapping(spec.get("securityContext"))
            for container in mappings(spec.get("containers")):
                own = mapping(container.get("securityContext"))
                where = f"{kind}, container {container.get('name')}"
                if not own.get("runAsNonRoot", pod.get("runAsNonRoot")):
                    yield Finding(path, f"{where}: no `runAsNonRoot`")
                if own.get("allowPrivilegeEscalation") is not False:
                    yield Finding(path, f"{where}: no `allowPrivilegeEscalation: false`")
        for path in composed:
            for number, line in enumerate(repository.text(path).splitlines(), start=1):
                if re.match(r"\s*privileged:\s*[\"']?true", line):
                    yield Finding(path, "`privileged: true`", number)
