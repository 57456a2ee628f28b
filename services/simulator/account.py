"""What both vendors tell of the account: its state, and where they were told to send what happens."""

from typing import Any

from aiohttp import encode_basic_auth, hdrs, web

from simulator import sendgrid
from simulator.settings import Settings
from simulator.signing import EventKey
from simulator.twilio import No

_CALLS_AGAIN = "#rc=5&rp=all"
_EVENTS = ("processed", "delivered", "dropped", "bounce", "deferred", "spam_report", "unsubscribe")


class VendorAccount:
    """The account as its console would show it; whoever holds this may change it, as staff may there."""

    def __init__(self, settings: Settings, key: EventKey) -> None:
        url = settings.outreach_url or ""
        inbound = f"{url}/webhooks/twilio/inbound"
        self._settings = settings
        self.account: dict[str, Any] = {"status": "active", "type": "Full"}
        self.service: dict[str, Any] = {
            "friendly_name": "simulated",
            "inbound_request_url": inbound + _CALLS_AGAIN,
            "inbound_method": "POST",
            "fallback_url": inbound,
            "status_callback": f"{url}/webhooks/twilio/status",
            "use_inbound_webhook_on_number": False,
            "usecase": "notifications",
        }
        self.scopes = [
            "mail.send",
            "user.webhooks.event.settings.read",
            "user.webhooks.parse.settings.read",
            "tracking_settings.read",
        ]
        self.event_webhook: dict[str, Any] = {
            "id": "simulated",
            "enabled": True,
            "url": f"{url}/webhooks/sendgrid/events",
            "public_key": key.public,
            **dict.fromkeys(_EVENTS, True),
        }
        self.click_tracking: dict[str, Any] = {"enabled": False, "enable_text": False}
        self.parses: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        """Return the questions that are answered, each a GET."""
        return [
            web.get("/2010-04-01/Accounts/{account}.json", self.show_account),
            web.get("/v1/Services/{service}", self.show_service),
            web.get("/v3/scopes", self.list_scopes),
            web.get("/v3/user/webhooks/event/settings/all", self.list_event_webhooks),
            web.get("/v3/tracking_settings/click", self.show_click_tracking),
            web.get("/v3/user/webhooks/parse/settings", self.list_parses),
        ]

    async def show_account(self, request: web.Request) -> web.Response:
        """`GET /2010-04-01/Accounts/{sid}.json`."""
        return self._to_twilio(request, {"sid": request.match_info["account"], **self.account})

    async def show_service(self, request: web.Request) -> web.Response:
        """`GET /v1/Services/{sid}`."""
        return self._to_twilio(request, {"sid": request.match_info["service"], **self.service})

    async def list_scopes(self, request: web.Request) -> web.Response:
        """`GET /v3/scopes`."""
        return self._to_sendgrid(request, {"scopes": self.scopes})

    async def list_event_webhooks(self, request: web.Request) -> web.Response:
        """`GET /v3/user/webhooks/event/settings/all`."""
        told = {"max_allowed": 5, "webhooks": [self.event_webhook]}
        return self._to_sendgrid(request, told, needs="user.webhooks.event.settings.read")

    async def show_click_tracking(self, request: web.Request) -> web.Response:
        """`GET /v3/tracking_settings/click`."""
        return self._to_sendgrid(request, self.click_tracking, needs="tracking_settings.read")

    async def list_parses(self, request: web.Request) -> web.Response:
        """`GET /v3/user/webhooks/parse/settings`."""
        told = {"result": self.parses}
        return self._to_sendgrid(request, told, needs="user.webhooks.parse.settings.read")

    def _to_twilio(self, request: web.Request, told: dict[str, Any]) -> web.Response:
        sid, token = self._settings.account_sid, self._settings.auth_token
        if token is not None and request.headers.get(hdrs.AUTHORIZATION) != encode_basic_auth(
            sid or "", token
        ):
            no = No(401, 20003)
            return web.json_response(no.body, status=no.status)
        return web.json_response(told)

    def _to_sendgrid(self, request: web.Request, told: dict[str, Any], *, needs: str = "") -> web.Response:
        key = self._settings.api_key
        if key is not None and request.headers.get(hdrs.AUTHORIZATION) != f"Bearer {key}":
            refusal = sendgrid.No(401, "The provided authorization grant is invalid, expired, or revoked")
            return web.json_response(refusal.body, status=refusal.status)
        if needs and needs not in self.scopes:
            refusal = sendgrid.No(403, "access forbidden")
            return web.json_response(refusal.body, status=refusal.status)
        return web.json_response(told)
