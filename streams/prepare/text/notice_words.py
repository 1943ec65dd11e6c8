"""Owns the words of notices by language: how wires write an embargo.

Each value is a regular expression without capturing groups, compiled without regard to case. The code that reads
notices (embargo.py) has no word of a language of its own.
"""

import re

_USE = r"(?:\w+ )?(?:releas|publi|broadcast|transmission|distribution|use|online)\w*"
EMBARGO_UNTIL = {
    "en": r"(?:(?:strictly |strict )?embargo,? (?:until|till?)"
    r"|(?:strictly )?embargoed(?: copy)?(?: for (?:release|publication|use|broadcast))?,?"
    r"(?: until| till?| to| for| on| at)?"
    r"|(?:strictly )?under (?:a )?(?:strict )?embargo(?:,? (?:until|till?|to))?"
    rf"|(?:strictly )?(?:not|no) (?:for|to be) {_USE}(?:(?:,| or|,? and| /|/) ?{_USE}){{0,5}}(?: or| /)?"
    r" (?:before|until|till?|prior to)"
    r"|hold for (?:release|publication)(?:,? (?:until|till?|on|at))?|hold until)",
    "de": r"(?:sperrfrist bis|(?:unter|mit) (?:sperrfrist|embargo)(?: bis)?|embargo bis|gesperrt bis"
    r"|nicht (?:zur veröffentlichung|veröffentlichen|zu veröffentlichen) vor(?: dem)?)",
    "fr": r"(?:(?:strictement )?(?:sous )?embargo jusqu['\u2019 ](?:au|à|a)|(?:strictement )?sous embargo"
    r"|(?:à )?ne pas (?:publier|diffuser|utiliser) avant)",
    "es": r"(?:(?:bajo )?embargo hasta|embargad[oa] hasta|bajo embargo"
    r"|no (?:publicar|difundir|divulgar) (?:antes|hasta))",
    "it": r"(?:(?:sotto |con )?embargo fino(?: a(?:l(?:le)?)?)?|sotto embargo"
    r"|(?:da )?non (?:pubblicare|diffondere|divulgare) prima)",
    "nl": r"(?:(?:onder )?embargo tot(?: en met)?|onder embargo"
    r"|niet (?:voor publicatie|publiceren|gebruiken) v(?:oo|óó)r)",
    "pt": r"(?:(?:sob )?embargo até|embargad[oa] até|sob embargo|não (?:publicar|divulgar) antes)",
    "sv": r"(?:(?:under )?embargo till|under embargo|får (?:ej|inte) publiceras före)",
}
"""Phrases that lead to the time of an embargo. What follows them is a time, or a hold until the desk releases."""
LEADS_TO_TIME = {
    "en": r"\b(?:until|till?|before|prior to|for|to|on|at|release|publication)",
    "de": r"\b(?:bis|vor|dem)",
    "fr": r"(?:jusqu['\u2019 ](?:au|à|a)|avant)",
    "es": r"\b(?:hasta|antes)",
    "it": r"\b(?:fino(?: \w+)?|prima)",
    "nl": r"\b(?:tot|met|v(?:oo|óó)r)",
    "pt": r"\b(?:até|antes)",
    "sv": r"\b(?:till|före)",
}
"""How those phrases end that make no sense without a time behind them."""
EMBARGO_NAME = {
    "en": r"(?:strict )?embargo(?: (?:lifts|ends|time|date))?",
    "de": r"(?:sperrfrist|sperrvermerk|embargo)",
    "fr": r"(?:levée de l['\u2019])?embargo",
}
"""Names of an embargo. Without a time behind them they may be about an embargo on goods."""
RELEASE_AT = {
    "en": r"(?:for (?:release|publication|use)(?: time| date)?|release time)"
    r"(?:,? (?:at|on|after|from|not before|no earlier than))?",
    "de": r"(?:frei|freigegeben)(?: zur veröffentlichung)? ab",
    "fr": r"(?:pour diffusion|à diffuser|à publier)(?: le| à)?",
    "es": r"para (?:su )?(?:publicación|difusión)(?: el| a las)?",
}
"""Phrases that name when a release was or will be free. They withhold by a time alone, never as a hold."""
EMBARGO_OVER = {
    "en": r"(?:embargo (?:is |now |has been )?(?:lifted|over|expired)|no embargo|embargo:? none"
    r"|not (?:under )?embargo(?:ed)?)",
    "de": r"(?:(?:sperrfrist|embargo):? (?:ist |wurde )?(?:aufgehoben|abgelaufen|keine?)|keine? (?:sperrfrist|embargo)"
    r"|frei ab sofort)",
    "fr": r"(?:embargo (?:est )?levé|pas d['\u2019]embargo)",
    "es": r"(?:embargo levantado|sin embargo)",
    "it": r"embargo (?:revocato|terminato)|nessun embargo",
    "nl": r"(?:embargo (?:opgeheven|vervallen)|geen embargo)",
    "pt": r"(?:embargo (?:levantado|suspenso)|sem embargo)",
}
"""Phrases that say that there is no embargo."""
SUBJECT_BEFORE = {
    "en": r"(?:(?:this|the following|all|please note:?) )?(?:(?:press|news|media) )?"
    r"(?:release|report|story|copy|material|statement|article|information|study)[:,]?(?: (?:is|are|remains?))?",
    "de": r"(?:achtung|bitte beachten|pressemitteilung|pressemeldung):?",
    "fr": r"communiqué(?: de presse)?:?",
    "es": r"(?:comunicado|nota de prensa):?",
    "it": r"comunicato(?: stampa)?:?",
    "nl": r"persbericht:?",
    "pt": r"comunicado(?: de imprensa)?:?",
}
"""What may stand before such a phrase in its line."""
WEEKDAYS = {
    "en": r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?",
    "de": r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)",
    "fr": r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)",
    "es": r"(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)",
    "it": r"(?:lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)",
    "nl": r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)",
    "pt": r"(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?",
    "sv": r"(?:måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag)",
}
AROUND_TIMES = {
    "en": r"(?:on|at|the|of|from|after|hours|hrs|release|lifted)",
    "de": r"(?:am|um|der|den|dem|ab|uhr|ist)",
    "fr": r"(?:le|la|à|a|au|du|heures?|précises)",
    "es": r"(?:el|las?|del?|horas|hasta)",
    "it": r"(?:il|alle|ore|del|delle|di|al)",
    "nl": r"(?:om|op|uur|van)",
    "pt": r"(?:às|as|do|dia|horas|de)",
    "sv": r"(?:klockan|kl|den)",
}
"""Words between the parts of a time."""
HOURS = {
    "en": r"(?:hours|hrs)",
    "de": "uhr",
    "fr": r"heures?",
    "es": "horas?",
    "nl": "uur",
}
"""Words behind an hour."""
BEFORE_HOURS = {"it": r"(?:alle )?ore|alle", "es": r"a las|las", "pt": "às", "fr": "à", "sv": r"kl\.?|klockan"}
"""Words before a bare hour."""
MIDNIGHT = {
    "en": "midnight",
    "de": "mitternacht",
    "fr": "minuit",
    "es": "medianoche",
    "it": "mezzanotte",
    "nl": "middernacht",
    "pt": "meia-noite",
    "sv": "midnatt",
}
NOON = {
    "en": "noon",
    "de": "mittag",
    "fr": "midi",
    "es": "mediodía",
    "it": "mezzogiorno",
    "nl": "middag",
    "pt": "meio-dia",
}
LOCAL_TIME = {
    "en": "local time",
    "de": "ortszeit",
    "fr": "heure locale",
    "es": "hora local",
    "it": "ora locale",
    "nl": "lokale tijd",
}
"""Words for a zone that nobody names."""
TIME_OF_CITY = {"en": "", "fr": r"heure (?:de |d['\u2019])", "es": "hora de ", "it": "ora di ", "pt": "hora de "}
"""Words before the city whose time is meant."""
CITIES = {
    **dict.fromkeys(("paris",), "Europe/Paris"),
    **dict.fromkeys(("bruxelles", "brussels", "brussel", "bruselas"), "Europe/Brussels"),
    **dict.fromkeys(("madrid",), "Europe/Madrid"),
    **dict.fromkeys(("rome", "roma"), "Europe/Rome"),
    **dict.fromkeys(("lisbon", "lisboa", "lisbonne"), "Europe/Lisbon"),
    **dict.fromkeys(("london", "londres", "londra"), "Europe/London"),
    **dict.fromkeys(("berlin",), "Europe/Berlin"),
    **dict.fromkeys(("brasília", "brasilia"), "America/Sao_Paulo"),
}
"""City -> its zone (IANA)."""
MORE_MONTHS = {
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
"""Long names of months that datetimes.py does not have."""


def any_of(*tables: dict[str, str]) -> str:
    """Joins the words of every language of some tables into one pattern."""
    return "(?:" + "|".join(words for table in tables for words in table.values() if words) + ")"


def compile_words(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern of words without regard to case."""
    return re.compile(pattern, re.I)
