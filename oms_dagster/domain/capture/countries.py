"""Countries by code and by name: `Germany`, `DEU` or `de` becomes DE.

Belongs here: ISO 3166-1 as the library pycountry carries it, and the other spellings that order files use. Does not
belong here: coordinates, postal codes, currencies.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

import pycountry

#: Spellings that ISO 3166 doesn't have and order files use.
_SPELLINGS = """
GB UK;GB Great Britain;GB England;GB Scotland;GB Wales;GB Northern Ireland;IE EIRE;IE Republic of Ireland;ZA RSA;
DE Deutschland;ES España;IT Italia;NL The Netherlands;NL Holland;AT Österreich;BR Brasil;MX México;AE UAE;
KR Republic of Korea;RU Russia;TR Turkey;VA Vatican City;CD Democratic Republic of the Congo;CV Cape Verde;
SZ Swaziland;MK Macedonia;PS Palestine;FM Micronesia;FK Falkland Islands;MF Saint Martin;SX Sint Maarten;
VI United States Virgin Islands
"""


def _other_spellings() -> Iterator[tuple[str, str]]:
    parts = (part.strip() for part in _SPELLINGS.replace("\n", "").split(";"))
    return ((part[3:], part[:2]) for part in parts if part)


def _iso_spellings() -> Iterator[tuple[str, str]]:
    """Codes and names of ISO 3166, with and without their accents."""
    for country in pycountry.countries:
        names = (
            country.alpha_3,
            country.name,
            getattr(country, "official_name", ""),
            getattr(country, "common_name", ""),
        )
        for name in filter(None, (country.alpha_2, *names)):
            yield name, country.alpha_2
            yield "".join(sign for sign in unicodedata.normalize("NFKD", name) if sign.isascii()), country.alpha_2


#: ISO 3166-1 alpha-2 code -> short English name.
COUNTRIES: Mapping[str, str] = {country.alpha_2: country.name for country in pycountry.countries}

#: Upper-case code, name or spelling -> alpha-2 code.
SPELLINGS: Mapping[str, str] = {name.upper(): code for name, code in (*_other_spellings(), *_iso_spellings())}


def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 code of a code or name, or None when it names no country."""
    return SPELLINGS.get(text.strip().upper())
