"""What a service may do with Kafka, asked of Kafka itself before what nobody granted is missed."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request

from foundation.kafka import administering, ask_coordinator
from foundation.settings import KafkaSettings
from foundation.topic_ids import SeenTopic, look_at_topics

#: The operations that are needed, by their numbers in Kafka's protocol.
_OPERATIONS: Final = {"READ": 3, "WRITE": 4}
_GROUP_FORBIDDEN: Final = 30
_TELL_RIGHTS: Final = True
_UNTOLD: Final = -(1 << 31)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaUse:
    """What a service does with Kafka: the topics it reads and writes, and the groups it reads as.

    Of the topics that it writes it reads back most after a restore, so those stand among both.
    """

    reads: Collection[str]
    writes: Collection[str]
    groups: Collection[str]

    @property
    def topics(self) -> list[str]:
        """All its topics, by name."""
        return sorted({*self.reads, *self.writes})


class RightsMissing(Exception):
    """Kafka does not allow what a service is there for; `missing` are such as `READ topic debts.v1`."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class RightsWatch:
    """Knows what of a service's use of Kafka is not allowed, as last asked."""

    def __init__(self, settings: KafkaSettings, use: KafkaUse) -> None:
        self._settings = settings
        self._use = use
        self._missing: Sequence[str] = ()

    async def look(self) -> None:
        """Ask; where Kafka cannot be asked, what was known holds."""
        with suppress(KafkaError, OSError):
            missing = await list_missing_rights(self._settings, self._use)
            if missing and missing != self._missing:
                log.error("kafka does not allow what is needed", missing=missing)
            self._missing = missing

    async def insist(self) -> None:
        """Ask, and go on only if all is allowed, or Kafka cannot be asked.

        Raises:
            RightsMissing: something is not.
        """
        await self.look()
        if self._missing:
            raise RightsMissing(self._missing)

    async def check(self) -> str | None:
        """Say in a few words what is not allowed, or None: for the health of a service."""
        return f"not granted: {', '.join(self._missing)}" if self._missing else None


async def list_missing_rights(settings: KafkaSettings, use: KafkaUse) -> list[str]:
    """Return the rights that were not granted, topics first; of what Kafka does not tell nothing is said.

    Raises:
        KafkaError, OSError: it cannot be asked.
    """
    missing = sorted(_of_topics(await look_at_topics(settings, use.topics), use))
    async with administering(settings) as admin:
        missing += [
            f"READ group {group}" for group in sorted(use.groups) if not await _may_join(admin, group)
        ]
    return missing


def _of_topics(seen: Sequence[SeenTopic], use: KafkaUse) -> Iterator[str]:
    for topic in seen:
        wanted = {"READ": topic.name in use.reads, "WRITE": topic.name in use.writes}
        for operation, number in _OPERATIONS.items():
            if wanted[operation] and topic.rights is not None and not topic.rights & 1 << number:
                yield f"{operation} topic {topic.name}"


async def _may_join(admin: AIOKafkaAdminClient, group: str) -> bool:
    try:
        coordinator = await ask_coordinator(partial(admin.find_coordinator, group))
        response: Any = await admin._send_request(_Describe(group), coordinator)  # noqa: SLF001
    except GroupAuthorizationFailedError:
        return False
    except NotImplementedError:
        return True
    [(error, *_about, rights)] = response.groups
    if error == _GROUP_FORBIDDEN:
        return False
    return bool(rights == _UNTOLD or rights & 1 << _OPERATIONS["READ"])


class _DescribeRequest(DescribeGroupsRequest_v3):  # type: ignore[misc]  # it has no types
    # Its own is that of version 2, which leaves the rights unread.
    RESPONSE_TYPE = DescribeGroupsResponse_v3


class _Describe(Request[_DescribeRequest]):  # type: ignore[misc]
    API_KEY = DescribeGroupsRequest_v3.API_KEY

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[_DescribeRequest]) -> _DescribeRequest:
        return request_struct_class([self._group], _TELL_RIGHTS)
