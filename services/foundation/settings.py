"""Configuration from environment variables: one clear line per variable that is missing or wrong.

A refused value may be a secret, so no error here ever shows one.
"""

import difflib
import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)


class BadSettings(Exception):
    """Some settings are missing or wrong; `lines` has one for each, naming its variable."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Section(BaseModel):
    """A group of settings, nested in `Settings`; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Settings(BaseSettings):
    """A whole configuration; derive with `SettingsConfigDict(env_prefix="SERVICE_")` and read with `load`.

    `SERVICE_KAFKA__CA_FILE` sets `settings.kafka.ca_file`.
    """

    model_config = SettingsConfigDict(
        env_nested_delimiter="__", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (pydantic names it)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values only from `load`, so that building one by hand depends on nothing else."""
        return (init_settings,)


def _is_a_database_url(url: SecretStr) -> SecretStr:
    """Refuse a URL that would be cut at a character of its password: the rest would be shown as a host."""
    try:
        parts = urlsplit(url.get_secret_value())
    except ValueError:
        raise ValueError(_ENCODE) from None
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("must begin with postgresql://")
    hosts = parts.netloc.rpartition("@")[2].split(",")
    cut = "@" in parts.path or ("@" in parts.query and "@" not in parts.netloc and parts.netloc)
    if parts.fragment or cut or not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError(_ENCODE)
    return url


_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]\s]*)(:\d+)?")
_ENCODE = (
    "cannot be read; in the user and the password write / as %2F, # as %23, ? as %3F, @ as %40, "
    ": as %3A, [ as %5B, ] as %5D and % as %25"
)

DatabaseUrl = Annotated[SecretStr, AfterValidator(_is_a_database_url)]


class StoreSettings(Settings):
    """As much as a service's commands need that only ask or repair: the database.

    `operator_token` says who acts; without it the system's user is recorded, and said to be no more.
    """

    database_url: DatabaseUrl
    operator_token: SecretStr | None = None


def _is_private_on_the_way(url: str) -> str:
    """Refuse http to other machines: what is sent there holds accounts' secrets and people's data."""
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except ValueError:
        scheme, host = "", None
    if host is None or scheme not in {"https", "http"} or any(sign.isspace() for sign in url):
        raise ValueError("must be a URL such as https://service.example.com")
    if scheme == "http" and host not in _LOOPBACK:
        raise ValueError("must begin with https://; http is for this machine alone")
    return url


_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

Url = Annotated[str, AfterValidator(_is_private_on_the_way)]


class InternalConfig(Section):
    """Where health, metrics and what other systems ask are served: never to the outside. Port 0 takes any."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)


_ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\]]+):\d{1,5}")


class KafkaSettings(Section):
    """How to reach Kafka. `bootstrap_servers` is `host:port`, several with commas between them.

    `ca_file` holds the CAs that Kafka's certificate may be of, else those of the system count. `cert_file`
    and `key_file` are what we show Kafka where it asks who we are by certificate. All are PEM.
    """

    bootstrap_servers: str
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None

    @property
    def addresses(self) -> list[str]:
        """The bootstrap servers, one by one."""
        return [address.strip() for address in self.bootstrap_servers.split(",")]

    def tls_context(self) -> ssl.SSLContext | None:
        """Return what TLS needs, or None where the protocol has none.

        Raises:
            OSError: a file cannot be used; those of settings that were read can.
        """
        if not self.security_protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file is not None:
            password = self.key_password.get_secret_value() if self.key_password is not None else ""
            # Given as a function, so that a missing one is an error instead of a question on the terminal.
            context.load_cert_chain(self.cert_file, self.key_file, lambda: password)
        return context

    @field_validator("bootstrap_servers")
    @classmethod
    def _are_addresses(cls, servers: str) -> str:
        if not all(_ADDRESS.fullmatch(address.strip()) for address in servers.split(",")):
            raise ValueError("must be host:port, several with commas between them")
        return servers

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        given = (self.sasl_mechanism, self.sasl_username, self.sasl_password)
        if self.security_protocol.startswith("SASL_"):
            if None in given:
                raise ValueError(
                    f"{self.security_protocol} needs sasl_mechanism, sasl_username and sasl_password"
                )
        elif given != (None, None, None):
            # Credentials that are never sent look like security and are none.
            raise ValueError(f"security_protocol {self.security_protocol} uses no SASL settings")
        return self

    @model_validator(mode="after")
    def _tls_files_are_used_and_there(self) -> Self:
        files = {"ca_file": self.ca_file, "cert_file": self.cert_file, "key_file": self.key_file}
        for name, file in files.items():
            if file is not None:
                if not self.security_protocol.endswith("SSL"):
                    raise ValueError(f"security_protocol {self.security_protocol} uses no {name}")
                if not file.is_file():
                    raise ValueError(f"{name} is not a file")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.key_password is not None and self.key_file is None:
            raise ValueError("key_password is that of a key_file")
        return self

    @model_validator(mode="after")
    def _tls_files_can_be_used(self) -> Self:
        try:
            if self.ca_file is not None:
                ssl.create_default_context(cafile=self.ca_file)
        except OSError:
            raise ValueError("ca_file cannot be read, or holds no certificate in PEM") from None
        try:
            self.tls_context()
        except (OSError, ValueError):
            raise ValueError(
                "cert_file and key_file cannot be read as PEM, are no pair, or key_password is not the key's"
            ) from None
        return self


