"""Messages in quarantine and in conflict are settled by command: mended, tried again, dismissed, kept, replaced, cancelled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from gate_desk import AS_OF, Desk, csv_text, pos_csv, pos_row, shopify_json, shopify_order

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import commands, ledger
from oms_dagster.warehouse.commands import Archive, Issued

Answer = tuple[str, str]


class Workbench:
    """A desk with an archive, where commands are decided."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder, self.sent = desk, folder, 0

    def capture(self, channel: str, text: str) -> None:
        raw = text.encode()
        sha256 = hashlib.sha256(raw).hexdigest()
        kept = self.folder / "archive" / sha256[:2] / sha256
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(raw)
        self.desk.capture(channel, text)

    def message(self, outcome: str) -> str:
        """The one message that ended so and is not settled."""
        (found,) = self.desk.rows(
            f"select message_id from facts.capture_messages where outcome = '{outcome}' and message_id not in"
            " (select target from facts.commands where outcome = 'accepted')"
        )
        return str(found[0])

    def command(self, kind: str, target: str, **payload: str) -> Answer:
        self.sent += 1
        now = Cycle(self.sent + 1, AS_OF + timedelta(days=self.sent), 1)
        issued = Issued(f"command-{self.sent}", self.sent, kind, target, payload, "ann", "because", AS_OF, None)
        archive = Archive(self.folder / "archive", self.desk.channels)
        commands.record(self.desk.connection, [issued], now, archive)
        return self.desk.rows(f"select outcome, outcome_reason from facts.commands where sequence = {self.sent}")[0]  # type: ignore[return-value]

    def lines(self) -> list[tuple[object, ...]]:
        return self.desk.rows("select order_line_id, quantity, unit_price from facts.order_lines order by cycle_seq, 1")

    def alive(self, line: str) -> int:
        book = ledger.open_book(self.desk.connection, [line], 0)
        return int(sum(units for (_, bucket, _), units in book.balances.items() if bucket != "cancelled"))


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> Iterator[Workbench]:
    yield Workbench(desk, tmp_path)
    desk.connection.execute("drop table if exists temp._touched")


def conserved(bench: Workbench) -> bool:
    """Invariant 2: every file's messages have an outcome each, and every message belongs to a file."""
    return bench.desk.rows(
        """
        select count(*) from (select channel, file_name, file_sha256, sum(messages) as messages, sum(lines_read) as lines from facts.capture_files group by all) as f
        full join (select channel, file_name, file_sha256, count(*) as messages, sum(lines) as lines from facts.capture_messages group by all) as m
            using (channel, file_name, file_sha256)
        where f.messages is distinct from m.messages or f.lines is distinct from m.lines
        """
    ) == [(0,)]


