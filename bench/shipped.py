"""The vendors' clients as they ship, as most who send from an event loop would use them.

Twilio's asynchronous client on a session of its own; SendGrid's, which blocks, in as many threads as calls
are under way. Only the host is another.
"""

import asyncio
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bench import agency, cpu, rig
from outreach.model.message import Email, Sms

_ACCEPTED = range(200, 300)


class _Moved(AsyncTwilioHttpClient):  # type: ignore[misc]
    """Twilio's own transport, to another host."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        return await super().request(method, self._base_url + urlsplit(url).path, *args, **kwargs)


async def measure(vendor: str, calls: int, *, text: Sms, mail: Email) -> tuple[float, dict[str, float]]:
    """Return how many messages per second they send, seven of ten texts, and processor time."""
    sendgrid = SendGridAPIClient("of the bench", host=vendor)
    left = iter(range(calls))
    with warnings.catch_warnings(), ThreadPoolExecutor(rig.WORKERS) as threads:
        # Twilio's client speaks to aiohttp in a way that aiohttp will give up.
        warnings.simplefilter("ignore", DeprecationWarning)
        async with _Moved(vendor) as transport:
            client = Client("AC" + "0" * 32, "of the bench", http_client=transport)
            loop = asyncio.get_running_loop()

            async def work() -> None:
                for number in left:
                    if agency.is_texted(number):
                        created = await client.messages.create_async(
                            to=text.to,
                            body=text.body,
                            messaging_service_sid=text.sender,
                            status_callback=text.status_url,
                            validity_period=int(text.valid_for.total_seconds()),
                        )
                        assert created.sid
                    else:
                        answer = await loop.run_in_executor(threads, sendgrid.send, _helped(mail))
                        assert answer.status_code in _ACCEPTED

            spent, began = cpu.Meter({}), time.perf_counter()
            await asyncio.gather(*(work() for _ in range(rig.WORKERS)))
            return calls / (time.perf_counter() - began), spent.microseconds_per(calls)


def _helped(mail: Email) -> Mail:
    return Mail(
        from_email=(mail.sender, mail.sender_name),
        to_emails=mail.to,
        subject=mail.subject,
        plain_text_content=mail.text,
        html_content=mail.html,
    )
