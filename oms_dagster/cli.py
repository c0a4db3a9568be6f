"""The `oms` command: parse, call, print. Long imports wait until the command that needs them.

Belongs here: arguments and words on the terminal. Does not belong here: anything that another program could call.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from oms_dagster import settings


def parser() -> argparse.ArgumentParser:
    """Arguments of every command."""
    top = argparse.ArgumentParser(prog="oms", description="Order management as a data platform.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.add_argument("--home", metavar="DIR", help="the home (default: $OMS_HOME)")
        return sub

    init = command("init", "create the home: stores, folders, default policies")
    init.add_argument("--if-missing", action="store_true", help="do nothing when the home exists")

    demo = command("demo", "load the demo data into a fresh home and run its days")
    demo.add_argument("--days", type=int, default=5)
    demo.add_argument("--seed", type=int, default=1)

    imported = command("import", "put files into a channel's inbox")
    imported.add_argument("files", nargs="+", metavar="FILE", type=Path)
    imported.add_argument("--channel", required=True)

    capture = command("capture", "send archived files through the gate again")
    capture.add_argument("action", choices=["replay"])
    capture.add_argument("--file", metavar="HASH", help="content hash of one file, or its beginning")
    capture.add_argument("--channel", metavar="NAME", help="the channel's history, or of which channel the file is")
    capture.add_argument(
        "--from", dest="since", type=date.fromisoformat, metavar="DAY", help="first captured on it or later"
    )
    capture.add_argument(
        "--to", dest="until", type=date.fromisoformat, metavar="DAY", help="first captured on it or before"
    )

    reference = command("reference", "load reference data from CSV or Parquet, or the exchange rates of open orders")
    reference.add_argument("action", choices=["load", "rates"])
    reference.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="of `load`")

    cycle = command("cycle", "run one planning cycle, through Dagster")
    cycle.add_argument("--as-of", default="", metavar="TS", help="effective time, ISO 8601 with offset")
    cycle.add_argument("--seed", type=int, default=1)
    cycle.add_argument("--json", action="store_true", help="print the summary as JSON")
    cycle.add_argument("--no-wait", action="store_true", help="fail at once when another cycle runs")

    query = command("query", "read-only SQL on the published copy")
    query.add_argument("sql", metavar="SQL")
    query.add_argument("--format", choices=["table", "csv", "json"], default="table")

    explain = command("explain", "the story of an order, line, load, hold or document")
    explain.add_argument("id", metavar="ID")

    issue = command("command", "append a command, as the control tower does")
    issue.add_argument("type", metavar="TYPE")
    issue.add_argument("--target", required=True, metavar="ID")
    issue.add_argument("--reason", required=True, metavar="TEXT")
    issue.add_argument("--set", action="append", default=[], metavar="K=V", dest="values")
    issue.add_argument("--actor", default="planner", help="who sends it, where nobody signs in (default: planner)")
    issue.add_argument("--token", metavar="TOKEN", help="a token of the user who sends it (default: $OMS_TOKEN)")

    undo = command("undo", "take a command back by its inverse, with the former values")
    undo.add_argument("id", metavar="COMMAND_ID")
    undo.add_argument("--dry-run", action="store_true", help="show what would be sent, and send nothing")
    undo.add_argument("--reason", metavar="TEXT")
    undo.add_argument("--actor", default="planner")
    undo.add_argument("--token", metavar="TOKEN", help="a token of the user who sends it (default: $OMS_TOKEN)")

    user = command("user", "users of the home: list, add, role, limit, on, off, password")
    user.add_argument("action", choices=["list", "add", "role", "limit", "on", "off", "password"])
    user.add_argument("id", metavar="ID", nargs="?")
    user.add_argument(
        "limits", metavar="CAPABILITY=AMOUNT", nargs="*", help="limit: all limits of their own, `none` lifts one"
    )
    user.add_argument("--name", help="add: as people call them")
    user.add_argument("--role", help="add, role")
    user.add_argument("--prompt", action="store_true", help="password: ask for it, in place of a one-time password")

    token = command("token", "tokens of the API and of scripts: list, new, revoke")
    token.add_argument("action", choices=["list", "new", "revoke"])
    token.add_argument("id", metavar="ID", nargs="?", help="new: the user; revoke: the token's id")
    token.add_argument("--name", default="command line", help="new: what it is for")
    token.add_argument("--role", help="new: what it may at most (default: what its user may)")
    token.add_argument("--days", type=int, default=90, help="new: how long it is good")

    audit = command("audit", "verify that no row of the logs of commands, access and outcomes was changed")
    audit.add_argument("action", choices=["verify"])

    link = command("link", "make a customer's link to the status of an order")
    link.add_argument("id", metavar="ORDER")
    link.add_argument("--days", type=int, default=30, help="how long it is good")
    link.add_argument(
        "--base-url", default="http://127.0.0.1:8400", metavar="URL", help="where customers reach the API"
    )

    simulate = command("simulate", "write a synthetic world of any size")
    simulate.add_argument("--orders", type=int, default=120, help="orders a day")
    simulate.add_argument("--days", type=int, default=5)
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--start", default="2026-03-02", metavar="DATE")
    simulate.add_argument("--out", type=Path, required=True, metavar="DIR")
    simulate.add_argument("--like", type=Path, metavar="FILE", help="invent what this real order file lacks")
    simulate.add_argument("--channel", metavar="NAME", help="channel of the file given with --like")

    solve = command("solve", "run a solver on a public benchmark file and print one JSON object")
    solve.add_argument("kind", choices=["vrp", "binpack", "gap"])
    solve.add_argument("file", metavar="FILE", type=Path)
    solve.add_argument("--seconds", type=float, default=20)
    solve.add_argument("--seed", type=int, default=1)

    channel = command("channel", "try a file against a channel, or draft a channel from a sample; nothing is captured")
    channel.add_argument("deed", choices=["check", "new"], metavar="check|new")
    channel.add_argument("file", metavar="FILE", type=Path)
    channel.add_argument("--channel", metavar="NAME", help="check: the channel that the file is for")
    channel.add_argument("--as-of", default="", metavar="TS", help="check: effective time (default: now)")
    channel.add_argument("--rows", type=int, default=100, metavar="N", help="check: show at most N rows")
    channel.add_argument("--name", help="new: write the draft to channels/NAME.yml of the home")
    channel.add_argument("--json", action="store_true", help="print one JSON object")

    hold = command("hold", "draft a hold type in this checkout: model, policy, seed row and unit test")
    hold.add_argument("deed", choices=["new"], metavar="new")
    hold.add_argument("name", metavar="NAME", help="such as PRICE_BELOW_MIN")
    hold.add_argument("--family", required=True, help="whose effects and release right it takes, such as commercial")
    hold.add_argument("--about", required=True, metavar="TEXT", help="what it states, in one sentence")

    command("doctor", "check the home and say what to do")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point. 0: done; 1: failed, with one clear line on standard error; 2: bad usage."""
    args = parser().parse_args(arguments)
    home = settings.home(args.home)
    os.environ["OMS_HOME"] = str(home.root)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    from oms_dagster import access_actions, actions

    here = access_actions if args.command in ("user", "token", "audit", "undo") else actions
    try:
        return int(getattr(here, f"do_{args.command}")(home, args) or 0)
    except KeyboardInterrupt:
        print("oms: stopped", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except Exception as error:
        if settings.wants_traceback():
            raise
        print(f"oms: {_one_line(error)}", file=sys.stderr)
        return 1


def _one_line(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:600]


def as_json(value: object) -> str:
    """JSON for machines: decimals and times as text."""
    return json.dumps(value, default=str, indent=1)


if __name__ == "__main__":
    sys.exit(main())
