"""A first YAML of a channel, drafted from a sample of its files.

Belongs here: guessing which column or path is which field, forms of dates. Does not belong here: reading the sample
(`warehouse.flat`, `json_documents`) or judging it (`oms channel check`).

A guess is by name alone, so a person has to look at it; what is needed and wasn't found stands in the draft as a
comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

from oms_dagster.domain.capture.json_paths import text_of
from oms_dagster.domain.capture.records import ORDER

#: Field -> words for it, the surest first; compared without signs and in small letters, as a whole or as an ending.
WORDS: Mapping[str, tuple[str, ...]] = {
    "channel_order_id": ("channelorderid", "orderid", "ordernumber", "orderno", "ordernr", "invoiceno", "invoicenumber",
                         "ticket", "bestellnummer", "pedido", "numeropedido", "increment_id", "order", "number", "id"),
    "order_version": ("orderversion", "updatedat", "modifiedat", "lastupdate", "lastupdated", "lastmodified", "version"),
    "customer_code": ("customercode", "customerid", "customerno", "customernumber", "clientid", "kundennummer", "cliente",
                      "accountnumber", "buyerid"),
    "customer_name": ("customername", "buyername", "clientname", "kunde", "customer", "nomecliente"),
    "customer_email": ("customeremail", "buyeremail", "email", "mail"),
    "customer_phone": ("customerphone", "buyerphone", "phone", "telephone", "telefon", "telefone"),
    "placed_at": ("placedat", "createdat", "datecreatedgmt", "orderdate", "datecreated", "purchasedate", "creationdate", "invoicets",
                  "invoicedate", "createdtime", "bestelldatum", "data", "datum", "date", "time", "timestamp"),
    "requested_to": ("requestedto", "requesteddate", "deliverydate", "deliverby", "lieferdatum", "requiredby"),
    "currency": ("currency", "currencycode", "waehrung", "moeda", "currencyid"),
    "payment_method": ("paymentmethod", "payment", "zahlungsart"),
    "purchase_order_number": ("purchaseordernumber", "ponumber", "customerreference"),
    "note": ("note", "customernote", "comment", "remark", "bemerkung", "observacao"),
    "gift_note": ("giftnote", "giftmessage", "giftmessagetext"),
    "customer_tax_id": ("customertaxid", "taxid", "vatnumber", "vatid", "ustid", "nif", "cnpj"),
    "ship_after": ("shipafter", "shipnotbefore", "earliestshipdate"),
    "ship_by": ("shipby", "shipnotafter", "latestshipdate"),
    "cancel_after": ("cancelafter", "canceldate", "cancelby"),
    "incoterm": ("incoterm", "incoterms", "deliveryterms", "termsofdelivery"),
    "incoterm_place": ("incotermplace", "incotermsplace"),
    "bill_to_name": ("billtoname", "billingname", "billname"),
    "bill_to_street": ("billtostreet", "billingstreet", "billingaddress", "billaddress1"),
    "bill_to_postcode": ("billtopostcode", "billingpostcode", "billingzip", "billpostalcode"),
    "bill_to_city": ("billtocity", "billingcity", "billcity"),
    "bill_to_country": ("billtocountry", "billingcountry", "billcountry"),
    "ship_to_name": ("shiptoname", "shippingname", "recipientname", "recipient", "shipname", "deliveryname"),
    "ship_to_street": ("shiptostreet", "street", "addressline1", "address1", "shipaddress", "address", "strasse"),
    "ship_to_postcode": ("shiptopostcode", "postcode", "postalcode", "zip", "zipcode", "plz", "cep"),
    "ship_to_city": ("shiptocity", "city", "town", "ort", "stadt", "cidade"),
    "ship_to_region": ("shiptoregion", "region", "state", "province", "county"),
    "ship_to_country": ("shiptocountry", "country", "countrycode", "land", "pais"),
    "declared_total": ("declaredtotal", "ordertotal", "grandtotal", "totalprice", "total", "gesamtbetrag"),
    "line_number": ("linenumber", "lineno", "lineid", "line", "position", "pos", "itemid", "row", "rownumber"),
    "sku_code": ("skucode", "sku", "sellersku", "articlenumber", "article", "artikelnummer", "artikel", "stockcode", "itemcode",
                 "productcode", "itemno", "product", "produto"),
    "barcode": ("barcode", "ean", "gtin", "upc"),
    "description": ("description", "productname", "itemname", "title", "name", "bezeichnung", "descricao"),
    "unit": ("unit", "uom", "unitofmeasure", "einheit"),
    "quantity": ("quantity", "qty", "quantityordered", "qtyordered", "pieces", "units", "menge", "anzahl", "quantidade"),
    "unit_price": ("unitprice", "price", "preis", "einzelpreis", "preco", "unitpricegbp", "unitpriceeur"),
    "discount_amount": ("discountamount", "discount", "rabatt", "desconto"),
    "tax_amount": ("taxamount", "tax", "vat", "mwst", "imposto", "totaltax"),
}  # fmt: skip
_LINE_FIELDS = frozenset(ORDER.field_names[ORDER.field_names.index("line_number") :])
_NEEDED = ("channel_order_id", "placed_at", "currency", "sku_code", "quantity", "unit_price")
_FORMS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y%m%d", "%d/%m/%y", "%d.%m.%y", "%m/%d/%y",
)  # fmt: skip
_DATES = ("placed_at", "requested_to", "ship_after", "ship_by", "cancel_after")


def draft_flat(columns: Mapping[str, Sequence[str]], form: str) -> str:
    """The YAML of a file of rows and columns.

    Parameters
    ----------
    columns
        Column -> some of its values, blanks left out.
    form
        The channel's format.
    """
    found = guess(list(columns), ORDER.field_names)
    fields: dict[str, object] = {}
    for field, column in found.items():
        forms = date_forms(columns[column]) if field in _DATES else []
        fields[field] = {"column": column, "formats": forms} if forms else column
    unused = [column for column in columns if column not in found.values()]
    body = yaml.safe_dump({"fields": fields}, sort_keys=False, allow_unicode=True, width=110)
    return _head(form) + body + _missing(found, "columns", unused)


def draft_json(order: Mapping[str, Any]) -> str | None:
    """The YAML of an order document with a list of lines; None when it has no list of objects."""
    lists = [(path, items) for path, items in _lists(order) if _looks_like_lines(items)]
    if not lists:
        return None
    each, items = max(lists, key=lambda found: len(guess(list(_paths(found[1][0])), _LINE_FIELDS)))
    header = {path: value for path, value in _paths(order).items() if not path.startswith(f"{each}[")}
    top = guess(list(header), [field for field in ORDER.field_names if field not in _LINE_FIELDS])
    line = guess(list(_paths(items[0])), _LINE_FIELDS)
    has = [path for path in (top.get("channel_order_id"), each) if path]
    shape = {"has": has, "fields": top, "rows": [{"row_kind": "line", "each": each, "fields": line}]}
    body = yaml.safe_dump({"documents": [shape]}, sort_keys=False, allow_unicode=True, width=110)
    unused = [path for path in header if path not in top.values()]
    unused += [f"{each}[*].{path}" for path in _paths(items[0]) if path not in line.values()]
    return _head("json-orders") + body + _missing({**top, **line}, "paths", unused)


def _head(form: str) -> str:
    return (
        "# Drafted from a sample: look at each line, then try it with `oms channel check FILE --channel NAME`.\n"
        f"about: What this channel is.\nrecord: order\nformat: {form}\ntimezone: UTC\n"
        "# currency: EUR            # where the file names none\n# prices_include_tax: true\n"
    )


def _missing(found: Mapping[str, str], what: str, unused: Sequence[str]) -> str:
    lines = [f"# needed and not found: {field}\n" for field in _NEEDED if field not in found]
    if unused:
        lines.append(f"# {what} that nothing is read from: {', '.join(unused)}\n")
    return "".join(lines)


def guess(names: Sequence[str], fields: Sequence[str] | frozenset[str]) -> dict[str, str]:
    """Field -> the name that is most surely it; each name at most once, the surest pairs first."""
    pairs = sorted(
        (_doubt(field, name), place, field, name)
        for place, name in enumerate(names)
        for field in WORDS
        if field in fields and _doubt(field, name) is not None
    )
    found: dict[str, str] = {}
    for _, _, field, name in pairs:
        if field not in found and name not in found.values():
            found[field] = name
    return {field: found[field] for field in ORDER.field_names if field in found}


def _doubt(field: str, name: str) -> tuple[int, int] | None:
    """How unsure a name is for a field: a whole word before an ending, an earlier word before a later one."""
    whole, last = _bare(name), _bare(name.rsplit(".", 1)[-1])
    for kind, text in enumerate((whole, last)):
        for place, word in enumerate(WORDS[field]):
            if text == _bare(word):
                return (kind, place)
    endings = (place for place, word in enumerate(WORDS[field]) if len(word) > 3 and whole.endswith(_bare(word)))
    ending = next(endings, None)
    return None if ending is None else (2, ending)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))


def date_forms(values: Sequence[str]) -> list[str]:
    """The strptime format that all values have; none for ISO 8601 or when no known one fits."""
    if not values or all(_is_iso(value) for value in values):
        return []
    return next(([form] for form in _FORMS if all(_fits(value, form) for value in values)), [])


def _is_iso(value: str) -> bool:
    return re.match(r"\d{4}-\d{2}-\d{2}", value) is not None


def _fits(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def _paths(value: Mapping[str, Any], under: str = "", depth: int = 0) -> dict[str, str]:
    """Paths of the texts in an object, the first element of its lists among them."""
    found: dict[str, str] = {}
    for key, inner in value.items():
        path = f"{under}{key}"
        if not re.fullmatch(r"[^.\[\]^]+", key) or depth > 5:
            continue
        if isinstance(inner, dict):
            found |= _paths(inner, f"{path}.", depth + 1)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            found |= _paths(inner[0], f"{path}[0].", depth + 1)
        elif not isinstance(inner, list):
            found[path] = text_of(inner) or ""
    return found


def _lists(value: Mapping[str, Any], under: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    for key, inner in value.items():
        if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner):
            yield f"{under}{key}", inner
        elif isinstance(inner, dict) and depth < 5:
            yield from _lists(inner, f"{under}{key}.", depth + 1)


def _looks_like_lines(items: Sequence[Mapping[str, Any]]) -> bool:
    return "quantity" in guess(list(_paths(items[0])), _LINE_FIELDS)
