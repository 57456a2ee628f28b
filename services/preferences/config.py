"""The whole configuration, from `PREFERENCES_*` environment variables."""

from typing import cast

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from foundation.settings import DatabaseUrl, KafkaSettings, Section, Settings


class HttpConfig(Section):
    """Where health and metrics are served; port 0 takes any that is free."""

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)


class Config(Settings):
    """Everything a deployment sets, read once by `app`.

    `PREFERENCES_KAFKA__CA_FILE` sets `config.kafka.ca_file`. Wrong or missing values stop the start
    with one line for each (`foundation.settings.load`).
    """

    model_config = SettingsConfigDict(env_prefix="PREFERENCES_")

    database_url: DatabaseUrl
    # Made of nothing where nothing is set, so that what is missing is named to the last part.
    kafka: KafkaSettings = Field(default=cast("KafkaSettings", {}), validate_default=True)
    http: HttpConfig = HttpConfig()
    connections: int = Field(default=4, ge=2, le=100)


class StoreConfig(Settings):
    """As much as commands need that only ask or repair: the database."""

    model_config = SettingsConfigDict(env_prefix="PREFERENCES_", extra="ignore")

    database_url: DatabaseUrl
