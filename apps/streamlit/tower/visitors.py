"""Who is here: let in or sent to the door, named in the sidebar, signed out.

Belongs here: what a page shows of signing in. Does not belong here: who it is (`access`), the sign-in pages (`gate`).
"""

from __future__ import annotations

import streamlit as st

from oms_dagster import home as homes
from oms_dagster.operations.store import StoreError, open_store
from oms_dagster.settings import Home
from tower import access, words

_JS = """
export default function ({ data }) {
    const page = window.location.pathname + window.location.search;
    window.location.assign(data.door + "?next=" + encodeURIComponent(page));
}
"""


def may_enter(home: Home) -> bool:
    """Whether a page may be drawn; if not, what is drawn in its place says what to do."""
    if not homes.exists(home):
        return True  # the page says that there is no home yet
    try:
        store = open_store(home.operations_url)
    except StoreError as error:
        if not access.is_behind_the_door():
            return True  # on this machine alone: the page says that no command can be sent
        st.error(words.plain(error), icon=":material/cloud_off:")
        return False
    try:
        access.me(store)
    except access.SignInNeeded:
        to_the_door()
        return False
    except access.AccessError as error:
        if not access.by_oidc() and access.is_local():
            return True  # the page says that no command can be sent
        st.error(words.plain(error), icon=":material/block:")
        if access.by_oidc() and st.button("Sign out"):
            st.logout()
        return False
    finally:
        store.close()
    return True


def to_the_door() -> None:
    """Nobody has signed in, or no more: to the sign-in page, by itself where scripts run."""
    if access.by_oidc():
        st.title("Control tower", anchor=False)
        st.button("Sign in", type="primary", on_click=st.login)
        return
    st.info("Your session has ended. [Sign in](/sign-in).", icon=":material/lock:")
    st.components.v2.component("to_the_door", html="<div></div>", js=_JS)(data={"door": "/sign-in"}, key="to-the-door")


def card(home: Home) -> None:
    """In the sidebar: who is here, and the way out."""
    if not access.signed_in():
        return
    store = open_store(home.operations_url)
    try:
        user = access.me(store)
        with st.popover(f"{words.plain(user.name)} · {user.role}", icon=":material/account_circle:", width="stretch"):
            if not access.by_oidc():
                st.link_button("Change the password", "/password", icon=":material/key:", width="stretch")
            if st.button("Sign out everywhere", icon=":material/logout:", width="stretch"):
                if access.by_oidc():
                    st.logout()
                access.sign_out(store)
                st.rerun()
    finally:
        store.close()
