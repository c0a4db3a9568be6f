"""What each real EDI and XML file must come to, written down after looking at the file.

Belongs here: names and facts. Does not belong here: content of the files, or how they are captured (the test).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Channel -> folder of its files.
FOLDERS = {"x12": "edi_x12", "edifact": "edifact", "peppol": "ubl", "cxml": "cxml"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Facts of an accepted order.

    Attributes
    ----------
    lines
        SKU and quantity of each line.
    total, declared
        Ours, and the document's own.
    placed, requested
        Days (UTC); the requested ones as first and last.
    """

    order: str
    kind: str
    customer: str
    ship_to: str | None
    currency: str | None
    placed: str
    lines: tuple[tuple[str, int], ...]
    total: str
    declared: str | None
    requested: tuple[str, str] | None = None
    version: str | None = None
    is_test: bool | None = None


_UBL = "ph-ubl/ph-ubl-testfiles/src/main/resources/external/test-ubl"
_PAINT = (("SItemNo001", 120), ("SItemNo011", 15))
_PAINT_WINDOW = ("2010-02-10", "2010-02-25")
_STAEDI = "staedi/src/test/resources"
_GOZER = "gozer/src/test/resources"

#: Files with an order, change or cancellation that is accepted.
ACCEPTED: Mapping[tuple[str, str], Accepted] = {
    ("x12", "oboe/5-850.x12"): Accepted(
        "2308", "order", "x12:756110870", "JOHN BATAGELI, ADELAIDE, AU", "USD", "2001-05-10",
        (("CBBLUBR2/5", 1),), "38.39", "38.39", ("2001-05-12", "2001-05-12"), is_test=False,
    ),
    # 100.00 of tax in the header against 2 x 10 on the lines: ours is dearer than declared, by less than the tolerance
    ("peppol", f"{_UBL}/order/BII03 Order example 01.xml"): Accepted(
        "34", "order", "peppol:7300070011115", "Swedish trucking, Stockholm, SE", "SEK", "2010-01-20",
        _PAINT, "6325.00", "6225.00", _PAINT_WINDOW,
    ),
    ("peppol", f"{_UBL}/order/UBL-Order-2.1-Example.xml"): Accepted(
        "34", "order", "peppol:7300070011115", "Swedish trucking, Stockholm, SE", "SEK", "2010-01-20",
        _PAINT, "6325.00", "6225.00", _PAINT_WINDOW,
    ),
    ("peppol", f"{_UBL}/order/UBL-Order-2.0-Example-International.xml"): Accepted(
        "AEG012345", "order", "peppol:GT00978567", "IYT Corporation, Bridgtow, GB", "USD", "2005-06-20",
        (("17589683", 100),), "1000.00", "1000.00", ("2005-06-29", "2005-06-30"),
    ),
    ("peppol", f"{_UBL}/orderchange/UBL-OrderChange-2.1-Example.xml"): Accepted(
        "34", "order", "peppol:7300070011115", "Johnssons byggvaror", "SEK", "2010-01-21",
        (("SItemNo001", 240),), "12020.00", None, _PAINT_WINDOW, version="1",
    ),
    ("peppol", f"{_UBL}/ordercancellation/UBL-OrderCancellation-2.1-Example.xml"): Accepted(
        "34", "cancel", "peppol:7300070011115", "Johnssons byggvaror", None, "2010-01-21",
        (), "0.00", None, version="2010-01-21T12:30:00",
    ),
    ("cxml", "friendsofcxml/tests/CXmlTest/Builder/fixtures/order_request.xml"): Accepted(
        "myorder-1", "order", "cxml:inbound@prominate-platform.com", "Acme, Sunnyvale, US", "USD", "2022-09-14",
        (("5555", 3), ("666", 5)), "3420.60", "3420.60", is_test=False,
    ),
    ("cxml", "friendsofcxml/tests/CXmlTest/Handling/fixtures/order_request.xml"): Accepted(
        "acme-1-1", "order", "cxml:AN00000123", "TEST.USA ACME, Columbus, US", "USD", "2025-01-27",
        (("QA-ACME-AUTOTEST", 1),), "10.00", "10.00", ("2025-01-28", "2025-01-28"), is_test=True,
    ),
    # placed in the evening of the 12th, eight hours west of Greenwich
    ("cxml", "friendsofcxml/tests/metadata/cxml/samples/OrderRequest.xml"): Accepted(
        "DO1234", "order", "cxml:inbound@prominate-platform.com", "Acme, Sunnyvale, US", "EUR", "2000-10-13",
        (("1233244", 10), ("1233245", 20)), "85.00", "85.00", ("2020-02-28", "2020-02-28"), is_test=True,
    ),
    ("cxml", "officeluv/spec/fixtures/order_request.xml"): Accepted(
        "3309", "order", "cxml:kasdflkjasdf", "Network, New York, US", "USD", "2020-03-31",
        (("product:1861", 1), ("product:4884", 9)), "91.71", "91.71", is_test=False,
    ),
}  # fmt: skip

