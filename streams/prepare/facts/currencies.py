"""Lists how texts write currencies (ISO 4217 codes, symbols, words) and scales (million, bn, crore, 亿)."""

_CODES = (
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNH CNY COP CZK DKK EGP EUR GBP GHS HKD HUF IDR ILS INR ISK JOD JPY "
    "KES KRW KWD KZT LKR MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD "
    "UAH USD UYU VND ZAR"
)
CODES = frozenset(_CODES.split())
"""ISO 4217 codes of the currencies in which companies report, and `CNH`, the offshore yuan."""

WRITTEN = {
    "Rs": "INR", "RMB": "CNY", "Tk": "BDT", "DM": "DEM", "NIS": "ILS", "Euro": "EUR", "STG": "GBP", "dlrs": "USD",
    "kr": "", "Rp": "IDR", "RM": "MYR", "Fr": "CHF", "SFr": "CHF", "CAN": "CAD", "Cdn": "CAD", "NT": "TWD",
}  # fmt: skip
"""Short form before a figure, other than an ISO code -> ISO code. Empty if several countries use the short form."""

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS"}
DOLLARS = {
    "US": "USD", "U.S.": "USD", "C": "CAD", "CA": "CAD", "CAN": "CAD", "CDN": "CAD", "Cdn": "CAD", "A": "AUD",
    "AU": "AUD", "AUD": "AUD", "NZ": "NZD", "HK": "HKD", "S": "SGD", "SG": "SGD", "NT": "TWD", "R": "BRL", "MX": "MXN",
    "USD": "USD", "CAD": "CAD", "RMB": "CNY", "CN": "CNY", "CLP": "CLP",
}  # fmt: skip
"""Letters before a `$` -> ISO code. `R$` is Brazil's real."""

COUNTRIES = {
    "us": "USD", "u.s.": "USD", "american": "USD", "canadian": "CAD", "cdn": "CAD", "australian": "AUD",
    "new zealand": "NZD", "hong kong": "HKD", "singapore": "SGD", "taiwan": "TWD",
}  # fmt: skip
WORDS = {
    "dollar": "USD", "dollars": "USD", "dlr": "USD", "dlrs": "USD", "cent": "USD", "cents": "USD", "cts": "USD",
    "¢": "USD", "euro": "EUR", "euros": "EUR", "eurocents": "EUR", "pound": "GBP", "pounds": "GBP",
    "pounds sterling": "GBP", "stg": "GBP", "sterling": "GBP", "pence": "GBP", "yen": "JPY", "yuan": "CNY",
    "renminbi": "CNY", "rmb": "CNY", "rupee": "INR", "rupees": "INR", "won": "KRW", "rand": "ZAR", "reais": "BRL",
    "swiss francs": "CHF", "swiss franc": "CHF", "french francs": "FRF", "belgian francs": "BEF",
    "marks": "DEM", "guilders": "NLG", "lire": "ITL", "pesetas": "ESP", "turkish lira": "TRY", "rupiah": "IDR",
    "naira": "NGN", "taka": "BDT", "forint": "HUF", "forints": "HUF",
    "francs suisses": "CHF", "schweizer franken": "CHF", "franken": "CHF",
    "swedish kronor": "SEK", "kronor": "SEK", "swedish crowns": "SEK", "norwegian kroner": "NOK",
    "norwegian crowns": "NOK", "danish kroner": "DKK", "danish crowns": "DKK", "mexican pesos": "MXN",
    "roubles": "RUB", "rubles": "RUB", "ringgit": "MYR", "baht": "THB", "zloty": "PLN", "zlotys": "PLN",
    "shekels": "ILS", "dirhams": "AED", "us-dollar": "USD", "us dollar": "USD",
    "美元": "USD", "欧元": "EUR", "歐元": "EUR", "元": "CNY", "港元": "HKD", "港币": "HKD", "日元": "JPY", "円": "JPY",
    "人民币": "CNY", "新台幣": "TWD", "英镑": "GBP", "원": "KRW", "달러": "USD", "ドル": "USD", "ユーロ": "EUR",
}  # fmt: skip
HUNDREDTHS = frozenset(("cent", "cents", "cts", "¢", "pence", "eurocents"))

SCALES = {
    "thousand": 3, "k": 3, "tausend": 3, "tsd": 3, "million": 6, "millions": 6, "mln": 6, "mn": 6, "mm": 6, "mio": 6,
    "m": 6, "mil": 6, "millionen": 6, "millones": 6, "milioni": 6, "miljoner": 6, "miljoen": 6, "milhões": 6,
    "billion": 9, "billions": 9, "bln": 9, "bn": 9, "b": 9, "milliarden": 9, "milliarde": 9, "mrd": 9, "milliard": 9,
    "milliards": 9, "md": 9, "mds": 9, "miliardi": 9, "miljarder": 9, "miljard": 9, "mdr": 9, "mil millones": 9,
    "trillion": 12, "trln": 12, "trn": 12, "tn": 12, "t": 12, "billionen": 12, "lakh": 5, "lakhs": 5, "lac": 5,
    "crore": 7, "crores": 7, "cr": 7, "万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8, "兆": 12, "조": 12,
}  # fmt: skip
"""Word of a scale -> power of ten. `billion` is the English one; German and French words have their own values."""
