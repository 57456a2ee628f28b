"""The compose file: what its published schema allows, and what the services behind it ask for."""

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
import yaml

from foundation.settings import load
from outreach.config import Config as OutreachConfig
from preferences.config import Config as PreferencesConfig
from scripts.parts import CHECK_KEY
from tests.support.sources import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SCHEMA = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"


def test_it_is_what_the_published_schema_allows() -> None:
    problems = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).iter_errors(COMPOSE)

    assert [f"{each.instance_path}: {each.message}" for each in problems] == []


def test_the_schema_would_refuse_a_slip() -> None:
    slip = COMPOSE | {"services": {"outreach": {"imagine": "outreach"}}}

    assert not jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).is_valid(slip)


def test_the_whole_system_is_there() -> None:
    assert {"kafka", "postgres", "outreach", "preferences", "simulator"} <= SERVICES.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_it_waits_for_services_that_exist_and_say_when_they_are_ready(name: str) -> None:
    for other, terms in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        if terms["condition"] == "service_healthy":
            # Ours have the image's own health check.
            assert "healthcheck" in SERVICES[other] or "build" in SERVICES[other]


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_open_to_other_machines(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", [name for name, each in SERVICES.items() if "image" in each])
def test_every_foreign_image_has_a_version(name: str) -> None:
    if "build" not in SERVICES[name]:
        assert re.search(r":\d[\w.-]*(@sha256:[0-9a-f]{64})?$", SERVICES[name]["image"])


def test_outreach_takes_its_settings() -> None:
    config = load(
        OutreachConfig, environment("outreach") | {"OUTREACH_CONFIG_DIR": str(ROOT / "deploy/config")}
    )

    assert config.kafka.bootstrap_servers.split(":")[0] == "kafka"


def test_preferences_takes_its_settings() -> None:
    config = load(PreferencesConfig, environment("preferences"))

    assert config.kafka.bootstrap_servers.split(":")[0] == "kafka"


def test_the_links_in_messages_lead_to_the_center_and_are_made_with_its_key() -> None:
    sends, opens = environment("outreach"), environment("preferences")

    assert opens["PREFERENCES_PUBLIC__URL"] == sends["OUTREACH_CENTER__URL"]
    assert opens["PREFERENCES_PUBLIC__LINK_KEY"] == sends["OUTREACH_CENTER__LINK_KEY"]
    port = opens["PREFERENCES_PUBLIC__PORT"]
    assert f"127.0.0.1:{port}:{port}" in SERVICES["preferences"]["ports"]
    assert sends["OUTREACH_CENTER__URL"].endswith(f":{port}")
    # Reached from outside the container, or not at all.
    assert opens["PREFERENCES_PUBLIC__HOST"] == "0.0.0.0"  # noqa: S104 (inside its container)


def test_whoever_tries_it_passes_the_light_check_of_the_first_day() -> None:
    assert environment("preferences")["PREFERENCES_PUBLIC__CHECK_KEY"] == CHECK_KEY


def environment(service: str) -> dict[str, str]:
    return {name: str(value) for name, value in SERVICES[service]["environment"].items()}
