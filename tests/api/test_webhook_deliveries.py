"""A delivery is stored once, whole, under its channel; everything else is refused and leaves nothing behind."""

from __future__ import annotations

import errno
import os
import threading
import time

import pytest
from deliveries import BODY, shopify, woocommerce
from fastapi.testclient import TestClient
from gateway import receiver, web
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from oms_dagster import disk, inbox
from oms_dagster.defs.capture import arrivals
from oms_dagster.settings import Home

HOOK = "/channels/shopify/webhook"


def waiting(home: Home) -> dict[str, bytes]:
    """Every file below the inbox, unfinished ones too."""
    return {str(p.relative_to(home.inbox)): p.read_bytes() for p in home.inbox.rglob("*") if p.is_file()}


def test_a_signed_delivery_waits_in_the_inbox_as_it_was_sent(client: TestClient, fresh_home: Home) -> None:
    answer = client.post(HOOK, content=BODY, headers=shopify())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "stored")
    assert waiting(fresh_home) == {"shopify/webhook-d-1.json": BODY}
    assert [(a.channel, a.path.name) for a in arrivals(fresh_home)] == [("shopify", "webhook-d-1.json")]


def test_woocommerce_signs_with_headers_of_its_own(client: TestClient, fresh_home: Home) -> None:
    assert client.post(HOOK, content=BODY, headers=woocommerce(delivery_id="a/b")).status_code == 202
    assert len(waiting(fresh_home)) == 1


def test_a_repeat_is_answered_and_not_stored_even_after_its_file_was_captured(
    client: TestClient, fresh_home: Home
) -> None:
    client.post(HOOK, content=BODY, headers=shopify())
    again = client.post(HOOK, content=BODY, headers=shopify())
    assert (again.status_code, again.json()["outcome"]) == (200, "repeated")
    (fresh_home.inbox / "shopify" / "webhook-d-1.json").unlink()
    assert client.post(HOOK, content=BODY, headers=shopify()).status_code == 200
    assert waiting(fresh_home) == {}


def test_an_id_with_another_body_is_a_conflict(client: TestClient, fresh_home: Home) -> None:
    client.post(HOOK, content=BODY, headers=shopify())
    assert client.post(HOOK, content=b"{}", headers=shopify(b"{}")).status_code == 409
    assert list(waiting(fresh_home).values()) == [BODY]


@pytest.mark.parametrize(
    ("channel", "headers", "body", "status"),
    [
        ("shopify", {}, BODY, 401),
        ("shopify", shopify(secret="guess"), BODY, 401),
        ("shopify", shopify(b"other"), BODY, 401),
        ("shopify", {"X-Shopify-Hmac-Sha256": "ü".encode("latin-1")}, BODY, 401),
        ("shopify", shopify(delivery_id=None), BODY, 400),
        ("shopify", shopify(b""), b"", 400),
        ("nowhere", shopify(), BODY, 404),
        ("pos", shopify(), BODY, 404),  # known, but nobody gave it a secret
        ("x12", shopify(), BODY, 404),  # has a secret, but its files aren't JSON
        ("..%2Fshopify", shopify(), BODY, 404),
        ("SHOPIFY", shopify(), BODY, 404),
    ],
)
def test_what_is_not_signed_named_or_known_is_refused_and_leaves_nothing(
    client: TestClient, fresh_home: Home, channel: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = client.post(f"/channels/{channel}/webhook", content=body, headers=headers)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]
    assert waiting(fresh_home) == {} and not fresh_home.webhooks.exists()


def test_a_large_body_is_refused_whether_or_not_it_says_how_large_it_is(
    client: TestClient, fresh_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "MAX_BODY_BYTES", 100)
    assert client.post(HOOK, content=b"x" * 101, headers=shopify(b"x" * 101)).status_code == 413
    assert client.post(HOOK, content=(b"x" * 60 for _ in range(2)), headers=shopify(b"x" * 120)).status_code == 413
    assert client.post(HOOK, content=b"x" * 100, headers=shopify(b"x" * 100)).status_code == 202
    assert len(waiting(fresh_home)) == 1


def test_woocommerce_asking_whether_anybody_listens_is_answered_and_not_stored(
    client: TestClient, fresh_home: Home
) -> None:
    """WooCommerce saves a webhook only when its unsigned `webhook_id=7` is answered well."""
    answer = client.post(HOOK, content=b"webhook_id=7")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "ping")
    assert waiting(fresh_home) == {}


def test_a_full_disk_asks_for_the_delivery_again_and_remembers_nothing(
    client: TestClient, fresh_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)
        assert client.post(HOOK, content=BODY, headers=shopify()).status_code == 507
    assert waiting(fresh_home) == {}
    assert client.post(HOOK, content=BODY, headers=shopify()).status_code == 202


def test_file_and_folder_are_on_the_disk_before_the_receipt_is_written(
    client: TestClient, fresh_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is lost in a power cut between the two, the sender repeats."""
    synced: list[str] = []
    monkeypatch.setattr(
        inbox, "sync", lambda path: synced.append(path.name.split(".")[0] if path.suffix == ".part" else path.name)
    )
    client.post(HOOK, content=BODY, headers=shopify())
    assert synced == ["inbox", "webhook-d-1", "shopify", "webhook-d-1", "shopify"]


def test_the_same_delivery_twice_at_once_is_stored_once(fresh_home: Home, secrets: None) -> None:
    headers = {name.lower(): value for name, value in shopify().items()}
    outcomes: list[str] = []
    together = threading.Barrier(8)

    def deliver() -> None:
        together.wait()
        outcomes.append(receiver.receive(fresh_home, "shopify", headers, BODY).outcome)

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["repeated"] * 7 + ["stored"]


@budget(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200), delivery_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=150)
)
def test_any_signed_body_is_stored_as_it_is_or_refused_with_a_reason(
    client: TestClient, fresh_home: Home, body: bytes, delivery_id: str
) -> None:
    answer = client.post(HOOK, content=body, headers=shopify(body, delivery_id))
    assert answer.status_code in (200, 202, 400, 409)
    if answer.status_code == 202:
        assert body in waiting(fresh_home).values()


def test_receipts_that_nobody_repeats_are_forgotten(client: TestClient, fresh_home: Home) -> None:
    client.post(HOOK, content=BODY, headers=shopify())
    client.post(HOOK, content=BODY, headers=shopify(delivery_id="d-2"))
    old = time.time() - (receiver.RECEIPT_DAYS + 1) * 86_400
    os.utime(fresh_home.webhooks / "shopify" / "webhook-d-1.json", (old, old))
    assert receiver.forget_old_receipts(fresh_home) == 1
    assert [p.name for p in fresh_home.webhooks.glob("*/*")] == ["webhook-d-2.json"]


def test_a_channel_of_the_home_s_own_takes_webhooks_once_it_has_a_secret(
    client: TestClient, fresh_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_WEBHOOK_SECRET_MY_SHOP", "hush")
    assert client.post("/channels/my-shop/webhook", content=BODY, headers=shopify()).status_code == 404
    (fresh_home.channels / "my-shop.yml").write_text("record: order\nformat: shopify\n")
    assert client.post("/channels/my-shop/webhook", content=BODY, headers=shopify()).status_code == 202
