"""What stands between a browser and Streamlit: the routes of signing in, and a check of every other request.

Belongs here: cookies, redirects, status codes. Does not belong here: HTML (`pages`), passwords and sessions
(`oms_dagster.operations.accounts`).

The cookie holds a random token that no script can read (HttpOnly) and no other site sends along with a form (SameSite).
Each sign-in makes a new one, whatever the browser brought. With OIDC configured Streamlit itself signs people in, and
each page asks it (`tower.access`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from oms_dagster import home as homes
from oms_dagster import settings
from oms_dagster.access_actions import first_start
from oms_dagster.operations import accounts
from oms_dagster.operations.accounts import Session, SignInError
from oms_dagster.operations.store import Store, StoreError, open_store
from tower.gate import demo, pages

COOKIE = "oms_session"
#: Answered without a session: the way in, whether it is alive, and Streamlit's own code (no data).
OPEN = ("/sign-in", "/_stcore/health", "/static/", "/favicon")


@contextmanager
def operations() -> Iterator[Store]:
    """The operations store of the home that is shown."""
    store = open_store(settings.home().operations_url)
    try:
        yield store
    finally:
        store.close()


def _session(token: str | None) -> Session | None:
    if not token:
        return None
    with operations() as store:
        return accounts.session_of(store, token)


def _inside(target: str | None) -> str:
    """Where to go after signing in: a page of this tower, whatever the address said."""
    parts = urlsplit(target or "/")
    path = parts.path
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return "/"
    if any(ord(sign) < 32 for sign in target or ""):
        return "/"
    return path + (f"?{parts.query}" if parts.query else "")


def _is_cross_site(request: Request) -> bool:
    """Whether another site's page sent the form."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _address(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""


def _enter(token: str, target: str, request: Request) -> Response:
    answer = RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _page(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status_code=status, headers=dict(pages.HEADERS))


async def sign_in(request: Request) -> Response:
    """GET: the form. POST: check it; 303 with a new session, 401 or 429 without."""
    known = demo.users() if demo.is_shown() else {}
    if request.method == "GET":
        missing = await run_in_threadpool(_not_ready)
        if missing:
            return PlainTextResponse(f"{missing}\n", 503)
        next_ = _inside(request.query_params.get("next"))
        return _page(pages.sign_in(next_=next_, demo=known, demo_password=demo.PASSWORD if known else ""))
    if _is_cross_site(request):
        return PlainTextResponse("This form was sent by another site: sign in on the tower's own page.", 403)
    form = await request.form()
    user, password, next_ = (str(form.get(name) or "") for name in ("user", "password", "next"))
    try:
        token = await run_in_threadpool(_checked, user.strip()[:200], password, _address(request))
    except SignInError as error:
        status = 429 if "Too many" in str(error) else 401
        html = pages.sign_in(next_=_inside(next_), user=user[:200], problem=str(error), demo=known,
                             demo_password=demo.PASSWORD if known else "")  # fmt: skip
        return _page(html, status)
    except StoreError as error:
        return PlainTextResponse(f"Nobody can sign in now: {error}", 503)
    return _enter(token, _inside(next_), request)


def _not_ready() -> str:
    """Why nobody can sign in, in one line; makes the first account where there is none yet."""
    home = settings.home()
    if not homes.exists(home):
        return f"There is no home at {home.root} yet: run `make demo` for one with demo data, or `oms init`."
    try:
        with operations() as store:
            ready = accounts.has_accounts(store)
        made = "" if ready else first_start(home)
    except StoreError as error:
        return f"Nobody can sign in now: {error}"
    if made:
        print(f"\n  First start: {made}\n", flush=True)
    return ""


def _checked(user: str, password: str, address: str) -> str:
    with operations() as store:
        return accounts.sign_in(store, user, password, address)


async def password(request: Request) -> Response:
    """GET: the form. POST: set a password of one's own; all other sessions end."""
    token = request.cookies.get(COOKIE)
    session = await run_in_threadpool(_session, token)
    if session is None or token is None:
        return RedirectResponse("/sign-in", status_code=303)
    if request.method == "GET":
        return _page(pages.password(next_=_inside(request.query_params.get("next")), must=session.must_change))
    if _is_cross_site(request):
        return PlainTextResponse("This form was sent by another site: use the tower's own page.", 403)
    form = await request.form()
    old, new, again, next_ = (str(form.get(name) or "") for name in ("old", "new", "again", "next"))
    try:
        if new != again:
            raise SignInError("The two new passwords differ: type the same twice.")
        fresh = await run_in_threadpool(_changed, token, old, new, _address(request))
    except SignInError as error:
        status = 429 if "Too many" in str(error) else 400
        return _page(pages.password(next_=_inside(next_), must=session.must_change, problem=str(error)), status)
    return _enter(fresh, _inside(next_), request)


def _changed(token: str, old: str, new: str, address: str) -> str:
    with operations() as store:
        return accounts.change_password(store, token, old, new, address)


ROUTES = [
    Route("/sign-in", sign_in, methods=["GET", "POST"]),
    Route("/password", password, methods=["GET", "POST"]),
]


class Door:
    """Lets nobody through who has not signed in; who must choose a password gets that page alone.

    Pure ASGI, since the check holds for the web socket that draws the pages, for uploads and for files too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(OPEN):
            await self._app(scope, receive, send)
            return
        came = HTTPConnection(scope)
        try:
            session = await run_in_threadpool(_session, came.cookies.get(COOKIE))
        except StoreError as error:
            await self._away(scope, receive, send, str(error))
            return
        if session is not None and (not session.must_change or scope["path"] == "/password"):
            await self._app(scope, receive, send)
            return
        await self._refuse(scope, receive, send, "/sign-in" if session is None else "/password")

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, to: str) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
            return
        page = scope["method"] in ("GET", "HEAD") and not scope["path"].startswith(("/_stcore", "/media", "/component"))
        if not page:
            await PlainTextResponse("Sign in first.", 401)(scope, receive, send)
            return
        asked = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        there = to if asked == "/" else f"{to}?next={quote(_inside(asked))}"
        await RedirectResponse(there, 303, headers={"Cache-Control": "no-store"})(scope, receive, send)

    async def _away(self, scope: Scope, receive: Receive, send: Send, why: str) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1011, "reason": "the operations store is away"})
            return
        await PlainTextResponse(f"Nobody can sign in now: {why}", 503)(scope, receive, send)
