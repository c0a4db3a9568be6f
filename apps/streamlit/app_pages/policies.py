"""Policies: what each setting is, who set it, and what another value would do, tried before it is saved. Draws only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from tower import forms, frame, words
from tower.commands import Order
from tower.data import policies as questions
from tower.frame import Page

from oms_dagster.warehouse.policies import objection
from oms_dagster.warehouse.rehearsal import CannotRehearse


def table(page: Page) -> pd.Series | None:
    """The settings; returns the one chosen."""
    text = st.text_input(
        "Search", key="policies-text", placeholder="Name, what it does", icon=":material/search:", width=300
    )
    found = questions.settings(page.copy, text)
    if found.empty:
        frame.empty("No policy matches." if text else "No policy is known yet.", "" if text else "Run a cycle.")
        return None
    chosen = frame.table(
        found,
        {
            "policy_key": frame.text("Policy", pinned=True, width=230), "value": frame.text("Value", width=110),
            "default_value": frame.text("As shipped", width=110), "about": frame.text("What it does", width=430),
            "changed_by": "Set by", "valid_from": "Since", "changed_because": frame.text("Because", width=220),
            "next_value": frame.text("Next value", width=110), "next_from": "From",
        },
        key=page.key("policies", text), select="single-row", height=360,
    )  # fmt: skip
    if not chosen:
        st.caption("Select a policy to try another value and to change it.")
        return None
    return found.iloc[chosen[0]]


def change(page: Page, policy: pd.Series) -> None:
    """Another value: checked, tried on the orders of the last cycle, then sent."""
    key, kind = str(policy["policy_key"]), str(policy["kind"])
    st.subheader(words.plain(key), anchor=False)
    st.caption(words.plain(policy["about"]))
    value = new_value(key, kind, str(policy["value"]))
    wrong = objection(kind, value)
    if wrong:
        st.warning(f"{words.plain(value) or 'An empty value'} will not do: {wrong}.", icon=":material/rule:")
        return
    if value == str(policy["value"]):
        st.caption("That is the value in force.")
        return
    try_out(page, key, value)
    if forms.may(page, "change policies", "policy.change"):
        send(page, key, value)


def new_value(key: str, kind: str, now: str) -> str:
    """The value asked for, by the kind of the policy."""
    choices = ["true", "false"] if kind == "boolean" else kind.split("|") if "|" in kind else []
    if choices:
        return str(st.segmented_control("New value", choices, default=now, required=True, key=f"policy-{key}"))
    return str(st.text_input("New value", value=now, key=f"policy-{key}", width=220)).strip()


def try_out(page: Page, key: str, value: str) -> None:
    """How many orders the value would hold or free, had it been in force in the last cycle."""
    if not st.button("Try it on today's orders", key=f"try-{key}", icon=":material/science:"):
        return
    try:
        with st.spinner("The hold rules run with the new value, beside the published copy…"):
            found = questions.tried(page.copy.path, page.copy.stamp, str(page.home.dbt_target / "compiled"), key, value)
    except CannotRehearse as error:
        st.warning(words.plain(error), icon=":material/science_off:")
        return
    if found.empty:
        st.info(
            "No order is held or freed by it. What it does to promises, loads and routes shows in the next cycle.",
            icon=":material/check:",
        )
        return
    frame.table(
        found,
        {
            "hold_type": frame.text("Hold", pinned=True, width=190), "held_before": frame.number("Orders held now"),
            "held_after": frame.number("Would be held"), "newly_held": frame.number("Newly held"),
            "newly_held_base": frame.amount(f"Worth, {page.copy.currency}"), "freed": frame.number("Freed"),
            "freed_base": frame.amount(f"Worth, {page.copy.currency} "),
        },
        key=page.key("tried", key, value),
    )  # fmt: skip


def send(page: Page, key: str, value: str) -> None:
    """The command, at once or from a day on."""

    def fields() -> Mapping[str, Any]:
        return {
            "from": st.date_input("From", value=None, key=f"policy-from-{key}", help="Empty: from the next cycle on")
        }

    def orders(values: Mapping[str, Any]) -> list[Order]:
        payload = {"key": key, "value": value}
        if isinstance(values["from"], date):
            begins = datetime.combine(values["from"], time(), ZoneInfo(page.copy.timezone))
            payload["valid_from"] = begins.isoformat()
        return [Order("policy.change", key, payload)]

    forms.command_form(page, f"policy-{key}", f"Set to {value}", orders, fields)


this = frame.open_page(
    "policies", "Policies", about="What are the rules, and what would another value do?", types=("policy",)
)
picked = table(this)
if picked is not None:
    change(this, picked)
