# Template-owned: copier update merges your edits.
"""Put the images of dist/images.json on one machine, and go back when they do not work there.

    uv run python ci/compose.py deploy@example.com

In:       whom ssh may enter as; there lies a clone of this repository at a release, with its secrets.
          VERSION, REGISTRY; SSH_KEY and SSH_KNOWN_HOSTS, texts of the files so called.
# <% if cookiecutter.product_type == 'model-service' %>
          PROBE_TOKEN for a prediction.
# <% endif %>
Out:      the machine runs this version, by the digests that were built.
Failure:  exit code 1; the version before runs again.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PRODUCT = "<< cookiecutter.project_slug >>"
VERSION = os.environ["VERSION"].removeprefix("v")
REGISTRY = os.environ["REGISTRY"].lower()
IMAGES: dict[str, str] = json.loads(Path("dist/images.json").read_text(encoding="utf-8"))


def deploy(ssh: list[str]) -> None:
    """Start the new version; if that or a try of it fails, the one before."""
    before = there(ssh, "git describe --tags --exact-match")
    if before.returncode:
        sys.exit(f"no clone {PRODUCT}/ at a release there, so nothing to go back to")
    if up(ssh, VERSION, *digests()) and works(ssh):
        return
    known = before.stdout.strip().removeprefix("v")
    back = "runs again" if up(ssh, known) else "does not start either"
    sys.exit(f"{VERSION} does not work there; {known} {back}")


def digests() -> list[str]:
    """Commands that fail unless the tags there are the images that were built."""
    return [
        f"docker image inspect --format '{{{{.RepoDigests}}}}' {image.partition('@')[0]}:{VERSION}"
        f" | grep --quiet --fixed-strings {image.partition('@')[2]}"
        for image in IMAGES.values()
    ]


def up(ssh: list[str], version: str, *checks: str) -> bool:
    """Start a version; the checks come between the pull and the start."""
    fetch = ["git fetch --quiet --tags", f"git checkout --quiet --detach {shlex.quote('v' + version)}"]
    compose = f"VERSION={shlex.quote(version)} REGISTRY={shlex.quote(REGISTRY)} docker compose"
    start = [f"{compose} pull --quiet", *checks, f"{compose} up --detach --no-build"]
# <% if cookiecutter.product_type == 'model-service' %>
    start += [f"{compose} up --detach --no-build --wait --wait-timeout 120 service"]
# <% endif %>
    return there(ssh, *fetch, *start).returncode == 0


# <% if cookiecutter.product_type == 'model-service' %>
def works(ssh: list[str]) -> bool:
    """One prediction, as a caller would ask for it."""
    tunnel = [*ssh, "-f", "-o", "ExitOnForwardFailure=yes", "-L", "18000:127.0.0.1:8000", "sleep 30"]
    asked = [PRODUCT, "probe", "--url", "http://127.0.0.1:18000", "--timeout-seconds", "10"]
    return all(subprocess.run(each, check=False).returncode == 0 for each in (tunnel, asked))
# <% else %>
def works(ssh: list[str]) -> bool:
    """The main job; what is done already is not done again."""
    compose = f"VERSION={shlex.quote(VERSION)} REGISTRY={shlex.quote(REGISTRY)} docker compose"
    return there(ssh, f"{compose} run --rm --no-TTY job").returncode == 0
# <% endif %>


def there(ssh: list[str], *commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands in the clone on the machine; each must succeed for the next to run."""
    script = " && ".join([f"cd {PRODUCT}", *commands])
    return subprocess.run([*ssh, script], stdout=subprocess.PIPE, text=True, check=False)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        key, hosts = Path(folder, "key"), Path(folder, "known_hosts")
        key.touch(mode=0o600)
        key.write_text(os.environ["SSH_KEY"].rstrip() + "\n", encoding="utf-8")
        hosts.write_text(os.environ["SSH_KNOWN_HOSTS"].rstrip() + "\n", encoding="utf-8")
        options = [f"UserKnownHostsFile={hosts}", "StrictHostKeyChecking=yes", "BatchMode=yes"]
        deploy(["ssh", "-i", str(key), *(f"-o{each}" for each in options), sys.argv[1]])