class TestCorrected:
    def test_a_field_is_mended_and_the_order_is_in(self, bench: Workbench) -> None:
        bench.capture("pos", pos_csv(pos_row(line_no="1"), pos_row(line_no="2", qty="two"), pos_row(order_no="2")))
        message = bench.message("quarantined")
        assert bench.command("message.correct", message, changes="2:quantity=2") == ("accepted", "accepted as pos-S1-1")
        assert bench.lines() == [
            ("pos-S1-2-1", 2, Decimal("3.5")), ("pos-S1-1-1", 2, Decimal("3.5")), ("pos-S1-1-2", 2, Decimal("3.5")),
        ]  # fmt: skip
        assert conserved(bench)

    def test_the_original_is_kept_and_the_file_fed_again_is_known(self, bench: Workbench) -> None:
        text = pos_csv(pos_row(qty="two"), pos_row(order_no="2"))
        bench.capture("pos", text)
        message = bench.message("quarantined")
        bench.command("message.correct", message, changes="quantity=2")
        assert bench.desk.rows(
            f"select outcome, error_code from facts.capture_messages where message_id = '{message}'"
        ) == [("quarantined", "BAD_NUMBER")]
        bench.capture("pos", text.replace("two", "2"))
        assert [row[0] for row in bench.lines()] == ["pos-S1-2-1", "pos-S1-1-1"]

    def test_without_a_row_every_row_of_the_message_is_changed_and_no_other(self, bench: Workbench) -> None:
        bench.capture(
            "pos",
            pos_csv(
                pos_row(placed_at="never"),
                pos_row(line_no="2", placed_at="never"),
                pos_row(order_no="2", placed_at="no"),
            ),
        )
        first = bench.desk.rows("select message_id from facts.capture_messages where order_id = 'pos-S1-1'")[0][0]
        assert bench.command("message.correct", str(first), changes="placed_at=2025-06-02 09:30")[0] == "accepted"
        assert bench.desk.rows("select order_id, placed_at from facts.orders") == [
            ("pos-S1-1", datetime(2025, 6, 2, 8, 30, tzinfo=UTC))
        ]

    def test_a_column_that_the_file_lacks_can_be_given(self, bench: Workbench) -> None:
        row = {name: value for name, value in pos_row().items() if name != "qty"}
        bench.capture("pos", csv_text([row]))
        assert bench.desk.errors() == [("MISSING_COLUMN", "quantity")]
        assert bench.command("message.correct", bench.message("quarantined"), changes="quantity=3")[0] == "accepted"
        assert bench.lines() == [("pos-S1-1-1", 3, Decimal("3.5"))]

    def test_what_is_still_wrong_is_told_and_nothing_is_written(self, bench: Workbench) -> None:
        bench.capture("pos", pos_csv(pos_row(qty="two", unit_price="x")))
        files = bench.desk.rows("select count(*) from facts.capture_files")
        outcome, reason = bench.command("message.correct", bench.message("quarantined"), changes="quantity=2")
        assert outcome == "rejected" and "BAD_NUMBER" in reason and "unit_price" in reason
        assert bench.lines() == [] and bench.desk.rows("select count(*) from facts.capture_files") == files
        both = "quantity=2\nunit_price=1.25"
        assert bench.command("message.correct", bench.message("quarantined"), changes=both)[0] == "accepted"

    def test_a_field_that_there_is_not_is_refused(self, bench: Workbench) -> None:
        bench.capture("pos", pos_csv(pos_row(qty="two")))
        outcome, reason = bench.command("message.correct", bench.message("quarantined"), changes="colour=red")
        assert outcome == "rejected" and "colour is no field of order" in reason

    def test_a_message_of_shopify_is_mended_by_its_place_among_the_rows(self, bench: Workbench) -> None:
        bench.capture("shopify", shopify_json(shopify_order(1), shopify_order(2, created_at="never"), shopify_order(3)))
        assert (
            bench.command("message.correct", bench.message("quarantined"), changes="placed_at=2025-06-01")[0]
            == "accepted"
        )
        assert bench.desk.rows("select order_id from facts.orders order by cycle_seq, 1") == [
            ("shopify-1",), ("shopify-3",), ("shopify-2",),
        ]  # fmt: skip
        assert conserved(bench)

    def test_mended_onto_a_known_key_is_no_second_order(self, bench: Workbench) -> None:
        bench.capture("pos", pos_csv(pos_row(), pos_row(order_no="2", qty="x")))
        message = bench.message("quarantined")
        outcome, reason = bench.command("message.correct", message, changes="channel_order_id=S1-1\nquantity=9")
        assert outcome == "rejected" and "known with other content" in reason
        same = bench.command("message.correct", message, changes="channel_order_id=S1-1\nquantity=2")
        assert same == ("accepted", "it is in already: nothing new")
        assert len(bench.lines()) == 1 and conserved(bench)

    def test_a_feed_s_record_too(self, bench: Workbench) -> None:
        bench.capture(
            "stock",
            "movement_id,kind,sku_code,location_code,quantity,event_at\nM1,receipt,TEA-1,DC,five,2025-06-02T08:00:00Z\n",
        )
        assert bench.command("message.correct", bench.message("quarantined"), changes="quantity=5") == (
            "accepted",
            "accepted",
        )
        assert bench.desk.rows("select movement_id, quantity from facts.stock") == [("M1", 5)]


