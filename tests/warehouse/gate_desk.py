"""A desk for tests of the gate: an empty warehouse in memory, and files handed in as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.warehouse import gate
from oms_dagster.warehouse.gate import FileOutcome
from oms_dagster.warehouse.tables import TABLES

AS_OF = datetime(2025, 6, 2, 12, tzinfo=UTC)
POS_HEADER = [
    "order_no",
    "store",
    "customer_no",
    "placed_at",
    "currency",
    "line_no",
    "sku",
    "description",
    "qty",
    "unit_price",
    "discount",
    "tax",
    "payment",
    "ship_name",
    "street",
    "postcode",
    "city",
    "country",
    "requested_date",
    "order_total",
]
_POS_ROW = {
    "order_no": "1",
    "store": "S1",
    "customer_no": "C1",
    "placed_at": "2025-06-02 09:30",
    "currency": "GBP",
    "line_no": "1",
    "sku": "TEA-1",
    "description": "Tea",
    "qty": "2",
    "unit_price": "3.50",
    "discount": "",
    "tax": "",
    "payment": "card",
    "ship_name": "Ann",
    "street": "1 High St",
    "postcode": "E1 6AN",
    "city": "London",
    "country": "GB",
    "requested_date": "2025-06-05",
    "order_total": "",
}


def pos_row(**changes: object) -> dict[str, str]:
    """A good row of the counter's CSV, with some cells changed."""
    return _POS_ROW | {key: str(value) for key, value in changes.items()}


def csv_text(rows: Iterable[Mapping[str, str]], header: Iterable[str] | None = None) -> str:
    """Rows as CSV; cells with a comma are quoted."""
    rows = list(rows)
    names = list(header or rows[0])
    cells = [[_cell(row.get(name, "")) for name in names] for row in rows]
    return "\n".join(",".join(line) for line in [names, *cells]) + "\n"


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text


def pos_csv(*rows: Mapping[str, str]) -> str:
    return csv_text(rows, POS_HEADER)


def shopify_order(number: int = 1, **changes: object) -> dict[str, object]:
    """A small good Shopify order."""
    return {
        "id": number,
        "created_at": "2025-06-01T10:00:00+02:00",
        "updated_at": "2025-06-01T10:00:00+02:00",
        "currency": "EUR",
        "financial_status": "paid",
        "test": False,
        "taxes_included": False,
        "email": "Ann@Example.com",
        "customer": {"id": 77, "first_name": "Ann", "last_name": "Lee"},
        "total_price": "24.00",
        "total_tax": "4.00",
        "shipping_address": {
            "name": "Ann Lee",
            "address1": "Weg 1",
            "city": "Bonn",
            "zip": "53111",
            "country_code": "DE",
        },
        "line_items": [
            {"id": 11, "sku": "TEA-1", "title": "Tea", "quantity": 2, "price": "7.50", "tax_lines": [{"price": "3.00"}]}
        ],
        "shipping_lines": [{"code": "STD", "title": "Post", "price": "5.00", "tax_lines": [{"price": "1.00"}]}],
    } | changes


def shopify_json(*orders: object) -> str:
    return json.dumps({"orders": list(orders)})


