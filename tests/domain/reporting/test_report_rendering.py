"""The daily report says everything, escapes everything, and needs nothing but itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.reporting.charts import WIDTH, Bar, bars, sparkline
from oms_dagster.domain.reporting.daily import Conservation, ExceptionItem, PlanGain, VehicleUse, worst_first
from oms_dagster.domain.reporting.report import render_report

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Reads a page strictly: every tag is closed by its own end tag; collects tags, attributes and words."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


def test_a_full_day_shows_tiles_exceptions_charts_gains_and_footer(full_day):
    text = Page(render_report(full_day)).text
    for words in (
        "Distribuidora São Jorge: orders on 2026-07-01", "Wednesday", "0 units and 0 cents unexplained",
        "OTIF (requested)", "92.9 %", "118 orders / 127 orders due", "+1.9 pp against the day before, better",
        "31.4 h", "+1.5 h against the day before, worse", "+24 orders against the day before",
        "CREDIT_LIMIT", "18 123.45 EUR", "6.5 d", "REF_NOT_FOUND",
        "by requested date", "by first commitment date", "by latest commitment date",
        "200.5 km less (24.7 %)", "176.65 EUR less (18.0 %)", "1 091.00 EUR less (8.7 %)",
        "gap at most 0.28 % (proved bound)", "no honest bound",
        "not as expected", "As of 2026-07-02 02:30:00 (Europe/Lisbon)", "cycle C-17", "code 0.1.0+abc",
        "median of delivered_at - placed_at in business hours (order_cycle_time, version 2)",
    ):  # fmt: skip
        assert words in text, words


def test_an_empty_day_says_so_in_each_section(empty_day):
    text = Page(render_report(empty_day)).text
    for words in (
        "No returns closed on this day.",
        "No exceptions: nothing waits for a person.",
        "No order was due on this day.",
        "No orders yet.",
        "No hold is open.",
        "No load departed on this day.",
        "Nothing is backordered.",
        "Nothing was planned on this day.",
        "No KPI was computed for this day.",
    ):
        assert words in text, words


def test_the_same_day_gives_the_same_text(full_day):
    assert render_report(full_day) == render_report(full_day)


def test_the_page_needs_no_script_and_no_network(full_day):
    html = render_report(full_day)
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {"src", "href", "srcset", "style", "onload", "onclick"} & names
    assert not re.search(r"https?://|url\(|@import", html)
    assert "default-src 'none'" in html


ATTACK = "</style><script>alert(1)</script>\" onmouseover='x' &amp;"


def test_everything_that_people_wrote_is_escaped(full_day):
    exception = ExceptionItem("hold", "critical", ATTACK, ATTACK, owner=ATTACK)
    kpi = replace(
        full_day.kpis[1], title=ATTACK, anchor=ATTACK, numerator_name=ATTACK, denominator_name=ATTACK,
        kpi=ATTACK, version=ATTACK, definition=ATTACK, unit=ATTACK,
    )  # fmt: skip
    day = replace(
        full_day, company=ATTACK, cycle_id=ATTACK, code_version=ATTACK, currency=ATTACK, kpis=(kpi,),
        exceptions=(exception,), orders_by_status=((ATTACK, 1),),
        otif=(replace(full_day.otif[0], anchor=ATTACK),),
        hold_ages=(replace(full_day.hold_ages[0], bucket=ATTACK),),
        vehicles=(VehicleUse(ATTACK, ATTACK, 500, ATTACK),),
        backorders=(replace(full_day.backorders[0], bucket=ATTACK),),
        gains=(PlanGain(ATTACK, "cents", ATTACK, 2, 1, currency=ATTACK),),
        returns=(replace(full_day.returns[0], reason=ATTACK),),
    )  # fmt: skip
    html = render_report(day)
    page = Page(html)
    assert "script" not in page.tags and "onmouseover" not in {name for name, _ in page.attributes}
    assert html.count("</style>") == 1
    assert page.text.count("<script>alert(1)</script>") >= 20


def test_missing_units_or_cents_are_loud(full_day):
    lost = replace(full_day, conservation=Conservation(1_500, -7, 10, 10))
    text = Page(render_report(lost)).text
    assert "1.5 units and -0.07 EUR unexplained" in text
    assert "Something is missing" in text
    assert "Something is missing" not in Page(render_report(full_day)).text


def test_a_kpi_with_nothing_to_measure_shows_a_dash_not_zero(full_day):
    none_due = replace(full_day.kpis[1], value=None, denominator=Decimal(0), numerator=Decimal(0), trend=(None,) * 14)
    text = Page(render_report(replace(full_day, kpis=(none_due,)))).text
    assert "nothing to measure on this day" in text
    assert "0 orders / 0 orders due" in text and "92.9 %" not in text.split("Exceptions")[0]
    first = replace(full_day.kpis[1], previous=None)
    assert "no value for the day before" in Page(render_report(replace(full_day, kpis=(first,)))).text


def test_down_is_better_where_down_is_good(full_day):
    hold_rate = replace(full_day.kpis[1], better="down")
    text = Page(render_report(replace(full_day, kpis=(hold_rate,)))).text
    assert "+1.9 pp against the day before, worse" in text


def test_a_change_that_rounds_to_nothing_is_neither_better_nor_worse(full_day):
    still = replace(full_day.kpis[1], previous=full_day.kpis[1].value + Decimal("0.0001"))
    text = Page(render_report(replace(full_day, kpis=(still,)))).text
    assert "±0.0 pp against the day before " in text


def test_a_plan_worse_than_the_naive_one_is_not_hidden(empty_day):
    worse = PlanGain("routes", "m", "postal-code order", 10_000, 12_500)
    optimal = PlanGain("sourcing", "cents", "first come", 500, 400, 400, "proved", "EUR")
    text = Page(render_report(replace(empty_day, gains=(worse, optimal)))).text
    assert "2.5 km more (25.0 %)" in text
    assert "optimal (proved bound)" in text


def test_exceptions_come_worst_first(full_day):
    found = [item.subject for item in worst_first(full_day.exceptions)]
    assert found == [
        "CREDIT_LIMIT", "L-2026-07-01-V3-1", "ADDRESS_INVALID", "S-1001-LIS1-1", "REF_NOT_FOUND", "invoice - payment",
    ]  # fmt: skip
    assert worst_first(tuple(reversed(full_day.exceptions))) == worst_first(full_day.exceptions)


def test_a_long_list_is_cut_and_the_rest_is_counted(full_day):
    many = tuple(ExceptionItem("alert", "info", f"A-{i:03d}", "late") for i in range(63))
    fleet = tuple(VehicleUse(f"L-{i:03d}", "Van", 500 + i, "weight") for i in range(25))
    text = Page(render_report(replace(full_day, exceptions=many, vehicles=fleet))).text
    assert "63 Alerts" in text and "And 23 lesser ones, in the control tower." in text
    assert "The 20 emptiest loads; 5 fuller ones are not shown." in text


def test_each_chart_has_a_title_a_description_with_its_figures_and_unique_ids(full_day):
    html = render_report(full_day)
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == len(full_day.kpis) + 5
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        title, description = root.find("title"), root.find("desc")
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text and description.text
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert "by requested date: 92.9" in html


def test_an_instant_without_a_zone_is_refused(full_day):
    with pytest.raises(ValueError, match="time zone"):
        render_report(replace(full_day, as_of=datetime(2026, 7, 2)))


@given(st.lists(st.lists(st.decimals(0, 10**6, places=2), min_size=2, max_size=2), min_size=1, max_size=6))
def test_bars_stay_inside_the_drawing_and_keep_their_order(parts):
    rows = [Bar(f"row {i}", tuple(p), "x") for i, p in enumerate(parts)]
    root = ElementTree.fromstring(bars("c", "t", "d", rows, ("a", "b")))
    for rect in root.findall("rect"):
        assert float(rect.get("x")) >= 0
        assert float(rect.get("x")) + float(rect.get("width")) <= WIDTH + 0.02
    totals = [sum(p) for p in parts]
    drawn = {}
    for rect in root.findall("rect"):
        if rect.get("class") != "track":
            drawn[rect.get("y")] = max(drawn.get(rect.get("y"), 0), float(rect.get("x")) + float(rect.get("width")))
    ends = [drawn.get(str(i * 34 + 17), 0.0) for i in range(len(parts))]
    assert not drawn or max(ends) == max(drawn.values()) > 0
    assert bool(drawn) == (max(totals) > 0)
    for a, b in pairwise(range(len(parts))):
        if totals[a] > totals[b]:
            assert ends[a] >= ends[b] - 1.1


@given(st.lists(st.none() | st.decimals(-(10**6), 10**6, places=3), min_size=1, max_size=14))
def test_a_sparkline_skips_the_days_without_a_value(values):
    root = ElementTree.fromstring(sparkline("s", "t", values, ["w"] * len(values)))
    points = {p for line in root.findall("polyline") for p in line.get("points").split()}
    assert len(points) == sum(v is not None for v in values)
    assert len(root.findall("circle")) == (1 if points else 0)
