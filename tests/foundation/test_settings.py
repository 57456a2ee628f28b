"""A wrong setting is one line that names its variable and never shows a value."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from foundation.kafka import client_options, subscribing_broker
from foundation.settings import BadSettings, KafkaSettings, Section, Settings, load
from tests.support.certificates import Authority

SECRET = "hunter2-secret"


class Mail(Section):
    api_key: SecretStr
    retries: int = Field(default=3, ge=0)
    patience: timedelta = timedelta(seconds=5)


class Config(Settings):
    model_config = SettingsConfigDict(env_prefix="THING_")

    database_url: SecretStr
    kafka: KafkaSettings
    mail: Mail


GOOD = {
    "THING_DATABASE_URL": f"postgresql://user:{SECRET}@localhost/x",
    "THING_KAFKA__BOOTSTRAP_SERVERS": "a:9092,b:9092",
    "THING_MAIL__API_KEY": SECRET,
}


def refused(environment: Mapping[str, str]) -> list[str]:
    with pytest.raises(BadSettings) as refusal:
        load(Config, environment)
    assert SECRET not in str(refusal.value)
    return refusal.value.lines


def test_variables_become_settings() -> None:
    config = load(Config, {**GOOD, "THING_MAIL__PATIENCE": "PT30S", "OTHER": "x"})

    assert config.kafka.bootstrap_servers == "a:9092,b:9092"
    assert config.mail.api_key.get_secret_value() == SECRET
    assert config.mail.patience == timedelta(seconds=30)
    assert SECRET not in repr(config)


def test_each_missing_value_is_a_line_of_its_own() -> None:
    assert refused({"THING_MAIL__RETRIES": "1"}) == [
        "THING_DATABASE_URL: is required",
        "THING_KAFKA__BOOTSTRAP_SERVERS: is required",
        "THING_MAIL__API_KEY: is required",
    ]


class Vendor(Section):
    account: str
    mail: Mail
    pace: int = 1


class Sender(Settings):
    model_config = SettingsConfigDict(env_prefix="SENDER_")

    vendor: Vendor


def test_of_a_section_that_is_missing_each_part_is_named_that_it_needs() -> None:
    with pytest.raises(BadSettings) as refusal:
        load(Sender, {})

    assert refusal.value.lines == [
        "SENDER_VENDOR__ACCOUNT: is required",
        "SENDER_VENDOR__MAIL__API_KEY: is required",
    ]


def test_a_wrong_value_is_named_and_not_shown() -> None:
    assert refused({**GOOD, "THING_MAIL__RETRIES": SECRET}) == [
        "THING_MAIL__RETRIES: Input should be a valid integer, unable to parse string as an integer"
    ]


def test_an_unknown_part_of_a_section_is_refused() -> None:
    assert refused({**GOOD, "THING_MAIL__APIKEY": SECRET}) == ["THING_MAIL__APIKEY: no such setting"]


def test_a_misspelt_name_is_not_ignored_in_silence() -> None:
    assert refused({**GOOD, "THING_DATABSE_URL": SECRET}) == [
        "THING_DATABSE_URL: no such setting; do you mean THING_DATABASE_URL?"
    ]


def test_a_section_as_one_value_is_refused_without_quoting_it() -> None:
    assert refused({**GOOD, "THING_MAIL": SECRET}) == [
        "THING_MAIL: is not JSON; if it is a section, set its parts as THING_MAIL__PART"
    ]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"SECURITY_PROTOCOL": "SASL_SSL"}, "SASL_SSL needs sasl_mechanism, sasl_username and sasl_password"),
        ({"SASL_USERNAME": "u"}, "security_protocol PLAINTEXT uses no SASL settings"),
        ({"CA_FILE": __file__}, "security_protocol PLAINTEXT uses no ca_file"),
        ({"SECURITY_PROTOCOL": "SSL", "CA_FILE": "/nowhere"}, "ca_file is not a file"),
        (
            {"SECURITY_PROTOCOL": "SSL", "CA_FILE": __file__},
            "ca_file cannot be read, or holds no certificate in PEM",
        ),
        ({"CERT_FILE": __file__}, "security_protocol PLAINTEXT uses no cert_file"),
        ({"SECURITY_PROTOCOL": "SSL", "CERT_FILE": __file__}, "cert_file and key_file go together"),
        ({"SECURITY_PROTOCOL": "SSL", "KEY_PASSWORD": SECRET}, "key_password is that of a key_file"),
    ],
    ids=[
        "half of SASL",
        "SASL that would not be used",
        "a CA that would not be used",
        "a CA that is not there",
        "a CA that is none",
        "a certificate that would not be used",
        "a certificate without its key",
        "a password of no key",
    ],
)
def test_security_that_would_not_work_is_refused(settings: Mapping[str, str], problem: str) -> None:
    environment = {**GOOD, **{f"THING_KAFKA__{name}": value for name, value in settings.items()}}

    assert refused(environment) == [f"THING_KAFKA: {problem}"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_both_clients_are_told_the_same_about_security(mechanism: str) -> None:
    settings = KafkaSettings.model_validate(
        {
            "bootstrap_servers": "a:9092,b:9092",
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_username": "user",
            "sasl_password": SECRET,
        }
    )

    ours = client_options(settings)
    theirs = subscribing_broker(settings, client_id="x")._connection_kwargs

    for name in ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password"):
        assert theirs[name] == ours[name]
    assert theirs["ssl_context"] is not None
    assert ours["ssl_context"].check_hostname
    assert ours["bootstrap_servers"] == ["a:9092", "b:9092"]


def test_a_ca_of_our_own_is_trusted_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    settings = KafkaSettings(bootstrap_servers="a:9092", security_protocol="SSL", ca_file=authority.file)

    [trusted] = client_options(settings)["ssl_context"].get_ca_certs()

    assert trusted["subject"] == ((("commonName", "test CA"),),)


@pytest.mark.parametrize("password", [None, SECRET, "another"], ids=["none", "the right one", "another"])
def test_a_key_opens_with_its_password_alone(tmp_path: Path, password: str | None) -> None:
    pair = Authority(tmp_path).sign("outreach", password=SECRET)
    files = {"SECURITY_PROTOCOL": "SSL", "CERT_FILE": str(pair.certificate), "KEY_FILE": str(pair.key)}
    given = files if password is None else files | {"KEY_PASSWORD": password}
    environment = {**GOOD, **{f"THING_KAFKA__{name}": value for name, value in given.items()}}

    if password == SECRET:
        assert load(Config, environment).kafka.tls_context() is not None
    else:
        reason = "cert_file and key_file cannot be read as PEM, are no pair, or key_password is not the key's"
        assert refused(environment) == [f"THING_KAFKA: {reason}"]


@pytest.mark.parametrize("servers", ["", "a", "a:9092,", "http://a:9092", "a:b", "a: 9092"])
def test_addresses_of_kafka_that_are_none_are_refused(servers: str) -> None:
    assert refused({**GOOD, "THING_KAFKA__BOOTSTRAP_SERVERS": servers}) == [
        "THING_KAFKA__BOOTSTRAP_SERVERS: must be host:port, several with commas between them"
    ]
