"""NOT RUN is never green: a session in which a test was skipped for that reason ends with exit code 3.

In:       the reports of a session, also of one whose tests run in several processes.
Out:      a line in the summary, and the exit code, if the session would have ended with 0.
"""

from collections.abc import Iterator

import pytest

EXIT_CODE = 3


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == 0 and any(reasons(session.config)):
        session.exitstatus = EXIT_CODE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if found := sorted(set(reasons(config))):
        terminalreporter.section("NOT RUN, so this is not green", red=True)
        terminalreporter.write("".join(f"{reason}\n" for reason in found))


def reasons(config: pytest.Config) -> Iterator[str]:
    """Why tests were not run. Only the process that reports knows: xdist's workers have no reporter."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for report in reporter.stats.get("skipped", []) if reporter else []:
        reason = report.longrepr[2].removeprefix("Skipped: ")  # beside file and line
        if reason.startswith("NOT RUN"):
            yield reason
