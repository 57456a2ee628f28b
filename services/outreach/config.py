"""The whole configuration, from `OUTREACH_*` environment variables."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

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
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import ObstacleLimits
from outreach.sending.volume import VolumeLimits

#: What nobody sets is as usual: the defaults stand where they are used, and only there.
_USUAL: Final = Dispatching()
_USUAL_OBSTACLES: Final = ObstacleLimits()
_USUAL_VOLUME: Final = VolumeLimits()


class TwilioConfig(Section):
    """The Twilio account. `confirms` says who answers STOP, START and HELP: only one may.

    `sms_per_second` is in segments, over all replicas.
    """

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr
    messaging_service_sid: str = Field(pattern=r"^MG[0-9a-fA-F]{32}$")
    base_url: Url | None = None
    timeout: timedelta = timedelta(seconds=10)
    confirms: Literal["vendor", "outreach"] = "vendor"
    sms_per_second: float = Field(default=50, gt=0)


class SendGridConfig(Section):
    """The SendGrid account. `webhook_public_key` is the event webhook's verification key.

    `reply_domain` is the host whose mail Inbound Parse posts to us, with `inbound_secret` in the URL, and
    signed where `inbound_public_key` is set, and with a token of ours where the id and secret of a client of
    OAuth are. Every email then has an address there for answers.
    """

    api_key: SecretStr
    from_email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    webhook_public_key: str = Field(min_length=1)
    reply_domain: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=180
    )
    inbound_secret: SecretStr | None = Field(default=None, min_length=16)
    inbound_public_key: str | None = Field(default=None, min_length=1)
    inbound_client_id: str | None = Field(default=None, min_length=1)
    inbound_client_secret: SecretStr | None = Field(default=None, min_length=32)
    base_url: Url | None = None
    timeout: timedelta = timedelta(seconds=10)
    emails_per_second: float = Field(default=100, gt=0)

    @model_validator(mode="after")
    def _hears_what_it_asks_for(self) -> Self:
        if (self.reply_domain is None) != (self.inbound_secret is None):
            raise ValueError("reply_domain and inbound_secret go together: answers must be let in")
        if (self.inbound_client_id is None) != (self.inbound_client_secret is None):
            raise ValueError("inbound_client_id and inbound_client_secret go together")
        return self


class HttpConfig(Section):
    """Where vendors' webhooks and people's links are served. `public_url` is what they call.

    `link_secret` signs unsubscribe links and the addresses for answers; those of `other_link_secrets`, signed
    before it was changed, work as well. The digests by which addresses stand in Kafka follow from
    `digest_secret`, or from `link_secret` where there is none: keep that one as it is, and apart from the
    databases, for a lost one needs it.
    `dress` names the file of what the page behind those links wears.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Url
    link_secret: SecretStr = Field(min_length=16)
    other_link_secrets: tuple[Annotated[SecretStr, Field(min_length=16)], ...] = ()
    digest_secret: SecretStr | None = Field(default=None, min_length=16)
    dress: Path | None = None

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _secrets_are_different(self) -> Self:
        # The same one twice looks like a change of secrets and is none.
        if len({self.link_secret, *self.other_link_secrets}) <= len(self.other_link_secrets):
            raise ValueError("other_link_secrets must name other secrets than link_secret, and none twice")
        # Else the digests would follow the new one, and stops that are kept as digests alone bind no more.
        if self.other_link_secrets and self.digest_secret is None:
            raise ValueError(
                "other_link_secrets needs digest_secret: set it to the link secret of before the first change"
            )
        return self


class CenterConfig(Section):
    """The preference center: where its pages are served, and the key of their links, the same as there.

    Emails carry such a link, and so does the first text to a person where it has room. One works for
    `links_last` days.
    """

    url: Url
    link_key: SecretStr = Field(min_length=32)
    links_last: int = Field(default=180, ge=30, le=3650)

    @field_validator("url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")