class TestTriedAgain:
    def test_after_its_channel_was_mended(self, bench: Workbench) -> None:
        channels = bench.desk.channels
        bench.desk.channels = {}
        bench.capture("pos", pos_csv(pos_row()))
        message = bench.message("quarantined")
        assert bench.command("message.retry", message)[0] == "rejected"
        bench.desk.channels = channels
        assert bench.command("message.retry", message) == ("accepted", "accepted as pos-S1-1")

    def test_not_once_it_is_settled(self, bench: Workbench) -> None:
        bench.capture("pos", pos_csv(pos_row(qty="x")))
        message = bench.message("quarantined")
        assert bench.command("message.dismiss", message)[0] == "accepted"
        for kind in ("message.retry", "message.correct", "message.dismiss"):
            outcome, reason = bench.command(kind, message, changes="quantity=1")
            assert outcome == "rejected" and "settled already: message.dismiss by ann" in reason

    def test_bytes_that_are_gone_are_named(self, bench: Workbench) -> None:
        bench.desk.capture("pos", pos_csv(pos_row(qty="x")))
        assert "gone from the archive" in bench.command("message.retry", bench.message("quarantined"))[1]


class TestConflict:
    def both(self, bench: Workbench, first: int = 2, second: int = 5) -> str:
        bench.capture("pos", pos_csv(pos_row(qty=first)))
        bench.capture("pos", pos_csv(pos_row(qty=second)))
        return bench.message("conflict")

    def test_kept_changes_nothing(self, bench: Workbench) -> None:
        message = self.both(bench)
        assert bench.command("message.conflict_resolve", message, resolution="keep")[0] == "accepted"
        assert bench.alive("pos-S1-1-1") == 2

    @pytest.mark.parametrize(("first", "second"), [(2, 5), (5, 2)])
    def test_replaced_asks_for_what_the_second_content_says(self, bench: Workbench, first: int, second: int) -> None:
        message = self.both(bench, first, second)
        assert bench.command("message.conflict_resolve", message, resolution="replace") == (
            "accepted",
            "accepted as pos-S1-1",
        )
        assert bench.alive("pos-S1-1-1") == second
        assert conserved(bench)

    def test_once_replaced_both_contents_are_known(self, bench: Workbench) -> None:
        """Regression: compared with any one of the accepted contents, the other was a conflict again when it was fed again."""
        message = self.both(bench)
        bench.command("message.conflict_resolve", message, resolution="replace")
        for quantity in (2, 5, 5, 2):
            assert bench.desk.capture("pos", pos_csv(pos_row(qty=quantity))).duplicate == 1
        assert bench.alive("pos-S1-1-1") == 5

    def test_cancelled_takes_the_order_back(self, bench: Workbench) -> None:
        message = self.both(bench)
        assert bench.command("message.conflict_resolve", message, resolution="cancel") == (
            "accepted",
            "2 units cancelled",
        )
        assert bench.alive("pos-S1-1-1") == 0

    @pytest.mark.parametrize(("feed", "head", "row", "first", "second"), [
        ("receivables", "invoice_number,customer_code,open_amount,currency,due_date,event_at", "I1,C1,{},EUR,2025-07-01,2025-06-01T08:00:00Z",
         "10.00", "12.50"),
        ("supply", "supply_id,kind,sku_code,location_code,quantity,due_date,status,event_at",
         "P1,purchase,TEA-1,DC,{},2025-07-01,confirmed,2025-06-01T08:00:00Z", "5", "6"),
        ("rates", "currency,rate,rate_date", "EUR,{},2025-06-01", "0.85", "0.86"),
    ])  # fmt: skip
    def test_a_record_of_which_the_latest_counts_is_replaced_by_a_later_row(
        self, bench: Workbench, feed: str, head: str, row: str, first: str, second: str
    ) -> None:
        for content in (first, second):
            bench.capture(feed, f"{head}\n{row.format(content)}\n")
        message = bench.message("conflict")
        assert bench.command("message.conflict_resolve", message, resolution="replace") == ("accepted", "accepted")
        column = {"receivables": "open_amount", "supply": "quantity", "rates": "rate"}[feed]
        kept = bench.desk.rows(f"select {column} from facts.{feed} order by cycle_seq desc")
        assert [value for (value,) in kept] == [Decimal(second), Decimal(first)], "the newer row has the newer cycle"
        assert bench.desk.capture(feed, f"{head}\n{row.format(first)}\n").duplicate == 1

    def test_only_an_order_is_cancelled_for_a_conflict(self, bench: Workbench) -> None:
        for rate in ("0.85", "0.86"):
            bench.capture("rates", f"currency,rate,rate_date\nEUR,{rate},2025-06-01\n")
        outcome, reason = bench.command("message.conflict_resolve", bench.message("conflict"), resolution="cancel")
        assert outcome == "rejected" and "only an order" in reason

    def test_a_feed_s_record_is_kept_and_nothing_else(self, bench: Workbench) -> None:
        head = "movement_id,kind,sku_code,location_code,quantity,event_at\n"
        for quantity in (5, 6):
            bench.capture("stock", f"{head}M1,receipt,TEA-1,DC,{quantity},2025-06-02T08:00:00Z\n")
        message = bench.message("conflict")
        outcome, reason = bench.command("message.conflict_resolve", message, resolution="replace")
        assert outcome == "rejected" and "key of its own" in reason
        assert bench.command("message.conflict_resolve", message, resolution="keep")[0] == "accepted"


