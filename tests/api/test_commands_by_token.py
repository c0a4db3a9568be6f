"""Commands over HTTP: a token's user sends them, within what both may, and asks what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from oms_dagster.operations.access import add_user, change_user
from oms_dagster.operations.commands import list_commands
from oms_dagster.operations.models import tokens as table
from oms_dagster.operations.store import Store, open_store
from oms_dagster.operations.tokens import new_token, revoke_token
from oms_dagster.settings import Home

HOLD = {"type": "hold.place", "target": "shopify-1", "reason": "asked to wait", "payload": {"scope": "order"}}
RELEASE = {"type": "hold.release", "target": "H-1", "reason": "paid", "payload": {"family": "credit", "amount": "1"}}


@pytest.fixture
def store(fresh_home: Home) -> Iterator[Store]:
    opened = open_store(fresh_home.operations_url)
    add_user(opened, "cora", "Cora", "credit")
    yield opened
    opened.close()


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_a_command_is_sent_once_and_asked_after(client: TestClient, store: Store) -> None:
    token, text = new_token(store, "cora", "bridge")
    said = {**HOLD, "idempotency_key": "k1"}
    first, again = (client.post("/commands", json=said, headers=bearer(text)) for _ in range(2))
    assert (first.status_code, first.json()["state"], again.json()["already_issued"]) == (202, "pending", True)
    (command,) = list_commands(store)
    assert (command.actor, command.token_id) == ("cora", token.token_id)
    fate = client.get(f"/commands/{command.command_id}", headers=bearer(text)).json()
    assert (fate["state"], fate["target"]) == ("pending", "shopify-1")
    assert client.get("/commands/nothing", headers=bearer(text)).status_code == 404


def test_the_amount_that_the_sender_says_counts_for_nothing(client: TestClient, store: Store) -> None:
    """The payload says 1; nothing was published, so nobody knows the amount: it waits for a second person."""
    _, text = new_token(store, "cora", "bridge")
    assert client.post("/commands", json=RELEASE, headers=bearer(text)).json()["state"] == "awaiting"


def test_no_token_a_wrong_one_a_revoked_one_and_an_old_one_are_nobody(client: TestClient, store: Store) -> None:
    revoked, text = new_token(store, "cora", "bridge")
    revoke_token(store, revoked.token_id)
    late, old = new_token(store, "cora", "old")
    with store.writing() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(sa.update(table).where(table.c.token_id == late.token_id).values(expires_at=past))
    for headers in (
        {},
        bearer("oms_x_y"),
        bearer(text),
        bearer(old),
        {"Authorization": f"Basic {text}"},
        bearer("' or 1=1 --"),
    ):
        assert client.post("/commands", json=HOLD, headers=headers).status_code == 401
        assert client.get("/commands/x", headers=headers).status_code == 401
    assert list_commands(store) == []


def test_a_token_may_no_more_than_its_role_nor_than_its_user(client: TestClient, store: Store) -> None:
    _, viewer = new_token(store, "cora", "looks", role="viewer")
    _, admin = new_token(store, "cora", "wants too much", role="admin")
    assert client.post("/commands", json=HOLD, headers=bearer(viewer)).status_code == 403
    policy = {"type": "policy.change", "target": "x", "reason": "y", "payload": {"key": "a.b", "value": "1"}}
    assert client.post("/commands", json=policy, headers=bearer(admin)).status_code == 403
    change_user(store, "cora", active=False)
    assert client.post("/commands", json=HOLD, headers=bearer(admin)).status_code == 401


def test_a_bad_command_is_one_line(client: TestClient, store: Store) -> None:
    _, text = new_token(store, "cora", "bridge")
    answer = client.post("/commands", json={**HOLD, "type": "hold.plaice"}, headers=bearer(text))
    assert answer.status_code == 400
    assert "did you mean hold.place?" in answer.json()["detail"]
    assert client.post("/commands", json={**HOLD, "actor": "planner"}, headers=bearer(text)).status_code == 422


@pytest.mark.parametrize(
    "name", ["../../evil", "..%2f..%2fevil", "/etc/passwd", "..\\..\\evil", "x/../../../evil", "\x00"]
)
def test_no_name_leads_out_of_the_inbox(client: TestClient, store: Store, fresh_home: Home, name: str) -> None:
    """Path traversal by a delivery's id and by a channel's name: nothing is written but in the inbox and the receipts."""
    import base64
    import hashlib
    import hmac

    body = b'{"id": 1}'
    digest = base64.b64encode(hmac.new(b"hush", body, hashlib.sha256).digest()).decode()
    before = {p for p in fresh_home.root.parent.rglob("*") if p.is_file()}
    headers = {"X-Shopify-Hmac-Sha256": digest, "X-Shopify-Webhook-Id": name.replace("\x00", "%00")}
    client.post("/channels/shopify/webhook", content=body, headers=headers)
    client.post(f"/channels/{name.replace(chr(0), '%00')}/webhook", content=body, headers=headers)
    new = {p.resolve() for p in fresh_home.root.parent.rglob("*") if p.is_file()} - {p.resolve() for p in before}
    new = {p for p in new if "operations.sqlite" not in p.name}
    inside = (fresh_home.inbox.resolve() / "shopify", fresh_home.webhooks.resolve() / "shopify")
    assert all(any(p.is_relative_to(folder) for folder in inside) for p in new), new
