"""Countries by code and by name: `Germany`, `DEU` or `de` becomes DE.

Belongs here: ISO 3166-1 alpha-2 codes with their short English names, and the other spellings that order files use.
Does not belong here: coordinates, postcodes, currencies.
"""

from __future__ import annotations

from collections.abc import Mapping

_SHORT_NAMES = """
AD Andorra;AE United Arab Emirates;AF Afghanistan;AG Antigua and Barbuda;AI Anguilla;AL Albania;AM Armenia;
AO Angola;AQ Antarctica;AR Argentina;AS American Samoa;AT Austria;AU Australia;AW Aruba;AX Aland Islands;
AZ Azerbaijan;BA Bosnia and Herzegovina;BB Barbados;BD Bangladesh;BE Belgium;BF Burkina Faso;BG Bulgaria;
BH Bahrain;BI Burundi;BJ Benin;BL Saint Barthelemy;BM Bermuda;BN Brunei Darussalam;BO Bolivia;
BQ Bonaire, Sint Eustatius and Saba;BR Brazil;BS Bahamas;BT Bhutan;BV Bouvet Island;BW Botswana;BY Belarus;
BZ Belize;CA Canada;CC Cocos (Keeling) Islands;CD Democratic Republic of the Congo;CF Central African Republic;
CG Congo;CH Switzerland;CI Cote d'Ivoire;CK Cook Islands;CL Chile;CM Cameroon;CN China;CO Colombia;
CR Costa Rica;CU Cuba;CV Cabo Verde;CW Curacao;CX Christmas Island;CY Cyprus;CZ Czechia;DE Germany;DJ Djibouti;
DK Denmark;DM Dominica;DO Dominican Republic;DZ Algeria;EC Ecuador;EE Estonia;EG Egypt;EH Western Sahara;
ER Eritrea;ES Spain;ET Ethiopia;FI Finland;FJ Fiji;FK Falkland Islands;FM Micronesia;FO Faroe Islands;FR France;
GA Gabon;GB United Kingdom;GD Grenada;GE Georgia;GF French Guiana;GG Guernsey;GH Ghana;GI Gibraltar;
GL Greenland;GM Gambia;GN Guinea;GP Guadeloupe;GQ Equatorial Guinea;GR Greece;
GS South Georgia and the South Sandwich Islands;GT Guatemala;GU Guam;GW Guinea-Bissau;GY Guyana;HK Hong Kong;
HM Heard Island and McDonald Islands;HN Honduras;HR Croatia;HT Haiti;HU Hungary;ID Indonesia;IE Ireland;
IL Israel;IM Isle of Man;IN India;IO British Indian Ocean Territory;IQ Iraq;IR Iran;IS Iceland;IT Italy;
JE Jersey;JM Jamaica;JO Jordan;JP Japan;KE Kenya;KG Kyrgyzstan;KH Cambodia;KI Kiribati;KM Comoros;
KN Saint Kitts and Nevis;KP North Korea;KR South Korea;KW Kuwait;KY Cayman Islands;KZ Kazakhstan;LA Laos;
LB Lebanon;LC Saint Lucia;LI Liechtenstein;LK Sri Lanka;LR Liberia;LS Lesotho;LT Lithuania;LU Luxembourg;
LV Latvia;LY Libya;MA Morocco;MC Monaco;MD Moldova;ME Montenegro;MF Saint Martin;MG Madagascar;
MH Marshall Islands;MK North Macedonia;ML Mali;MM Myanmar;MN Mongolia;MO Macao;MP Northern Mariana Islands;
MQ Martinique;MR Mauritania;MS Montserrat;MT Malta;MU Mauritius;MV Maldives;MW Malawi;MX Mexico;MY Malaysia;
MZ Mozambique;NA Namibia;NC New Caledonia;NE Niger;NF Norfolk Island;NG Nigeria;NI Nicaragua;NL Netherlands;
NO Norway;NP Nepal;NR Nauru;NU Niue;NZ New Zealand;OM Oman;PA Panama;PE Peru;PF French Polynesia;
PG Papua New Guinea;PH Philippines;PK Pakistan;PL Poland;PM Saint Pierre and Miquelon;PN Pitcairn;
PR Puerto Rico;PS Palestine;PT Portugal;PW Palau;PY Paraguay;QA Qatar;RE Reunion;RO Romania;RS Serbia;RU Russia;
RW Rwanda;SA Saudi Arabia;SB Solomon Islands;SC Seychelles;SD Sudan;SE Sweden;SG Singapore;
SH Saint Helena, Ascension and Tristan da Cunha;SI Slovenia;SJ Svalbard and Jan Mayen;SK Slovakia;
SL Sierra Leone;SM San Marino;SN Senegal;SO Somalia;SR Suriname;SS South Sudan;ST Sao Tome and Principe;
SV El Salvador;SX Sint Maarten;SY Syria;SZ Eswatini;TC Turks and Caicos Islands;TD Chad;
TF French Southern Territories;TG Togo;TH Thailand;TJ Tajikistan;TK Tokelau;TL Timor-Leste;TM Turkmenistan;
TN Tunisia;TO Tonga;TR Turkey;TT Trinidad and Tobago;TV Tuvalu;TW Taiwan;TZ Tanzania;UA Ukraine;UG Uganda;
UM United States Minor Outlying Islands;US United States;UY Uruguay;UZ Uzbekistan;VA Vatican City;
VC Saint Vincent and the Grenadines;VE Venezuela;VG British Virgin Islands;VI United States Virgin Islands;
VN Vietnam;VU Vanuatu;WF Wallis and Futuna;WS Samoa;YE Yemen;YT Mayotte;ZA South Africa;ZM Zambia;ZW Zimbabwe
"""

