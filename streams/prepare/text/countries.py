"""Finds the country that a dateline names: `WUXI, China, Dec. 10, 2021 /PRNewswire/`, `AUSTIN, Texas`, `SINGAPORE`.

The table of names comes from iso3166.tab of the IANA time zone database (public domain); other spellings and languages
are added. Georgia is left out: in an American dateline it is the state.
"""

import re

from streams.prepare.text.dateline import DATE_PATTERN

COUNTRIES = """
AD|Andorra; AE|United Arab Emirates|UAE|U.A.E.; AF|Afghanistan; AG|Antigua and Barbuda; AI|Anguilla; AL|Albania
AM|Armenia; AO|Angola; AQ|Antarctica; AR|Argentina; AS|American Samoa; AT|Austria|Österreich|Autriche
AU|Australia|Australie|澳大利亚; AW|Aruba; AX|Åland Islands; AZ|Azerbaijan; BA|Bosnia and Herzegovina|Bosnia
BB|Barbados; BD|Bangladesh; BE|Belgium|Belgique|België|Belgien; BF|Burkina Faso; BG|Bulgaria; BH|Bahrain; BI|Burundi
BJ|Benin; BL|Saint Barthelemy; BM|Bermuda; BN|Brunei; BO|Bolivia; BQ|Caribbean NL; BR|Brazil|Brasil|Brésil
BS|Bahamas|The Bahamas; BT|Bhutan; BV|Bouvet Island; BW|Botswana; BY|Belarus; BZ|Belize; CA|Canada|Kanada|加拿大
CC|Cocos; CD|Democratic Republic of the Congo|DR Congo|DRC; CF|Central African Rep.; CG|Republic of the Congo
CH|Switzerland|Schweiz|Suisse|Svizzera|瑞士; CI|Côte d'Ivoire|Ivory Coast; CK|Cook Islands; CL|Chile; CM|Cameroon
CN|China|People's Republic of China|PRC|P.R. China|Chine|中国; CO|Colombia; CR|Costa Rica; CU|Cuba; CV|Cape Verde
CW|Curaçao; CX|Christmas Island; CY|Cyprus; CZ|Czech Republic|Czechia; DE|Germany|Deutschland|Allemagne|德国
DJ|Djibouti; DK|Denmark|Danmark|Dänemark|Danemark; DM|Dominica; DO|Dominican Republic; DZ|Algeria; EC|Ecuador
EE|Estonia; EG|Egypt; EH|Western Sahara; ER|Eritrea; ES|Spain|España|Espagne|Spanien; ET|Ethiopia
FI|Finland|Suomi|Finnland; FJ|Fiji; FK|Falkland Islands; FM|Micronesia; FO|Faroe Islands; FR|France|Frankreich|法国
GA|Gabon; GB|United Kingdom|UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|英国; GD|Grenada
GF|French Guiana; GG|Guernsey; GH|Ghana; GI|Gibraltar; GL|Greenland; GM|Gambia; GN|Guinea; GP|Guadeloupe
GQ|Equatorial Guinea; GR|Greece; GS|South Georgia and the South Sandwich Islands; GT|Guatemala; GU|Guam
GW|Guinea-Bissau; GY|Guyana; HK|Hong Kong|Hong Kong SAR|香港; HM|Heard Island and McDonald Islands; HN|Honduras
HR|Croatia; HT|Haiti; HU|Hungary; ID|Indonesia; IE|Ireland|Republic of Ireland; IL|Israel; IM|Isle of Man
IN|India|Inde; IO|British Indian Ocean Territory; IQ|Iraq; IR|Iran; IS|Iceland; IT|Italy|Italia|Italie|Italien
JE|Jersey; JM|Jamaica; JO|Jordan; JP|Japan|Japon|日本; KE|Kenya; KG|Kyrgyzstan; KH|Cambodia; KI|Kiribati; KM|Comoros
KN|Saint Kitts and Nevis; KP|North Korea; KR|South Korea|Korea|Republic of Korea|韩国; KW|Kuwait
KY|Cayman Islands|Grand Cayman; KZ|Kazakhstan; LA|Laos|Lao; LB|Lebanon; LC|Saint Lucia; LI|Liechtenstein
LK|Sri Lanka; LR|Liberia; LS|Lesotho; LT|Lithuania; LU|Luxembourg; LV|Latvia; LY|Libya; MA|Morocco; MC|Monaco
MD|Moldova; ME|Montenegro; MG|Madagascar; MH|Marshall Islands; MK|North Macedonia|Macedonia; ML|Mali
MM|Myanmar|Burma; MN|Mongolia; MO|Macau|澳门; MP|Northern Mariana Islands; MQ|Martinique; MR|Mauritania; MS|Montserrat
MT|Malta; MU|Mauritius; MV|Maldives; MW|Malawi; MX|Mexico|México|Mexique; MY|Malaysia; MZ|Mozambique; NA|Namibia
NC|New Caledonia; NE|Niger; NF|Norfolk Island; NG|Nigeria; NI|Nicaragua
NL|Netherlands|The Netherlands|Nederland|Holland|Pays-Bas; NO|Norway|Norge|Norwegen|Norvège; NP|Nepal; NR|Nauru
NU|Niue; NZ|New Zealand; OM|Oman; PA|Panama; PE|Peru; PF|French Polynesia; PG|Papua New Guinea; PH|Philippines
PK|Pakistan; PL|Poland|Polska|Pologne; PM|Saint Pierre and Miquelon; PN|Pitcairn; PR|Puerto Rico; PS|Palestine
PT|Portugal; PW|Palau; PY|Paraguay; QA|Qatar; RE|Réunion; RO|Romania; RS|Serbia; RU|Russia|Russian Federation
RW|Rwanda; SA|Saudi Arabia; SB|Solomon Islands; SC|Seychelles; SD|Sudan; SE|Sweden|Sverige|Schweden|Suède
SG|Singapore|Singapour|新加坡; SH|Saint Helena; SI|Slovenia; SJ|Svalbard and Jan Mayen; SK|Slovakia; SL|Sierra Leone
SM|San Marino; SN|Senegal; SO|Somalia; SR|Suriname; SS|South Sudan; ST|Sao Tome and Principe; SV|El Salvador
SY|Syria; SZ|Eswatini; TC|Turks and Caicos Is; TD|Chad; TF|French S. Terr.; TG|Togo; TH|Thailand; TJ|Tajikistan
TK|Tokelau; TL|East Timor; TM|Turkmenistan; TN|Tunisia; TO|Tonga; TR|Turkey|Türkiye|Turkiye
TT|Trinidad and Tobago|Trinidad; TV|Tuvalu; TW|Taiwan|Taiwan, China|台湾; TZ|Tanzania; UA|Ukraine; UG|Uganda
UM|US minor outlying islands; US|United States|United States of America|USA|U.S.A.|U.S.|美国; UY|Uruguay
UZ|Uzbekistan; VA|Vatican City; VC|Saint Vincent; VE|Venezuela; VG|British Virgin Islands|BVI; VI|US Virgin Islands
VN|Vietnam|Viet Nam; VU|Vanuatu; WF|Wallis and Futuna; WS|Samoa; YE|Yemen; YT|Mayotte; ZA|South Africa; ZM|Zambia
ZW|Zimbabwe
"""
"""ISO 3166-1 alpha-2 code and names as datelines write them; the first name is the one to show."""
STATES = """
US|Alabama|Ala|AL|Alaska|AK|Arizona|Ariz|AZ|Arkansas|Ark|AR|California|Calif|CA|Colorado|Colo|CO|Connecticut
US|Conn|CT|Delaware|Del|DE|Florida|Fla|FL|Ga|GA|Hawaii|HI|Idaho|ID|Illinois|Ill|IL|Indiana|Ind|IN|Iowa|IA|Kansas
US|Kan|KS|Kentucky|Ky|KY|Louisiana|La|LA|Maine|ME|Maryland|Md|MD|Massachusetts|Mass|MA|Michigan|Mich|MI
US|Minnesota|Minn|MN|Mississippi|Miss|MS|Missouri|Mo|MO|Montana|Mont|MT|Nebraska|Neb|NE|Nevada|Nev|NV|NH|NJ|NM
US|NY|NC|ND|Ohio|OH|Oklahoma|Okla|OK|Oregon|Ore|OR|Pennsylvania|Pa|PA|RI|SC|SD|Tennessee|Tenn|TN|Texas|Tex|TX
US|Utah|UT|Vermont|Vt|VT|Virginia|Va|VA|Washington|Wash|WA|WV|Wisconsin|Wis|WI|Wyoming|Wyo|WY|DC|New Hampshire
US|New Jersey|New Mexico|New York|North Carolina|North Dakota|Rhode Island|South Carolina|South Dakota
US|West Virginia|District of Columbia|WVa
CA|Alberta|Alta|AB|BC|Manitoba|Man|MB|NB|Newfoundland|NL|NS|Ontario|Ont|ON|PEI|Quebec|Québec|Que|QC|Saskatchewan
CA|Sask|SK|British Columbia|New Brunswick|Nova Scotia|Prince Edward Island
AU|New South Wales|NSW|Queensland|Western Australia
"""
"""Country code and states or provinces that stand in its place: Associated Press and postal forms, without dots."""


