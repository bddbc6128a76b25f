# Template-owned: copier update merges your edits.
"""Deploy the images of dist/images.json to a cluster, and go back if callers get worse answers.

    uv run python ci/kubernetes.py deploy staging
# <% if cookiecutter.product_type == 'model-service' %>
    uv run python ci/kubernetes.py canary production
# <% endif %>

In:       a step, an overlay of deploy/kubernetes; VERSION; KUBE_CONFIG, the text of a kubeconfig.
# <% if cookiecutter.product_type == 'model-service' %>
          PROBE_TOKEN for a prediction; PROMETHEUS, its address, for the canary.
# <% endif %>
Out:      the overlay with these images, by digest, and with the rules of ops/slo.yaml.
# <% if cookiecutter.product_type == 'model-service' %>
Failure:  exit code 1 if a step failed or the canary was worse, 3 if the canary got too few requests. The
          canary is removed in each case.
# <% else %>
Failure:  exit code 1 if a step failed.
# <% endif %>
"""

import json
import os
import re
import subprocess
import sys
import tempfile
# <% if cookiecutter.product_type == 'model-service' %>
import time
from pathlib import Path
from typing import Any
# <% else %>
from pathlib import Path
# <% endif %>

PRODUCT = "<< cookiecutter.project_slug >>"
VERSION = os.environ["VERSION"].removeprefix("v")
IMAGES: dict[str, str] = json.loads(Path("dist/images.json").read_text(encoding="utf-8"))
# <% if cookiecutter.product_type == 'model-service' %>
RELEASE = "app.kubernetes.io/version"  # an annotation: the version that callers get
ROUNDS, ROUND_SECONDS = 10, int(os.environ.get("CANARY_SECONDS", "360"))
# <% endif %>


def deploy(overlay: str) -> None:
    """Apply the overlay, wait until it is ready, use it once."""
    text = manifests(overlay)
    kubectl("apply", "--filename", "-", text=text)
    there = namespace(text)
# <% if cookiecutter.product_type == 'model-service' %>
    kubectl("rollout", "status", f"deployment/{PRODUCT}", "--timeout=5m", *there)
    kubectl("annotate", "--overwrite", f"deployment/{PRODUCT}", f"{RELEASE}={VERSION}", *there)
    probe(there)
# <% else %>
    job = f"release-{VERSION.replace('.', '-').lower()}"
    kubectl("delete", "job", job, "--ignore-not-found", *there)
    kubectl("create", "job", job, f"--from=cronjob/{PRODUCT}-job", *there)
    kubectl("wait", "--for=condition=complete", f"job/{job}", "--timeout=30m", *there)
# <% endif %>


# <% if cookiecutter.product_type == 'model-service' %>
def canary(overlay: str) -> None:
    """Run one replica of the new version beside the current one until Prometheus can compare them."""
    there = namespace(manifests(overlay))
    known = ["get", f"deployment/{PRODUCT}", "--ignore-not-found", "--output=json", *there]
    today: dict[str, Any] = json.loads(kubectl(*known) or "{}")
    stable = today.get("metadata", {}).get("annotations", {}).get(RELEASE)
    if not stable:
        print("nothing runs there yet, so there is nothing to compare a canary with")
        deploy(overlay)
        return
    code, address = 3, os.environ["PROMETHEUS"]
    asked = [PRODUCT, "canary", "judge", "--prometheus", address, "--stable", stable, "--canary", VERSION]
    try:
        kubectl("apply", "--filename", "-", *there, text=json.dumps(beside(today)))
        kubectl("rollout", "status", f"deployment/{PRODUCT}-canary", "--timeout=5m", *there)
        for _ in range(ROUNDS):
            time.sleep(ROUND_SECONDS)
            if (code := subprocess.run(asked, check=False).returncode) != 3:
                break
        if code == 0:
            deploy(overlay)
    finally:
        kubectl("delete", "deployment", f"{PRODUCT}-canary", "--ignore-not-found", *there)
    if code:
        worse = f"{VERSION} is worse and was removed; callers get {stable}" if code != 3 else ""
        print(worse or f"NOT RUN: too few requests to {VERSION}; {stable} stays", file=sys.stderr)
        sys.exit(code)


def beside(today: dict[str, Any]) -> dict[str, Any]:
    """The current deployment with the new image and one replica. The service sends requests to it too."""
    spec, labels = today["spec"], today["spec"]["template"]["metadata"]["labels"] | {"track": "canary"}
    spec["template"]["metadata"]["labels"] = spec["selector"]["matchLabels"] = labels
    spec["template"]["spec"]["containers"][0]["image"] = IMAGES[PRODUCT]
    made = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"{PRODUCT}-canary"}}
    return made | {"spec": spec | {"replicas": 1}}


def probe(there: list[str]) -> None:
    """Ask for one prediction, as a caller does."""
    command = [*KUBECTL, "port-forward", f"service/{PRODUCT}", "18000:80", *there]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tunnel:
        try:
            if not tunnel.stdout or not tunnel.stdout.readline():  # it prints a line when it is open
                sys.exit("the service cannot be reached")
            asked = [PRODUCT, "probe", "--url", "http://127.0.0.1:18000", "--timeout-seconds", "10"]
            if subprocess.run(asked, check=False).returncode:
                sys.exit(f"{VERSION} does not answer: `kubectl rollout undo` brings back the version before")
        finally:
            tunnel.terminate()


# <% endif %>
def manifests(overlay: str) -> str:
    """The overlay with the rules and with our images; an image that it does not name is an error."""
    rules = [PRODUCT, "slo", "render", "--kubernetes", "deploy/kubernetes/monitoring"]
    if subprocess.run(rules, stdout=sys.stderr, check=False).returncode:
        sys.exit("the rules cannot be rendered")
    text = kubectl("kustomize", f"deploy/kubernetes/overlays/{overlay}")
    for name, image in IMAGES.items():
        text, times = re.subn(rf"(\bimage: )(\S+/)?{name}([:@]\S+)?$", rf"\g<1>{image}", text, flags=re.M)
        if not times:
            sys.exit(f"deploy/kubernetes/overlays/{overlay} runs no image {name}")
    return text


def namespace(text: str) -> list[str]:
    found = re.search(r"^  namespace: (\S+)$", text, re.M)
    return [f"--namespace={found[1]}"] if found else []


def kubectl(*words: str, text: str = "") -> str:
    """The output of kubectl. Exits if it fails."""
    done = subprocess.run([*KUBECTL, *words], input=text, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"kubectl {words[0]} failed")
    return done.stdout


if __name__ == "__main__":
    with tempfile.NamedTemporaryFile("w") as config:
        config.write(os.environ.get("KUBE_CONFIG", ""))
        config.flush()
        KUBECTL = ["kubectl", f"--kubeconfig={config.name}"] if "KUBE_CONFIG" in os.environ else ["kubectl"]
        steps = {each.__name__: each for each in << '(deploy, canary)' if cookiecutter.product_type == 'model-service' else '(deploy,)' >>}
        steps[sys.argv[1]](sys.argv[2])