#: Spellings beside the short name that order files use, alpha-3 codes of the larger trading countries among them.
_SPELLINGS = """
GB UK;GB GBR;GB Great Britain;GB England;GB Scotland;GB Wales;GB Northern Ireland;US USA;
US United States of America;IE EIRE;IE IRL;IE Republic of Ireland;ZA RSA;ZA ZAF;CZ Czech Republic;CZ CZE;DE DEU;
DE Deutschland;FR FRA;ES ESP;ES España;IT ITA;IT Italia;PT PRT;NL NLD;NL The Netherlands;NL Holland;BE BEL;
CH CHE;AT AUT;AT Österreich;PL POL;DK DNK;SE SWE;NO NOR;FI FIN;IS ISL;GR GRC;TR TUR;TR Türkiye;
RU Russian Federation;BR BRA;BR Brasil;AR ARG;CL CHL;CO COL;PE PER;MX MEX;MX México;CA CAN;AU AUS;NZ NZL;JP JPN;
CN CHN;HK HKG;SG SGP;KR KOR;KR Republic of Korea;IN IND;AE ARE;AE UAE;SA SAU;IL ISR;CI Côte d'Ivoire;RE Réunion;
CW Curaçao;AX Åland Islands;VN Viet Nam;CV Cape Verde;SZ Swaziland;MK Macedonia;TW Taiwan, Province of China;
BO Bolivia, Plurinational State of;VE Venezuela, Bolivarian Republic of
"""


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = (part.strip() for part in text.replace("\n", "").split(";"))
    return [(part[:2], part[3:]) for part in parts if part]


#: ISO 3166-1 alpha-2 code -> short English name.
COUNTRIES: Mapping[str, str] = dict(_pairs(_SHORT_NAMES))

#: Upper-case code, name or spelling -> alpha-2 code.
SPELLINGS: Mapping[str, str] = {
    **{name.upper(): code for code, name in _pairs(_SHORT_NAMES)},
    **{name.upper(): code for code, name in _pairs(_SPELLINGS)},
    **{code: code for code in COUNTRIES},
}


def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 code of a code or name, or None when it names no country."""
    return SPELLINGS.get(text.strip().upper())