S = TypeVar("S", bound=Settings)


def load(settings: type[S], environment: Mapping[str, str] | None = None) -> S:
    """Read the settings from environment variables, those of this process unless given others.

    Raises:
        BadSettings: a value is missing, unknown or wrong; refuse to start.
    """
    variables = os.environ if environment is None else environment
    prefix = str(settings.model_config.get("env_prefix") or "")
    if strays := _misspelt(settings, variables, prefix):
        raise BadSettings(strays)
    source = EnvSettingsSource(settings)
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    try:
        return settings.model_validate(source())
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise BadSettings(
            [
                f"{_variable(prefix, place)}: {_say(problem)}"
                for problem in problems
                for place in _places(settings, problem)
            ]
        ) from None
    except SettingsError as error:
        # Sections, lists and mappings in one variable are read as JSON; the cause quotes what it got.
        raise BadSettings([_not_json(str(error), prefix)]) from None
    except RecursionError:
        raise BadSettings([_not_json("", prefix)]) from None


def _misspelt(settings: type[Settings], variables: Mapping[str, str], prefix: str) -> list[str]:
    """Name variables that nearly are settings: they would be ignored in silence.

    Others with our prefix may belong to tools around us, so only near misses are refused.
    """
    if not prefix:
        return []
    known = [f"{prefix}{field}".upper() for field in settings.model_fields]
    heads = {
        name: name.upper().split("__")[0] for name in variables if name.upper().startswith(prefix.upper())
    }
    strays = {name: head for name, head in heads.items() if head not in known}
    return [
        f"{name}: no such setting; do you mean {meant[0]}?"
        for name, head in sorted(strays.items())
        if (meant := difflib.get_close_matches(head, known, n=1, cutoff=0.85))
    ]


def _not_json(text: str, prefix: str) -> str:
    field = re.search(r'field "(\w+)"', text)
    name = f"{prefix}{field[1] if field else '?'}".upper()
    return f"{name}: is not JSON; if it is a section, set its parts as {name}__PART"


def _places(settings: type[Settings], problem: Any) -> list[tuple[int | str, ...]]:
    """Return what there is to set: of a section that is missing, each part that it needs."""
    place: tuple[int | str, ...] = problem["loc"]
    if problem["type"] != "missing":
        return [place]
    model: Any = settings
    for name in place:
        field = model.model_fields.get(name) if _is_model(model) else None
        model = None if field is None else field.annotation
    return _required(model, place)


def _required(model: Any, place: tuple[int | str, ...]) -> list[tuple[int | str, ...]]:
    parts = model.model_fields.items() if _is_model(model) else ()
    found = [
        part
        for name, field in parts
        if field.is_required()
        for part in _required(field.annotation, (*place, name))
    ]
    return found or [place]


def _is_model(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, BaseModel)


def _variable(prefix: str, place: tuple[int | str, ...]) -> str:
    return f"{prefix}{'__'.join(str(part) for part in place)}".upper()


def _say(problem: Any) -> str:
    if problem["type"] == "missing":
        return "is required"
    if problem["type"] == "extra_forbidden":
        return "no such setting"
    return str(problem["msg"]).removeprefix("Value error, ")
