"""What every page shares: heading with cycle and time, tables, empty states, badges, pending commands.

Belongs here: the frame around a page's content. Does not belong here: what is asked of the copy (`data`), charts, forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from oms_dagster import journey, settings
from oms_dagster.settings import Home
from tower import commands, words
from tower.data import copy as copies
from tower.data.copy import LIMIT, Copy

TIME = "D MMM, HH:mm"

#: Height of a row of a table, plain and with room for long texts (Streamlit wraps none in a lower one), and width of a tile
#: (six in a row on a desk, two on a phone), in pixels.
ROW_PX, WRAPPED_PX, TILE_PX = 36, 76, 153


@dataclass(frozen=True, slots=True)
class Page:
    """What a page works with: the home, the copy shown, and the desk for commands."""

    home: Home
    copy: Copy
    desk: commands.Desk

    def key(self, *parts: object) -> str:
        """Key of a widget whose selection must end with the cycle shown: rows may stand elsewhere in the next one."""
        return "-".join(str(part) for part in (*parts, self.copy.cycle_id))


def open_page(
    name: str, title: str, *, about: str = "", feeds: Sequence[str] = (), types: Sequence[str] | None = ()
) -> Page:
    """Heading, what the page answers, `as_of` and cycle, simulated badge, pending commands.

    Parameters
    ----------
    name
        As in `journey.PAGES`.
    about
        The question that a page beside the journey answers.
    feeds
        Feeds whose records the page shows: a badge says which hold simulated data.
    types
        First parts of the command types that belong to the page (``hold``); empty: all; None: the page shows what is pending itself.

    Raises
    ------
    NoCopy
        There is nothing to show yet.
    """
    home = settings.home()
    copy = copies.current(home)
    desk = commands.desk(home, copy)
    st.title(title, anchor=False)
    st.caption(" ".join(journey.STAGE[stage].question for stage in journey.PAGES[name]) or about)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        at = pd.Timestamp(copy.as_of).tz_convert(copy.timezone)
        st.caption(f"As of **{words.moment(at)}** ({copy.timezone}) · cycle **{copy.cycle_id}**", width="content")
        for feed in copies.simulated(copy, *feeds):
            st.badge(
                f"simulated {words.word(feed)}",
                icon=":material/science:",
                color="violet",
                help="Some of what this page shows was invented by `oms simulate`, not reported by anybody.",
            )
    told = st.session_state.pop("told", "")
    if told:
        st.success(told, icon=":material/send:")
    failed = st.session_state.pop("failed", "")
    if failed:
        st.error(words.plain(failed), icon=":material/block:")
    page = Page(home, copy, desk)
    if types is not None:
        pending(page, types)
    return page


def pending(page: Page, types: Sequence[str] = ()) -> None:
    """Commands that wait for a cycle, and why none can be sent if so."""
    if page.desk.problem:
        st.warning(f"No command can be sent now. {page.desk.problem}", icon=":material/cloud_off:")
    waiting = page.desk.pending
    if types:
        waiting = waiting[waiting["type"].str.split(".").str[0].isin(types)]
    late = waiting["needs_approval"].astype(bool)
    if late.any():
        st.info(
            f"{words.count(int(late.sum()), 'command')} above a limit: somebody else must approve on the Audit page.",
            icon=":material/supervisor_account:",
        )
    waiting = waiting[~late]
    if waiting.empty:
        return
    with st.expander(
        f"{words.count(len(waiting), 'command')} pending: the next cycle decides", icon=":material/schedule_send:"
    ):
        table(
            waiting,
            {
                "issued_at": "Sent",
                "type": "Command",
                "target": "On",
                "reason": "Reason",
                "actor": "By",
                "seen_cycle_id": "Cycle seen",
            },
            key="pending",
        )


def tile(
    label: str, value: str, change: str | None = None, *, more_is_better: bool | None = None, about: str = ""
) -> None:
    """One figure in a box, in a row of them; a change is green or red where more is better or worse."""
    tint = {None: "off", True: "normal", False: "inverse"}[more_is_better]
    st.metric(label, value, change, delta_color=tint, border=True, width=TILE_PX, help=about or None)


def empty(what: str, hint: str = "") -> None:
    """Nothing to show, said in one line."""
    st.info(f"{what} {hint}".strip(), icon=":material/inbox:")


def badge(status: Any) -> None:
    """A status word with its colour."""
    st.badge(words.word(status), color=words.BADGES.get(str(status), "grey"))


def columns_of(frame: pd.DataFrame, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Column settings: a plain heading gets the format that suits its values."""
    config: dict[str, Any] = {}
    for name, heading in shown.items():
        if not isinstance(heading, str):
            config[name] = heading
        elif isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            config[name] = st.column_config.DatetimeColumn(heading, format=TIME)
        elif pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
            config[name] = st.column_config.DateColumn(heading, format="D MMM YYYY")
        elif pd.api.types.is_bool_dtype(frame[name].dtype):
            config[name] = st.column_config.CheckboxColumn(heading)
        elif pd.api.types.is_numeric_dtype(frame[name].dtype):
            config[name] = st.column_config.NumberColumn(heading, format="localized")
        else:
            config[name] = st.column_config.TextColumn(heading)
    return config


