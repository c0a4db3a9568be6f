"""The control tower as it is served: Streamlit behind the door. `make tower` runs it.

Belongs here: the first start, the address, what stands in front of the pages. Does not belong here: the pages
(`streamlit_app.py`), the door (`tower.gate`).
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from tower import access
from tower.gate import demo, door

from oms_dagster import home as homes
from oms_dagster import settings
from oms_dagster.access_actions import first_start
from oms_dagster.operations.store import StoreError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@asynccontextmanager
async def first(_: object) -> AsyncIterator[None]:
    """Before the first page: the first account."""
    home = settings.home()
    if homes.exists(home) and not access.by_oidc():
        try:
            made = first_start(home)
        except StoreError as error:
            sys.exit(f"tower: {error}")
        if made:
            print(f"\n  First start: {made}\n", flush=True)
    access.serve_behind_the_door()
    yield


if st.get_option("server.address") not in LOOPBACK and demo.is_shown():
    sys.exit(
        f"tower: {settings.home().root} holds the demo, whose password everybody knows: serve it on 127.0.0.1 alone"
    )

app = st.App(
    "streamlit_app.py",
    lifespan=first,
    routes=[] if access.by_oidc() else door.ROUTES,
    middleware=[] if access.by_oidc() else [Middleware(door.Door)],
)
