# Template-owned: copier update merges your edits.
"""A release as far as the registry: notes, images, signatures. What follows deploys them by digest.

    python3 ci/release.py notes build sign verify

In:       the steps to take; VERSION, a tag as v1.2.3; REGISTRY, as ghcr.io/acme.
Out:      dist/notes.md; dist/images.json, the only images that later steps know.
Failure:  exit code 1, and what the tool says that refused.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from gate import git

# <% if cookiecutter.product_type == 'model-service' %>
TARGETS = {"<< cookiecutter.project_slug >>": "service", "<< cookiecutter.project_slug >>-job": "job"}
# <% else %>
TARGETS = {"<< cookiecutter.project_slug >>-job": "job"}
# <% endif %>
# <% if cookiecutter.ci == 'azure' %>
# The public Fulcio takes no tokens of Azure Pipelines, so a key of Key Vault signs: azurekms://...
KEY = ["--key", os.environ.get("COSIGN_KEY", "")]
# <% else %>
KEY: list[str] = []  # none: signed by the pipeline's own identity
# <% if cookiecutter.ci == 'github' %>
WORKFLOW = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/.github/workflows/release.yml@{GITHUB_REF}"
ISSUER = "https://token.actions.githubusercontent.com"
# <% else %>
WORKFLOW = "{CI_PROJECT_URL}//.gitlab-ci.yml@refs/tags/{CI_COMMIT_TAG}"
ISSUER = "{CI_SERVER_URL}"
# <% endif %>
# <% endif %>
DIST = Path("dist")
VERSION = os.environ["VERSION"].removeprefix("v")


def notes() -> None:
    """What the changelog says of this version: a release needs an entry that its users can read. They read
    the words of the contracts too, so none may be a TODO."""
    text = Path("CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## \[{re.escape(VERSION)}\].*?\n(.+?)(?=^## \[|\Z)", text, re.M | re.S)
    if not section or not section[1].strip():
        sys.exit(f"CHANGELOG.md says nothing below `## [{VERSION}]`: move there what is below Unreleased")
    contracts = sorted(Path("src").glob("*/contracts/**/*.yaml"))
    if left := [path for path in contracts if re.search("TODO[:@]", path.read_text(encoding="utf-8"))]:
        sys.exit(f"a TODO is left in {', '.join(map(str, left))}: `contract check` of the product names each")
    (DIST / "notes.md").write_text(section[1].strip() + "\n", encoding="utf-8")


def build() -> None:
    """Build and push each image, once, with what its builder attests of its origin."""
    registry = os.environ["REGISTRY"].lower()
    commit = git("rev-parse", "HEAD").strip()
    given = [f"--build-arg=VERSION={VERSION}", f"--build-arg=REVISION={commit}"]
# <% if cookiecutter.kit_index != 'vendored' %>
    if "NETRC" in os.environ:  # who may read the index of the kit
        given.append(f"--secret=id=netrc,src={os.environ['NETRC']}")
# <% endif %>
    call("docker", "buildx", "create", "--use")  # the builder that attests
    images = {}
    for name, target in TARGETS.items():
        image, said = f"{registry}/{name}", DIST / f"{name}.json"
        words = ["--target", target, "--tag", f"{image}:{VERSION}", "--metadata-file", str(said)]
        call("docker", "buildx", "build", "--push", "--provenance=mode=max", *given, *words, ".")
        images[name] = f"{image}@{json.loads(said.read_text(encoding='utf-8'))['containerimage.digest']}"
    (DIST / "images.json").write_text(json.dumps(images), encoding="utf-8")
# <% if cookiecutter.ci == 'github' %>
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.writelines(f"{TARGETS[name]}={image.partition('@')[2]}\n" for name, image in images.items())
# <% endif %>


def sign() -> None:
    """Sign each image, and under the same signature what it is made of."""
    for image in images():
        call("cosign", "sign", "--yes", *KEY, image)
        parts = ["--type", "cyclonedx", "--predicate", "dist/sbom.json"]
        call("cosign", "attest", "--yes", *KEY, *parts, image)


def verify() -> None:
    """Did the pipeline of this repository, at this tag, build these images?"""
# <% if cookiecutter.ci == 'azure' %>
    signer = KEY
# <% else %>
    named = {"--certificate-identity": WORKFLOW, "--certificate-oidc-issuer": ISSUER}
    signer = [f"{option}={value.format_map(os.environ)}" for option, value in named.items()]
# <% endif %>
    for image in images():
        call("cosign", "verify", "--output", "text", *signer, image)


def images() -> list[str]:
    return list(json.loads((DIST / "images.json").read_text(encoding="utf-8")).values())


def call(*command: str) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"{command[0]} {command[1]} failed: nothing after it was done")


if __name__ == "__main__":
    DIST.mkdir(exist_ok=True)
    steps = {each.__name__: each for each in (notes, build, sign, verify)}
    for step in sys.argv[1:]:
        steps[step]()