def table(
    frame: pd.DataFrame,
    shown: Mapping[str, Any],
    *,
    key: str,
    select: str = "",
    height: int | str = "auto",
    total: int | None = None,
    wrap: bool = False,
) -> list[int]:
    """A table with the columns of ``shown`` (name -> heading or column settings); returns the rows selected, by position.

    Parameters
    ----------
    shown
        A column ``pending`` (commands that wait) is left out when nothing waits.
    select
        ``single-row`` or ``multi-row``; empty: nothing can be selected.
    total
        Rows there are in all, when the frame holds only the first of them: said below the table.
    wrap
        Long texts wrap, in rows of four lines: where a sentence is what the table is for.
    """
    shown = {name: heading for name, heading in shown.items() if name != "pending" or (frame[name] != "").any()}
    row_px = WRAPPED_PX if wrap else ROW_PX
    if isinstance(height, int) and row_px * len(frame) + ROW_PX < height:
        height = "auto"
    settings_: dict[str, Any] = {
        "hide_index": True, "column_order": list(shown), "column_config": columns_of(frame, shown), "key": key,
        "height": height,
        "placeholder": words.DASH, "row_height": WRAPPED_PX if wrap else None,
    }  # fmt: skip
    rows: list[int] = []
    if select:
        event = st.dataframe(frame, on_select="rerun", selection_mode=select, **settings_)
        rows = [row for row in event.selection.rows if row < len(frame)]
    else:
        st.dataframe(frame, **settings_)
    if total is not None and total > len(frame):
        st.caption(f"The first {len(frame):,} of {total:,}. Narrow the search to see others.")
    return rows


def number(
    heading: str, *, help: str | None = None, format: str = "localized", width: Any = None, pinned: bool | None = None
) -> Any:
    """Column settings of a number."""
    return st.column_config.NumberColumn(heading, help=help, format=format, width=width, pinned=pinned)


def amount(heading: str, help: str | None = None, *, width: Any = None) -> Any:
    """Column settings of an amount of money, two decimals."""
    return st.column_config.NumberColumn(heading, help=help, format="%,.2f", width=width)


def share(heading: str, help: str | None = None, *, width: Any = None) -> Any:
    """Column settings of a share of 1, as a bar with its percentage."""
    return st.column_config.ProgressColumn(heading, help=help, format="percent", min_value=0, max_value=1, width=width)


def text(heading: str, *, help: str | None = None, width: Any = None, pinned: bool | None = None) -> Any:
    """Column settings of a text."""
    return st.column_config.TextColumn(heading, help=help, width=width, pinned=pinned)


def say(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The frame with its codes as words."""
    return frame.assign(**{name: frame[name].map(words.word) for name in names})


def facts_of(pairs: Sequence[tuple[str, str]]) -> None:
    """Pairs of name and value, in a row that wraps; values may be long."""
    with st.container(horizontal=True, gap="medium"):
        for name, value in pairs:
            with st.container(width="content", gap=None):
                st.caption(name)
                st.markdown(words.plain(words.short(value, 120)))


__all__ = [
    "LIMIT",
    "Page",
    "amount",
    "badge",
    "empty",
    "facts_of",
    "number",
    "open_page",
    "pending",
    "say",
    "share",
    "table",
    "text",
]
