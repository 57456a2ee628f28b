"""Who a person is, how they may be reached, and what they wish (`person-events.v1`, `people.v1`)."""

from typing import Annotated, ClassVar, Final, Self, TypeAlias

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from schemas.provenance import PersonEvent
from schemas.regions import region_code
from schemas.values import (
    AsSaid,
    Country,
    Day,
    EmailAddress,
    EventData,
    Id,
    Instant,
    InstantOrDay,
    Language,
    Line,
    PhoneNumber,
    PostalCode,
    Reach,
    Region,
    RegionAsWritten,
    Text,
    Value,
    Zone,
)
from schemas.vocabulary import (
    AccessibilityWish,
    AskedKind,
    Basis,
    Channel,
    CheckResult,
    HoldKind,
    OptOutOrigin,
    Origin,
    PartOfDay,
    PhoneKind,
    ProxyRelation,
    SuppressionKind,
    Weekday,
)

#: The name of the hold that a person's own `pause_until` makes.
PAUSE: Final = "pause_until"

Days = Annotated[int, Field(ge=1, le=3660)]
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
NoticeName: TypeAlias = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_-]*$")]
LocalTime: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class Names(Value):
    """How to address the person. `full` is the whole name where its parts are not known."""

    given: Line | None = None
    family: Line | None = None
    full: Line | None = None


class Address(Value):
    """A postal address; what it says about where the person is matters most."""

    country: Country
    region: Region | None = None
    postal_code: PostalCode | None = None
    lines: Annotated[tuple[Line, ...], Field(max_length=8)] = ()
    origin: Origin = "unknown"
    since: InstantOrDay | None = None


class StatedAddress(Address):
    """A postal address as another system has it: its region may be an old code or a name."""

    region: RegionAsWritten | None = None

    @field_validator("region")
    @classmethod
    def _as_its_country_codes_it(cls, region: str | None, info: ValidationInfo) -> str | None:
        """Read an old or spelled-out region as its code; refuse one that its country does not have."""
        country = info.data.get("country")
        return region if region is None or country is None else region_code(country, region)


class Phone(Value):
    """A telephone number. `work` is true where it is known to belong to the employer."""

    number: PhoneNumber
    kind: PhoneKind = "unknown"
    origin: Origin = "unknown"
    since: InstantOrDay | None = None
    work: bool = False


class Email(Value):
    """An email address. `work` is true where it is known to belong to the employer."""

    address: EmailAddress
    origin: Origin = "unknown"
    since: InstantOrDay | None = None
    work: bool = False


class LocalSpan(Value):
    """A span of a local day: `begins` is inside it, `ends` is not and may be `24:00`.

    An `ends` before `begins` is one of the next day.
    """

    begins: LocalTime
    ends: LocalTime

    @model_validator(mode="after")
    def _spans_something(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("begins and ends must differ; a whole day is 00:00 to 24:00")
        if self.begins == "24:00":
            raise ValueError("begins must be before 24:00")
        return self


class WeeklyWindow(LocalSpan):
    """A span of the person's local time, open at `begins` and closed at `ends`.

    `ends` may be `24:00`; before `begins` it means the next day. `days` name the day it opens.
    """

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]


class QuietHours(LocalSpan):
    """A span of each of the person's days in which they do not wish to be disturbed."""


class SafeContact(Value):
    """The one way that is safe for the person: others may be seen by somebody who must not see it.

    Without `address` every address of the channel is safe. `word` is the word agreed with the person,
    by which each side knows the other.
    """

    channel: Channel
    address: PhoneNumber | EmailAddress | None = None
    word: Line | None = None


class Proxy(Value):
    """Somebody who acts for the person or cares for them. Only where `may_be_told` may they be told anything.

    In force from `since` until `until` (not inside), where they are given.
    """

    name: Line
    relation: ProxyRelation
    organization: Line | None = None
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    may_be_told: bool = False
    since: InstantOrDay | None = None
    until: InstantOrDay | None = None


class LightCheck(Value):
    """Digests of facts by which the person is known to the preference center (`schemas/light_check.py`)."""

    postal_code: Digest | None = None
    birth_year: Digest | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.postal_code is None and self.birth_year is None:
            raise ValueError("name postal_code, birth_year or both; null instead of it asks nothing")
        return self


class Asked(Value):
    """What the person asks a human for, in their own words where they wrote any, and how they are answered.

    `day` and `part_of_day` are when they want to talk; without `day` as soon as can be.
    """

    kinds: Annotated[tuple[AskedKind, ...], Field(min_length=1, max_length=10)]
    channel: Channel
    address: Reach
    text: Text = ""
    day: Day | None = None
    part_of_day: PartOfDay | None = None


