"""The whole configuration, from `PREFERENCES_*` environment variables."""

from typing import cast

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from foundation.settings import DatabaseUrl, InternalConfig, KafkaSettings, Section, Settings


class PublicConfig(Section):
    """The preference center: `link_key` is the key of its links, the same as outreach's.

    Another key makes void the links that were sent already.
    """

    link_key: SecretStr = Field(min_length=32)


class Config(Settings):
    """Everything a deployment sets, read once by `app`.

    `PREFERENCES_KAFKA__CA_FILE` sets `config.kafka.ca_file`. Wrong or missing values stop the start
    with one line for each (`foundation.settings.load`).
    """

    model_config = SettingsConfigDict(env_prefix="PREFERENCES_")

    database_url: DatabaseUrl
    # Made of nothing where nothing is set, so that what is missing is named to the last part.
    kafka: KafkaSettings = Field(default=cast("KafkaSettings", {}), validate_default=True)
    internal: InternalConfig = InternalConfig(port=8081)
    public: PublicConfig | None = None
    connections: int = Field(default=4, ge=2, le=100)


class StoreConfig(Settings):
    """As much as commands need that only ask or repair: the database.

    `operator_token` says who acts; without it the system's user is recorded, and said to be no more.
    """

    model_config = SettingsConfigDict(env_prefix="PREFERENCES_", extra="ignore")

    database_url: DatabaseUrl
    operator_token: SecretStr | None = None
