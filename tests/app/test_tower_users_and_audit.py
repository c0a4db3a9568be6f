"""The pages Users and Audit: users are changed, commands found, exported, approved and taken back; hostile text stays text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest
from world_rows import CYCLE

from oms_dagster.operations import accounts, tokens
from oms_dagster.operations.access import add_user, change_user, list_users
from oms_dagster.operations.access_log import list_events
from oms_dagster.operations.commands import CommandRequest, append, list_commands
from oms_dagster.operations.store import LOCAL_USER, Store, open_store
from oms_dagster.settings import Home

Open = Callable[[str], AppTest]


@pytest.fixture
def store(world: Home) -> Iterator[Store]:
    opened = open_store(world.operations_url)
    yield opened
    opened.close()


def texts(app: AppTest) -> str:
    kinds = (app.caption, app.markdown, app.info, app.warning, app.success, app.error, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def choose(app: AppTest, key: str, *rows: int) -> AppTest:
    app.session_state[key] = {"selection": {"rows": list(rows)}}
    return app.run()


@pytest.fixture
def as_admin(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has signed in: the browser brings the token of an admin's session."""
    from tower import access

    add_user(store, "ada", "Ada", "admin")
    accounts.set_password(store, "ada", "correct horse battery")
    token = accounts.sign_in(store, "ada", "correct horse battery", "")
    monkeypatch.setattr(access, "_token", lambda: token)


class TestUsers:
    def test_a_user_is_added_and_its_password_is_shown_once(
        self, store: Store, as_admin: None, open_page: Open
    ) -> None:
        app = open_page("users")
        app.text_input(key="add-id").set_value("cora")
        app.text_input(key="add-name").set_value("Cora")
        app.selectbox(key="add-role").set_value("credit")
        app = press(app, "Add the user")
        assert not app.exception
        assert "cora is added" in app.success[0].value
        password = app.code[0].value
        assert accounts.session_of(store, accounts.sign_in(store, "cora", password, "x")), "it works"
        assert password not in texts(app.run()), "shown once"
        assert list_events(store)[-4].actor == "ada"

    def test_without_signing_in_the_local_user_can_t_lock_himself_out(self, store: Store, open_page: Open) -> None:
        """Regression: the first password given, by somebody without one, shut the door behind him."""
        app = open_page("users")
        assert "Nobody signs in yet" in texts(app)
        app.text_input(key="add-id").set_value("cora")
        app.text_input(key="add-name").set_value("Cora")
        app = press(app, "Add the user")
        assert not accounts.has_accounts(store)
        assert "cora is added" in app.success[0].value

    def test_once_there_is_an_account_nobody_is_let_in_without_signing_in(self, store: Store, open_page: Open) -> None:
        accounts.first_admin(store)
        app = open_page("orders")
        assert "Your session has ended" in texts(app)
        assert not app.dataframe

    def test_a_session_that_ends_while_a_page_is_open_draws_nothing_more(
        self, store: Store, as_admin: None, open_page: Open
    ) -> None:
        app = open_page("holds")
        assert app.dataframe
        accounts.give_one_time_password(store, "ada")
        app = app.run()
        assert "Your session has ended" in texts(app) and not app.dataframe

    def test_role_and_switch_are_changed(self, store: Store, open_page: Open) -> None:
        add_user(store, "cora", "Cora", "credit")
        app = choose(open_page("users"), "users-2", 0)
        app.selectbox(key="change-role").set_value("manager")
        app.toggle(key="change-active").set_value(False)
        app = press(app, "Save")
        assert [(u.role, u.active) for u in list_users(store) if u.user_id == "cora"] == [("manager", False)]

    def test_the_last_admin_can_t_switch_himself_off(self, store: Store, open_page: Open) -> None:
        app = choose(open_page("users"), "users-1", 0)
        app.toggle(key="change-active").set_value(False)
        assert "the last active admin" in press(app, "Save").error[0].value

    def test_a_token_is_made_and_revoked(self, store: Store, open_page: Open) -> None:
        add_user(store, "cora", "Cora", "credit")
        app = choose(open_page("users"), "users-2", 0)
        app = app.segmented_control(key="users-part").set_value("Tokens").run()
        app.text_input(key="token-name").set_value("bridge")
        app = press(app, "Make a token")
        (token,) = tokens.list_tokens(store)
        assert app.code[0].value.startswith(f"oms_{token.token_id}_")
        app = choose(app, "tokens-cora-1", 0)
        press(app, f"Revoke token {token.token_id}")
        assert tokens.list_tokens(store)[0].revoked_at is not None

    @pytest.mark.parametrize("role", ["viewer", "planner", "manager"])
    def test_who_may_not_sees_no_form(self, store: Store, open_page: Open, role: str) -> None:
        add_user(store, "boss", "Boss", "admin")
        change_user(store, LOCAL_USER, role=role)
        app = open_page("users")
        assert "may not manage users" in texts(app)
        assert not app.button and not app.text_input

    @pytest.mark.parametrize(
        "text", ["<script>alert(1)</script>", "'; drop table users; --", "**bold** [x](javascript:alert(1))"]
    )
    def test_hostile_names_are_text(self, store: Store, open_page: Open, text: str) -> None:
        app = open_page("users")
        app.text_input(key="add-id").set_value(text)
        app.text_input(key="add-name").set_value(text)
        app = press(app, "Add the user")
        assert not app.exception
        assert {u.user_id for u in list_users(store)} == {text, LOCAL_USER}
        assert "<script>" not in app.success[0].value and "[x](" not in app.success[0].value

    def test_before_anything_was_published_users_can_be_added(self, unpublished: Home, open_page: Open) -> None:
        app = open_page("users")
        assert not app.exception and not app.error
        assert app.text_input(key="add-id")


