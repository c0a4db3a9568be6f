"""A full day of a small distributor, and an empty one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from oms_dagster.domain.reporting.daily import (
    BackorderAge,
    Conservation,
    DailyReport,
    ExceptionItem,
    HoldAge,
    Kpi,
    Otif,
    PlanGain,
    ReturnsClosed,
    VehicleUse,
)


def _share(title, numerator, denominator, better="up", anchor="", previous="0.91", names=("orders", "orders due")):
    value = Decimal(numerator) / Decimal(denominator)
    trend = (*(Decimal(90 + (i * 7) % 9) / 100 for i in range(11)), None, Decimal(previous), value)
    return Kpi(
        title.lower().replace(" ", "_"),
        "1",
        f"{names[0]} / {names[1]} of the day",
        title,
        "share",
        value,
        Decimal(numerator),
        Decimal(denominator),
        *names,
        better,
        Decimal(previous),
        trend,
        anchor,
    )


@pytest.fixture
def empty_day() -> DailyReport:
    """A day on which nothing happened."""
    return DailyReport(
        date(2026, 7, 1),
        "Europe/Lisbon",
        datetime(2026, 7, 2, 1, 30, tzinfo=UTC),
        "C-17",
        "0.1.0+abc",
        "EUR",
        "Distribuidora São Jorge",
        Conservation(0, 0, 0, 0),
    )


@pytest.fixture
def full_day() -> DailyReport:
    """A day with something of everything."""
    lead_time = Kpi(
        "order_cycle_time",
        "2",
        "median of delivered_at - placed_at in business hours",
        "Order cycle time",
        "h",
        Decimal("31.4"),
        Decimal("3862.2"),
        Decimal(123),
        "hours",
        "orders delivered",
        "down",
        Decimal("29.9"),
        tuple(Decimal(30) + Decimal(i % 5) / 2 for i in range(14)),
    )
    hours = Kpi(
        "orders",
        "1",
        "orders placed on the day, test orders apart",
        "Orders placed",
        "orders",
        Decimal(1412),
        Decimal(1412),
        Decimal(1),
        "orders",
        "day",
        "none",
        Decimal(1388),
        tuple(Decimal(1300 + i * 8) for i in range(14)),
        digits=0,
    )
    return DailyReport(
        date(2026, 7, 1),
        "Europe/Lisbon",
        datetime(2026, 7, 2, 1, 30, tzinfo=UTC),
        "C-17",
        "0.1.0+abc",
        "EUR",
        "Distribuidora São Jorge",
        Conservation(0, 0, 5320, 1411),
        kpis=(
            hours,
            _share("OTIF", 118, 127, anchor="requested"),
            _share("OTIF", 121, 127, anchor="first commitment"),
            _share("Fill rate", 9120, 9400, names=("units shipped", "units ordered")),
            lead_time,
            _share("Hold rate", 31, 1412, "down", previous="0.019", names=("orders with a hold", "orders")),
            _share("Return rate", 12, 9400, "down", previous="0.002", names=("units returned", "units shipped")),
        ),
        exceptions=(
            ExceptionItem(
                "quarantine",
                "warning",
                "REF_NOT_FOUND",
                "SKU not in the catalogue; load it or reject",
                14,
                Decimal("1.2"),
            ),
            ExceptionItem(
                "hold",
                "critical",
                "CREDIT_LIMIT",
                "Exposure above the limit",
                9,
                Decimal("6.5"),
                1_812_345,
                "EUR",
                "credit",
            ),
            ExceptionItem(
                "hold", "warning", "ADDRESS_INVALID", "No delivery point", 4, Decimal("2.0"), 91_000, "EUR", "service"
            ),
            ExceptionItem(
                "alert",
                "critical",
                "L-2026-07-01-V3-1",
                "Predicted 40 min late at stop 5",
                1,
                Decimal("0.2"),
                owner="transport",
            ),
            ExceptionItem(
                "dropped_shipment",
                "warning",
                "S-1001-LIS1-1",
                "Window closes before any vehicle arrives; widen to 12:00",
                1,
                Decimal("0.5"),
                45_000,
            ),
            ExceptionItem(
                "reconciliation", "info", "invoice - payment", "Expected 12.00, found 11.50", 1, Decimal(3), 50
            ),
        ),
        orders_by_status=(
            ("open", 212),
            ("released", 96),
            ("partially_shipped", 18),
            ("shipped", 301),
            ("delivered", 5120),
            ("cancelled", 77),
        ),
        otif=(
            Otif("requested", 118, 5, 3, 1),
            Otif("first commitment", 121, 3, 2, 1),
            Otif("latest commitment", 124, 1, 2, 0),
        ),
        hold_ages=(
            HoldAge("0-2 days", 18, 412_000),
            HoldAge("3-7 days", 9, 1_900_000),
            HoldAge("8-14 days", 2, 51_000),
            HoldAge("over 14 days", 1, 900),
        ),
        vehicles=(
            VehicleUse("L-2026-07-01-V1-1", "Van 1", 942, "weight"),
            VehicleUse("L-2026-07-01-V2-1", "Van 2", 713, "volume"),
            VehicleUse("L-2026-07-01-T1-1", "Truck 1", 1000, "weight"),
        ),
        backorders=(
            BackorderAge("0-2 days", 12, 310_000, 22_500),
            BackorderAge("3-7 days", 4, 40_000, 0),
            BackorderAge("over 30 days", 1, 0, 6_000),
        ),
        gains=(
            PlanGain("routes, distance", "m", "stops in postal-code order", 812_400, 611_900),
            PlanGain("routes, cost", "cents", "stops in postal-code order", 98_120, 80_455, currency="EUR"),
            PlanGain("sourcing", "cents", "first come, first served", 1_250_300, 1_141_200, 1_138_000, "proved", "EUR"),
        ),
        returns=(
            ReturnsClosed("damaged", 3, 7_000, 2_000, 11_990),
            ReturnsClosed("not as expected", 2, 5_000, 5_000, 8_000),
        ),
    )
