"""The door of the tower: nothing is answered before somebody has signed in, and what comes from outside stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from oms_dagster.operations import accounts
from oms_dagster.operations.access import add_user
from oms_dagster.operations.store import Store, open_store
from oms_dagster.settings import Home

RIGHT = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: hasher)
    accounts._nobodys_hash.cache_clear()


@pytest.fixture
def store(world: Home) -> Iterator[Store]:
    opened = open_store(world.operations_url)
    add_user(opened, "ana", "Ana", "credit")
    accounts.set_password(opened, "ana", RIGHT)
    yield opened
    opened.close()


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """The door before something that answers everything."""
    from tower.gate import door

    async def inside(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"inside {request.url.path}")

    async def socket(came: WebSocket) -> None:
        await came.accept()
        await came.send_text("inside")
        await came.close()

    routes = [
        *door.ROUTES,
        WebSocketRoute("/_stcore/stream", socket),
        Route("/{rest:path}", inside, methods=["GET", "PUT", "POST"]),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(door.Door)])
    with TestClient(app, base_url="http://127.0.0.1:8501", follow_redirects=False) as opened:
        yield opened


def enter(client: TestClient, user: str = "ana", password: str = RIGHT, **more: str) -> int:
    return client.post("/sign-in", data={"user": user, "password": password, **more}).status_code


@pytest.mark.parametrize("path", ["/", "/holds", "/orders?order=1", "/users"])
def test_a_page_leads_to_the_sign_in_and_back(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert client.get("/sign-in").status_code == 200
    back = client.post("/sign-in", data={"user": "ana", "password": RIGHT, "next": path})
    assert (back.status_code, back.headers["location"]) == (303, path)
    assert client.get(path).text.startswith("inside")


@pytest.mark.parametrize("path", ["/media/abc.csv", "/_stcore/host-config", "/_stcore/upload_file/a/b", "/component/x"])
def test_files_and_streamlit_s_own_ways_in_are_closed_too(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.put(path, content=b"x").status_code == 401


def test_the_socket_that_draws_the_pages_is_closed_too(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    enter(client)
    cookie = {"cookie": f"oms_session={client.cookies['oms_session']}"}
    with client.websocket_connect("/_stcore/stream", headers=cookie) as socket:
        assert socket.receive_text() == "inside"


def test_alive_is_answered_to_everybody(client: TestClient) -> None:
    assert client.get("/_stcore/health").status_code == 200


def test_a_token_that_was_there_before_is_not_the_one_after(client: TestClient, store: Store) -> None:
    """Session fixation: a cookie that somebody planted is worth nothing, before or after the sign-in."""
    client.cookies.set("oms_session", "planted-by-somebody")
    assert client.get("/").status_code == 303
    answer = client.post("/sign-in", data={"user": "ana", "password": RIGHT})
    cookie = answer.headers["set-cookie"]
    assert "planted-by-somebody" not in cookie
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert accounts.session_of(store, "planted-by-somebody") is None


def test_over_https_the_cookie_is_for_https_alone(client: TestClient) -> None:
    answer = client.post("https://127.0.0.1:8501/sign-in", data={"user": "ana", "password": RIGHT})
    assert "Secure" in answer.headers["set-cookie"]


def test_guessing_is_answered_late(client: TestClient) -> None:
    said = [enter(client, password=f"guess number {n}") for n in range(accounts.TRIES_OF_A_USER + 2)]
    assert said == [401] * accounts.TRIES_OF_A_USER + [429] * 2
    assert enter(client) == 429


def test_after_signing_out_the_same_cookie_opens_nothing(client: TestClient, store: Store) -> None:
    enter(client)
    token = client.cookies["oms_session"]
    accounts.sign_out(store, token)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\r\nX: y",
        "http:evil",
    ],
)
def test_after_the_sign_in_nobody_is_sent_elsewhere(client: TestClient, target: str) -> None:
    answer = client.post("/sign-in", data={"user": "ana", "password": RIGHT, "next": target})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
@pytest.mark.parametrize("path", ["/sign-in", "/password"])
def test_a_form_on_another_site_signs_nobody_in(client: TestClient, path: str, header: dict[str, str]) -> None:
    if path == "/password":
        enter(client)
    said = {"user": "ana", "password": RIGHT, "old": RIGHT, "new": "another password", "again": "another password"}
    assert client.post(path, data=said, headers=header).status_code == 403


HOSTILE = (
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "' or '1'='1",
    "{{7*7}}",
    "ana' --",
    "\x00",
    "ï" * 300,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_shown_as_text_and_asked_as_text(client: TestClient, store: Store, text: str) -> None:
    for data in (
        {"user": text, "password": RIGHT},
        {"user": "ana", "password": text},
        {"user": "bob", "password": "x", "next": text},
    ):
        answer = client.post("/sign-in", data=data)
        assert answer.status_code == 401
        assert "<script>" not in answer.text and "<img" not in answer.text and ">49<" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


def test_who_must_change_the_password_gets_that_page_alone(client: TestClient, store: Store) -> None:
    once = accounts.give_one_time_password(store, "ana")
    assert enter(client, password=once) == 303
    assert client.get("/holds").headers["location"] == "/password?next=/holds"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    before = client.cookies["oms_session"]
    wrong = client.post("/password", data={"old": once, "new": "a password of mine", "again": "another of mine!"})
    assert wrong.status_code == 400 and "differ" in wrong.text
    done = client.post(
        "/password", data={"old": once, "new": "a password of mine", "again": "a password of mine", "next": "/holds"}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/holds")
    assert client.cookies["oms_session"] != before
    assert client.get("/holds").text == "inside /holds"


def test_a_fresh_home_gets_its_first_account_when_somebody_comes(
    world: Home, client: TestClient, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlalchemy as sa

    from oms_dagster.operations.models import credentials

    with store.writing() as connection:
        connection.execute(sa.delete(credentials))
    client.get("/sign-in")
    said = capsys.readouterr().out
    assert "one-time password" in said
    password = said.split("one-time password ")[1].split(" ")[0]
    assert enter(client, "admin", password) == 303
    client.get("/sign-in")
    assert "one-time password" not in capsys.readouterr().out, "once"


def test_without_a_store_nobody_comes_in(client: TestClient, world: Home) -> None:
    enter(client)
    Path(world.root / "operations.sqlite").rename(world.root / "gone.sqlite")
    answer = client.get("/holds")
    assert answer.status_code == 503 and "Nobody can sign in now" in answer.text


def test_a_demo_shows_its_users_and_no_other_home_does(client: TestClient, world: Home) -> None:
    assert "only-for-the-demo" not in client.get("/sign-in").text
    from oms_dagster import home as homes

    homes.mark_demo(world)
    assert "only-for-the-demo" in client.get("/sign-in").text
