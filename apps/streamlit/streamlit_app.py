"""The planners' control tower: navigation, and the one place where a page's failure becomes one line.

Belongs here: which pages there are, in which order, and what is shown when there is nothing to show. Does not belong
here: anything of a page. Run it with `make tower`.
"""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb
import streamlit as st
from tower import access, visitors, words
from tower.data import copy as copies

from oms_dagster import journey, settings
from oms_dagster.operations.store import StoreError

#: Page -> title and icon; the order is that of the journey.
FACES = {
    "overview": ("Overview", ":material/dashboard:"),
    "orders": ("Orders", ":material/receipt_long:"),
    "messages": ("Messages", ":material/move_to_inbox:"),
    "holds": ("Holds", ":material/front_hand:"),
    "policies": ("Policies", ":material/tune:"),
    "inventory": ("Inventory", ":material/inventory_2:"),
    "forecast": ("Forecast", ":material/trending_up:"),
    "replenishment": ("Replenishment", ":material/add_shopping_cart:"),
    "sourcing": ("Sourcing", ":material/alt_route:"),
    "backorders": ("Backorders", ":material/hourglass_top:"),
    "release": ("Release", ":material/waves:"),
    "loads": ("Loads and routes", ":material/local_shipping:"),
    "documents": ("Documents", ":material/description:"),
    "returns": ("Returns", ":material/assignment_return:"),
    "kpis": ("KPIs", ":material/monitoring:"),
    "audit": ("Audit", ":material/fact_check:"),
    "users": ("Users", ":material/group:"),
}
#: Pages that draw before anything was published.
BEFORE_ANYTHING = ("users",)


def where(home: settings.Home) -> str:
    """The home's folder, from the checkout on where it lies inside."""
    inside = home.root.is_relative_to(settings.CHECKOUT)
    return str(home.root.relative_to(settings.CHECKOUT) if inside else home.root)


def shown(home: settings.Home) -> str:
    """Path of the copy that is shown; empty without one."""
    try:
        return copies.current(home).path
    except copies.NoCopy:
        return ""


@st.fragment(run_every=5)
def freshness(shown: str) -> None:
    """In the sidebar: which cycle is shown; a new copy redraws the page."""
    try:
        copy = copies.current(settings.home())
    except (copies.NoCopy, duckdb.Error):
        return
    if shown and copy.path != shown:
        st.rerun(scope="app")
    st.caption(f"Cycle **{copy.cycle_id}** · {words.plain(where(settings.home()))}")


def main() -> None:
    """Draw the navigation and the page chosen."""
    st.set_page_config(
        page_title="Control tower", page_icon=str(Path(__file__).parent / "tower" / "icon.svg"), layout="wide"
    )
    pages = [
        st.Page(
            f"app_pages/{name}.py", title=FACES[name][0], icon=FACES[name][1], url_path=name, default=name == "overview"
        )
        for name in journey.PAGES
    ]
    home = settings.home()
    if not visitors.may_enter(home):
        st.navigation(pages, position="hidden")
        return
    page = st.navigation(pages, expanded=True)
    try:
        if page.url_path not in BEFORE_ANYTHING:
            copies.current(home)
        with st.sidebar:
            freshness(shown(home))
            visitors.card(home)
        page.run()
    except copies.NoCopy as missing:
        st.title(page.title, anchor=False)
        st.info(words.plain(missing), icon=":material/info:")
    except access.SignInNeeded:
        visitors.to_the_door()
    except StoreError as error:
        st.error(words.plain(error), icon=":material/cloud_off:")
    except Exception as error:
        logging.getLogger(__name__).exception("page %s failed", page.title)
        st.error(failure(home, error), icon=":material/error:")


def failure(home: settings.Home, error: Exception) -> str:
    """One line for a page that failed: what new code asks of a copy that older code made is no fault of the page."""
    if copies.is_older_than_the_code(home):
        return "The rest of this page can't be shown: the published copy is older than the code. A cycle brings it up to date: run `oms cycle`, or press the button on the Overview page."
    line = words.plain(words.short(" ".join(f"{type(error).__name__}: {error}".split()), 300))
    if isinstance(error, duckdb.Error):
        return f"The published copy can't be read: {line}  \nThe next cycle writes another: run `oms cycle`."
    return f"This page failed ({line}). The control tower's log has the details; the other pages work."


main()
