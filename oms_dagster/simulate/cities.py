"""Public coordinates of cities, and addresses scattered around them.

Belongs here: names, regions, postcode areas and rounded city-centre coordinates (WGS 84, degrees), written for this
project from general knowledge. Does not belong here: who lives there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class City(NamedTuple):
    """A city: `area` is the postcode's letters in Britain, its first three digits in Germany; `weight` its share."""

    name: str
    region: str
    country: str
    area: str
    latitude: float
    longitude: float
    weight: int


_GB = """London|Greater London|SE|51.5074|-0.1278|30;Birmingham|West Midlands|B|52.4862|-1.8904|14
Manchester|Greater Manchester|M|53.4808|-2.2426|14;Leeds|West Yorkshire|LS|53.8008|-1.5491|10
Glasgow|Scotland|G|55.8642|-4.2518|6;Liverpool|Merseyside|L|53.4084|-2.9916|9;Bristol|Bristol|BS|51.4545|-2.5879|8
Sheffield|South Yorkshire|S|53.3811|-1.4701|8;Edinburgh|Scotland|EH|55.9533|-3.1883|5
Cardiff|Wales|CF|51.4816|-3.1791|5;Leicester|Leicestershire|LE|52.6369|-1.1398|7
Coventry|West Midlands|CV|52.4068|-1.5197|7;Nottingham|Nottinghamshire|NG|52.9548|-1.1581|7
Newcastle upon Tyne|Tyne and Wear|NE|54.9783|-1.6178|5;Southampton|Hampshire|SO|50.9097|-1.4044|4
Portsmouth|Hampshire|PO|50.8198|-1.0880|3;Plymouth|Devon|PL|50.3755|-4.1427|2;Derby|Derbyshire|DE|52.9225|-1.4746|5
Stoke-on-Trent|Staffordshire|ST|53.0027|-2.1794|5;Norwich|Norfolk|NR|52.6309|1.2974|3
Oxford|Oxfordshire|OX|51.7520|-1.2577|5;Cambridge|Cambridgeshire|CB|52.2053|0.1218|5
York|North Yorkshire|YO|53.9600|-1.0873|4;Exeter|Devon|EX|50.7184|-3.5339|2;Reading|Berkshire|RG|51.4543|-0.9781|5
Milton Keynes|Buckinghamshire|MK|52.0406|-0.7594|6;Northampton|Northamptonshire|NN|52.2405|-0.9027|6
Peterborough|Cambridgeshire|PE|52.5695|-0.2405|4;Swansea|Wales|SA|51.6214|-3.9436|2
Aberdeen|Scotland|AB|57.1497|-2.0943|1;Inverness|Scotland|IV|57.4778|-4.2247|1
Belfast|Northern Ireland|BT|54.5973|-5.9301|1;Hull|East Yorkshire|HU|53.7457|-0.3367|3
Ipswich|Suffolk|IP|52.0567|1.1482|3"""

_DE = """Berlin|Berlin|101|52.5200|13.4050|14;Hamburg|Hamburg|200|53.5511|9.9937|10;München|Bayern|803|48.1351|11.5820|8
Köln|Nordrhein-Westfalen|506|50.9375|6.9603|9;Frankfurt am Main|Hessen|603|50.1109|8.6821|9
Stuttgart|Baden-Württemberg|701|48.7758|9.1829|6;Düsseldorf|Nordrhein-Westfalen|402|51.2277|6.7735|7
Leipzig|Sachsen|041|51.3397|12.3731|6;Dortmund|Nordrhein-Westfalen|441|51.5136|7.4653|7
Essen|Nordrhein-Westfalen|451|51.4556|7.0116|6;Bremen|Bremen|281|53.0793|8.8017|5
Dresden|Sachsen|010|51.0504|13.7373|4;Hannover|Niedersachsen|301|52.3759|9.7320|8;Nürnberg|Bayern|904|49.4521|11.0767|5
Duisburg|Nordrhein-Westfalen|470|51.4344|6.7623|4;Bielefeld|Nordrhein-Westfalen|336|52.0302|8.5325|5
Bonn|Nordrhein-Westfalen|531|50.7374|7.0982|4;Münster|Nordrhein-Westfalen|481|51.9607|7.6261|5
Karlsruhe|Baden-Württemberg|761|49.0069|8.4037|3;Mannheim|Baden-Württemberg|681|49.4875|8.4660|4
Augsburg|Bayern|861|48.3705|10.8978|3;Kassel|Hessen|341|51.3127|9.4797|8;Erfurt|Thüringen|990|50.9848|11.0299|6
Rostock|Mecklenburg-Vorpommern|180|54.0924|12.0991|2;Kiel|Schleswig-Holstein|241|54.3233|10.1228|2
Freiburg im Breisgau|Baden-Württemberg|790|47.9990|7.8421|2;Magdeburg|Sachsen-Anhalt|391|52.1205|11.6276|5
Saarbrücken|Saarland|661|49.2402|6.9969|2;Regensburg|Bayern|930|49.0134|12.1016|2;Ulm|Baden-Württemberg|890|48.4011|9.9876|3"""


