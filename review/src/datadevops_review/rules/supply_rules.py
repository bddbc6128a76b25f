"""DD6, second part: what comes in from others, and what must not get out?"""

import re
from collections.abc import Iterator

from ..commands import reaches
from ..contracts import mapping
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

SCANNERS = r"\b(detect-secrets|gitleaks|trufflehog|ggshield|git-secrets|whispers)\b"
AUDITS = r"\b(uv\s+audit|pip-audit|osv-scanner|safety|snyk|dependency-review-action|trivy\s+(fs|repo))\b"
PARTS = r"(?i)\b(cyclonedx|syft|sbom|spdx)\b"
SIGNATURES = r"\b(cosign|attest-build-provenance|sigstore|notation\s+sign|slsa\S*)\b"
SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{64}",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a token of GitLab": r"\bglpat-[\w-]{20,}",
    "a token of Slack": r"\bxox[abprs]-\d+-[\w-]{10,}",
}
ALLOWED = "pragma: allowlist secret"
UPDATERS = [
    "renovate.json",
    "renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".github/renovate.json",
    ".gitlab/renovate.json",
    ".github/dependabot.yml",
    ".github/dependabot.yaml",
]


class DD611:
    """No file holds a key or a token."""

    must: Strictness | None = "starter"
    remedy = (
        f"Replace the secret first, then remove it. To a line that only looks like one, add `# {ALLOWED}`."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for path in repository.files:
            text = repository.text(path)
            for what, pattern in SECRETS.items():
                for found in re.finditer(pattern, text):
                    number = text.count("\n", 0, found.start()) + 1
                    if ALLOWED not in text.splitlines()[number - 1]:
                        yield Finding(path, f"what looks like {what}", number)
        if env := repository.first(".env"):
            yield Finding(env, "settings of one machine are no part of the repository")


class DD612:
    """Secrets are searched for before they get in: by a hook of a commit or by the pipeline."""

    must: Strictness | None = "production"
    remedy = "Add detect-secrets or gitleaks to `.pre-commit-config.yaml` and to the pipeline."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        hooks = "".join(repository.text(path) for path in repository.matching(".pre-commit-config.yaml"))
        if not re.search(SCANNERS, hooks) and not reaches(repository, SCANNERS):
            yield Finding("", "neither a hook of a commit nor a pipeline searches for secrets")


class DD613:
    """Published vulnerabilities of dependencies are looked for in the pipeline."""

    must: Strictness | None = "production"
    remedy = "Let the pipeline run `uv audit`, `pip-audit` or `osv-scanner`, also on days without a commit."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not reaches(repository, AUDITS):
            yield Finding("", "no pipeline looks for published vulnerabilities")


class DD614:
    """A robot proposes newer dependencies: Renovate or Dependabot."""

    must: Strictness | None = "production"
    remedy = "Add `renovate.json` or `.github/dependabot.yml`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        name = repository.first(*UPDATERS)
        if not name:
            yield Finding("renovate.json", "no configuration of Renovate or Dependabot")
        elif name == "renovate.json" and mapping(repository.json(name)).get("enabled") is False:
            yield Finding(name, "Renovate is switched off")


class DD615:
    """A release lists its parts (SBOM), and is signed."""

    must: Strictness | None = "regulated"
    remedy = "Let the pipeline of a release make a CycloneDX list, and sign images with cosign."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not repository.matching("Dockerfile", "*/Dockerfile"):
            raise NotApplicable("no image is built here")
        for what, pattern in {"lists the parts of a release": PARTS, "signs a release": SIGNATURES}.items():
            if not reaches(repository, pattern, on_change=False):
                yield Finding("", f"no pipeline {what}")


class DD616:
    """Who finds a weakness knows whom to tell: `SECURITY.md` has a contact."""

    must: Strictness | None = "production"
    remedy = "Write `SECURITY.md` with an address that is not a public issue."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        name = repository.first("SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md")
        if not name or not re.search(r"[\w.+-]+@[\w-]+\.\w+|https?://", repository.text(name)):
            yield Finding(name or "SECURITY.md", "no contact for who finds a weakness")