Addresses = Annotated[tuple[Address, ...], Field(max_length=50)]
StatedAddresses = Annotated[tuple[StatedAddress, ...], Field(max_length=50)]
Phones = Annotated[tuple[Phone, ...], Field(max_length=50)]
Emails = Annotated[tuple[Email, ...], Field(max_length=50)]
Zones = Annotated[tuple[Zone, ...], Field(max_length=20)]
Windows = Annotated[tuple[WeeklyWindow, ...], Field(max_length=50)]
Channels = Annotated[tuple[Channel, ...], Field(max_length=4)]
ContactDays = Annotated[tuple[Weekday, ...], Field(max_length=7)]
Proxies = Annotated[tuple[Proxy, ...], Field(max_length=20)]
AccessibilityWishes = Annotated[tuple[AccessibilityWish, ...], Field(max_length=20)]


class PersonChanged(PersonEvent):
    """Something about the person changed.

    A field that is present replaces the former value wholly (`null` or an empty list clears it);
    a field left out stays as it was. `zones` are time zones stated by the person or the creditor;
    `convenient`, `inconvenient`, `quiet_hours`, `contact_days` and `refused_channels` are what the
    person told us directly; `preferred_channels` are in the person's order. Only on `contact_days`,
    where any are named, and not before `pause_until` may the person be disturbed. `light_check` has what the
    preference center asks before it shows more than one address.
    """

    names: Names | None = None
    language: Language | None = None
    addresses: StatedAddresses | None = None
    phones: Phones | None = None
    emails: Emails | None = None
    zones: Zones | None = None
    convenient: Windows | None = None
    inconvenient: Windows | None = None
    refused_channels: Channels | None = None
    preferred_channels: Channels | None = None
    quiet_hours: QuietHours | None = None
    contact_days: ContactDays | None = None
    pause_until: InstantOrDay | None = None
    safe_contact: SafeContact | None = None
    proxies: Proxies | None = None
    accessibility: AccessibilityWishes | None = None
    light_check: LightCheck | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"person_id", "provenance", "happened_at"}:
            raise ValueError("name at least one thing that changed, such as phones or language")
        return self


class ConsentGranted(PersonEvent):
    """The person, or somebody entitled to pass it on, allows a channel.

    Without `address` it covers every address of the channel. `at` is when it was given, else the
    time of the event; `null` says that nobody knows. A `direct` or `written` consent that is heard after an
    opt-out of the same channel, and given after it, lifts it.
    """

    past: ClassVar[tuple[str, ...]] = ("at",)

    channel: Channel
    basis: Basis
    address: Reach | None = None
    at: Instant | None = None


class ConsentWithdrawn(PersonEvent):
    """The person closes a channel: all of it, or one address where it is named.

    An address may be written as it was said. One that cannot be read closes the channel.
    """

    channel: Channel
    address: AsSaid | None = None


class HoldPlaced(PersonEvent):
    """A fact that stops contact: about one debt, or about the person where none is named.

    In force from `since`, else from the time of the event, until `until` (not inside) or for
    `days` of 24 hours; with neither until it is lifted. One of the kind `with_human` may say what the
    person `asked` for: a human then finds it among what waits, and whoever deals with it lifts the hold.
    """

    hold_id: Id
    kind: HoldKind
    debt_id: Id | None = None
    since: InstantOrDay | None = None
    until: InstantOrDay | None = None
    days: Days | None = None
    asked: Asked | None = None

    @model_validator(mode="after")
    def _waits_for_a_human(self) -> Self:
        if self.asked is not None and (self.kind != "with_human" or self.debt_id is not None):
            raise ValueError("asked belongs to a hold of the kind with_human that names no debt")
        return self


class HoldLifted(PersonEvent):
    """The hold of this name no longer stands."""

    hold_id: Id


class NumberChecked(PersonEvent):
    """The answer of a reassigned-number check."""

    past: ClassVar[tuple[str, ...]] = ("at",)

    number: PhoneNumber
    result: CheckResult
    at: Instant


class NoticePosted(PersonEvent):
    """A required notice was posted on a date; about one debt, or all where none is named."""

    past: ClassVar[tuple[str, ...]] = ("on",)

    name: NoticeName
    on: Day
    debt_id: Id | None = None


class LinksRevoked(PersonEvent):
    """The links to the preference center that were made for the person until now work no more."""


class StatementCorrected(PersonEvent):
    """What an earlier event said about the person was wrong; it is remembered, and counts no more.

    `event_source` and `event_id` name that event. What closed something cannot be corrected
    (`consent.withdrawn`, `hold.placed`, a stop): a hold is lifted by name, and a stop by the person's
    own later consent.
    """

    event_source: Id
    event_id: Id
    reason: Line


class PersonMerged(PersonEvent):
    """The person is also known under another id: both are one human being.

    From then on what closes one closes the other, and contacts with both count together. Each id keeps
    its own addresses and consents.
    """

    other_id: Id
    reason: Line | None = None


