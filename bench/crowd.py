"""A webhook beside clients who do nothing or all too slowly: how long its answer takes, with them and without.

The role `http` is a process of its own, as an agency runs it. Each webhook is a text from somebody, signed, and
answered once it is stored. Whoever is cut off comes back at once, so there are always as many strangers as are said.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import aiohttp
from twilio.request_validator import RequestValidator

from bench import rig
from bench.figures import Figure, p99_beside
from bench.servers import Postgres
from bench.steady import start_role
from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from schemas import topics
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.crowd import crowd

IDLE, SLOW = 1000, 100
_PATH = "/webhooks/twilio/inbound"
#: The first ones open connections and compile what is compiled once.
_UNCOUNTED = 20


async def measure(server: Postgres, kafka: str, *, webhooks: int) -> list[Figure]:
    """Post so many webhooks one after the other without strangers, and then among them."""
    await create_topics(KafkaSettings(bootstrap_servers=kafka), list(topics.TOPICS.values()))
    urls = {
        name: await server.migrated(f"crowd_{name}", package=name) for name in ("outreach", "preferences")
    }
    with TemporaryDirectory(prefix="bench-crowd-") as home, _serving(Path(home), urls, kafka) as wiring:
        alone = await _post(wiring, range(webhooks))
        async with crowd(wiring.ports.outreach, path=_PATH, idle=IDLE, slow=SLOW):
            among = await _post(wiring, range(webhooks, 2 * webhooks))
    return [_figure(among, alone=alone)]


@contextlib.contextmanager
def _serving(home: Path, urls: Mapping[str, str], kafka: str) -> Iterator[Wiring]:
    with contextlib.ExitStack() as stack:
        wiring = Wiring(
            ports=stack.enter_context(Ports.reserve()),
            secrets=secrets_in(home / "secrets.json"),
            urls=urls,
            kafka=kafka,
            home=home,
            config=rig.CONFIG,
        )
        (outreach,) = (part for part in wiring.parts() if part.name == "outreach")
        start_role(stack, outreach, home, {}, role="http")
        yield wiring


async def _post(wiring: Wiring, numbers: range) -> list[float]:
    """Post a signed text of each number; return how long each answer took, in milliseconds."""
    url = f"http://127.0.0.1:{wiring.ports.outreach}{_PATH}"
    validator = RequestValidator(wiring.secrets["auth_token"])
    took = []
    async with aiohttp.ClientSession() as session:
        for number in numbers:
            form = {
                "MessageSid": f"SM{number:032x}",
                "From": f"+1303555{number % 10_000:04}",
                "To": "+13125550100",
                "Body": "Can somebody call me about the plan?",
            }
            headers = {"X-Twilio-Signature": validator.compute_signature(url, form)}
            began = time.monotonic_ns()
            async with session.post(url, data=form, headers=headers) as answer:
                await answer.read()
                assert answer.status == 200, f"{urlsplit(url).path}: {answer.status}"
            took.append((time.monotonic_ns() - began) / 1e6)
    return took[_UNCOUNTED:]


def _figure(among: Sequence[float], *, alone: Sequence[float]) -> Figure:
    name = f"a person's text at the webhook beside {IDLE:,} idle and {SLOW} slow connections, p99"
    return p99_beside(name, among, alone=alone, details={"webhooks": len(among)})
