"""Insists that tests of a mark ran: a run that skipped or chose none of them proves less than it seems to."""

from collections.abc import Iterable

import pytest


class Required:
    """Fails a run in which, for one of the marks, no test ran or one was skipped."""

    def __init__(self, marks: Iterable[str]) -> None:
        """Watch the tests that carry `marks`."""
        self._marks = tuple(marks)
        self._ran: set[str] = set()
        self._skipped: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note of which marks a test ran, or was skipped."""
        marks = {mark for mark in self._marks if mark in report.keywords}
        if report.skipped:
            self._skipped |= marks
        elif report.when == "call":
            self._ran |= marks

    @property
    def missing(self) -> list[str]:
        """Say what did not run, a line for each mark."""
        return [
            f"a test marked `{mark}` was skipped" if mark in self._skipped else f"no test marked `{mark}` ran"
            for mark in self._marks
            if mark in self._skipped or mark not in self._ran
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run for what is missing."""
        if self.missing and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is missing, after everything else."""
        for line in self.missing:
            terminalreporter.write_line(f"--require: {line}", red=True)
