"""Fixtures of the API's tests: a home of its own, the secrets that it is given, and signed deliveries."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():  # of its own next version
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

APP = Path(__file__).resolve().parents[2] / "apps" / "api"
for folder in (str(APP), str(Path(__file__).parent)):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from gateway.web import create_app  # noqa: E402

from oms_dagster.settings import Home  # noqa: E402

SECRET = "hush"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_WEBHOOK_SECRET_SHOPIFY", SECRET)
    monkeypatch.setenv("OMS_WEBHOOK_SECRET_X12", SECRET)
    monkeypatch.setenv("OMS_STATUS_LINK_SECRET", "key")


@pytest.fixture
def client(fresh_home: Home, secrets: None) -> Iterator[TestClient]:
    with TestClient(create_app(fresh_home)) as opened:
        yield opened