#: Files with an order that can't be taken, with the codes of their messages.
REFUSED: Mapping[tuple[str, str], tuple[str, ...]] = {
    # an order after two invoices; its lines carry no price
    ("x12", f"{_STAEDI}/x12/invoice810_po850_dual.edi"): ("NOT_AN_ORDER", "NOT_AN_ORDER", "MISSING_FIELD"),
    # the IEA closes another interchange
    ("x12", "edi.net/x12.850.edi"): ("CONTROL_MISMATCH",),
    ("x12", "edi.net/x12.850a.edi"): ("CONTROL_MISMATCH",),
    # its terminator is the line break and a tilde ends each line
    ("x12", "edi.net/x12.850.issue135.edi"): ("CONTROL_MISMATCH",) * 2,
    # SE counts more segments than there are
    ("x12", "edi.net/x12.810.mandatory-conditions.edi"): ("CONTROL_MISMATCH",),
    ("x12", "edi.net/x12.Issue101.edi"): ("CONTROL_MISMATCH",),
    ("x12", "edi.net/x12.Issue172.edi"): ("CONTROL_MISMATCH",),
    ("x12", "edi.net/x12.Issue91.edi"): ("CONTROL_MISMATCH",),
    ("x12", f"{_GOZER}/po850/po850.txt"): ("CONTROL_MISMATCH",),
    # thousands of orders in one message, whose UNT counts those of one
    ("edifact", "pydifact/huge_file2.edi"): ("CONTROL_MISMATCH",),
    # no UNZ
    ("edifact", "pydifact/order.edi"): ("CONTROL_MISMATCH",),
    ("edifact", "pydifact/order2.edi"): ("CONTROL_MISMATCH",),
    ("edifact", "smooks-examples/camel/camel-unedifact-to-xml/input-message.txt"): ("CONTROL_MISMATCH",),
    # the UNZ closes another interchange
    ("edifact", "pydifact/wikipedia_de.edi"): ("CONTROL_MISMATCH",),
    # UNT counts other segments than there are
    ("edifact", "smooks-edi-cartridge/BAD_ORDERS_D.03B_Interchange.txt"): ("CONTROL_MISMATCH",),
    ("edifact", f"{_STAEDI}/EDIFACT/orders-with-group.edi"): ("CONTROL_MISMATCH",),
    # its lines carry no price
    ("edifact", "smooks-edi-cartridge/ORDERS_D.03B_Interchange.txt"): ("MISSING_FIELD",),
    # TRADACOMS, an older British syntax
    ("edifact", f"{_STAEDI}/TRADACOMS/order.edi"): ("UNSUPPORTED",),
    ("edifact", f"{_STAEDI}/TRADACOMS/order-blocked.edi"): ("UNSUPPORTED",),
    ("edifact", f"{_STAEDI}/TRADACOMS/order-extra-mhd-data.edi"): ("UNSUPPORTED",),
    ("edifact", f"{_STAEDI}/TRADACOMS/order-wrong-segment-tag-delimiter.edi"): ("UNSUPPORTED",),
    ("edifact", "edi.net/tradacoms.order9.edi"): ("UNSUPPORTED",),
    # a country of three x
    ("peppol", f"{_UBL}/order/CENBII-Order-maximal.xml"): ("COUNTRY_UNKNOWN",),
    # an empty number
    ("peppol", f"{_UBL}/order/CENBII-Order-minimal.xml"): ("MISSING_FIELD",),
    # 100 kg at 100.00 against a total of 100.00
    ("peppol", f"{_UBL}/order/UBL-Order-2.0-Example.xml"): ("TOTAL_CONTRADICTED",),
    # three of 1505.00 against a total of 1505.00
    ("cxml", "officeluv/spec/fixtures/purchase_order_request_200.xml"): ("TOTAL_CONTRADICTED",),
}  # fmt: skip