class DispatchConfig(Section):
    """How touches are sent, as `Dispatching` says it, and what holds all of them back.

    `input_lag_limit` and `clock_skew_limit` are those of `ObstacleLimits`; `volume_least` and
    `volume_factor` are the volume brake's, those of `VolumeLimits`.
    """

    batch: int = Field(default=_USUAL.batch, ge=1, le=2000)
    workers: int = Field(default=_USUAL.workers, ge=1, le=500)
    tick: timedelta = Field(default=timedelta(seconds=1), gt=timedelta(0))
    lease: timedelta = _USUAL.lease
    margin: timedelta = _USUAL.margin
    spread: timedelta = _USUAL.spread
    input_lag_limit: timedelta = Field(default=_USUAL_OBSTACLES.input_lag, ge=timedelta(seconds=5))
    clock_skew_limit: timedelta = _USUAL_OBSTACLES.clock_skew
    volume_least: int = Field(default=_USUAL_VOLUME.least, ge=1)
    volume_factor: float = Field(default=_USUAL_VOLUME.factor, ge=1)
    dry_run: bool = _USUAL.dry_run
    allowed: frozenset[str] = _USUAL.allowed

    @property
    def obstacle_limits(self) -> ObstacleLimits:
        """How old what is known, and how wrong the clock, may be."""
        return ObstacleLimits(input_lag=self.input_lag_limit, clock_skew=self.clock_skew_limit)

    @property
    def volume_limits(self) -> VolumeLimits:
        """What the volume brake lets a play do in an hour."""
        return VolumeLimits(least=self.volume_least, factor=self.volume_factor)

    def dispatching(self, *, longest_call: timedelta) -> Dispatching:
        """Return how touches are sent by providers whose calls take no longer than this."""
        return Dispatching(
            batch=self.batch,
            workers=self.workers,
            lease=self.lease,
            longest_call=longest_call,
            margin=self.margin,
            spread=self.spread,
            dry_run=self.dry_run,
            allowed=self.allowed,
        )


class DutyConfig(Section):
    """How whoever is on duty is told that somebody may be in danger; left out, nobody is."""

    phone: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{6,14}$")
    webhook: SecretStr | None = Field(default=None, min_length=8)

    @field_validator("webhook")
    @classmethod
    def _is_a_url(cls, webhook: SecretStr | None) -> SecretStr | None:
        if webhook is not None and not webhook.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("must be a web address")
        return webhook


class Config(Settings):
    """Everything a deployment sets, read once by `app`.

    `OUTREACH_TWILIO__ACCOUNT_SID` sets `config.twilio.account_sid`. Wrong or missing values stop
    the start with one line for each (`foundation.settings.load`).
    """

    model_config = SettingsConfigDict(env_prefix="OUTREACH_")

    database_url: DatabaseUrl
    kafka: KafkaSettings
    twilio: TwilioConfig
    sendgrid: SendGridConfig
    http: HttpConfig
    config_dir: Path
    internal: InternalConfig = InternalConfig(port=8090)
    dispatch: DispatchConfig = DispatchConfig()
    duty: DutyConfig = DutyConfig()
    center: CenterConfig | None = None

    @field_validator("config_dir")
    @classmethod
    def _is_there(cls, folder: Path) -> Path:
        with suppress(OSError):  # a name longer than any is
            if (folder / "policy.yaml").is_file():
                return folder
        raise ValueError("must be a folder with policy.yaml, playbook.yaml and templates/")

    @model_validator(mode="after")
    def _lease_outlives_a_provider_call(self) -> Self:
        # A lease shorter than the call lets a second worker send the same touch.
        if self.dispatch.lease <= 2 * self._longest_call:
            raise ValueError("dispatch.lease must exceed twice the providers' timeouts")
        return self

    @property
    def dispatching(self) -> Dispatching:
        """How touches are sent by the providers of this deployment."""
        return self.dispatch.dispatching(longest_call=self._longest_call)

    @property
    def _longest_call(self) -> timedelta:
        return max(self.twilio.timeout, self.sendgrid.timeout)


class KafkaConfig(Settings):
    """As much as commands need that only publish, or make topics: how Kafka is reached."""

    model_config = SettingsConfigDict(env_prefix="OUTREACH_", extra="ignore")

    kafka: KafkaSettings


class StoreConfig(StoreSettings):
    """As much as commands need that only ask or repair: the database, and the config files where given."""

    model_config = SettingsConfigDict(env_prefix="OUTREACH_", extra="ignore")

    config_dir: Path | None = None
    dispatch: DispatchConfig = DispatchConfig()
