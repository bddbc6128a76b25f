# Template-owned: copier update merges your edits.
"""Gates that ask more than this repository: its history, a service on the network, another tool.

    uv run tox -e audit

In:       the name of a gate, and words for the tool behind it.
Out:      what was found; exit code 0 nothing, 1 something.
Failure:  exit code 3 and NOT RUN where nobody could be asked: that is never green.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

COPIER = ["uvx", "--from", "copier>=9.15,<10", "copier"]
# By these variables git would work in another repository; it sets some for the hooks of a commit.
ELSEWHERE = r"GIT_(?!CONFIG_)\w*(DIR(ECTOR(Y|IES))?|TREE|FILE|PREFIX|NAMESPACE|PATHSPECS|OBJECTS|BASE|CONFIG)"
GRYPE = "anchore/grype:v0.118.0@sha256:8a93fc48da96bd6ec5981279d099b69de11541dc68fdf222fb9161f8ff284af7"
# <% if cookiecutter.product_type == 'model-service' %>
IMAGES = ["<< cookiecutter.project_slug >>-service:test", "<< cookiecutter.project_slug >>-job:test"]
# <% else %>
IMAGES = ["<< cookiecutter.project_slug >>-job:test"]
# <% endif %>


def audit(*words: str) -> int:
    """Has anybody published a weakness of what uv.lock names? uv answers 2 if it could not ask."""
    code = call("uv", "audit", "--preview-features", "audit-command", *words)
    return not_run("no advisories without the network") if code == 2 else code


def secrets() -> int:
    """Does a file hold what looks like a secret and is not in the baseline?"""
    words = ["-z", "--cached", "--others", "--exclude-standard", "--", ":!vendor"]
    files = git("ls-files", *words).split("\0")
    code = call("detect-secrets-hook", "--baseline", ".secrets.baseline", *filter(None, files))
    return min(code, 1)  # it answers 3 where a known secret moved: commit the baseline it wrote


def breaking(*words: str) -> int:
    """What do changed contracts mean for consumers and for stored rows? Written for the request too."""
    ours = Path("dist/contracts.md").absolute()
    ours.parent.mkdir(exist_ok=True)
    ours.unlink(missing_ok=True)
    summary = os.environ.get("GITHUB_STEP_SUMMARY") or str(ours)
    asked = ["contract", "diff", "--format", "markdown", "--output", summary]
    code = call("<< cookiecutter.project_slug >>", *asked, *words)
    if "TF_BUILD" in os.environ and ours.exists():
        print(f"##vso[task.uploadsummary]{ours}")
    return code


def hooks() -> int:
    """The hooks of a commit, on all files."""
    if folder := git("rev-parse", "--show-prefix").strip():
        not_run(f"pre-commit works at the top of a repository, and this product is in its folder {folder}")
    return call("pre-commit", "run", "--all-files", "--show-diff-on-failure")


def sbom() -> int:
    """What runs in production, as CycloneDX."""
    code = call("uv", "export", "--quiet", "--no-dev", "--format", "cyclonedx1.5", "-o", "dist/sbom.json")
    return not_run("uv.lock is missing or stale, or the package index out of reach") if code else 0


def update(*words: str) -> int:
    """Is there a newer version of the template? With `apply` it is merged into the product."""
    template()
    asked = [*COPIER, "check-update", "--output-format", "json"]
    done = subprocess.run(asked, env=here(), capture_output=True, text=True, check=False)
    if done.returncode:
        not_run(f"the template cannot be asked\n{done.stderr.strip()}")
    print(done.stdout.strip())
    behind: bool = json.loads(done.stdout)["update_available"]
    # By its absolute path: with another, copier brings back files that the team deleted.
    apply = [*COPIER, "update", "--defaults", str(Path.cwd())]
    return call(*apply) if behind and words == ("apply",) else int(behind)


def review(*words: str) -> int:
    """Does the product meet the standard? By the checker of the template's version that it has."""
    asked = ["uvx", "--from", os.environ.get("DATADEVOPS_REVIEW") or checker(), "datadevops-review"]
    if call(*asked, "--version"):
        not_run("the checker cannot be installed; DATADEVOPS_REVIEW may name another place (uvx --from)")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    return call(*asked, ".", *(["--format", "markdown", "--output", summary] if summary else []), *words)


def checker() -> str:
    """Where the checker is: in the template, at the recorded version; the address as uv takes it."""
    address, version = template()
    for short, host in {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}.items():
        address = host + address.removeprefix(short) if address.startswith(short) else address
    address = re.sub(r"^([\w.-]+@[\w.-]+):", r"ssh://\1/", address)
    address = Path(address).as_uri() if address.startswith("/") else address.removeprefix("git+")
    commit = re.sub(r"^.+-\d+-g(?=[0-9a-f]+$)", "", version)  # of a version between two tags
    return f"git+{address}@{commit}#subdirectory=review"


def template() -> tuple[str, str]:
    """Address and version of the template, as the answers record them."""
    recorded = Path(".copier-answers.yml")
    answers = recorded.read_text(encoding="utf-8") if recorded.exists() else ""
    found = dict(re.findall(r"^(_src_path|_commit): *[\"']?(.+?)[\"']?$", answers, re.M))
    if len(found) < 2:
        not_run(".copier-answers.yml does not name the template's address and version: _src_path, _commit")
    return found["_src_path"], found["_commit"]


def scan() -> int:
    """Does an image that `image` built hold a weakness that has a remedy? Grype answers 2 if so."""
    folder = Path("dist").absolute()
    folder.mkdir(exist_ok=True)
    if not shutil.which("docker"):
        not_run("docker is not installed")
    found = 0
    for image in IMAGES:
        if call("docker", "save", image, "--output", str(folder / "image.tar")):
            not_run(f"no image {image}: `uv run tox -e image` builds it")
        mount = ["--rm", "--volume", f"{folder}:/dist:ro", GRYPE]
        asked = ["docker-archive:/dist/image.tar", "--only-fixed", "--fail-on", "high"]
        code = call("docker", "run", *mount, *asked)
        found |= code // 2 if code in (0, 2) else not_run("the scanner could not do its work")
    return found


def call(*command: str) -> int:
    return subprocess.run(command, env=here(), check=False).returncode


def here() -> dict[str, str]:
    """The environment without what would lead git to another repository."""
    return {name: value for name, value in os.environ.items() if not re.fullmatch(ELSEWHERE, name)}


def git(*words: str) -> str:
    """What git answers about this repository."""
    if not shutil.which("git"):
        not_run("git is not installed")
    done = subprocess.run(["git", *words], env=here(), capture_output=True, text=True, check=False)
    if done.returncode:
        not_run(done.stderr.strip())
    return done.stdout


def not_run(why: str) -> NoReturn:
    print(f"NOT RUN: {why}", file=sys.stderr)
    raise SystemExit(3)


if __name__ == "__main__":
    gates = {each.__name__: each for each in (audit, secrets, breaking, hooks, sbom, update, review, scan)}
    raise SystemExit(gates[sys.argv[1]](*sys.argv[2:]))
