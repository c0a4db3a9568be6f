"""Signatures of webhooks, as Shopify and WooCommerce make them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture import webhooks


def test_the_signature_is_base64_of_hmac_sha256_over_the_raw_body() -> None:
    """Reckoned apart: ``printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64``."""
    assert webhooks.sign("hush", b'{"id":1}') == "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="


@given(st.binary(max_size=60), st.binary(max_size=60), st.text(max_size=10), st.text(max_size=10))
def test_only_the_same_body_under_the_same_secret_is_signed(body: bytes, other: bytes, a: str, b: str) -> None:
    a, b = (text.encode("utf-8", "ignore").decode() for text in (a, b))
    assert webhooks.is_signed(a, body, webhooks.sign(a, body))
    if (a.encode(), body) != (b.encode(), other) and a.rstrip("\0") != b.rstrip("\0"):
        assert not webhooks.is_signed(b, other, webhooks.sign(a, body))


def test_each_scheme_is_told_by_its_header() -> None:
    assert webhooks.scheme_of({"x-shopify-hmac-sha256": "x"}).name == "Shopify"  # type: ignore[union-attr]
    assert webhooks.scheme_of({"x-wc-webhook-signature": "x"}).name == "WooCommerce"  # type: ignore[union-attr]
    assert webhooks.scheme_of({"x-shopify-hmac-sha256": ""}) is None


@given(st.text(max_size=300))
def test_every_delivery_has_a_file_name_that_capture_takes(delivery_id: str) -> None:
    delivery_id = delivery_id.encode("utf-8", "ignore").decode()
    name = webhooks.file_name(delivery_id)
    assert name == webhooks.file_name(delivery_id)
    assert "/" not in name and not name.startswith(".") and name.endswith(".json") and len(name) < 120


def test_ids_that_differ_get_names_that_differ() -> None:
    assert len({webhooks.file_name(text) for text in ("a", "A", "a/b", "a b", "", "../a")}) == 6