BY_PHONE = {"customer_code": "C1", "lines": "TEA-1=2@3.50\nMUG=1@4", "currency": "GBP", "payment_status": "on_account",
             "requested_to": "2025-06-05T17:00:00Z", "ship_to_city": "London", "ship_to_country": "GB"}  # fmt: skip


class TestTakenByPhone:
    def test_it_is_an_order_of_the_channel_phone(self, bench: Workbench) -> None:
        assert bench.command("order.create", "T-1", **BY_PHONE) == ("accepted", "taken as phone-T-1")
        assert bench.desk.rows(
            "select order_id, channel, customer_code, payment_status, order_total, placed_at from facts.orders"
        ) == [("phone-T-1", "phone", "C1", "on_account", 11, AS_OF)]
        assert bench.lines() == [("phone-T-1-1", 2, Decimal("3.5")), ("phone-T-1-2", 1, Decimal("4"))]
        assert conserved(bench)

    def test_its_bytes_are_kept_and_can_be_replayed(self, bench: Workbench) -> None:
        bench.command("order.create", "T-1", **BY_PHONE)
        (sha256,) = bench.desk.rows("select file_sha256 from facts.capture_files")[0]
        kept = bench.folder / "archive" / str(sha256)[:2] / str(sha256)
        assert bench.desk.capture("phone", kept.read_bytes()).duplicate == 1

    def test_a_number_is_taken_once(self, bench: Workbench) -> None:
        bench.command("order.create", "T-1", **BY_PHONE)
        assert (
            bench.command("order.create", "T-1", **BY_PHONE)[1] == "phone-T-1 is there already, with the same content"
        )
        other = bench.command("order.create", "T-1", **BY_PHONE | {"lines": "TEA-1=3@3.50"})
        assert other[0] == "rejected" and "choose another number" in other[1]
        assert len(bench.lines()) == 2 and conserved(bench)
        assert len(list((bench.folder / "archive").glob("*/*"))) == 1

    def test_what_the_gate_would_not_take_is_rejected_with_its_reason(self, bench: Workbench) -> None:
        outcome, reason = bench.command("order.create", "T-1", **BY_PHONE | {"requested_to": "soon"})
        assert outcome == "rejected" and "requested_to" in reason
        assert bench.lines() == [] and list((bench.folder / "archive").glob("*/*")) == []
