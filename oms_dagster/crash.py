"""Boundaries of the cycle at which a crash test kills this very process. Does nothing unless told by the environment."""

from __future__ import annotations

import os
import signal

from oms_dagster import settings


def boundary(name: str) -> None:
    """Die here with SIGKILL, process group and all, when ``OMS_CRASH_AT`` names this boundary."""
    if settings.crash_point() == name:
        os.killpg(os.getpgrp(), signal.SIGKILL)