def _parse(text: str, country: str) -> tuple[City, ...]:
    rows = (row.split("|") for line in text.splitlines() for row in line.split(";"))
    return tuple(City(n, r, country, a, float(lat), float(lon), int(w)) for n, r, a, lat, lon, w in rows)


CITIES = (*_parse(_GB, "GB"), *_parse(_DE, "DE"))

#: Cities within 60 km of a distribution centre of `network`, which a van serves in a morning.
NEAR_A_DC = frozenset(
    ("Birmingham", "Coventry", "Leicester", "Milton Keynes", "Northampton", "Manchester", "Liverpool", "Stoke-on-Trent", "Kassel")
)  # fmt: skip

#: Country as order files spell it -> (ISO code, city, region, postcode, latitude, longitude): one place a country.
ABROAD: dict[str, tuple[str, str, str, str, float, float]] = {
    "EIRE": ("IE", "Dublin", "Leinster", "D01 F5P2", 53.3498, -6.2603),
    "France": ("FR", "Paris", "Île-de-France", "75001", 48.8566, 2.3522),
    "Spain": ("ES", "Madrid", "Madrid", "28001", 40.4168, -3.7038),
    "Netherlands": ("NL", "Utrecht", "Utrecht", "3511 AA", 52.0907, 5.1214),
    "Belgium": ("BE", "Brussels", "Brussels", "1000", 50.8503, 4.3517),
    "Switzerland": ("CH", "Zürich", "Zürich", "8001", 47.3769, 8.5417),
    "Portugal": ("PT", "Lisboa", "Lisboa", "1100-148", 38.7223, -9.1393),
    "Australia": ("AU", "Sydney", "New South Wales", "2000", -33.8688, 151.2093),
    "Norway": ("NO", "Oslo", "Oslo", "0150", 59.9139, 10.7522),
    "Italy": ("IT", "Milano", "Lombardia", "20121", 45.4642, 9.1900),
    "Channel Islands": ("JE", "St Helier", "Jersey", "JE2 3AB", 49.1868, -2.1062),
    "Finland": ("FI", "Helsinki", "Uusimaa", "00100", 60.1699, 24.9384),
    "Cyprus": ("CY", "Nicosia", "Nicosia", "1010", 35.1856, 33.3823),
    "Sweden": ("SE", "Stockholm", "Stockholm", "111 20", 59.3293, 18.0686),
    "Austria": ("AT", "Wien", "Wien", "1010", 48.2082, 16.3738),
    "Denmark": ("DK", "København", "Hovedstaden", "1050", 55.6761, 12.5683),
    "Japan": ("JP", "Tokyo", "Tokyo", "100-0001", 35.6762, 139.6503),
    "Poland": ("PL", "Warszawa", "Mazowieckie", "00-001", 52.2297, 21.0122),
    "Israel": ("IL", "Tel Aviv", "Tel Aviv", "6100000", 32.0853, 34.7818),
    "USA": ("US", "New York", "New York", "10001", 40.7128, -74.0060),
    "Hong Kong": ("HK", "Hong Kong", "Hong Kong", "999077", 22.3193, 114.1694),
    "Singapore": ("SG", "Singapore", "Singapore", "018956", 1.3521, 103.8198),
    "Iceland": ("IS", "Reykjavík", "Capital Region", "101", 64.1466, -21.9426),
    "Canada": ("CA", "Toronto", "Ontario", "M5H 2N2", 43.6532, -79.3832),
    "Greece": ("GR", "Athens", "Attica", "105 57", 37.9838, 23.7275),
    "Malta": ("MT", "Valletta", "Valletta", "VLT 1111", 35.8989, 14.5146),
    "United Arab Emirates": ("AE", "Dubai", "Dubai", "00000", 25.2048, 55.2708),
    "European Community": ("BE", "Brussels", "Brussels", "1000", 50.8503, 4.3517),
    "RSA": ("ZA", "Johannesburg", "Gauteng", "2000", -26.2041, 28.0473),
    "Lebanon": ("LB", "Beirut", "Beirut", "1107", 33.8938, 35.5018),
    "Lithuania": ("LT", "Vilnius", "Vilnius", "01100", 54.6872, 25.2797),
    "Brazil": ("BR", "São Paulo", "São Paulo", "01001-000", -23.5558, -46.6396),
    "Czech Republic": ("CZ", "Praha", "Praha", "110 00", 50.0755, 14.4378),
    "Bahrain": ("BH", "Manama", "Capital", "317", 26.2285, 50.5860),
    "Saudi Arabia": ("SA", "Riyadh", "Riyadh", "11564", 24.7136, 46.6753),
}

