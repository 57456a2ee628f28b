"""Writes what follows from the models: `python -m schemas.generate`.

`json/` gets one JSON Schema for the data of each event, `asyncapi.yaml` the topics, who writes and
who reads them, and an example of each event. With `--release` the schemas are also copied to
`released/`, against which compatibility is checked from then on; what would break a reader or a
writer of the release before is refused.
"""

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from schemas.compatibility import breaking_changes
from schemas.registry import EVENT_TYPES, EventType
from schemas.topics import TOPICS, Topic

HERE: Final = Path(__file__).parent
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(event_type: EventType) -> dict[str, Any]:
    """Return the JSON Schema of the event's data; that of a published event lets readers meet new fields."""
    schema = event_type.model.model_json_schema()
    schema["title"] = event_type.name
    if event_type.published:
        schema = _opened(schema)
    return {"$schema": DIALECT, "$id": f"{event_type.name}.json", **schema}


def _opened(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _opened(part) for name, part in node.items() if name != "additionalProperties"}
    if isinstance(node, list):
        return [_opened(part) for part in node]
    return node


def async_api() -> dict[str, Any]:
    """Return the AsyncAPI document of all topics."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Outreach",
            "version": "1.0.0",
            "description": (
                "Events in and out of outreach and preferences: CloudEvents 1.0, structured or binary, "
                "JSON, keyed by the person they are about."
            ),
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(topic) for name, topic in TOPICS.items()},
        "operations": dict(_operation(name) for name in TOPICS),
        "components": {"messages": {name: _message(event_type) for name, event_type in EVENT_TYPES.items()}},
    }


def _of_topic(topic: str) -> list[EventType]:
    return [event_type for event_type in EVENT_TYPES.values() if event_type.topic == topic]


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "title": topic.title,
        "messages": {
            event_type.name: {"$ref": f"#/components/messages/{event_type.name}"}
            for event_type in _of_topic(topic.name)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {name: _setting(name, text) for name, text in topic.config.items()},
            }
        },
    }


def _setting(name: str, text: str) -> Any:
    if name == "cleanup.policy":
        return [text]
    return int(text) if text.isdecimal() else text


def _operation(topic: str) -> tuple[str, dict[str, Any]]:
    action = "send" if _of_topic(topic)[0].published else "receive"
    return f"{action} {topic}", {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _message(event_type: EventType) -> dict[str, Any]:
    return {
        "name": event_type.name,
        "summary": (event_type.model.__doc__ or "").partition("\n")[0],
        "contentType": "application/cloudevents+json",
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "time", "subject", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "description": "unique within its source"},
                "source": {"type": "string", "description": "the system that says it"},
                "type": {"const": event_type.name},
                "time": {"type": "string", "format": "date-time", "description": "when it happened"},
                "subject": {
                    "type": "string",
                    "description": "the person's id, which is also the record's key",
                },
                "datacontenttype": {"const": "application/json"},
                "sequence": {"type": "string", "description": "numbers what a source says of one person"},
                "data": {"$ref": f"./json/{event_type.name}.json"},
            },
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": "the person's id"}}},
        "examples": [{"payload": _example(event_type)}],
    }


def _example(event_type: EventType) -> Any:
    return json.loads((HERE / "examples" / f"{event_type.name}.json").read_text(encoding="utf-8"))


def generated() -> dict[str, str]:
    """Return the text of every generated file by its path below this folder."""
    found = {
        f"json/{name}.json": _as_json(json_schema(event_type)) for name, event_type in EVENT_TYPES.items()
    }
    found["asyncapi.yaml"] = _as_yaml(async_api())
    return found


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _as_yaml(value: Any) -> str:
    yaml = YAML()
    yaml.width = 110
    yaml.representer.ignore_aliases = lambda *_: True
    text = io.StringIO()
    text.write("# Generated by `python -m schemas.generate`.\n")
    yaml.dump(value, text)
    return text.getvalue()


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def released() -> dict[str, Any]:
    """Return the schemas of the last release by the name of their event."""
    files = sorted((HERE / "released").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def broken_since_release() -> list[str]:
    """Return what a release now would break for those who write or read by the last one."""
    found: list[str] = []
    for name, old in released().items():
        now = EVENT_TYPES.get(name)
        new = json_schema(now) if now else None
        found += breaking_changes(name, old=old, new=new, published=bool(now and now.published))
    return found


def main(arguments: list[str]) -> int:
    """Write the files; return 1 where a release would break somebody."""
    texts = generated()
    _write(HERE, texts)
    if arguments != ["--release"]:
        return 0
    broken = broken_since_release()
    for change in broken:
        sys.stderr.write(f"{change}\n")
    if not broken:
        schemas = {
            f"released/{Path(path).name}": text for path, text in texts.items() if path != "asyncapi.yaml"
        }
        _write(HERE, schemas)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