_CITY_COUNTRIES = frozenset(
    [
        "new york",
        "washington",
        "singapore",
        "luxembourg",
        "hong kong",
        "monaco",
        "macau",
        "panama",
        "kuwait",
        "djibouti",
    ]
)
"""Countries that are also cities. In capitals behind another city they are a second city: `LONDON, SINGAPORE`."""
_SEVERAL = re.compile(r"\b(?:and|und|et|y|e)\b|[;&]", re.I)
_MARKS = re.compile(r"--|[/([\u2013\u2014|]| - ")


def _fold_name(name: str) -> str:
    return name.replace(".", "").strip().casefold()


def _split_rows(table: str) -> list[list[str]]:
    """Splits a table into its rows: a code, then names."""
    return [row.strip().split("|") for row in re.split(r"[;\n]", table) if row.strip()]


_COUNTRIES = {_fold_name(name): code for code, *names in _split_rows(COUNTRIES) for name in names}
_STATES = {_fold_name(name): code for code, *names in _split_rows(STATES) for name in names}
_CJK_NAMES = [(name, code) for name, code in _COUNTRIES.items() if name[0] > "\u2e80"]
"""Chinese names: no comma separates them from the city that follows."""
_DISPLAY_NAMES = {code: names[0] for code, *names in _split_rows(COUNTRIES)}