def x12(*sets: Iterable[str], end: str = "~\n", element: str = "*") -> str:
    """An interchange of one group with these sets; counts and control numbers are right."""
    segments = [
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*US             *250602*0900*U*00401*000000007*0*P*>"
    ]
    segments.append("GS*PO*SENDER*US*20250602*0900*7*X*004010")
    for number, body in enumerate(sets, 1):
        body = list(body)
        segments += [f"ST*850*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    segments += [f"GE*{len(sets)}*7", "IEA*1*000000007"]
    return "".join(segment.replace("*", element) + end for segment in segments)


def purchase_order(number: str = "PO1", *lines: str, purpose: str = "00") -> list[str]:
    lines = lines or ("PO1*1*2*EA*3.50**VN*TEA-1",)
    head = [
        f"BEG*{purpose}*SA*{number}**20250602",
        "CUR*BY*USD",
        "N1*BY*Buyer*92*B7",
        "N1*ST*Shop*92*S9",
        "N3*Weg 1",
        "N4*Bonn**53111*DE",
    ]
    return [*head, *lines, f"CTT*{len(lines)}"]


def edifact(*messages: Iterable[str], kind: str = "ORDERS", sent: str = "250602:0900") -> str:
    """An interchange with these messages; counts and references are right."""
    segments = [f"UNB+UNOC:3+SENDER:14+US:14+{sent}+7"]
    for number, body in enumerate(messages, 1):
        body = list(body)
        segments += [f"UNH+{number}+{kind}:D:96A:UN:EAN008", *body, f"UNT+{len(body) + 2}+{number}"]
    segments.append(f"UNZ+{len(messages)}+7")
    return "".join(segment + "'\n" for segment in segments)


def edifact_order(number: str = "PO1", *lines: str, function: str = "9") -> list[str]:
    lines = lines or ("LIN+1++4006381333931:EN", "PIA+5+TEA-1:SA", "QTY+21:2", "PRI+AAA:3.50")
    head = [
        f"BGM+220+{number}+{function}",
        "DTM+137:20250602:102",
        "NAD+BY+B7::92++Buyer",
        "NAD+DP+S9::92++Shop+Weg 1+Bonn++53111+DE",
        "CUX+2:EUR:9",
    ]
    return [*head, *lines, "UNS+S", f"CNT+2:{sum(line.startswith('LIN') for line in lines)}"]


_UBL_SPACES = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)


def ubl(number: str = "PO1", *lines: str, name: str = "Order", **changes: str) -> str:
    """A small good UBL document; ``changes`` are its date, currency, country, window, extra and head."""
    given = {"date": "2025-06-02", "currency": "EUR", "country": "DE", "window": "", "extra": "", "head": ""} | changes
    identity = f"<cbc:ID>{number}</cbc:ID>"
    refers = "" if name == "Order" else f"<cac:OrderReference>{identity}</cac:OrderReference>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{name}-2" {_UBL_SPACES}>'
        f"{identity}<cbc:IssueDate>{given['date']}</cbc:IssueDate>{given['head']}"
        f"<cbc:DocumentCurrencyCode>{given['currency']}</cbc:DocumentCurrencyCode>{refers}"
        "<cac:BuyerCustomerParty><cbc:SupplierAssignedAccountID>B7</cbc:SupplierAssignedAccountID>"
        "<cac:Party><cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>"
        "<cac:Delivery><cac:DeliveryAddress><cbc:StreetName>Weg 1</cbc:StreetName><cbc:CityName>Bonn</cbc:CityName>"
        f"<cbc:PostalZone>53111</cbc:PostalZone><cac:Country><cbc:IdentificationCode>{given['country']}</cbc:IdentificationCode>"
        f"</cac:Country></cac:DeliveryAddress>{given['window']}</cac:Delivery>{given['extra']}"
        f"{''.join(lines or (ubl_line(),))}</{name}>\n"
    )


def ubl_line(number: int = 1, quantity: str = "2", price: str = "3.50", sku: str = "TEA-1", extra: str = "") -> str:
    return (
        f"<cac:OrderLine><cac:LineItem><cbc:ID>{number}</cbc:ID>{extra if extra.startswith('<cbc:LineStatus') else ''}"
        f'<cbc:Quantity unitCode="C62">{quantity}</cbc:Quantity>{"" if extra.startswith("<cbc:LineStatus") else extra}'
        f'<cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount></cac:Price><cac:Item><cbc:Name>Tea</cbc:Name>'
        f"<cac:SellersItemIdentification><cbc:ID>{sku}</cbc:ID></cac:SellersItemIdentification></cac:Item>"
        "</cac:LineItem></cac:OrderLine>"
    )


