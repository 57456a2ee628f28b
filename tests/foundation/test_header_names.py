"""What `header_names` takes for granted of aiokafka's internals, which no release of it promises."""

from importlib.metadata import version

#: The releases whose internals were read; a new one is added once `header_names` was checked against it.
CHECKED = ("0.14.0",)


def test_aiokafka_is_a_release_whose_internals_were_checked() -> None:
    release = version("aiokafka")

    assert release in CHECKED, (
        f"aiokafka is {release} now: read its fetcher and record batches again, compare them with "
        "services/foundation/header_names.py, and then add the release to CHECKED"
    )
