"""A record's kind follows from who writes it and what becomes of it: decisions/0013-records.md."""

import ast
from collections.abc import Iterator

from tests.support.sources import code

#: Where strangers write: the wire, settings, an agency's files.
STRANGERS_WRITE = (
    "schemas/",
    "services/foundation/pages/dress.py",
    "services/foundation/settings.py",
    "services/outreach/guidance/files/",
    "services/outreach/http/",
    "services/preferences/http/",
    "services/preferences/pages/",
)

LONG_TUPLES = {
    "services/foundation/outbox.py:Entry": "made from a row, by position",
    "services/foundation/records.py:Record": "made for every record of a topic, at a tuple's price",
    "services/outreach/policy/inquiry.py:Ban": "made by the dozen in every decision, at a tuple's price",
    "services/preferences/model/record.py:Stamp": "compared field by field, as tuples are",
}

CHANGING = {
    "schemas/envelope.py:_Envelope": "a glance at a record, dropped at once",
    "schemas/publisher.py:_Glance": "a glance at a line, dropped at once",
    "services/foundation/backoff.py:Backoff": "counts failures",
    "services/foundation/http_limits.py:_Body": "counts what came",
    "services/foundation/http_limits.py:_Held": "counts what is held",
    "services/foundation/http_limits.py:_Refusal": "is raised, and Python adds to what is raised",
    "services/foundation/relay.py:_Envelope": "encoded once and dropped",
    "services/outreach/demo/weeks.py:Chronicle": "collects what happened",
    "services/outreach/desk/rehearse.py:_Life": "collects what is known of a person",
    "services/outreach/guidance/files/build.py:_RulesBuilder": "collects rules and problems",
    "services/outreach/guidance/files/yaml_text.py:_Frame": "a place in a text that is being read",
    "services/outreach/guidance/files/yaml_text.py:_Reader": "a place in a text that is being read",
    "services/outreach/guidance/trying/comparison.py:Comparison": "counts differences",
    "services/outreach/providers/sendgrid/multipart.py:Part": "takes a part of a form bit by bit",
    "services/outreach/policy/evidence.py:_Collector": "collects places",
    "services/simulator/arrivals.py:Arrival": "collects its receipts",
    "services/simulator/arrivals.py:Arrivals": "collects messages",
    "services/simulator/faults.py:Faults": "collects faults",
    "services/simulator/quiet.py:Tally": "counts messages",
}


def test_pydantic_reads_what_strangers_write_and_nothing_else() -> None:
    elsewhere = [
        name
        for name, record in records()
        if {"BaseModel", "BaseSettings"} & bases_of(record) and not name.startswith(STRANGERS_WRITE)
    ]

    assert elsewhere == []


def test_a_named_tuple_has_two_fields_at_most() -> None:
    long = {
        name
        for name, record in records()
        if "NamedTuple" in bases_of(record)
        and sum(isinstance(statement, ast.AnnAssign) for statement in record.body) > 2
    }

    assert long == LONG_TUPLES.keys()


def test_a_struct_or_dataclass_is_frozen_unless_it_collects() -> None:
    changing = {name for name, record in records() if is_changing(record)}

    assert changing == CHANGING.keys()


def test_kinds_are_told_from_source() -> None:
    source = """
@dataclass
class Bare: ...
@dataclasses.dataclass(frozen=False, slots=True)
class Thawed: ...
@dataclass(frozen=True)
class Frozen: ...
class Loose(msgspec.Struct): ...
class Firm(Struct, Generic[T], frozen=True): ...
class Plain: ...
"""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]

    assert [node.name for node in classes if is_changing(node)] == ["Bare", "Thawed", "Loose"]


def records() -> Iterator[tuple[str, ast.ClassDef]]:
    for path, tree in code("services", "schemas"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield f"{path}:{node.name}", node


def bases_of(record: ast.ClassDef) -> set[str]:
    return {last_name(base) for base in record.bases}


def is_changing(record: ast.ClassDef) -> bool:
    if "Struct" in bases_of(record):
        return not is_frozen(record.keywords)
    for decorator in record.decorator_list:
        called = decorator if isinstance(decorator, ast.Call) else None
        if last_name(called.func if called else decorator) == "dataclass":
            return not is_frozen(called.keywords if called else [])
    return False


def is_frozen(keywords: list[ast.keyword]) -> bool:
    return any(keyword.arg == "frozen" and ast.unparse(keyword.value) == "True" for keyword in keywords)


def last_name(node: ast.expr) -> str:
    return ast.unparse(node).partition("[")[0].rpartition(".")[2]
