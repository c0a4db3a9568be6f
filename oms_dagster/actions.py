"""What each `oms` command does: one function a command.

Belongs here: calling the right thing in the right order and saying what happened. Does not belong here: argument
parsing (`cli`), or anything that an asset does.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from typing import Any

from oms_dagster.inbox import put
from oms_dagster.settings import Home


def do_init(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster import home as homes

    if args.if_missing and homes.exists(home):
        return
    fresh = not homes.exists(home)
    homes.create(home)
    print(f"{'created' if fresh else 'checked'} {home.root}")


def do_import(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster import home as homes

    homes.require(home)
    for file in args.files:
        there = put(home, file, args.channel)
        print(f"{there.name} is in the inbox of {args.channel}: the next cycle takes it")


def do_capture(home: Home, args: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import track

    from oms_dagster import recapture

    if args.file is None and args.channel is None:
        raise ValueError("name a file by --file HASH, or a channel by --channel NAME")
    require_published(home)
    files = recapture.archived(home, sha256=args.file, channel=args.channel, since=args.since, until=args.until)
    steps = recapture.replay(home, files)
    bar = Console(stderr=True)
    done = len(list(track(steps, "into the inbox", total=len(files), console=bar, disable=not bar.is_terminal)))
    print(
        f"{done} files of {', '.join(sorted({file.channel for file in files}))} are in the inbox: the next cycle captures them again;"
        " what is known ends as duplicate"
    )


def do_reference(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster import home as homes
    from oms_dagster.domain.capture.records import RECORDS

    homes.require(home)
    if args.action == "rates":
        from oms_dagster.rates import write_reference_rates

        print(write_reference_rates(home))
        return
    if args.folder is None:
        raise ValueError("name the folder: oms reference load DIR")
    known = {name for name, record in RECORDS.items() if record.family == "reference"}
    files = sorted(p for p in args.folder.glob("*") if p.suffix in (".csv", ".parquet"))
    wrong = [p.name for p in files if p.stem not in known]
    if not files or wrong:
        raise ValueError(
            f"{args.folder}: {', '.join(wrong) or 'no CSV or Parquet file'}; expected files named {', '.join(sorted(known))}"
        )
    for file in files:
        put(home, file, file.stem)
    print(f"{len(files)} files are in the inbox: the next cycle validates them row by row and appends new versions")


def do_cycle(home: Home, args: argparse.Namespace) -> int:
    from oms_dagster.run import run_cycle

    summary = run_cycle(home, as_of=args.as_of, seed=args.seed, wait_s=0 if args.no_wait else None, tell=_say)
    if args.json:
        from oms_dagster.cli import as_json

        print(as_json(summary))
    else:
        for name, value in summary.items():
            print(f"{name:<22} {value}")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def do_query(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.warehouse.connect import reader

    require_published(home)
    if not args.sql.strip(" ;\n\t"):
        raise ValueError('the query is empty: give one statement, such as "select * from marts.orders limit 10"')
    with reader(home.current) as connection:
        cursor = connection.execute(args.sql)
        names = [column[0] for column in cursor.description or ()]
        found = cursor.fetchall()
    show(names, found, args.format)


def require_published(home: Home) -> None:
    """There is a home with a published copy to read.

    Raises
    ------
    FileNotFoundError
        Nothing was published yet.
    """
    from oms_dagster import home as homes

    homes.require(home)
    if not home.current.exists():
        raise FileNotFoundError(f"{home.current} is not there yet: run `oms cycle --home {home.root}` first")


def show(names: list[str], found: list[tuple[Any, ...]], style: str) -> None:
    """Rows as a table, CSV or JSON on standard output."""
    if style == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows(found)
    elif style == "json":
        from oms_dagster.cli import as_json

        print(as_json([dict(zip(names, row, strict=True)) for row in found]))
    else:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table()  # of plain text: [WAVE] in a cell is no markup
        for name in names:
            table.add_column(Text(name))
        for row in found:
            table.add_row(*(Text("" if v is None else str(v)) for v in row))
        Console(width=None if sys.stdout.isatty() else 200).print(table)


def do_explain(home: Home, args: argparse.Namespace) -> int:
    from oms_dagster.warehouse.connect import reader
    from oms_dagster.warehouse.story import story

    require_published(home)
    with reader(home.current) as connection:
        lines = story(connection, args.id)
    if not lines:
        raise LookupError(
            f"{args.id} is nothing that the published copy knows: give an order, line, load, hold, shipment or document id"
        )
    for line in lines:
        print(line)
    return 0


def do_command(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.access_actions import author, operations, sent
    from oms_dagster.operations.commands import CommandRequest, append
    from oms_dagster.warehouse.commands import stakes
    from oms_dagster.warehouse.publish import read_status

    payload = dict(_pair(text) for text in args.values)
    with operations(home) as store:
        actor, token_id = author(store, args.token, args.actor)
        request = CommandRequest(
            type=args.type,
            target=args.target,
            reason=args.reason,
            payload=payload,
            actor=actor,
            seen_cycle_id=read_status(home).get("cycle_id"),
            token_id=token_id,
        )
        with stakes.of_copy(home.current) as known:
            result = append(store, request, known)
    command = result.command
    said = sent(True) if command.needs_approval else "the next cycle decides"
    print(f"{command.command_id} {args.type} {args.target}: {said}")


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise ValueError(f"--set {text}: write it as key=value")
    return key, value


def do_channel(home: Home, args: argparse.Namespace) -> int:
    from oms_dagster import channels

    return channels.check(home, args) if args.deed == "check" else channels.new(home, args)


def do_hold(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster import settings
    from oms_dagster.new_hold import draft_hold

    for path in draft_hold(settings.DBT_PROJECT, args.name, args.family, args.about):
        print(path.relative_to(settings.DBT_PROJECT.parent))
    print("edit the rule, its threshold and its test; then: pytest tests/dbt (it prints the row for docs/holds.md)")


def do_link(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.domain.delivery.status_link import link
    from oms_dagster.settings import status_link_secret

    secret = status_link_secret()
    if secret is None:
        raise ValueError("OMS_STATUS_LINK_SECRET is not set: give the API and this command the same secret")
    if args.days < 1:
        raise ValueError(f"--days {args.days}: a link is good for at least one day")
    print(link(args.base_url, secret, args.id, int(time.time()) + args.days * 86_400))


def do_simulate(home: Home, args: argparse.Namespace) -> None:
    from datetime import date

    from oms_dagster.simulate.like import like
    from oms_dagster.simulate.world import simulate

    began = time.monotonic()
    if args.like:
        summary: Any = like(args.like, args.out, args.seed)
    else:
        summary = simulate(args.out, args.orders, args.days, args.seed, date.fromisoformat(args.start))
    print(f"{args.out}: {summary} ({time.monotonic() - began:.1f} s)")


def do_demo(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.demo import demo

    demo(home, days=args.days, seed=args.seed)


def do_solve(home: Home, args: argparse.Namespace) -> None:
    from oms_dagster.benchmarks import solve_file
    from oms_dagster.cli import as_json

    print(as_json(solve_file(args.kind, args.file, args.seconds, args.seed)))


def do_doctor(home: Home, args: argparse.Namespace) -> int:
    from oms_dagster.doctor import examine

    findings = examine(home)
    for finding in findings:
        print(f"{'ok ' if finding.ok else 'BAD'} {finding.what}{'' if finding.ok else ': ' + finding.remedy}")
    return 0 if all(f.ok for f in findings) else 1
