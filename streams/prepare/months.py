"""Names of months in the languages of the wires, as numbers."""

_NAMES = {
    "en": "january february march april may june july august september october november december",
    "short": "jan feb mar apr may jun jul aug sep oct nov dec",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
}
MONTHS = {name: number for names in _NAMES.values() for number, name in enumerate(names.split(), start=1)}
MONTHS |= {"sept": 9}
_ENGLISH = {name: MONTHS[name] for name in (*_NAMES["en"].split(), *_NAMES["short"].split(), "sept")}
ENGLISH = {form: number for name, number in _ENGLISH.items() for form in (name.title(), name.upper())}
"""As they stand before their day: `November`, `NOV`."""
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
"""As a pattern, for use without regard to case."""
