"""The answer to a UBL document: an OrderResponse that says received or rejected.

Belongs here: the elements of the answer. Does not belong here: outcomes (`answers`), where the answer is kept
(`defs.documents`). AB says that the order was received, RE that it can't be taken; neither promises anything.

Source: OASIS UBL 2.1 OrderResponse, Peppol BIS Ordering 3 (transaction 76), code list UNCL 4343.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from oms_dagster.domain.capture.answers import Answer, control_number
from oms_dagster.domain.capture.messages import Broken
from oms_dagster.domain.capture.xml_document import Element, documents, find, local, text

TEMPLATE_VERSION = "ubl_order_response/1"
_SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_SPACE}CommonAggregateComponents-2", f"{_SPACE}CommonBasicComponents-2"
_ROOT = f"{_SPACE}OrderResponse-2"
_ANSWERED = ("Order", "OrderChange", "OrderCancellation")
_CUSTOMIZATION = "urn:fdc:peppol.eu:poacc:trns:order_response:3"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROFILE = "urn:fdc:peppol.eu:poacc:bis:ordering:3"


def acknowledge_ubl(raw: bytes, answers: Sequence[Answer], at_time: datetime, seed: str) -> list[bytes | None]:
    """Render the answer to each document of a file.

    Parameters
    ----------
    answers
        One a document, in the order of the file.
    at_time
        UTC; written as issue date and time of the answer.
    seed
        Names the file; the answer's number follows from it.

    Returns
    -------
    list of bytes or None
        One a document; None for what can't be answered: unreadable, another kind of document, or without a number.
    """
    told: list[bytes | None] = []
    for place, (root, answer) in enumerate(zip(documents(raw), answers, strict=False)):
        told.append(None if isinstance(root, Broken) else _response(_inside(root), answer, at_time, f"{seed}/{place}"))
    return told


def _inside(root: Element) -> Element:
    if local(root) != "StandardBusinessDocument":
        return root
    return next((child for child in root if local(child) in _ANSWERED), root)


def _response(order: Element, answer: Answer, at_time: datetime, seed: str) -> bytes | None:
    number = text(order, "ID") if local(order) == "Order" else text(order, "OrderReference", "ID")
    if local(order) not in _ANSWERED or number is None:
        return None
    root = etree.Element(f"{{{_ROOT}}}OrderResponse", nsmap={None: _ROOT, "cac": _CAC, "cbc": _CBC})
    _leaf(root, "CustomizationID", _CUSTOMIZATION)
    _leaf(root, "ProfileID", _PROFILE)
    _leaf(root, "ID", str(control_number(seed, 12)))
    _leaf(root, "IssueDate", at_time.strftime("%Y-%m-%d"))
    _leaf(root, "IssueTime", at_time.strftime("%H:%M:%SZ"))
    _leaf(root, "OrderResponseCode", "RE" if answer.is_refused else "AB").set("listID", "UNCL4343")
    if answer.is_refused:
        _leaf(root, "Note", f"{answer.code}: {answer.detail}")
    _leaf(_branch(root, "OrderReference"), "ID", number)
    for ours, theirs in (("SellerSupplierParty", "SellerSupplierParty"), ("BuyerCustomerParty", "BuyerCustomerParty")):
        _party(_branch(_branch(root, ours), "Party"), find(order, theirs, "Party"))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)  # type: ignore[no-any-return]


def _party(party: Element, given: Element | None) -> None:
    """Endpoint, identification and name, as the document gave them."""
    endpoint, identity = find(given, "EndpointID"), find(given, "PartyIdentification", "ID")
    if endpoint is not None and text(endpoint):
        _leaf(party, "EndpointID", text(endpoint) or "", endpoint.get("schemeID"))
    if identity is not None and text(identity):
        _leaf(_branch(party, "PartyIdentification"), "ID", text(identity) or "", identity.get("schemeID"))
    name = text(given, "PartyName", "Name") or text(given, "PartyLegalEntity", "RegistrationName")
    if name:
        _leaf(_branch(party, "PartyLegalEntity"), "RegistrationName", name)


def _branch(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _leaf(parent: Element, name: str, content: str, scheme: str | None = None) -> Element:
    leaf = etree.SubElement(parent, f"{{{_CBC}}}{name}")
    leaf.text = _NOT_XML.sub("\ufffd", content)
    if scheme:
        leaf.set("schemeID", scheme)
    return leaf