class PersonSeparated(PersonEvent):
    """The two ids were joined by mistake: they are two people.

    Nothing is opened by it. What closed either of them meanwhile stays closed for both, until it is lifted
    as anything else is: a hold by its name, a stop by the later consent of the person of that id.
    """

    other_id: Id
    reason: Line


class PersonReturned(PersonEvent):
    """Somebody who was erased is a person of this agency again: a new relationship begins.

    What is told of them from then on counts. Without it, whatever comes of an erased person is kept aside.
    """

    reason: Line


class ConsentHeld(Value):
    """A consent that stands, heard at `heard_at`; `at` is null where nobody knows when it was given."""

    channel: Channel
    address: Reach | None = None
    basis: Basis
    at: Instant | None = None
    heard_at: Instant | None = None


class HoldHeld(Value):
    """A hold that has not been lifted; it may be over, which its edges tell.

    `said_of` is the other id of the person under which it was placed, where it was not this one.
    """

    hold_id: Id
    kind: HoldKind
    debt_id: Id | None = None
    since: InstantOrDay | None = None
    until: InstantOrDay | None = None
    days: Days | None = None
    asked: Asked | None = None
    said_of: Id | None = None


class NumberCheck(Value):
    """The latest check of one number."""

    number: PhoneNumber
    result: CheckResult
    at: Instant


class Notice(Value):
    """A notice that was posted."""

    name: NoticeName
    on: Day
    debt_id: Id | None = None


class OptOut(Value):
    """A closed channel or address. It stands until it is named in `lifted`.

    `said_of` is the other id of the person under which it was said, where it was not this one.
    """

    opt_out_id: Id
    channel: Channel
    address: Reach | None = None
    kind: SuppressionKind = "opted_out"
    origin: OptOutOrigin = "withdrawal"
    at: Instant
    said_of: Id | None = None


class PersonSnapshot(EventData):
    """All that is known of a person now; it replaces every earlier snapshot.

    `version` only grows. An opt-out or a hold that is merely missing is not lifted: a reader lifts
    what `lifted` (opt-outs) and `lifted_holds` name, and nothing else. While `unreadable`, a record
    about the person could not be read: it may have been a stop, so nothing may be assumed.
    `same_as` are the other ids of the same person: what closes any of them is told under each.
    `other_numbers` are the numbers of those: they suggest where the person is, and are not to be used.
    Links to the preference center that were made before `links_revoked_at` work no more.
    """

    person_id: Id
    version: Annotated[int, Field(ge=1, lt=2**63)]
    changed_at: Instant
    names: Names | None = None
    language: Language | None = None
    addresses: Addresses = ()
    phones: Phones = ()
    emails: Emails = ()
    zones: Zones = ()
    convenient: Windows = ()
    inconvenient: Windows = ()
    refused_channels: Channels = ()
    preferred_channels: Channels = ()
    quiet_hours: QuietHours | None = None
    contact_days: ContactDays = ()
    pause_until: InstantOrDay | None = None
    safe_contact: SafeContact | None = None
    proxies: Proxies = ()
    accessibility: AccessibilityWishes = ()
    light_check: LightCheck | None = None
    links_revoked_at: Instant | None = None
    consents: tuple[ConsentHeld, ...] = ()
    holds: tuple[HoldHeld, ...] = ()
    number_checks: tuple[NumberCheck, ...] = ()
    notices: tuple[Notice, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    lifted: tuple[Id, ...] = ()
    lifted_holds: tuple[Id, ...] = ()
    same_as: tuple[Id, ...] = ()
    other_numbers: tuple[PhoneNumber, ...] = ()
    unreadable: bool = False


class KeptStop(Value):
    """What stays of a stop when whoever said it is erased: the address as a digest by a key of preferences.

    Whoever has the address later, under whatever id, meets the stop.
    """

    opt_out_id: Id
    digest: Digest
    channel: Channel
    kind: SuppressionKind
    origin: OptOutOrigin
    at: Instant
    heard_at: Instant


class PersonErased(EventData):
    """The person was erased: whoever keeps a copy forgets it, and contacts nobody under this id.

    It is the last word on its key, in the place of every snapshot before it, and stays there: whoever reads
    from the beginning, or after a restore, learns of it. A snapshot of a greater `version` begins anew.
    """

    person_id: Id
    version: Annotated[int, Field(ge=1, lt=2**63)]
    erased_at: Instant
    stops: Annotated[tuple[KeptStop, ...], Field(max_length=1000)] = ()


class TopicHeard(Value):
    """Until when everything on one topic was heard."""

    topic: Line
    caught_up_at: Instant


class PreferencesCaughtUp(EventData):
    """Whatever preferences was told before `caught_up_at` is in the snapshots that came before this.

    It comes every second or so under a key of its own and is about nobody. Whoever keeps a copy of
    the snapshots knows by it how old the copy is, even while nobody changes. `topics` says of each
    topic that preferences reads what `caught_up_at` says of all of them.
    """

    caught_up_at: Instant
    topics: tuple[TopicHeard, ...] = ()
