"""Numbers and codes that carry their own check: currencies, GTINs, tax ids, IBANs, phones.

Belongs here: a library's verdict on one text, with the cases in which it has none. Does not belong here: what becomes of
a message that holds a wrong one (`quality`), countries (`countries`), postal codes (the hold ADDRESS_INVALID).
"""

from __future__ import annotations

import phonenumbers
import pycountry
import stdnum
from stdnum import ean, iban

from oms_dagster.domain.capture.countries import COUNTRIES

#: ISO 4217 codes that nobody can pay in: no currency, tests, metals, units of account.
_NO_MONEY = frozenset(
    {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA", "XAD"}
)

#: Withdrawn since 2000, the first year that the gate takes: old orders are in them.
_WITHDRAWN = frozenset({
    "AFA", "ANG", "ATS", "AZM", "BEF", "BGN", "BYB", "BYR", "CSD", "CUC", "CYP", "DEM", "EEK", "ESP",
    "FIM", "FRF", "GHC", "GRD", "HRK", "IEP", "ITL", "LTL", "LUF", "LVL", "MGF", "MRO", "MTL", "MZM",
    "NLG", "PTE", "ROL", "RUR", "SDD", "SIT", "SKK", "SLL", "SRG", "STD", "TMM", "TRL", "VEB", "VEF",
    "YUM", "ZMK", "ZWD", "ZWL",
})  # fmt: skip

#: ISO 4217 alphabetic codes that an order, a price or a payment can be in.
CURRENCIES = frozenset({currency.alpha_3 for currency in pycountry.currencies} - _NO_MONEY | _WITHDRAWN)


#: Incoterms 2020, and those of 2000 and 2010 that contracts still name.
INCOTERMS = frozenset({
    "EXW", "FCA", "CPT", "CIP", "DAP", "DPU", "DDP", "FAS", "FOB", "CFR", "CIF", "DAT", "DAF", "DES", "DEQ", "DDU",
})  # fmt: skip


def is_gtin(text: str) -> bool:
    """Whether the check digit of a GTIN (8, 12, 13 or 14 digits) is right."""
    return bool(ean.is_valid(text))


def is_iban(text: str) -> bool:
    """Whether length, form and check digits are those of its country's IBANs; blanks don't count."""
    return bool(iban.is_valid(text))


def is_tax_id(text: str) -> bool:
    """Whether a tax id that begins with a country's code fits that country; True where no rule is known.

    Greece is EL, as in its VAT numbers.
    """
    country = {"EL": "gr"}.get(text[:2].upper(), text[:2].lower())
    rules = stdnum.get_cc_module(country, "vat") if country.upper() in COUNTRIES else None
    return rules is None or bool(rules.is_valid(text) or rules.is_valid(text[2:]))


def is_phone(text: str, country: str | None) -> bool:
    """Whether a phone can be called, by the length that its country gives its numbers.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2 code for a number without + and country code. Without it such a number can't be judged, and passes.
    """
    if country not in COUNTRIES and not text.lstrip().startswith("+"):
        return True
    try:
        number = phonenumbers.parse(text, country if country in COUNTRIES else None)
    except phonenumbers.NumberParseException:
        return False
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason in (phonenumbers.ValidationResult.IS_POSSIBLE, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY)
