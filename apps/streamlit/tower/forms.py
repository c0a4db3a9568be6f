"""Forms that send commands: a reason, the fields of the type, one button, and one line for who may not.

Belongs here: what all command forms share. Does not belong here: which command belongs to which page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from oms_dagster.operations.catalogue import COMMAND_TYPES
from oms_dagster.operations.commands import CommandError
from oms_dagster.operations.store import StoreError
from tower import access, commands, words
from tower.commands import Order
from tower.frame import Page

REASON = "Reason (others will read it)"


def may(page: Page, what: str, *capabilities: str) -> bool:
    """Whether the user holds one of the capabilities; if not, one line says so and nothing is drawn."""
    if page.desk.user is None:
        return False
    if any(access.allowed(page.desk.user, capability) for capability in capabilities):
        return True
    st.caption(f":material/lock: {access.refusal(page.desk.user, capabilities, what)}")
    return False


def capability(type_: str) -> str:
    """The capability that a command type needs."""
    return COMMAND_TYPES[type_].capability


def _nonce(form: str) -> str:
    """Names one filling of a form, so that pressing twice sends once."""
    return str(st.session_state.setdefault(f"nonce-{form}", uuid.uuid4().hex))


def send_all(page: Page, form: str, reason: str, orders: Sequence[Order]) -> None:
    """Send the commands of one press of a button, all or none; what went is told on the redrawn page."""
    if page.desk.user is None or not orders:
        return
    try:
        told = commands.send(page.home, page.copy, page.desk.user, orders, reason, key=_nonce(form))
    except (CommandError, StoreError) as error:
        st.error(words.plain(error), icon=":material/block:")
        return
    del st.session_state[f"nonce-{form}"]
    st.session_state["told"] = words.plain(told)
    st.rerun()


def command_form(
    page: Page,
    form: str,
    button: str,
    orders: Callable[[Mapping[str, Any]], Sequence[Order]],
    fields: Callable[[], Mapping[str, Any]] = dict,
    *,
    primary: bool = True,
    danger: str = "",
) -> None:
    """Draw one form and send what it says.

    Parameters
    ----------
    form
        Names the form; two forms on a page have two names.
    orders
        From the fields' values to the commands to send.
    fields
        Draws the fields above the reason and returns their values.
    danger
        What can't be undone, as a sentence below the button.
    """
    with st.form(f"form-{form}", border=True):
        values = fields()
        reason = st.text_input(REASON, key=f"reason-{form}", max_chars=1000)
        pressed = st.form_submit_button(button, type="primary" if primary else "secondary")
        if danger:
            st.caption(danger)
    if pressed:
        send_all(page, form, reason, orders(values))
