"""Every error this service raises on purpose, and who must react to it.

PreferencesError
├── RecordNotFound      the caller asked for a quarantined record that is not kept
└── AlreadyDecided      somebody replayed or dismissed the record before
"""


class PreferencesError(Exception):
    """Base of every error this service raises on purpose."""


class RecordNotFound(PreferencesError):
    """No quarantined record has this id."""

    def __init__(self, record_id: int) -> None:
        super().__init__(f"no record {record_id} is in the quarantine")
        self.record_id = record_id


class AlreadyDecided(PreferencesError):
    """The record is no longer open."""

    def __init__(self, record_id: int, state: str) -> None:
        super().__init__(f"record {record_id} is {state} already")
        self.record_id = record_id
        self.state = state
