"""Requests held against the vendors' own OpenAPI documents."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_TWILIO_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Contracts:
    """Says what is wrong with a request, by the documents in a folder. Needs `jsonschema-rs`."""

    def __init__(self, folder: Path) -> None:
        twilio = json.loads((folder / "twilio_api_v2010.json").read_text())
        sendgrid = json.loads((folder / "tsg_mail_v3.json").read_text())
        operation = twilio["paths"][_TWILIO_PATH]["post"]
        form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        mail = sendgrid["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"][
            "schema"
        ]
        # The document says string; SendGrid takes, and its own client sends, an object.
        mail["properties"]["custom_args"] = {"type": "object"}
        self._types = {name: field.get("type", "string") for name, field in form["properties"].items()}
        self._form = _checker(form, twilio["components"])
        self._mail = _checker(mail, sendgrid["components"])

    def problems_of_form(self, fields: Mapping[str, str]) -> list[str]:
        """Return what is wrong with a text, read as the types its fields should have."""
        return self._form({name: _typed(value, self._types.get(name)) for name, value in fields.items()})

    def problems_of_mail(self, mail: Any) -> list[str]:
        return self._mail(mail)


def _checker(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Callable[[Any], list[str]]:
    # Documentation, tests and benches need this library, the product does not.
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415

    # What the document does not name the vendor would pass over in silence: a misspelt field.
    closed = {"$schema": _DIALECT, **schema, "additionalProperties": False, "components": components}
    validator = Draft202012Validator(closed, validate_formats=True)
    return lambda instance: [
        f"{'/'.join(map(str, iter_error.instance_path)) or 'request'}: {iter_error.message}"
        for iter_error in validator.iter_errors(instance)
    ]


def _typed(value: str, kind: str | None) -> Any:
    """Read a form's text as its type, where it can be; where not, the check finds it."""
    if kind == "integer" and value.lstrip("-").isdigit():
        return int(value)
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value
