"""What `oms user`, `oms token`, `oms audit` and `oms undo` do: one function a command.

Belongs here: who may use the home, and the proof of what was done. Does not belong here: argument parsing (`cli`), the
other commands (`actions`). At the machine's own command line nobody signs in: who may write the home's files is trusted.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from oms_dagster.operations.store import LOCAL_USER, Store, open_store
from oms_dagster.settings import Home, api_token


@contextmanager
def operations(home: Home) -> Iterator[Store]:
    """The operations store of a home, open."""
    from oms_dagster import home as homes

    homes.require(home)
    store = open_store(home.operations_url)
    try:
        yield store
    finally:
        store.close()


def author(store: Store, token: str | None, actor: str) -> tuple[str, str | None]:
    """Who a command line sends as: the user of the token (``--token``, ``OMS_TOKEN``), else the local user.

    Raises
    ------
    ValueError
        A token that is not ours, or another user's name without their token where people sign in.
    """
    from oms_dagster.operations.accounts import has_accounts
    from oms_dagster.operations.tokens import holder_of

    given = token or api_token()
    if given:
        user, known = holder_of(store, given)
        if actor not in (LOCAL_USER, user.user_id):
            raise ValueError(f"--actor {actor}: the token is of user {user.user_id}: leave --actor out")
        return user.user_id, known.token_id
    if actor != LOCAL_USER and has_accounts(store):
        raise ValueError(
            f"--actor {actor}: people sign in to this home: give a token of {actor} (`oms token new {actor}`) by OMS_TOKEN"
        )
    return actor, None


def do_user(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.operations import access, accounts

    with operations(home) as store:
        if args.action == "list":
            _list_users(store)
            return
        if args.id is None:
            raise ValueError(f"name the user: oms user {args.action} ID")
        if args.action == "add":
            access.add_user(store, args.id, args.name or args.id, args.role or "viewer")
            password = accounts.give_one_time_password(store, args.id)
            print(f"added {args.id} ({args.role or 'viewer'}); one-time password: {password}")
        elif args.action == "role":
            if args.role is None:
                raise ValueError("name the role: --role ROLE")
            print(f"{args.id} is now {access.change_user(store, args.id, role=args.role).role}")
        elif args.action == "limit":
            user = access.change_user(store, args.id, limits=dict(_limit(text) for text in args.limits))
            said = "; ".join(f"{name} {'no limit' if top is None else top}" for name, top in user.limits.items())
            print(f"{args.id}: {said or 'the limits of the role'}")
        elif args.action in ("on", "off"):
            access.change_user(store, args.id, active=args.action == "on")
            print(f"{args.id} is switched {args.action}")
        elif args.prompt:
            accounts.set_password(store, args.id, getpass.getpass(f"password of {args.id}: "))
            print(f"{args.id} has a new password; its sessions have ended")
        else:
            print(f"one-time password of {args.id}: {accounts.give_one_time_password(store, args.id)}")


def _list_users(store: Store) -> None:
    from oms_dagster.actions import show
    from oms_dagster.operations.access import list_users

    found = [
        (
            user.user_id,
            user.name,
            user.role,
            "on" if user.active else "off",
            "; ".join(f"{name} {'no limit' if top is None else top}" for name, top in user.limits.items()),
        )
        for user in list_users(store)
    ]
    show(["user", "name", "role", "switched", "limits of their own"], found, "table")


def _limit(text: str) -> tuple[str, str | None]:
    name, sign, amount = text.partition("=")
    if not sign or not name:
        raise ValueError(f"{text}: write it as CAPABILITY=AMOUNT, or CAPABILITY=none for no limit")
    return name, None if amount == "none" else amount


def do_token(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.operations import tokens

    with operations(home) as store:
        if args.action == "list":
            from oms_dagster.actions import show

            now = datetime.now(UTC)
            found = [
                (t.token_id, t.user_id, t.name, t.role, f"{t.expires_at:%Y-%m-%d}", t.state(now))
                for t in tokens.list_tokens(store)
            ]
            show(["token", "user", "name", "role", "until", "state"], found, "table")
        elif args.id is None:
            raise ValueError(f"name the {'user' if args.action == 'new' else 'token'}: oms token {args.action} ID")
        elif args.action == "new":
            token, text = tokens.new_token(store, args.id, args.name, role=args.role, days=args.days)
            print(
                f"token {token.token_id} of {token.user_id}, role {token.role}, until {token.expires_at:%Y-%m-%d};"
                " it is shown this once:",
                file=sys.stderr,
            )
            print(text)
        else:
            tokens.revoke_token(store, args.id)
            print(f"token {args.id} is revoked")


def do_audit(home: Home, args: argparse.Namespace) -> int:
    """0: every row of the three logs holds; 1: the first broken one, in one line."""
    from oms_dagster import audit

    with operations(home) as store:
        verdicts = audit.verify_home(store, home)
    broken = next((verdict.broken for _, verdict in verdicts if verdict.broken), "")
    if broken:
        print(broken)
        return 1
    for name, verdict in verdicts:
        print(f"{name:<9} {verdict.rows:>8,} rows hold, head {verdict.head[:16]}")
    return 0


def do_undo(home: Home, args: argparse.Namespace) -> int:
    from oms_dagster.actions import require_published
    from oms_dagster.operations.commands import CommandRequest, append_all
    from oms_dagster.warehouse.commands import stakes
    from oms_dagster.warehouse.commands.undo import plan
    from oms_dagster.warehouse.connect import reader
    from oms_dagster.warehouse.publish import read_status

    require_published(home)
    with reader(home.current) as connection:
        found = plan(connection, args.id)
    if found.refused:
        print(found.refused, file=sys.stderr)
        return 1
    for step in found.steps:
        said = " ".join(f"--set {name}={given}" for name, given in step.payload.items())
        print(f"{step.said}: {step.type} {step.target} {said}".rstrip())
    if args.dry_run:
        print("nothing was sent: leave --dry-run out to send it")
        return 0
    with operations(home) as store:
        actor, token_id = author(store, args.token, args.actor)
        requests = [
            CommandRequest(
                type=step.type,
                target=step.target,
                reason=args.reason or f"takes back {args.id}",
                payload=step.payload,
                actor=actor,
                token_id=token_id,
                seen_cycle_id=read_status(home).get("cycle_id"),
                seen_hash=step.seen_hash,
                undoes=args.id,
            )
            for step in found.steps
        ]
        with stakes.of_copy(home.current) as known:
            results = append_all(store, requests, known)
        for result in results:
            print(f"{result.command.command_id} {sent(result.command.needs_approval)}")
    return 0


def sent(needs_approval: bool) -> str:
    """What happens to a command next, in words."""
    return "waits for a second person to approve it" if needs_approval else "sent: the next cycle decides"


def first_start(home: Home) -> str:
    """Make the first account, if there is none; the line that says its password, else nothing."""
    from oms_dagster.operations.accounts import first_admin

    with operations(home) as store:
        made = first_admin(store)
    if made is None:
        return ""
    return f"sign in as {made[0]} with the one-time password {made[1]} (you choose your own then)"
