"""No transaction is left out of the crash tests: whoever writes one that none dies in hears of it here."""

import ast
from collections.abc import Iterator

from tests.support.sources import ROOT, code

#: They only read, delete what is old or write one note: whoever dies in them leaves nothing half done.
HARMLESS = {
    "foundation/database.py _transaction",
    "foundation/doctor/database.py _look",
    "outreach/desk/files_in_force.py examine_files",
    "outreach/sending/obstacles.py say",
    "outreach/sending/dispatch.py _may_send",
    "foundation/flood_watch.py look",
    "outreach/sending/recover.py report_unknown",
    "outreach/sending/resting.py measure_resting",
    "outreach/schedule.py forget",
    "outreach/listening/mail.py _find_sent",
    "outreach/listening/backlog.py measure_backlog",
    "preferences/moving/bring_in.py _tried",
    "foundation/gauges.py measure_database",
    "foundation/health.py check",
    "foundation/clock_check.py look",
    "foundation/process.py read",
    # Of the demo alone, which ends with whoever dies in it.
    "foundation/by_hand.py take",
    "foundation/behind.py _know",
    "foundation/own_past.py _list_missing",
    "foundation/recovery_listing.py list_open",
    "foundation/token_commands.py _list",
    "foundation/token_commands.py work",
    "foundation/quarantine_commands.py _list",
    "foundation/quarantine_commands.py _find",
    "foundation/quarantine_commands.py _list_waiting",
    "foundation/commands.py known",
    # A note by itself, written before what it tells of.
    "foundation/acts.py record_alone",
}
#: Where work is done; what asks for somebody who looks on (`cli`, `audit`, `http`, `desk` else) only reads.
WORKING = (
    "outreach/announcing/",
    "outreach/desk/answering.py",
    "outreach/desk/brakes.py",
    "outreach/desk/quarantine.py",
    "outreach/desk/releasing.py",
    "outreach/desk/stopping.py",
    "outreach/guidance/",
    "outreach/listening/",
    "outreach/planning/",
    "outreach/sending/",
    "outreach/schedule.py",
    "preferences/announcing/",
    "preferences/center/",
    "preferences/desk/",
    "preferences/ledger/",
    "preferences/moving/",
    "foundation/",
)


def test_every_transaction_of_every_step_is_died_in() -> None:
    tests = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*crashes.py")))

    missing = {
        place
        for place in transactions()
        if place.startswith(WORKING)
        and place not in HARMLESS
        # A test names the function, and asserts that the work it kills opens its transactions there.
        and place.rsplit("/", 1)[1] not in tests
    }

    assert missing == set()


def test_nothing_is_called_harmless_that_is_not_there() -> None:
    assert set(transactions()) >= HARMLESS


def transactions() -> Iterator[str]:
    """Yield each function of the product that opens one, as `outreach/sending/gate.py ask`."""
    for path, tree in code("services"):
        for function in ast.walk(tree):
            if isinstance(function, ast.AsyncFunctionDef) and any(opens(each) for each in own(function)):
                yield f"{path.removeprefix('services/')} {function.name}"


def own(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Yield what stands in a function, without the functions in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            yield node
            waiting += ast.iter_child_nodes(node)


def opens(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "transaction"
    )
