"""Order status by link, health, and the API's own description, which a fuzzer holds it to."""

from __future__ import annotations

import json
import time

import pytest
import schemathesis
from fastapi.testclient import TestClient
from gateway import status
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from schemathesis.specs.openapi import checks as openapi

from oms_dagster.domain.delivery.status_link import link
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, publish

CHECKS = [
    openapi.status_code_conformance, openapi.content_type_conformance, openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]  # fmt: skip
SOON = int(time.time()) + 3600


@pytest.fixture
def published(fresh_home: Home) -> Home:
    """A home whose published copy knows one order of two lines."""
    tables = {
        "orders": "select 'shopify-1' as order_id, '1' as channel_order_id, timestamptz '2026-03-02 09:00+00' as placed_at,"
        " 'shipped' as fulfilment_status, 'paid' as payment_status, 'EUR' as currency, 15.5::decimal(18,2) as order_total,"
        " null::timestamptz as promised_at, timestamptz '2026-03-03 09:00+00' as as_of, 'Ann Lee' as ship_to_name",
        "order_lines": "select 'shopify-1' as order_id, n::varchar as line_number, 'Tea' as description, 2::decimal(18,3) as qty_ordered,"
        " 0::decimal(18,3) as qty_open, 0::decimal(18,3) as qty_released, 0::decimal(18,3) as qty_picked, 1::decimal(18,3) as qty_packed,"
        " 0::decimal(18,3) as qty_loaded, 1::decimal(18,3) as qty_shipped, 0::decimal(18,3) as qty_delivered,"
        " 0::decimal(18,3) as qty_cancelled, 0::decimal(18,3) as qty_returned, null::timestamptz as promised_at from range(9, 11) as t(n)",
        "shipments": "select 'S1' as shipment_id, 'shopify-1' as order_id, 'DPD' as carrier_id, 'shipped' as status, null::timestamptz as departed_at",
        "packages": "select 'P' || n as package_id, 'S1' as shipment_id, case n when 1 then 'T1' end as tracking_number from range(3) as t(n)",
    }
    with connect.writer(fresh_home.warehouse) as connection:
        for name, sql in tables.items():
            connection.execute(f"create table marts.{name} as {sql}")
    publish.publish(fresh_home, 1)
    return fresh_home


def path(order: str = "shopify-1", expires: int = SOON, secret: str = "key") -> str:
    return link("", secret, order, expires)


def test_a_link_shows_the_order_and_no_more_of_the_customer(published: Home, client: TestClient) -> None:
    answer = client.get(path())
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["fulfilment_status"], told["order_total"]) == ("shipped", "15.50")
    assert [(line["line_number"], line["in_preparation"], line["shipped"]) for line in told["lines"]] == [
        ("9", "1.000", "1.000"), ("10", "1.000", "1.000"),
    ]  # fmt: skip
    assert told["shipments"] == [
        {"shipment_id": "S1", "carrier": "DPD", "status": "shipped", "departed_at": None, "tracking_numbers": ["T1"]}
    ]
    assert "Ann" not in answer.text


def test_a_link_that_is_forged_old_or_early_says_which(published: Home, client: TestClient) -> None:
    assert client.get(path().replace("shopify-1", "shopify-2")).status_code == 401
    assert client.get(path(secret="guess")).status_code == 401
    assert client.get(path(expires=SOON - 7200)).status_code == 410
    assert client.get(path("shopify-9")).status_code == 404
    assert client.get("/orders/shopify-1/status").status_code == 422


def test_without_a_copy_or_a_secret_it_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get(path()).status_code == 503
    monkeypatch.delenv("OMS_STATUS_LINK_SECRET")
    assert "OMS_STATUS_LINK_SECRET" in client.get(path()).json()["detail"]


def test_health_says_that_it_answers_and_readiness_what_is_missing(client: TestClient, fresh_home: Home) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "problems": []}
    assert client.get("/readyz").status_code == 200
    fresh_home.version_file.write_text(json.dumps({"home_version": 99}))
    unready = client.get("/readyz")
    assert unready.status_code == 503 and "newer version" in unready.json()["problems"][0]


OPERATIONS = (
    "POST /channels/{channel}/webhook", "GET /orders/{order_id}/status", "POST /commands", "GET /commands/{command_id}",
    "GET /healthz", "GET /readyz",
)  # fmt: skip


@pytest.fixture
def described(client: TestClient) -> dict[str, schemathesis.APIOperation]:
    """The operations of the API, as it describes them itself."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    found = [operation.ok() for operation in schema.get_all_operations()]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def test_the_description_names_every_operation(described: dict[str, schemathesis.APIOperation]) -> None:
    assert sorted(described) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", OPERATIONS[:4])
def test_it_answers_anything_as_its_own_description_says(
    described: dict[str, schemathesis.APIOperation], name: str, mode: schemathesis.GenerationMode
) -> None:
    """No server error; status, content type and body as described, whatever a fuzzer sends."""

    @budget(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=described[name].as_strategy(generation_mode=mode))
    def fuzz(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    fuzz()


def test_what_a_customer_sees_names_no_person() -> None:
    shown = set(status.OrderStatus.model_fields)
    assert not {name for name in shown if "name" in name or "address" in name or "email" in name or "customer" in name}
