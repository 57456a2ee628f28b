"""The whole configuration, from `PREFERENCES_*` environment variables."""

from pathlib import Path
from typing import Annotated, Self, cast

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from foundation.settings import (
    DatabaseUrl,
    InternalConfig,
    KafkaSettings,
    Section,
    Settings,
    StoreSettings,
    Url,
)


class PublicConfig(Section):
    """The preference center: where its pages are served, and how they are reached.

    `url` is what people's browsers call, through a proxy with TLS. `link_key` is the key of the links, the
    same as outreach's. Links of `other_link_keys` work as well: those sent before the key was changed.
    `check_key` is that of the digests by which the agency publishes facts for the light check; without it
    nobody sees more than one address.
    `dress` names a file with the agency's name and looks. The limits are in requests a second, of one
    network address and of one link. `connections` to the database are the pages' own: however many people
    look, nobody who hears of a stop waits behind them.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8082, ge=0, le=65535)
    url: Url
    link_key: SecretStr = Field(min_length=32)
    other_link_keys: tuple[Annotated[SecretStr, Field(min_length=32)], ...] = ()
    check_key: SecretStr | None = Field(default=None, min_length=32)
    dress: Path | None = None
    per_address: float = Field(default=50, gt=0)
    per_link: float = Field(default=2, gt=0)
    connections: int = Field(default=4, ge=1, le=100)

    @field_validator("url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _keys_are_different(self) -> Self:
        # The same one twice looks like a change of keys and is none.
        if len({self.link_key, *self.other_link_keys}) <= len(self.other_link_keys):
            raise ValueError("other_link_keys must name other keys than link_key, and none twice")
        return self


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


class KafkaConfig(Settings):
    """How Kafka is reached, for commands that may ask it something."""

    model_config = SettingsConfigDict(env_prefix="PREFERENCES_", extra="ignore")

    kafka: KafkaSettings | None = None


class StoreConfig(StoreSettings):
    """What of all this commands need that only ask or repair."""

    model_config = SettingsConfigDict(env_prefix="PREFERENCES_", extra="ignore")
