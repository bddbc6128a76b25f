"""DD3: would the tests notice?"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..commands import lines, reaches
from ..pipelines import pipelines
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

TEST_FILES = ["test_*.py", "*/test_*.py", "*_test.py"]
# A run of all tests: `-m` and `-k` choose some of them.
TESTS = (
    r"(?:^|[\s/'])(?:py\.test|pytest)(?!\S)(?!.*\s-[mk]\s)|"
    r"\bunittest\b|\bhatch test\b|\bdbt (?:test|build)\b|\bnpm test\b"
)
STYLE = r"\b(ruff|flake8|pylint|sqlfluff|eslint)\b"
TYPES = r"\b(mypy|pyright|basedpyright|ty check|pyrefly|tsc)\b"
CHECKS = r"\b(tox|nox|pytest|ruff|flake8|pylint|mypy|pyright|pre-commit|dbt|unittest|make|coverage)\b"
SWALLOWED = rf"{CHECKS}[^\n|&;]*\|\|\s*(true|:|exit 0|echo)\b"


class DD301:
    """The tests test something: there are some, and none is empty."""

    must: Strictness | None = "starter"
    remedy = "Let each test call the code and compare with what you expect; delete those that cannot fail."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        found = [
            (path, test) for path in repository.matching(*TEST_FILES) for test in _tests(repository, path)
        ]
        if not found and not repository.matching("*.sql"):
            yield Finding("tests", "no test function")
        for path, test in found:
            if _cannot_fail(test):
                yield Finding(
                    path, f"{test.name} cannot fail: it calls nothing and compares nothing", test.lineno
                )


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _tests(repository: Repository, path: str) -> Iterator[Function]:
    try:
        tree = ast.parse(repository.text(path))
    except (SyntaxError, ValueError, RecursionError) as error:
        repository.problems[path] = f"is not Python: {error}"
        return
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name.startswith("test"):
            yield node


def _cannot_fail(test: Function) -> bool:
    nodes = [node for statement in test.body for node in ast.walk(statement)]
    asserts = [node for node in nodes if isinstance(node, ast.Assert)]
    trivial = all(isinstance(each.test, ast.Constant) and each.test.value for each in asserts)
    return trivial and not any(isinstance(node, ast.Call | ast.Raise | ast.Await) for node in nodes)


class DD302:
    """The pipeline runs all tests for each change."""

    must: Strictness | None = "starter"
    remedy = "Call pytest, or what calls it (tox, make, a script), in a pipeline that runs for pull requests."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not reaches(repository, TESTS):
            yield Finding("", "no pipeline that runs for changes reaches the tests")


class DD303:
    """The pipeline checks style and types for each change."""

    must: Strictness | None = "production"
    remedy = "Run a linter and a type checker in the pipeline, such as `ruff check` and `mypy`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not reaches(repository, STYLE):
            yield Finding("", "no pipeline that runs for changes reaches a linter")
        if repository.matching("*.py") and not reaches(repository, TYPES):
            yield Finding("", "no pipeline that runs for changes reaches a type checker")


class DD304:
    """A check that fails stops the pipeline: no `|| true`, no `continue-on-error`."""

    must: Strictness | None = "starter"
    remedy = "Remove what hides the exit code; repair or delete the check instead."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for line in lines(repository):
            if re.search(SWALLOWED, line):
                yield Finding("", f"`{line[:120]}` hides a failure")
        for pipeline in pipelines(repository):
            for number, line in enumerate(repository.text(pipeline.path).splitlines(), start=1):
                if re.match(r"\s*-?\s*(continue-on-error|allow_failure|continueOnError):\s*[\"']?true", line):
                    yield Finding(pipeline.path, f"`{line.strip()}` hides a failure", number)


class DD305:
    """Each SQL transformation has a test of its own."""

    must: Strictness | None = "production"
    remedy = "Write a test that names the transformation: a few rows in, the rows that must come out."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        found = repository.matching("*/transforms/*.sql", "transforms/*.sql", "models/*.sql")
        if not found:
            raise NotApplicable("there is no SQL transformation")
        tests = repository.matching(
            *TEST_FILES, "*/conftest.py", "models/*.yml", "models/*.yaml", "tests/*.sql"
        )
        text = "\n".join(repository.text(path) for path in tests)
        for path in found:
            if not re.search(rf"\b{re.escape(PurePosixPath(path).stem)}\b", text):
                yield Finding(path, "no test names it")
