"""Names of months and weekdays as programs and people write them in dates, a table for each language.

Each column of a table is one month or weekday, from January or Monday on; forms of one name are joined by slashes, in
lower case and without points. Kept by hand: `babel` and `dateparser` know the long names too, but each lacks short
forms that feeds have (`Sept`, `Mrz`, `juil`), and they take from 65 ms to 2 s of each process.
tests/prepare/text/test_date_words.py compares the tables with `babel`.
"""

# ruff: noqa: RUF001 - Cyrillic letters that look like Latin ones
MONTHS_OF = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept "
    "october/oct november/nov december/dec",
    "de": "januar/jänner/jan/jän februar/feber/feb märz/maerz/mär/mrz/mar april/apr mai juni/jun juli/jul august/aug "
    "september/sep/sept oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv/jan février/fevrier/févr/fevr/fév/fev mars/mar avril/avr mai juin juillet/juil/jul "
    "août/aout/aoû septembre/sept/sep octobre/oct novembre/nov décembre/decembre/déc/dec",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sept/"
    "sep/set octubre/oct noviembre/nov diciembre/dic",
    "it": "gennaio/genn/gen febbraio/febbr/feb marzo/mar aprile/apr maggio/magg/mag giugno/giu luglio/lug agosto/ago "
    "settembre/sett/set ottobre/ott novembre/nov dicembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set "
    "outubro/out novembro/nov dezembro/dez",
    "nl": "januari/jan februari/febr/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sept/sep "
    "oktober/okt november/nov december/dec",
    "sv": "januari/jan februari/febr/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sept/sep "
    "oktober/okt november/nov december/dec",
    "da": "januar/jan februar/febr/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sept/sep "
    "oktober/okt november/nov december/dec",
    "no": "januar/jan februar/febr/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sept/sep "
    "oktober/okt november/nov desember/des",
    "fi": "tammikuu/tammikuuta/tammi/tam helmikuu/helmikuuta/helmi/hel maaliskuu/maaliskuuta/maalis/maa "
    "huhtikuu/huhtikuuta/huhti/huh toukokuu/toukokuuta/touko/tou kesäkuu/kesäkuuta/kesä/kes "
    "heinäkuu/heinäkuuta/heinä/hei elokuu/elokuuta/elo syyskuu/syyskuuta/syys/syy lokakuu/lokakuuta/loka/lok "
    "marraskuu/marraskuuta/marras/mar joulukuu/joulukuuta/joulu/jou",
    "pl": "styczeń/stycznia/sty luty/lutego/lut marzec/marca/mar kwiecień/kwietnia/kwi maj/maja czerwiec/czerwca/cze "
    "lipiec/lipca/lip sierpień/sierpnia/sie wrzesień/września/wrz październik/października/paź listopad/listopada/lis "
    "grudzień/grudnia/gru",
    "ru": "январь/января/янв февраль/февраля/фев/февр март/марта/мар апрель/апреля/апр май/мая июнь/июня/июн "
    "июль/июля/июл август/августа/авг сентябрь/сентября/сен/сент октябрь/октября/окт ноябрь/ноября/ноя/нояб "
    "декабрь/декабря/дек",
}
WEEKDAYS_OF = {
    "en": "monday/mon tuesday/tue/tues wednesday/wed/weds thursday/thu/thur/thurs friday/fri saturday/sat sunday/sun",
    "de": "montag/mo dienstag/di mittwoch/mi donnerstag/do freitag/fr samstag/sonnabend/sa sonntag/so",
    "fr": "lundi/lun mardi/mar mercredi/mer jeudi/jeu vendredi/ven samedi/sam dimanche/dim",
    "es": "lunes/lun martes/mar miércoles/miercoles/mié/mie jueves/jue viernes/vie sábado/sabado/sáb/sab domingo/dom",
    "it": "lunedì/lunedi/lun martedì/martedi/mar mercoledì/mercoledi/mer giovedì/giovedi/gio venerdì/venerdi/ven "
    "sabato/sab domenica/dom",
    "pt": "segunda-feira/segunda/seg terça-feira/terça/ter quarta-feira/quarta/qua quinta-feira/quinta/qui "
    "sexta-feira/sexta/sex sábado/sáb domingo/dom",
    "nl": "maandag/ma dinsdag/di woensdag/wo donderdag/do vrijdag/vr zaterdag/za zondag/zo",
    "sv": "måndag/mån tisdag/tis onsdag/ons torsdag/tors/tor fredag/fre lördag/lör söndag/sön",
    "da": "mandag/man tirsdag/tirs/tir onsdag/ons torsdag/tors/tor fredag/fre lørdag/lør søndag/søn",
    "no": "mandag/man tirsdag/tirs/tir onsdag/ons torsdag/tors/tor fredag/fre lørdag/lør søndag/søn",
    "fi": "maanantai/maanantaina/ma tiistai/tiistaina/ti keskiviikko/keskiviikkona/ke torstai/torstaina/to "
    "perjantai/perjantaina/pe lauantai/lauantaina/la sunnuntai/sunnuntaina/su",
    "pl": "poniedziałek/pon/pn wtorek/wto/wt środa/śro/śr czwartek/czw piątek/pią/pt sobota/sob niedziela/nie/niedz",
    "ru": "понедельник/пн вторник/вт среда/ср четверг/чт пятница/пт суббота/сб воскресенье/вс",
}


def _list_forms(table: dict[str, str]) -> dict[str, dict[str, int]]:
    return {
        language: {form: number for number, forms in enumerate(names.split(), start=1) for form in forms.split("/")}
        for language, names in table.items()
    }


_MONTHS = _list_forms(MONTHS_OF)
_WEEKDAYS = _list_forms(WEEKDAYS_OF)
WEEKDAY_PATTERN = "|".join(sorted({form for forms in _WEEKDAYS.values() for form in forms}, key=len, reverse=True))
"""Matches the name of a weekday in any language, in lower case."""


def find_month(name: str, weekday: str = "") -> int:
    """Finds the number of a month by its name in any language; 0 where it is none, or one of several.

    `mar` is March in most languages and November in Finnish: the language of the weekday tells, and without one it is
    March, as in English.
    """
    known = {language: forms[name] for language, forms in _MONTHS.items() if name in forms}
    spoken = {number for language, number in known.items() if not weekday or weekday in _WEEKDAYS[language]}
    numbers = spoken or set(known.values())
    if len(numbers) == 1:
        return numbers.pop()
    return known.get("en", 0)