#: All others by pattern: their code, whatever number of messages they hold.
OTHERS: Mapping[tuple[str, str], str] = {
    ("x12", "edi.net/x12.214.edi"): "NOT_AN_ORDER",
    ("x12", "edi.net/x12.810[a-d].edi"): "NOT_AN_ORDER",
    ("x12", "edi.net/x12.8[23]*.edi"): "NOT_AN_ORDER",
    ("x12", "edi.net/x12.Issue88.edi"): "NOT_AN_ORDER",
    ("x12", f"{_GOZER}/asn856/asn856.txt"): "NOT_AN_ORDER",
    ("x12", f"{_GOZER}/x12.base.*.txt"): "NOT_AN_ORDER",
    ("x12", f"{_GOZER}/x12.base.txt"): "NOT_AN_ORDER",
    ("x12", f"{_GOZER}/x12.wrong.GS.txt"): "NOT_AN_ORDER",
    ("x12", f"{_STAEDI}/x12/*99[79]*.edi"): "NOT_AN_ORDER",
    ("x12", f"{_STAEDI}/x12/simple810.edi"): "NOT_AN_ORDER",
    ("x12", f"{_STAEDI}/x12/sample275_*.edi"): "NOT_AN_ORDER",
    # direct exchange of the grocery trade, without an interchange
    ("x12", f"{_GOZER}/dex/894/*.txt"): "UNREADABLE",
    ("x12", f"{_GOZER}/x12.missing.ISA.txt"): "UNREADABLE",
    ("x12", f"{_GOZER}/x12.no.line.break.no.delim.txt"): "UNREADABLE",
    ("x12", f"{_GOZER}/x12.wrong.ISA.txt"): "UNREADABLE",
    ("edifact", "edi.net/edifact.[0AIOP]*"): "NOT_AN_ORDER",
    ("edifact", "edi.net/edifact.D01B.IFCSUM.EDI"): "NOT_AN_ORDER",
    ("edifact", "edi.net/edifact.D95B.CUSCAR.EDI"): "NOT_AN_ORDER",
    # another terminator than the default, unnamed; a message without an interchange
    ("edifact", "edi.net/edifact.D01B.IFCSUM.NewLines.EDI"): "UNREADABLE",
    ("edifact", "edi.net/edifact.D95B.Issue137.EDI"): "UNREADABLE",
    ("edifact", "edi.net/tradacoms.[Ipu]*"): "UNSUPPORTED",
    ("edifact", "pydifact/*aperak*.edi"): "NOT_AN_ORDER",
    ("edifact", "pydifact/invoice*.edi"): "NOT_AN_ORDER",
    ("edifact", "pydifact/patient?.edi"): "NOT_AN_ORDER",
    ("edifact", "pydifact/wikipedia_en.edi"): "NOT_AN_ORDER",
    ("edifact", "smooks-edi-cartridge/INVOIC_D.03B_Interchange_with_UNA.txt"): "NOT_AN_ORDER",
    ("edifact", f"{_STAEDI}/EDIFACT/[eip]*.edi"): "NOT_AN_ORDER",
    # CSV, XML and home-made segments
    ("edifact", "smooks-edi-cartridge/edi-input.txt"): "UNREADABLE",
    ("edifact", "smooks-examples/*.csv"): "UNREADABLE",
    ("edifact", "smooks-examples/*.xml"): "UNREADABLE",
    ("edifact", "smooks-examples/*.edi"): "UNREADABLE",
    ("edifact", "smooks-examples/fixed-length-to-java/input-message.txt"): "UNREADABLE",
    ("peppol", f"{_UBL}/creditnote/*.xml"): "NOT_AN_ORDER",
    ("peppol", f"{_UBL}/despatchadvice/*.xml"): "NOT_AN_ORDER",
    ("peppol", f"{_UBL}/invoice/*.xml"): "NOT_AN_ORDER",
    ("peppol", f"{_UBL}/orderresponse*/*.xml"): "NOT_AN_ORDER",
    ("peppol", f"{_UBL}/receiptadvice/*.xml"): "NOT_AN_ORDER",
    ("cxml", "6-mils/*.xml"): "NOT_AN_ORDER",
    ("cxml", "friendsofcxml/tests/CXmlTest/Builder/fixtures/poom.xml"): "NOT_AN_ORDER",
    ("cxml", "friendsofcxml/tests/CXmlTest/Handling/fixtures/quote_request.xml"): "NOT_AN_ORDER",
    ("cxml", "friendsofcxml/tests/metadata/cxml/samples/[!O]*.xml"): "NOT_AN_ORDER",
    ("cxml", "officeluv/spec/fixtures/[!op]*.xml"): "NOT_AN_ORDER",
    ("cxml", "officeluv/spec/fixtures/punch_out_*.xml"): "NOT_AN_ORDER",
}  # fmt: skip
