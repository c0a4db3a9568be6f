"""Each expectation of each channel: a file that breaks it alone is quarantined under its code, the rest is accepted.

`FILES` holds, for each channel and code, the content of a file of two messages: a good one, and one that breaks that
rule and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from breaking_documents import CXML, EDIFACT, PEPPOL, SHOPIFY, X12, total
from breaking_records import RECORDS, record_file
from breaking_rows import AMAZON, PHONE, POS, RETAIL, amazon_file, phone_file, pos_file, retail_file
from breaking_shops import shop_file
from gate_desk import (
    AS_OF,
    Desk,
    cxml,
    edifact,
    edifact_order,
    pos_csv,
    pos_row,
    purchase_order,
    shopify_json,
    shopify_order,
    ubl,
    x12,
)
from shop_documents import ORDERS

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.quality.suites import rules_for

CHANNELS = load_channels()[0]

FILES: Mapping[str, tuple[set[str], Callable[[str, Path], str | bytes]]] = {
    "pos": (set(POS), pos_file),
    "phone": (set(PHONE), phone_file),
    "shopify": (
        set(SHOPIFY),
        lambda code, _: shopify_json(shopify_order(1, **total()), shopify_order(2, **SHOPIFY[code])),
    ),
    "x12": (set(X12), lambda code, _: x12(purchase_order("A"), X12[code])),
    "edifact": (set(EDIFACT), lambda code, _: edifact(edifact_order("A"), EDIFACT[code])),
    "peppol": (set(PEPPOL), lambda code, _: ubl("A") + PEPPOL[code]),
    "cxml": (set(CXML), lambda code, _: cxml("A") + CXML[code]),
    "online-retail": (set(RETAIL), retail_file),
    "amazon": (set(AMAZON), amazon_file),
    **{channel: ({rule.code for rule in rules_for(CHANNELS[channel])}, shop_file(channel)) for channel in ORDERS},
    **{channel: (set(breaking), record_file(channel)) for channel, (_, breaking) in RECORDS.items()},
}
#: Channel and code of what is accepted with a warning.
WARNINGS = {
    (slug, rule.code) for slug, channel in CHANNELS.items() for rule in rules_for(channel) if rule.severity == "warn"
}


def test_what_a_library_finds_wrong_in_an_order_never_loses_it() -> None:
    orders = [slug for slug, channel in CHANNELS.items() if channel.record == "order"]
    found = {rule.code: rule.severity for slug in orders for rule in rules_for(CHANNELS[slug]) if rule.judge}
    assert found == dict.fromkeys(
        ("PHONE_IMPOSSIBLE", "BARCODE_CHECK_DIGIT", "TAX_ID_CHECK", "INCOTERM_UNKNOWN"), "warn"
    )


def test_each_expectation_of_each_channel_has_a_file_that_breaks_it() -> None:
    suites = {slug: {rule.code for rule in rules_for(channel)} for slug, channel in CHANNELS.items()}
    assert {slug: codes for slug, (codes, _) in FILES.items()} == suites


@pytest.mark.parametrize(
    ("channel", "code"), [(channel, code) for channel, (codes, _) in FILES.items() for code in sorted(codes)]
)
def test_a_file_that_breaks_one_expectation_is_told_under_its_code_alone_and_the_rest_accepted(
    full_desk: Desk, tmp_path: Path, channel: str, code: str
) -> None:
    outcome = full_desk.capture(channel, FILES[channel][1](code, tmp_path))
    told = full_desk.rows(
        "select outcome, error_code, split_part(warnings, ':', 1) from facts.capture_messages"
        " where outcome <> 'accepted' or warnings is not null"
    )
    if (channel, code) in WARNINGS:
        assert (outcome.accepted, told) == (2, [("accepted", None, code)])
    else:
        assert (outcome.accepted, told) == (1, [("quarantined", code, None)])
    failing = {check.code: check for check in outcome.checks if not check.passed}
    assert set(failing) == {code}
    assert 0 < failing[code].failing_rows < outcome.lines_read + outcome.messages
    assert failing[code].checked_rows >= failing[code].failing_rows
    stored = full_desk.rows(
        "select passed, failing_rows, checked_rows, scope from facts.data_quality"
        f" where check_name = 'capture_{code.lower()}'"
    )
    assert stored == [(False, failing[code].failing_rows, failing[code].checked_rows, channel)]


def test_a_channels_second_file_of_a_cycle_adds_to_the_counts_of_its_checks(full_desk: Desk) -> None:
    full_desk.capture("suppliers", "supplier_code,name,lead_time_days\nS1,One,5\nS2,Two,900\n")
    full_desk.capture("suppliers", "supplier_code,name,lead_time_days\nS3,Three,5\n")
    found = full_desk.rows(
        "select passed, failing_rows, checked_rows from facts.data_quality"
        " where check_name = 'capture_lead_time_too_long'"
    )
    assert found == [(False, 1, 3)]


def test_the_detail_says_what_was_found_and_what_is_expected(full_desk: Desk) -> None:
    full_desk.capture("pos", pos_csv(pos_row(qty=20000)), as_of=AS_OF)
    assert full_desk.rows("select error_detail from facts.capture_messages") == [
        ("row 1, quantity: found '20000.000'; expected 10,000 or less; mend it and send the record again",)
    ]
