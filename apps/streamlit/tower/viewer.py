"""Shows a PDF in the page with the browser's own viewer.

Belongs here: the viewer. Does not belong here: which file. `st.iframe` can't do it (Chromium shows no PDF inside a
sandboxed frame) and `st.pdf` needs one more package; an `embed` element with the document's bytes needs neither.
"""

from __future__ import annotations

import base64

import streamlit as st

_JS = """
export default function ({ parentElement, data }) {
    const bytes = Uint8Array.from(atob(data.pdf), (letter) => letter.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
    const page = document.createElement("embed");
    Object.assign(page, { src: url, type: "application/pdf", title: data.title });
    page.setAttribute("aria-label", data.title);
    page.style.cssText = `width: 100%; height: ${data.height}px; border: 0`;
    parentElement.querySelector("div").replaceChildren(page);
    return () => URL.revokeObjectURL(url);
}
"""


def show_pdf(content: bytes, title: str, *, height: int = 760) -> None:
    """Put a PDF on the page.

    Parameters
    ----------
    content
        The file's bytes; they stay in the page and are fetched from nowhere else.
    title
        Said to who can't see it.
    height
        Pixels.
    """
    viewer = st.components.v2.component("pdf_viewer", html="<div></div>", js=_JS)
    viewer(
        data={"pdf": base64.b64encode(content).decode(), "title": title, "height": height},
        key="pdf-viewer",
        height=height,
    )
