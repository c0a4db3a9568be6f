"""A customer's link: good for one order until one moment, and for nothing else."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.delivery.status_link import is_link_signed, link, sign_link

orders = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=40)
moments = st.integers(0, 2**40)


@given(orders, moments)
def test_the_link_carries_what_it_was_signed_for(order: str, expires: int) -> None:
    parts = urlsplit(link("https://shop.example/", "s", order, expires))
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert unquote(parts.path) == f"/orders/{order}/status"
    assert is_link_signed("s", order, int(said["expires"]), said["signature"])


@given(orders, moments, orders, moments, st.sampled_from(["s", "t"]))
def test_it_is_good_for_no_other_order_moment_or_secret(
    order: str, expires: int, other: str, later: int, secret: str
) -> None:
    same = (order, expires, "s") == (other, later, secret)
    assert is_link_signed(secret, other, later, sign_link("s", order, expires)) == same


def test_a_signature_of_anything_is_answered_not_raised() -> None:
    for signature in ("", "ü", "0" * 64, "\0"):
        assert not is_link_signed("s", "shopify-1", 1, signature)
