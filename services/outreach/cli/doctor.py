"""`outreach doctor`: looks at a deployment from where it runs, and says what to do about what it finds."""

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
from foundation.doctor.web import examine_listener, examine_public_url
from outreach.config import Config
from outreach.desk.files_in_force import examine_files
from outreach.kafka.past import USE
from outreach.providers.connection import open_session
from outreach.providers.sendgrid.checkup import SendGridAccount, examine_sendgrid
from outreach.providers.twilio.checkup import TwilioAccount, examine_twilio, examine_webhooks
from outreach.store.rights import INSERT_ONLY
from schemas.topics import TOPICS

_PREFIX = "OUTREACH_"
_PUBLIC_URL = "OUTREACH_HTTP__PUBLIC_URL"


def doctor(*, as_json: AsJson = False) -> None:
    """Look at the settings, the database, Kafka, both vendors and the public address; change nothing.

    Prints a line each, with what to do where it is not as it has to be. Run it where the service runs, as the
    service runs: with its settings. Exits with 1 where something is wrong.
    """
    # What stops a client is said in a line of ours.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    config = load_or_exit(Config)
    raise typer.Exit(asyncio.run(report(_checkups(config), as_json=as_json)))


def _checkups(config: Config) -> Sequence[tuple[str, Checkup]]:
    url = config.database_url.get_secret_value()
    expected = TableRights(service="outreach", insert_only=INSERT_ONLY)
    is_simulated = config.twilio.base_url is not None
    checkups: list[tuple[str, Checkup]] = [
        ("secrets", partial(_examine_secrets, config)),
        ("config files", partial(examine_files, config.config_dir, url)),
        (
            "database",
            partial(examine_database, url, expected, setting=f"{_PREFIX}DATABASE_URL", clock=SystemClock()),
        ),
        ("kafka", partial(examine_kafka, config.kafka, USE, list(TOPICS.values()), prefix=_PREFIX)),
        ("twilio", partial(_examine_twilio, config)),
        ("sendgrid", partial(_examine_sendgrid, config)),
        (
            _PUBLIC_URL,
            partial(examine_public_url, config.http.public_url, setting=_PUBLIC_URL, for_trial=is_simulated),
        ),
        ("webhooks", partial(_examine_webhooks, config)),
    ]
    if config.center is not None:
        setting = "OUTREACH_CENTER__URL"
        checkups.append((setting, partial(examine_listener, config.center.url, setting=setting)))
    return checkups


async def _examine_secrets(config: Config) -> list[Observation]:
    """Return how strong what we mint ourselves is; what vendors mint is theirs."""
    given = {
        "OUTREACH_HTTP__LINK_SECRET": config.http.link_secret,
        "OUTREACH_HTTP__DIGEST_SECRET": config.http.digest_secret,
        "OUTREACH_SENDGRID__INBOUND_SECRET": config.sendgrid.inbound_secret,
        "OUTREACH_CENTER__LINK_KEY": config.center.link_key if config.center is not None else None,
        "OUTREACH_KAFKA__SASL_PASSWORD": config.kafka.sasl_password,
    }
    secrets = {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}
    url = config.database_url.get_secret_value()
    return [*examine_secrets(secrets), *examine_database_password(url, setting="OUTREACH_DATABASE_URL")]


def _twilio(config: Config) -> TwilioAccount:
    return TwilioAccount(
        account_sid=config.twilio.account_sid,
        auth_token=config.twilio.auth_token.get_secret_value(),
        messaging_service_sid=config.twilio.messaging_service_sid,
        public_url=config.http.public_url,
        timeout=config.twilio.timeout,
        base_url=config.twilio.base_url,
    )


async def _examine_twilio(config: Config) -> list[Observation]:
    async with open_session() as session:
        return await examine_twilio(_twilio(config), session)


async def _examine_webhooks(config: Config) -> list[Observation]:
    async with open_session() as session:
        return await examine_webhooks(_twilio(config), session, setting=_PUBLIC_URL)


async def _examine_sendgrid(config: Config) -> list[Observation]:
    account = SendGridAccount(
        api_key=config.sendgrid.api_key.get_secret_value(),
        webhook_public_key=config.sendgrid.webhook_public_key,
        public_url=config.http.public_url,
        reply_domain=config.sendgrid.reply_domain,
        timeout=config.sendgrid.timeout,
        base_url=config.sendgrid.base_url,
    )
    async with open_session() as session:
        return await examine_sendgrid(account, session)