def cxml(number: str = "PO1", *items: str, kind: str = "new", **changes: str) -> str:
    """A small good cXML order request; ``changes`` are its date, currency, country, total, head and version."""
    given = {
        "date": "2025-06-02T09:00:00+00:00",
        "currency": "EUR",
        "country": "DE",
        "total": "7.00",
        "head": "",
        "version": "",
    }
    given |= changes
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">\n'
        '<cXML payloadID="1@buyer" timestamp="2025-06-02T09:00:00+00:00"><Header><From><Credential domain="DUNS">'
        '<Identity>B7</Identity></Credential></From></Header><Request deploymentMode="production"><OrderRequest>'
        f'<OrderRequestHeader orderID="{number}" orderDate="{given["date"]}" type="{kind}" {given["version"]}>'
        f'<Total><Money currency="{given["currency"]}">{given["total"]}</Money></Total><ShipTo><Address><Name>Shop</Name>'
        "<PostalAddress><Street>Weg 1</Street><City>Bonn</City><PostalCode>53111</PostalCode>"
        f'<Country isoCountryCode="{given["country"]}">x</Country></PostalAddress></Address></ShipTo>{given["head"]}'
        f"</OrderRequestHeader>{''.join(items or (cxml_item(),))}</OrderRequest></Request></cXML>\n"
    )


def cxml_item(number: int = 1, quantity: str = "2", price: str = "3.50", sku: str = "TEA-1") -> str:
    return (
        f'<ItemOut quantity="{quantity}" lineNumber="{number}"><ItemID><SupplierPartID>{sku}</SupplierPartID></ItemID>'
        f'<ItemDetail><UnitPrice><Money currency="EUR">{price}</Money></UnitPrice><Description>Tea</Description>'
        "<UnitOfMeasure>EA</UnitOfMeasure></ItemDetail></ItemOut>"
    )


class Desk:
    """An empty warehouse, and a door for files."""

    def __init__(self, folder: Path, channels: Mapping[str, Channel] | Path | None = None) -> None:
        self.folder = folder
        self.channels = load_channels()[0] if channels is None else channels
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")
        for schema in ("facts", "plans"):
            self.connection.execute(f"create schema {schema}")
        for table in TABLES.values():
            self.connection.execute(table.create_sql())
        self.files = 0

    def empty(self, folder: Path) -> Desk:
        """The same desk as if new: creating forty tables costs more than most tests."""
        self.folder, self.channels, self.files = folder, load_channels()[0], 0
        for table in TABLES:
            if table.startswith("facts."):
                self.connection.execute(f"delete from {table}")
        return self

    def capture(
        self,
        channel: str,
        content: str | bytes,
        name: str | None = None,
        as_of: datetime = AS_OF,
        modified_ns: int | None = None,
    ) -> FileOutcome:
        """Hand in a file; every call is another file unless name and time are given."""
        self.files += 1
        path = self.folder / f"raw-{self.files}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.connection.execute("begin")
        outcome = gate.capture_file(
            self.connection,
            self.channels,
            path,
            file_name=name or f"file-{self.files}",
            channel=channel,
            modified_ns=self.files if modified_ns is None else modified_ns,
            cycle_seq=1,
            as_of=as_of,
        )
        self.connection.execute("commit")
        return outcome

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def errors(self) -> list[tuple[object, ...]]:
        """Code and field of the quarantined messages, in the order of the log."""
        return self.rows("select error_code, error_field from facts.capture_messages where outcome = 'quarantined'")

    def facts(self) -> dict[str, list[tuple[object, ...]]]:
        """What the captured files amount to, without the ids and places that depend on how they were cut."""
        queries = {
            "orders": "select * exclude (message_id) from facts.orders",
            "lines": "select * exclude (message_id) from facts.order_lines",
            "charges": "select * exclude (message_id, position) from facts.order_charges",
            "stock": "select * exclude (message_id) from facts.stock",
            "returns": "select * exclude (message_id) from facts.returns",
            "payments": "select * exclude (message_id) from facts.payments",
            "reference": "select * exclude (message_id) from facts.reference_versions",
        }
        return {name: sorted(self.rows(sql), key=repr) for name, sql in queries.items()}
