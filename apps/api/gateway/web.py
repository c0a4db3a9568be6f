"""The ways in over HTTP: webhooks of channels, commands, order status for customers, health.

Belongs here: routes, status codes, limits. Does not belong here: what is done (`receiver`, `status`, `desk`).
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from gateway import desk, receiver, status
from oms_dagster import home as homes
from oms_dagster import settings
from oms_dagster.domain.delivery.status_link import is_link_signed
from oms_dagster.settings import Home

#: An order is some kilobytes; what is larger is no order.
MAX_BODY_BYTES = 5_000_000


class Answer(BaseModel):
    """What became of a delivery."""

    outcome: str
    delivery_id: str
    sha256: str


class Problem(BaseModel):
    """One line: what, where, what to do."""

    detail: str


class Health(BaseModel):
    """Whether it is well, and what is not."""

    status: str
    problems: list[str]


_Bearer = Annotated[str | None, Header(description="Bearer, and a token made by `oms token new`")]


def _problems(**said: str) -> dict[int | str, dict[str, Any]]:
    return {int(code[1:]): {"model": Problem, "description": about} for code, about in said.items()}


_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


def create_app(home: Home) -> FastAPI:
    """The application over a home."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        homes.require(home)
        await run_in_threadpool(receiver.forget_old_receipts, home)
        yield

    app = FastAPI(title="OMS", version=homes.code_version(), description=__doc__ or "", lifespan=life)

    @app.post(
        "/channels/{channel}/webhook", status_code=202, response_model=Answer, tags=["webhooks"], openapi_extra=_BODY,
        responses={
            200: {"model": Answer, "description": "it was stored before, or is a ping"},
            **_problems(
                _400="no delivery id, or no body", _401="not signed with the channel's secret", _404="no such channel",
                _409="the delivery id came with another body before", _413=f"larger than {MAX_BODY_BYTES} bytes",
                _507="the disk is full: send it again later",
            ),
        },
    )  # fmt: skip
    async def webhook(
        request: Request,
        response: Response,
        channel: Annotated[str, Path(min_length=1, max_length=64)],
        shopify_signature: Annotated[str | None, Header(alias="X-Shopify-Hmac-Sha256")] = None,
        shopify_id: Annotated[str | None, Header(alias="X-Shopify-Webhook-Id")] = None,
        woocommerce_signature: Annotated[str | None, Header(alias="X-WC-Webhook-Signature")] = None,
        woocommerce_id: Annotated[str | None, Header(alias="X-WC-Webhook-Delivery-ID")] = None,
    ) -> Answer:
        """Take a delivery: 202 says that it is on the disk and that the next cycle captures it."""
        try:
            receiver.secret_of(channel)  # before a byte of the body is read
            body = await _limited_body(request)
            received = await run_in_threadpool(receiver.receive, home, channel, dict(request.headers), body)
        except receiver.Refused as refused:
            raise HTTPException(refused.status, refused.detail) from None
        except OSError as error:
            raise HTTPException(507, f"it could not be stored ({error.strerror}): send it again later") from error
        if received.outcome != "stored":
            response.status_code = 200
        return Answer(outcome=received.outcome, delivery_id=received.delivery_id, sha256=received.sha256)

    @app.get(
        "/orders/{order_id}/status", response_model=status.OrderStatus, tags=["orders"],
        responses=_problems(
            _401="the link is not ours", _404="no order of that number yet", _410="the link is too old",
            _503="nothing is published yet, or no secret is set",
        ),
    )  # fmt: skip
    def order_status(
        response: Response,
        order_id: Annotated[str, Path(min_length=1, max_length=200)],
        expires: Annotated[int, Query(ge=0, le=2**53, description="seconds since 1970, UTC")],
        signature: Annotated[str, Query(max_length=128, description="as `oms link` makes it")],
    ) -> status.OrderStatus:
        """How far an order is, for whoever holds the link."""
        secret = settings.status_link_secret()
        if secret is None:
            raise HTTPException(503, "links are switched off: set OMS_STATUS_LINK_SECRET")
        if not is_link_signed(secret, order_id, expires, signature):
            raise HTTPException(401, "this link is not ours: ask the shop for a new one")
        if expires < time.time():
            raise HTTPException(410, "this link is too old: ask the shop for a new one")
        try:
            found = status.order_status(home, order_id)
        except FileNotFoundError:
            raise HTTPException(503, "nothing is published yet: look again later") from None
        if found is None:
            raise HTTPException(404, "this order has not been taken in yet: look again later")
        response.headers["Cache-Control"] = "no-store"
        return found

    @app.post(
        "/commands", status_code=202, response_model=desk.Sent, tags=["commands"],
        responses=_problems(
            _401="no token, or one that is not ours, revoked or too old", _403="the token's user or role may not send this",
            _400="no command that could be sent: the line says what to correct",
            _503="the operations store does not answer",
        ),
    )  # fmt: skip
    def send_command(said: desk.Command, authorization: _Bearer = None) -> desk.Sent:
        """Append a command as the token's user; the next cycle decides about it. The same key appends it once."""
        return desk.send(home, authorization, said)

    @app.get(
        "/commands/{command_id}", response_model=desk.Fate, tags=["commands"],
        responses=_problems(
            _401="no token, or one that is not ours, revoked or too old", _404="no command of that id",
            _503="the operations store does not answer",
        ),
    )  # fmt: skip
    def command_fate(
        command_id: Annotated[str, Path(min_length=1, max_length=200)], authorization: _Bearer = None
    ) -> desk.Fate:
        """What became of a command: pending, awaiting (a second person), accepted or rejected."""
        return desk.fate(home, authorization, command_id)

    @app.get("/healthz", response_model=Health, tags=["health"])
    def healthz() -> Health:
        """Whether the process answers."""
        return Health(status="ok", problems=[])

    @app.get("/readyz", response_model=Health, tags=["health"], responses={503: {"model": Health}})
    def readyz(response: Response) -> Health:
        """Whether deliveries can be kept: the home is one that this code knows, its inbox can be written."""
        problems = list(_unready(home))
        if problems:
            response.status_code = 503
        return Health(status="unready" if problems else "ok", problems=problems)

    return app


async def _limited_body(request: Request) -> bytes:
    """The body, read no further than the limit whatever its length says."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise receiver.Refused(413, f"the body is larger than {MAX_BODY_BYTES} bytes: send one order at a time")
        parts.append(part)
    return b"".join(parts)


def _unready(home: Home) -> list[str]:
    try:
        homes.require(home)
    except homes.HomeError as error:
        return [str(error)]
    return (
        []
        if os.access(home.inbox, os.W_OK | os.X_OK)
        else [f"{home.inbox} can't be written: give it back to this user"]
    )
