# ruff: noqa: E501 - the texts of files, line by line
"""Three repositories in the shape in which other templates leave them, each with the faults of its kind.

In:       an empty folder.
Out:      the same, with the files.
Failure:  none.
"""

from pathlib import Path

NOTEBOOKS = {  # an exploration: folders, stubs, a Makefile; nothing is run by anybody
    "README.md": "# churn\n\nA short description of the project.\n\n    make requirements\n",
    "LICENSE": "\nThe MIT License (MIT)\nPermission is hereby granted, free of charge\n",
    "Makefile": "requirements:\n\tpip install -r requirements.txt\n\ntest:\n\tpython -m pytest tests\n",
    "requirements.txt": "pandas\nscikit-learn\n",
    "pyproject.toml": '[project]\nname = "churn"\nrequires-python = "~=3.11.0"\nlicense = {text = "MIT"}\n',
    "churn/dataset.py": "def main() -> None:\n    raise SystemExit\n",
    "tests/test_data.py": "import pytest\n\n\ndef test_code_is_tested():\n    assert False\n",
    "data/raw/.gitkeep": "",
    "notebooks/1.0-look.ipynb": '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
}
PACKAGE = {  # an MLOps package: tidy Python, an image, jobs that do nothing
    "README.md": "# Bikes\n\nForecasts the number of bikes that are rented in an hour, as a Python package.\n\n"
    "```bash\njust project\n```\n\nQuestions: open an issue at https://github.com/acme/bikes.\n",
    "LICENSE.txt": "MIT License\n",
    "pyproject.toml": '[project]\nname = "bikes"\nrequires-python = ">=3.13"\nlicense = "MIT"\n',
    "uv.lock": "version = 1\n",
    "justfile": "check:\n    uv run ruff check\n    uv run mypy src\n    uv run pytest tests\n",
    "Dockerfile": "FROM ghcr.io/astral-sh/uv:python3.13-bookworm\nCOPY dist/*.whl .\nRUN uv pip install *.whl\n",
    "src/bikes/app.py": "def main() -> int:\n    return 0\n",
    "tests/test_app.py": "from bikes import app\n\n\ndef test_main():\n    assert app.main() == 0\n",
    ".pre-commit-config.yaml": "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.9.4\n"
    "    hooks: [{id: ruff}]\n",
    ".github/workflows/check.yml": "name: Check\non:\n  pull_request:\n    branches: ['*']\njobs:\n  checks:\n"
    "    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: ./.github/actions/setup\n"
    "      - run: uv sync\n      - run: uv run just check\n",
    ".github/dependabot.yml": "version: 2\nupdates: []\n",
}
PIPELINE = {  # an end-to-end pipeline: checks whose failures are swallowed, alerts without routes, Helm
    "README.md": "# e2e\n\n{{ project_name }} trains and deploys a model.\n",
    "requirements.txt": "zenml[server]\n",
    "steps/train.py": "def train():\n    pass\n",
    ".gitlab-ci.yml": "test:\n  image: python:latest\n  script:\n    - pip install -r requirements.txt\n"
    "    - pytest || true\n  allow_failure: true\n  rules: !reference [.default, rules]\n",
    "tests/test_steps.py": "def test_train():\n    assert True\n",
    "docker-compose.yml": "services:\n  server:\n    image: zenmldocker/zenml-server\n    privileged: true\n",
    "monitoring/rules.yml": "groups:\n  - name: a\n    rules:\n      - alert: ModelDown\n        expr: up == 0\n",
    "chart/templates/deployment.yaml": "kind: Deployment\nspec:\n  replicas: {{ .Values.replicas }}\n",
    "contracts/orders.yaml": "apiVersion: v3.0.0\nkind: DataContract\nid: orders\nstatus: active\nversion: 1\nschema:\n"
    "  - name: orders\n    properties:\n      - {name: price, logicalType: number}\n"
    "      - {name: email, logicalType: string, description: Of the customer.}\n",
}
REPOSITORIES = {"notebooks": NOTEBOOKS, "package": PACKAGE, "pipeline": PIPELINE}


def build(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