_STREETS = {
    "GB": "High Street,Station Road,Mill Lane,Church Road,Victoria Road,Market Street,Canal Street,Park Lane,"
    "Kings Road,Albert Road,Trading Estate,Wharf Road",
    "DE": "Hauptstraße,Bahnhofstraße,Gartenstraße,Lindenweg,Industriestraße,Marktplatz,Schillerstraße,Ringstraße,"
    "Hafenstraße,Am Mühlbach,Gewerbepark,Bergstraße",
}
_INWARD = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses, one a row of equally long columns; coordinates in degrees, to about 10 m."""

    city: list[City]
    street: list[str]
    postcode: list[str]
    latitude: list[float]
    longitude: list[float]


def scatter(rng: np.random.Generator, count: int, country: str, near: np.ndarray | None = None) -> Places:
    """Addresses in a country's cities, in proportion to their weight, within about 8 km of the centre.

    Those that are `near` (one truth an address) lie in a city of `NEAR_A_DC` nine times of ten.
    """
    cities = [city for city in CITIES if city.country == country]
    weight = np.array([city.weight for city in cities], dtype=float)
    is_near = np.array([city.name in NEAR_A_DC for city in cities])
    nearly = np.where(is_near, 0.9 * weight / weight[is_near].sum(), 0.1 * weight / weight[~is_near].sum())
    luck = rng.random(count)
    anywhere, nearby = (np.cumsum(w / w.sum()).searchsorted(luck, side="right") for w in (weight, nearly))
    chosen = [cities[index] for index in (anywhere if near is None else np.where(near, nearby, anywhere)).tolist()]
    names = _STREETS[country].split(",")
    street, number = rng.integers(0, len(names), count), rng.integers(1, 180, count)
    north, east = rng.normal(0, 0.03, count).clip(-0.07, 0.07), rng.normal(0, 0.045, count).clip(-0.1, 0.1)
    district, sector, code = rng.integers(1, 20, count), rng.integers(1, 10, count), rng.integers(0, 100, count)
    letters = _INWARD[rng.integers(0, len(_INWARD), (count, 2))]
    british = country == "GB"
    return Places(
        chosen,
        [f"{n} {names[s]}" if british else f"{names[s]} {n}" for s, n in zip(street, number, strict=True)],
        [
            f"{city.area}{d} {s}{pair[0]}{pair[1]}" if british else f"{city.area}{c:02d}"
            for city, d, s, c, pair in zip(chosen, district, sector, code, letters, strict=True)
        ],
        [round(city.latitude + float(n), 4) for city, n in zip(chosen, north, strict=True)],
        [round(city.longitude + float(e), 4) for city, e in zip(chosen, east, strict=True)],
    )
