"""The pages before the control tower, as HTML: sign in, set a password. They work without JavaScript.

Belongs here: what they look like. Does not belong here: what a press of their buttons does (`door`).
"""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

_STYLE = Markup("""
:root { color-scheme: light dark; --ground: #ffffff; --box: #f3f6f8; --text: #1b2430; --line: #c3ced6; --deed: #005a8f;
  --bad: #9c1c12; }
@media (prefers-color-scheme: dark) { :root { --ground: #11161c; --box: #1b232c; --text: #e6ebf0; --line: #4a5a68;
  --deed: #2a7fbf; --bad: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--text);
  font: 16px/1.5 "Source Sans", "Source Sans 3", system-ui, sans-serif; padding: 1rem; }
main { width: min(24rem, 100%); background: var(--box); border: 1px solid var(--line); border-radius: 8px; padding: 1.5rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } p { margin: .25rem 0 1rem; } label { display: block; margin: .75rem 0 .25rem; }
input { width: 100%; padding: .6rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
  border-radius: 6px; }
button { margin-top: 1.25rem; padding: .6rem 1rem; width: 100%; font: inherit; font-weight: 600; color: #fff;
  background: var(--deed); border: 0; border-radius: 6px; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
.bad { color: var(--bad); font-weight: 600; } .demo { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }
.demo p { margin: 0 0 .5rem; } .demo form { display: inline; }
.demo button { width: auto; margin: 0 .25rem .5rem 0; padding: .35rem .7rem; font-weight: 400; color: var(--text);
  background: var(--ground); border: 1px solid var(--line); }
""")  # our own: in a style element quotes must stay quotes

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} · Control tower</title><style>{{ style }}</style></head>
<body><main>
<h1>{{ title }}</h1>
<p>{{ about }}</p>
{% if problem %}<p class="bad" role="alert">{{ problem }}</p>{% endif %}
<form method="post" action="{{ action }}">
{% for name, field in fields.items() -%}
<label for="{{ name }}">{{ field.label }}</label>
<input id="{{ name }}" name="{{ name }}" type="{{ field.type }}" autocomplete="{{ field.autocomplete }}" maxlength="200" required
  {%- if field.value %} value="{{ field.value }}"{% endif %}{% if loop.first %} autofocus{% endif %}>
{% endfor -%}
<input type="hidden" name="next" value="{{ next }}">
<button type="submit">{{ button }}</button>
</form>
{% if demo %}<div class="demo"><p>These are the demo days. Look at them as:</p>
{% for user, label in demo.items() -%}
<form method="post" action="{{ action }}"><input type="hidden" name="user" value="{{ user }}">
<input type="hidden" name="password" value="{{ demo_password }}"><input type="hidden" name="next" value="{{ next }}">
<button type="submit">{{ label }}</button></form>
{% endfor %}</div>{% endif %}
</main></body></html>
"""

_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)

#: Nothing but what stands in the page: no script at all, no frame around it, nothing sent elsewhere.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _field(label: str, kind: str, autocomplete: str, value: str = "") -> dict[str, str]:
    return {"label": label, "type": kind, "autocomplete": autocomplete, "value": value}


def sign_in(
    *, next_: str, user: str = "", problem: str = "", demo: Mapping[str, str] | None = None, demo_password: str = ""
) -> str:
    """The sign-in page; in a demo home with a button for each of its users."""
    fields = {
        "user": _field("User", "text", "username", user),
        "password": _field("Password", "password", "current-password"),
    }
    return _TEMPLATE.render(
        title="Sign in", about="Control tower", style=_STYLE, action="/sign-in", fields=fields, button="Sign in", next=next_,
        problem=problem, demo=demo or {}, demo_password=demo_password,
    )  # fmt: skip


def password(*, next_: str, must: bool, problem: str = "") -> str:
    """The page on which somebody sets a password of their own."""
    fields = {
        "old": _field("Password so far", "password", "current-password"),
        "new": _field("New password, 12 characters or more", "password", "new-password"),
        "again": _field("New password again", "password", "new-password"),
    }
    about = (
        "The password you came with was for once: choose your own."
        if must
        else "All your sessions end; this one goes on."
    )
    return _TEMPLATE.render(
        title="Choose a password", about=about, style=_STYLE, action="/password", fields=fields, button="Set the password",
        next=next_, problem=problem, demo={}, demo_password="",
    )  # fmt: skip
