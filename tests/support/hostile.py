"""What a stranger may send, once for all parsers: each entry is named for what it tries."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any, Final

_DEEP: Final = 1_000_000
_LONG: Final = 100_000

#: Whole documents, as bytes: for whatever reads bytes.
DOCUMENTS: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "blanks": b" \t\r\n" * 50,
    "a NUL": b"\x00",
    "lists a million deep, never closed": b"[" * _DEEP,
    "lists a million deep, all closed": b"[" * _DEEP + b"]" * _DEEP,
    "objects a hundred thousand deep": b'{"a":' * _LONG + b"1" + b"}" * _LONG,
    "ten megabytes of one letter": b"a" * 10_000_000,
    "ten megabytes of one string": b'"' + b"a" * 10_000_000 + b'"',
    "a hundred thousand empty objects": b"[" + b"{}," * _LONG + b"{}]",
    "a hundred thousand fields": b"{" + b",".join(b'"f%d":0' % number for number in range(_LONG)) + b"}",
    "NaN": b"NaN",
    "NaN in a list": b"[NaN, Infinity, -Infinity]",
    "a whole number of a hundred thousand digits": b"9" * _LONG,
    "the same in a list": b"[" + b"9" * _LONG + b"]",
    "the same in an object": b'{"a":' + b"9" * _LONG + b"}",
    "a number of ten to the four hundred": b'[1e400, -1e400, {"amount": 1e400}]',
    "a hundred thousand zeros behind a point": b"[0." + b"0" * _LONG + b"1]",
    "negative zero": b"[-0, -0.0]",
    "half of a surrogate pair, escaped": b'{"event": "\\ud800", "\\udfff": 1}',
    "half of a surrogate pair, encoded": b'{"event": "\xed\xa0\x80"}',
    "an overlong slash": b'{"event": "\xc0\xaf"}',
    "beyond the last character": b'{"event": "\xf4\x90\x80\x80"}',
    "a character cut short": b'{"event": "\xe2\x82',
    "a byte order mark": b'\xef\xbb\xbf{"event": 1}',
    "UTF-16": '{"event": 1}'.encode("utf-16"),
    "UTF-32": '{"event": 1}'.encode("utf-32"),
    "a name twice": b'{"event": 1, "event": 2}',
    "a name twice, once escaped": b'{"event": 1, "\\u0065vent": 2}',
    "an escaped NUL": b'{"event": "\\u0000"}',
    "comments": b'/* */ {"event": 1} // end',
    "a trailing comma": b'[{"event": 1},]',
    "two values": b"{}{}",
    "single quotes": b"{'event': 1}",
    "pickled": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
    "an XML that grows": b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    "a multipart body": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
    "a form of a hundred thousand fields": b"&".join(b"f%d=1" % number for number in range(_LONG)),
    "a field twice in a form": b"MessageSid=SM1&MessageSid=SM2",
    "a form of half escapes": b"a=%&b=%4&c=%zz&%ff=%c0%af",
    "a form of surrogates": b"Body=%ed%a0%80&From=%F0%9F",
    "a form with a NUL": b"MessageSid=SM%00&Body=%00",
    "lines of every kind": b"a\rb\nc\x0bd\x0ce\x1cf\x85g\xe2\x80\xa8h",
    "a YAML bomb": b"a: &a [lol, lol]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 9)) for name in b"bcdefghi"
    ),
    "a YAML loop": b"a: &a [*a]\n",
    "a YAML alias of nothing": b"a: *nowhere\n",
    "a YAML merge": b"a: &a {b: 1}\nc:\n  <<: *a\n",
    "a YAML tag that runs something": b"!!python/object/apply:os.system ['true']\n",
    "a YAML tag on a value": b"a: !!int '7'\nb: !!binary aGk=\nc: !local 1\n",
    "YAML a hundred thousand deep": b"[" * _LONG,
    "a YAML key that is a list": b"? [a, b]\n: 1\n",
    "a YAML name twice": b"a: 1\na: 2\n",
    "two YAML documents": b"a: 1\n---\nb: 2\n",
    "a YAML version nobody knows": b"%YAML 9.9\n---\na: 1\n",
    "YAML with tabs": b"a:\n\t- b\n",
    "YAML of bidi controls": "a: \u202eevil\u2066\n".encode(),
    "YAML of a NUL": b'a: "\\0"\nb: \x00\n',
    "YAML of half a pair": b'a: "\\ud800"\n',
    "YAML of a character beyond the last": b'a: "\\UFFFFFFFF"\n',
    "a YAML number of a hundred thousand digits": b"a: " + b"9" * _LONG + b"\n",
    "a YAML exponent": b"a: 1.0e400\nb: -.inf\nc: 1.e-999999999\n",
    "a YAML time of base sixty": b"a: 190:20:30\n",
    "YAML dates of no calendar": b"a: 0001-01-01\nb: 2026-02-30\nc: 9999-12-31T23:59:60Z\n",
    "a template that asks for its class": b"{{ ''.__class__.__mro__ }}",
    "a template that never ends": b"{% for a in [1] %}" * 300,
    "a template of braces": b"{{" * 3000,
}

#: Single values, to be put where a text, a number or an instant is expected.
TEXTS: Final[Mapping[str, str]] = {
    "an end of the statement": "'); DROP TABLE people; --",
    "an end in dollars": "$$; DROP TABLE people; $$",
    "a comment": "*/ ; DROP TABLE people; /*",
    "a placeholder of asyncpg": "$1",
    "a placeholder of other drivers": "%s %(now)s %d %n",
    "a named parameter": ":now :person_id ::text",
    "a backslash before a quote": "\\'; DROP TABLE people; --",
    "a template": "{{ 7*7 }}{% for a in [1] %}",
    "a format string": "{0.__class__} {now}",
    "a NUL": "a\x00b",
    "line breaks": "a\r\nBcc: everybody@example.com\r\n\r\nb",
    "bidi controls": "\u202egpj.exe\u2066",
    "combining without end": "a" + "\u0301" * 1000,
    "a link of ours": "\ue000x\ue001https://evil.example.com\ue002",
    "a script": "<script>alert(1)</script>",
    "an expression for a spreadsheet": "=HYPERLINK(A1)",
    "a path": "../../../../etc/passwd",
    "a hundred thousand letters": "a" * _LONG,
    "the first day there is": "0001-01-01",
    "the first instant, in the east": "0001-01-01T00:00:00+14:00",
    "the last instant, in the west": "9999-12-31T23:59:59-14:00",
    "the last instant": "9999-12-31T23:59:59.999999Z",
    "a leap second": "2016-12-31T23:59:60Z",
    "an offset of days": "2026-01-01T00:00:00+99:99",
    "a day that is none": "2026-02-30T00:00:00Z",
    "a year of five digits": "+12026-01-01T00:00:00Z",
    "negative zero": "-0.00",
    "ten to the four hundred": "1e400",
    "not a number": "NaN",
    "infinity": "Infinity",
    "a number of a hundred thousand digits": "9" * _LONG,
    "digits of another script": "١٢٣",
    "wide digits": "\uff11\uff12\uff13",
    "nothing": "",
    "a blank": " ",
    "an invisible blank": "\u200b",
    "half of a surrogate pair": "\ud800",
}


def as_json_text(text: str) -> bytes:
    """Return a JSON string, with escapes for what UTF-8 cannot hold."""
    return json.dumps(text).encode()


#: What stands where text, a number or an instant is expected.
JUNK: Final[list[Any]] = [*TEXTS.values(), None, True, -1, 0, 10**18, 1.5, [], {}, [[]], {"a": {}}]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where every scalar of a document stands."""
    if isinstance(value, dict | list) and value:
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*path, key))
    elif path:
        yield path


def spoilt(value: Any, *, times: int, seed: int = 0) -> Iterator[Any]:
    """Yield copies of a document with junk in one place, drawn from all pairs of place and junk."""
    pairs = [(path, junk) for path in places(value) for junk in JUNK]
    for path, junk in Random(seed).sample(pairs, min(times, len(pairs))):
        yield put(value, path, junk)


def put(value: Any, path: tuple[str | int, ...], junk: Any) -> Any:
    """Return a copy of a document with something else in one place."""
    copy = deepcopy(value)
    node = copy
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = junk
    return copy