def waits(store: Store, amount: str = "6000", target: str = "CREDIT_LIMIT-shopify-1001-1") -> str:
    """A release above the limit of who sent it."""
    request = CommandRequest(
        type="hold.release", target=target, reason="big customer", payload={"family": "credit"}, actor="cora"
    )
    return append(store, request, stakes=lambda *_: Decimal(amount)).command.command_id


class TestAudit:
    @pytest.fixture(autouse=True)
    def cora(self, store: Store) -> None:
        add_user(store, "cora", "Cora", "credit")

    def test_what_was_sent_is_found_by_who_what_and_outcome(self, store: Store, open_page: Open) -> None:
        append(
            store, CommandRequest(type="hold.place", target="shopify-1001", reason="call", payload={"scope": "order"})
        )
        waits(store)
        app = open_page("audit")
        assert {"pending", "awaiting"} <= set(app.dataframe[0].value["outcome"])
        app = app.multiselect(key="audit-actors").set_value(["cora"]).run()
        assert list(app.dataframe[0].value["actor"]) == ["cora"]
        app = app.multiselect(key="audit-outcomes").set_value(["pending"]).run()
        assert "No command matches." in texts(app)
        assert not app.exception

    def test_a_broken_log_is_said_on_the_page(self, world: Home, store: Store, open_page: Open) -> None:
        import sqlite3

        waits(store)
        with sqlite3.connect(world.root / "operations.sqlite") as connection:
            connection.execute("drop trigger commands_no_update")
            connection.execute("update commands set reason = 'small customer'")
        connection.close()
        assert "row 1 was changed" in open_page("audit").error[0].value

    def test_a_second_person_approves(self, store: Store, open_page: Open) -> None:
        command_id = waits(store)
        app = open_page("audit").segmented_control(key="audit-view").set_value("To approve").run()
        app = choose(app, f"approve-1-{CYCLE}", 0)
        app.text_input(key="reason-decide").set_value("guarantee is here")
        app = press(app, "Approve 1 command")
        assert not app.exception and not app.error
        approval = list_commands(store)[-1]
        assert (approval.type, approval.target, approval.actor) == ("command.approve", command_id, LOCAL_USER)

    def test_what_one_sent_oneself_has_no_button(self, store: Store, open_page: Open) -> None:
        add_user(store, "boss", "Boss", "admin")
        change_user(store, LOCAL_USER, role="credit")
        request = CommandRequest(type="hold.release", target="H-1", reason="paid", payload={"family": "credit"})
        append(store, request)
        app = open_page("audit").segmented_control(key="audit-view").set_value("To approve").run()
        app = choose(app, f"approve-1-{CYCLE}", 0)
        assert "somebody else must decide" in texts(app)
        assert not [b for b in app.button if "Approve" in b.label]

    def test_every_view_draws(self, store: Store, open_page: Open) -> None:
        app = open_page("audit")
        for view in ("To approve", "Overrides", "Access"):
            app = app.segmented_control(key="audit-view").set_value(view).run()
            assert not app.exception and not app.error, view

    def test_sign_ins_are_shown_to_who_manages_users_alone(self, store: Store, open_page: Open) -> None:
        add_user(store, "boss", "Boss", "admin")
        change_user(store, LOCAL_USER, role="manager")
        app = open_page("audit").segmented_control(key="audit-view").set_value("Access").run()
        assert not app.dataframe and "shown to who may manage users" in texts(app)

    def test_a_spreadsheet_runs_nothing_of_the_export(self) -> None:
        import pandas as pd
        from tower.data.audit import as_csv

        shown = as_csv(pd.DataFrame({"reason": ["=cmd|' /C calc'!A0", "+1", "@x", "-2", "fine"], "found": 5})).decode()
        assert shown.splitlines() == ["reason", "'=cmd|' /C calc'!A0", "'+1", "'@x", "'-2", "fine"]


class TestByOidc:
    """The identity provider says who it is; this store says what they may."""

    @pytest.fixture
    def identity(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
        from tower import access

        said: dict[str, object] = {}

        class User:
            is_logged_in = True

            def to_dict(self) -> dict[str, object]:
                return said

        monkeypatch.setattr(access.st, "user", User())
        monkeypatch.setattr(access, "by_oidc", lambda: True)
        return said

    def test_by_subject_or_verified_address(self, store: Store, identity: dict[str, object]) -> None:
        from tower import access

        add_user(store, "ana@example.com", "Ana", "credit")
        identity.update(sub="abc", email="Ana@Example.com", email_verified=True)
        assert access.me(store).user_id == "ana@example.com"
        add_user(store, "abc", "Ana", "manager")
        assert access.me(store).role == "manager"

    @pytest.mark.parametrize(
        "said",
        [
            {"email_verified": False},
            {},
            {"email_verified": "true"},
            {"email": "bob@example.com", "email_verified": True},
        ],
    )
    def test_an_address_that_nobody_verified_and_a_stranger_are_nobody(
        self, store: Store, identity: dict[str, object], said: dict[str, object]
    ) -> None:
        """Who may register an address at the provider is not therefore its owner."""
        from tower import access

        add_user(store, "ana@example.com", "Ana", "admin")
        identity.update({"sub": "x", "email": "ana@example.com", **said})
        with pytest.raises(access.AccessError, match="not known: ask an administrator"):
            access.me(store)
