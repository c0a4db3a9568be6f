"""Users: who may do what here; roles, limits, passwords, tokens. Draws only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import streamlit as st
from tower import access, frame, words
from tower.data import copy as copies

from oms_dagster import home as homes
from oms_dagster import settings
from oms_dagster.operations import accounts, tokens
from oms_dagster.operations.access import CAPABILITIES, ROLE_LIMITS, ROLES, User, add_user, change_user, list_users
from oms_dagster.operations.accounts import SignInError
from oms_dagster.operations.store import Store, StoreError, open_store

#: Parts below the users; each is a form.
PARTS = ("Change", "Limits", "Password", "Tokens")


def told() -> None:
    """What the last press of a button did; a password or token is shown this once."""
    said = st.session_state.pop("users-told", "")
    secret = st.session_state.pop("users-secret", "")
    if said:
        st.success(words.plain(said), icon=":material/check:")
    if secret:
        st.code(secret, language=None)
        st.caption("Shown this once: hand it over now.")


def attempt(deed: Callable[[], str], secret: Callable[[], str] | None = None) -> None:
    """Do something that may be refused in one line, and draw the page anew."""
    try:
        st.session_state["users-told"] = deed()
        if secret is not None:
            st.session_state["users-secret"] = secret()
    except (access.AccessError, SignInError, StoreError) as error:
        st.error(words.plain(error), icon=":material/block:")
        return
    st.rerun()


def limits_of(user: User) -> str:
    """The limits that count for a user, in words."""
    names = sorted(set(ROLE_LIMITS.get(user.role, {})) | set(user.limits))
    said = [
        f"{name} {'no limit' if (top := user.limit(name)) is None else f'≤ {top:,.0f}'}"
        for name in names
        if access.allowed(user, name)
    ]
    return "; ".join(said) or words.DASH


def listed(found: list[User]) -> User | None:
    """All users; returns the one chosen."""
    rows = pd.DataFrame(
        [
            {
                "user_id": user.user_id,
                "name": user.name,
                "role": user.role,
                "state": "on" if user.active else "off",
                "limits": limits_of(user),
                "created_at": pd.Timestamp(user.created_at),
            }
            for user in found
        ]
    )
    chosen = frame.table(
        rows,
        {
            "user_id": frame.text("User", pinned=True, width=160), "name": "Name", "role": "Role", "state": "Switched",
            "limits": frame.text("Alone up to", width="large"), "created_at": "Since",
        },
        key=f"users-{len(rows)}", select="single-row",
    )  # fmt: skip
    return found[chosen[0]] if chosen else None


def add(store: Store, by: str) -> None:
    """A new user; where people sign in, with a one-time password."""
    with st.expander("Add a user", icon=":material/person_add:"), st.form("add-user", border=False):
        user_id = st.text_input("User (with OIDC: the e-mail address)", max_chars=200, key="add-id")
        name = st.text_input("Name", max_chars=200, key="add-name")
        role = st.selectbox("Role", list(ROLES), key="add-role")
        if st.form_submit_button("Add the user", type="primary"):
            if access.signed_in() and not access.by_oidc():
                attempt(
                    lambda: f"{add_user(store, user_id, name, role, by=by).user_id} is added. The one-time password:",
                    lambda: accounts.give_one_time_password(store, user_id.strip(), by=by),
                )
            else:
                attempt(lambda: f"{add_user(store, user_id, name, role, by=by).user_id} is added.")


def change(store: Store, user: User, by: str) -> None:
    """Another role; switched on or off."""
    with st.form("change-user"):
        role = st.selectbox("Role", list(ROLES), index=list(ROLES).index(user.role), key="change-role")
        active = st.toggle("Switched on", value=user.active, key="change-active")
        if st.form_submit_button("Save", type="primary"):

            def save() -> str:
                changed = change_user(store, user.user_id, role=role, active=active, by=by)
                return f"{changed.user_id} is {changed.role}, switched {'on' if changed.active else 'off'}."

            attempt(save)


def limits(store: Store, user: User, by: str) -> None:
    """Amounts that go before those of the role."""
    st.caption(
        "In the reporting currency. Above its amount a command waits for somebody else. An empty amount: no limit. No row:"
        " the limit of the role."
    )
    rows = pd.DataFrame(
        [{"capability": name, "amount": None if top is None else float(top)} for name, top in user.limits.items()],
        columns=["capability", "amount"],
    ).astype({"capability": "object", "amount": "float64"})
    edited = st.data_editor(
        rows, num_rows="dynamic", hide_index=True, key=f"limits-{user.user_id}", width="stretch",
        column_config={
            "capability": st.column_config.SelectboxColumn("Capability", options=list(CAPABILITIES), required=True),
            "amount": st.column_config.NumberColumn("Alone up to", min_value=0.0, step=0.01, format="%.2f"),
        },
    )  # fmt: skip
    if st.button("Save the limits", type="primary", key="save-limits"):
        kept = {
            str(row.capability): None if pd.isna(row.amount) else f"{row.amount:.2f}"
            for row in edited.itertuples()
            if isinstance(row.capability, str)
        }

        def save() -> str:
            return f"{user.user_id}: {limits_of(change_user(store, user.user_id, limits=kept, by=by))}"

        attempt(save)


def password(store: Store, user: User, by: str) -> None:
    """A one-time password; all sessions of the user end."""
    if not access.signed_in():
        st.caption(":material/lock: Passwords are given once people sign in: start it with `make tower`.")
        return
    if access.by_oidc():
        st.caption(":material/lock: The identity provider keeps the passwords.")
        return
    st.caption("The user's sessions end. The password must be changed at the next sign-in.")
    if st.button("Give a one-time password", key="reset-password"):
        attempt(
            lambda: f"One-time password of {user.user_id}:",
            lambda: accounts.give_one_time_password(store, user.user_id, by=by),
        )


def tokens_of(store: Store, user: User, by: str) -> None:
    """Tokens of the API and of scripts."""
    now = datetime.now(UTC)
    found = tokens.list_tokens(store, user.user_id)
    if found:
        rows = pd.DataFrame(
            [
                {"token_id": t.token_id, "name": t.name, "role": t.role, "state": t.state(now), "until": pd.Timestamp(t.expires_at)}
                for t in found
            ]
        )  # fmt: skip
        chosen = frame.table(
            rows,
            {"token_id": "Token", "name": "For", "role": "Role at most", "state": "State", "until": "Until"},
            key=f"tokens-{user.user_id}-{len(rows)}", select="single-row",
        )  # fmt: skip
        if chosen and found[chosen[0]].state(now) == "active":
            token_id = found[chosen[0]].token_id
            if st.button(f"Revoke token {token_id}", key="revoke-token"):
                attempt(lambda: f"Token {tokens.revoke_token(store, token_id, by=by).token_id} is revoked.")
    else:
        frame.empty("No token yet.")
    with st.form("new-token"):
        name = st.text_input("What it is for", max_chars=100, key="token-name")
        role = st.selectbox("Role at most", list(ROLES), index=list(ROLES).index(user.role), key="token-role")
        days = st.number_input("Days", 1, tokens.LONGEST_DAYS, 90, key="token-days")
        if st.form_submit_button("Make a token", type="primary"):
            made: list[str] = []

            def make() -> str:
                token, text = tokens.new_token(store, user.user_id, name, role=role, days=int(days), by=by)
                made.append(text)
                return f"Token {token.token_id} of {user.user_id}, until {token.expires_at:%Y-%m-%d}:"

            attempt(make, lambda: made[0])


def roles() -> None:
    """What each role may."""
    with st.expander("What each role may", icon=":material/badge:"):
        rows = pd.DataFrame(
            [
                {
                    "role": role,
                    "may": ", ".join(sorted(held)) or "looks, sends nothing",
                    "limits": "; ".join(f"{name} ≤ {top:,.0f}" for name, top in ROLE_LIMITS.get(role, {}).items()),
                }
                for role, held in ROLES.items()
            ]
        )
        frame.table(
            rows, {"role": "Role", "limits": "Alone up to", "may": frame.text("May", width="large")}, key="roles"
        )


def main() -> None:
    """The page: drawn before anything was published, too."""
    home = settings.home()
    if not homes.exists(home):
        copies.current(home)  # says that there is no home, and what to do
    if home.current.exists():
        frame.open_page("users", "Users", about="Who may do what here, and up to which amount?", types=None)
    else:
        st.title("Users", anchor=False)
    store = open_store(home.operations_url)
    try:
        user = access.me(store)
        if not access.allowed(user, "user.manage"):
            st.caption(f":material/lock: {access.refusal(user, ['user.manage'], 'manage users')}")
            roles()
            return
        if not access.signed_in():
            st.info(
                "Nobody signs in yet: whoever sits here is the local user. `make tower` makes the first account.",
                icon=":material/lock_open:",
            )
        told()
        chosen = listed(list_users(store))
        if chosen is None:
            st.caption("Select a user to change it.")
        else:
            part = st.segmented_control("Part", PARTS, default=PARTS[0], required=True, key="users-part")
            parts = {"Change": change, "Limits": limits, "Password": password, "Tokens": tokens_of}
            parts[part](store, chosen, user.user_id)
        add(store, user.user_id)
        roles()
    finally:
        store.close()


main()
