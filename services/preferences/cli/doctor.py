"""`preferences doctor`: looks at a deployment from where it runs, and says what to do about what it finds."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

import typer

from foundation.clock import SystemClock
from foundation.command_line import AsJson, load_or_exit
from foundation.doctor.database import TableRights, examine_database
from foundation.doctor.kafka import examine_kafka
from foundation.doctor.observations import Checkup, Observation, report
from foundation.doctor.secrets import examine_database_password, examine_secrets
from foundation.doctor.web import examine_listener
from preferences.config import Config
from preferences.kafka.past import USE
from preferences.store.rights import INSERT_ONLY
from schemas.topics import TOPICS

_PREFIX = "PREFERENCES_"


def doctor(*, as_json: AsJson = False) -> None:
    """Look at the settings, the database, Kafka and the preference center; change nothing.

    Prints a line each, with what to do where it is not as it has to be. Run it where the service runs, as the
    service runs: with its settings. Exits with 1 where something is wrong.
    """
    # What stops a client is said in a line of ours.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    config = load_or_exit(Config)
    raise typer.Exit(asyncio.run(report(_checkups(config), as_json=as_json)))


def _checkups(config: Config) -> Sequence[tuple[str, Checkup]]:
    url = config.database_url.get_secret_value()
    expected = TableRights(service="preferences", insert_only=INSERT_ONLY)
    checkups: list[tuple[str, Checkup]] = [
        ("secrets", partial(_examine_secrets, config)),
        (
            "database",
            partial(examine_database, url, expected, setting=f"{_PREFIX}DATABASE_URL", clock=SystemClock()),
        ),
        ("kafka", partial(examine_kafka, config.kafka, USE, list(TOPICS.values()), prefix=_PREFIX)),
    ]
    if config.public is not None:
        setting = "PREFERENCES_PUBLIC__URL"
        checkups.append((setting, partial(examine_listener, config.public.url, setting=setting)))
    return checkups


async def _examine_secrets(config: Config) -> list[Observation]:
    public = config.public
    given = {
        "PREFERENCES_KAFKA__SASL_PASSWORD": config.kafka.sasl_password,
        "PREFERENCES_PUBLIC__LINK_KEY": public.link_key if public is not None else None,
        "PREFERENCES_PUBLIC__CHECK_KEY": public.check_key if public is not None else None,
    }
    secrets = {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}
    url = config.database_url.get_secret_value()
    return [*examine_secrets(secrets), *examine_database_password(url, setting="PREFERENCES_DATABASE_URL")]
