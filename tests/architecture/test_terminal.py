"""Whatever a command prints goes through one place, where it is escaped."""

import ast

from tests.support.sources import code

PLACES = {"services/foundation/terminal.py", "services/foundation/console.py"}
PRINTERS = {
    *("print", "typer.echo", "typer.secho", "click.echo", "click.secho", "rich.print", "Console"),
    *("rich.console.Console", "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer.write", "os.write"),
}


def test_nothing_is_printed_but_through_the_one_place() -> None:
    printing = [
        f"{path}:{call.lineno} {name}"
        for path, tree in code("services")
        if path not in PLACES
        for call, name in calls(tree)
        if name in PRINTERS
    ]

    assert printing == []


def test_ways_of_printing_are_told_from_source() -> None:
    source = "print(1)\ntyper.echo(2)\nsys.stderr.write('')\nConsole()\necho(3)\nconsole.print(4)\n"

    found = [name for _, name in calls(ast.parse(source)) if name in PRINTERS]

    assert found == ["print", "typer.echo", "sys.stderr.write", "Console"]


def calls(tree: ast.Module) -> list[tuple[ast.Call, str]]:
    return [(node, ast.unparse(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]