def find_dateline_country(dateline: str) -> tuple[str, str]:
    """Returns the ISO 3166-1 alpha-2 code and the name to show; both empty unless the dateline names one country.

    A city alone names no country, unless it is one (`SINGAPORE`).
    """
    found = DATE_PATTERN.search(dateline)
    place = dateline[: found.start()] if found else dateline
    head, *rest = [part.strip() for part in _MARKS.split(place, maxsplit=1)[0].strip(" ,").split(",")]
    if _SEVERAL.search(head):
        return "", ""
    if rest:
        named = {_find_part_country(part, head) for part in rest} - {""}
    else:
        folded = _fold_name(head)
        named = {code for name, code in _CJK_NAMES if folded.startswith(name)}
        named |= {_COUNTRIES[folded]} if folded in _COUNTRIES else set()
    if len(named) != 1:
        return "", ""
    [code] = named
    return code, _DISPLAY_NAMES[code]


def _find_part_country(part: str, city: str) -> str:
    """Returns the code of the country that a part behind the city names, directly or by one of its states."""
    folded = _fold_name(part)
    if folded in _CITY_COUNTRIES and part.isupper() and folded != _fold_name(city):
        return ""
    if len(folded) == 2 and not part.isupper():
        return ""
    return _COUNTRIES.get(folded) or _STATES.get(folded, "")
