"""Owns the words of notices by language: how wires write an embargo.

Each value is a regular expression without capturing groups, compiled without regard to case. The code that reads
notices (embargo.py) has no word of a language of its own.
"""

import re

_USE = (
    r"(?:\w+ )?(?:releas|publi|broadcast|transmission|distribut|use|online|quot|cit(?:e|ed|ation)\b|report|circulat"
    r"|dissemin|disclos)\w*"
)
_USES = rf"{_USE}(?:(?:,| or|,? and| /|/) ?{_USE}){{0,5}}"
_KINDS = r"(?:(?:strict|full|total|absolute|press|media|news|publication|broadcast|reporting|release) ){0,3}"
"""Words before `embargo` that mean an embargo on news, not one on arms, oil or trade."""
_ITEM = (
    r"(?:(?:press|media|news|full|attached|enclosed|following) ){0,2}(?:release|report|story|copy|material|statement"
    r"|article|information|study|announcement|contents?|news|data|document|text|speech|results)"
)
EMBARGO_UNTIL = {
    "en": rf"(?:(?:strictly )?{_KINDS}embargo,? (?:until|till?)"
    r"|(?:strictly )?embargoed(?: copy)?(?: for (?:release|publication|use|broadcast))?,?"
    r"(?: until| till?| to| for| on| at)?"
    rf"|(?:strictly )?under (?:an? )?{_KINDS}embargo(?:,? (?:until|till?|to))?"
    rf"|(?:strictly )?(?:not|no) (?:for|to be) {_USES}(?: or| /)? (?:before|until|till?|prior to)"
    r"|hold for (?:release|publication)(?:,? (?:until|till?|on|at))?|hold until)",
    "de": r"(?:(?:strenge )?\w{0,20}sperrfrist bis|(?:unter|mit) (?:strenger )?(?:sperrfrist|embargo)(?: bis)?"
    r"|embargo bis|gesperrt bis"
    r"|nicht (?:zur veröffentlichung|veröffentlichen|zu veröffentlichen) vor(?: dem)?)",
    "fr": r"(?:(?:strictement )?(?:sous )?embargo (?:strict )?jusqu['\u2019 ](?:au|à|a)"
    r"|(?:strictement )?sous embargo(?: strict)?|(?:à )?ne pas (?:publier|diffuser|utiliser) avant)",
    "es": r"(?:(?:bajo )?embargo (?:informativo |estricto )?hasta|embargad[oa]s? hasta|bajo embargo"
    r"|no (?:publicar|difundir|divulgar) (?:antes|hasta))",
    "it": r"(?:(?:sotto |con )?embargo fino(?: a(?:l(?:le)?)?)?|sotto embargo"
    r"|(?:da )?non (?:pubblicare|diffondere|divulgare) prima)",
    "nl": r"(?:(?:onder )?(?:strikt )?embargo tot(?: en met)?|onder (?:strikt )?embargo"
    r"|niet (?:voor publicatie|publiceren|gebruiken) v(?:oo|óó)r)",
    "pt": r"(?:(?:sob )?embargo até|embargad[oa] até|sob embargo|não (?:publicar|divulgar) antes)",
    "sv": r"(?:(?:under )?embargo till|under embargo|får (?:ej|inte) publiceras före)",
    "zh": r"(?:禁发|禁止发布|禁止刊发|保密)(?:期限?)?(?:至|到|截至)",
}
"""Phrases that lead to the time of an embargo. What follows them is a time, or a hold until the desk releases."""
FORBIDDEN_UNTIL = {
    "en": rf"(?:please )?(?:do|must|may|can|should|shall|could)(?: ?not|n['\u2019]t) (?:be )?{_USES}"
    r"(?: (?:this|the|it|any)(?: \w+){0,3}?)? (?:before|until|till?|prior to)"
    r"|(?:strictly )?(?:private and )?confidential until"
    rf"|(?:to|may|can|must|should) (?:only )?be {_USES} (?:(?:no|not) (?:earlier|sooner) than|not before)"
    rf"|(?:strictly )?(?:not|no) (?:for|to be) {_USES} (?:on|by|via) (?:[\w-]+ ){{1,4}}?(?:before|until|till?|prior to)"
    r"|(?:release|publication|broadcast|transmission|dissemination)[:,]? (?:is )?(?:strictly )?"
    r"(?:not(?: permitted| allowed)? (?:before|until|prior to)|(?:no|not) (?:earlier|sooner) than)"
    r"(?=\W{1,3}(?:\w{1,12}\W{1,2}){0,3}?\d)"
    r"|hold for(?= \d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b| (?:noon|midnight)\b)",
    "de": r"(?:veröffentlichung|verbreitung|verwendung) (?:erst|frühestens|nicht)(?: ab| am| vor)?(?: dem)?",
    "fr": r"(?:diffusion|publication|utilisation|reproduction) interdite (?:avant|jusqu['\u2019 ](?:au|à|a))"
    r"|ne (?:peu|doi)(?:t|vent)(?: pas)? être (?:diffus|publi|utilis|communiqu)\w* avant",
    "es": r"prohibid[oa] (?:su |la )?(?:difusión|publicación|divulgación|reproducción) (?:hasta|antes)"
    r"|no (?:puede|podrá|debe) (?:ser )?(?:publica|difundi|divulga)\w* (?:hasta|antes)",
    "it": r"(?:divieto di|vietata la) (?:pubblicazione|diffusione|divulgazione) (?:prima|fino)",
    "pt": r"proibida a (?:publicação|divulgação) (?:até|antes)",
}
"""Phrases that forbid to publish before a time. Without a time they may be about anything."""
FORBIDDEN_AROUND = {
    "de": (
        r"(?:bitte )?(?:(?:nicht )?vor|erst ab|frühestens ab)(?: dem)?",
        r"(?:nicht )?(?:zu |zur )?(?:veröffentlich|verwend|verbreit|publizier)\w*",
    ),
    "nl": (r"(?:graag )?niet v(?:oo|óó)r", r"(?:te )?(?:publiceren|gebruiken|verspreiden)"),
    "ja": (
        r"(?:本(?:リリース|資料|件|情報|記事|文書|発表)は|(?:新聞は\S{1,20}?[、,])?\s?"
        r"(?:テレビ|ラジオ|放送|電波|ネット|インターネット|ウェブ)(?:・\w{1,10}){0,3}は"
        r"|(?:情報)?(?:公開|発表|報道|掲載|公表|配信)は)?",
        r"(?:以降|から)?に?(?:情報|報道)?解禁|(?:以降|から)?[、,]\s?新聞は\S{1,24}?解禁"
        r"|以降(?:に|で)?(?:の(?:公開|発表|報道|掲載|公表|配信)を)?お?願い(?:いた|致)?し(?:ます|たい)"
        r"|まで(?:は|の)?、?(?:報道|公開|発表|掲載|公表|配信)\S{0,12}?(?:控え|禁止|厳禁|遠慮)\S{0,8}",
    ),
    "zh": (
        r"(?:本稿|请|请勿)?(?:于|在)?",
        r"之?前[,\uff0c]?(?:请|均|一律)?(?:不得|勿|禁止|严禁)(?:对外)?(?:发布|刊发|报道|公开|发表|传播)\S{0,6}"
        r"|之?后(?:方可|再|才可)?(?:发布|刊发|报道|发表)",
    ),
    "ko": (r"", r"(?:까지|이후) ?(?:보도|공개) ?(?:금지|자제|가능)\S{0,6}"),
}
"""Words before and behind the time at which an embargo ends, in languages whose verb comes last."""
NOTICE_PARTS = (
    *("embarg", "sperr", "hold", "release", "for publication", "for use", "before", "until", " til", "prior to"),
    *("earlier than", "sooner than", "frei", "vor ", "erst ", "frühestens", "nicht ", "avant", "jusqu", "diffus"),
    *("publi", "difundir", "hasta", "antes", "prima", "fino", " voor", "vóór", "até", "före"),
    *("veröff", "advance for", "pubblic", "diffond", "vrij"),
    *("解禁", "まで", "以降", "エンバーゴ", "禁", "保密", "前", "后", "엠바고", "보도", "공개"),
)
"""Every notice contains one of these in lower case; a quick check before its patterns."""
LEADS_TO_TIME = {
    "en": r"\b(?:until|till?|before|prior to|for|to|on|at|release|publication)",
    "de": r"\b(?:bis|vor|dem)",
    "fr": r"(?:jusqu['\u2019 ](?:au|à|a)|avant)",
    "es": r"\b(?:hasta|antes)",
    "it": r"\b(?:fino(?: \w+)?|prima)",
    "nl": r"\b(?:tot|met|v(?:oo|óó)r)",
    "pt": r"\b(?:até|antes)",
    "sv": r"\b(?:till|före)",
    "zh": r"(?:至|到)",
}
"""How those phrases end that make no sense without a time behind them."""
EMBARGO_NAME = {
    "en": rf"{_KINDS}embargo(?: (?:lifts|ends|expires|time|date|details|notice|set|through))?"
    r"(?: (?:for|on) (?:publication|release|use)| for)?",
    "de": r"(?:(?:sende|veröffentlichungs|presse)?sperrfrist|sperrvermerk|embargo)"
    r"(?: für (?:die )?(?:veröffentlichung|berichterstattung|medien|presse)| (?:bitte )?beachten| läuft bis)?",
    "fr": r"(?:levée (?:de l|d)['\u2019]|fin de l['\u2019](?=embargo\W{1,3}(?:\w{2,10}\W{1,2})?\d))?embargo(?: strict)?"
    r"(?: au| le)?",
    "es": r"(?:fin|levantamiento) del embargo(?=\W{1,3}(?:\w{2,10}\W{1,2})?\d)",
    "ja": r"(?:報道|情報|発表|掲載|公開|公表)?解禁(?:日時?|時間|時刻)|(?:報道|情報|発表|掲載|公開|公表)解禁|エンバーゴ",
    "zh": r"(?:新闻|发布){1,2}禁令|(?:新闻)?(?:保密|禁发)(?:期限?|时间)|(?:新闻|发布)?解禁时间",
    "ko": r"엠바고|보도 ?유예",
}
"""Names of an embargo. Without a time behind them they may be about an embargo on goods."""
EMBARGO_ENDS = {
    "en": rf"(?:(?:the |our |this )?{_KINDS}embargo(?: (?:on|for) (?:this|the|our) {_ITEM})?"
    r" (?:will (?:be lifted|lift|end|expire)|(?:is|has been) lifted|lifted|is (?:due|set) to (?:lift|end|expire))"
    rf"|(?:the|our|this) {_KINDS}embargo(?: (?:on|for) (?:this|the|our) {_ITEM})? (?:lifts|ends|expires))",
    "de": r"(?:die |das )?(?:sperrfrist|embargo) (?:endet|läuft ab|wird aufgehoben|gilt bis|aufgehoben)",
    "fr": r"(?:l['\u2019])?embargo (?:est |sera )?levé",
    "es": r"(?:el )?embargo (?:se levanta(?:rá)?|será levantado|levantado)",
    "it": r"(?:l['\u2019])?embargo (?:sarà )?revocato",
    "nl": r"(?:het )?embargo (?:wordt )?opgeheven",
}
"""Sentences that say when an embargo ends: a notice where a full time ends the line; else they may be news."""
EMBARGO_ASKED = {
    "en": r"(?:please|kindly|you|we|journalists?|media|press|editors?|reporters?)\b.{0,40}?"
    r"\b(?:respect|observe|honou?r|heed|mind|note|adhere to|comply with|abide by)(?: the| our| this)?(?: following)?"
    r"|(?:release|story|study|paper|report|copy|results|article|information|material|news)"
    r" (?:has|have|carr(?:y|ies)|(?:is|are) subject to)(?: the| an?)?",
    "de": r"bitte.{0,40}?\b(?:beachten|respektieren|einhalten)(?: sie)?(?: bitte)?(?: die| das| unsere?)?(?: folgende)?"
    r"|bitten.{0,40}? (?:die|das|unsere|beachtung der|einhaltung der)(?: folgenden?)?",
    "fr": r"(?:merci|veuillez|prière|prions|médias|journalistes|rédactions)\b.{0,40}?"
    r"\b(?:respecter|noter)(?: bien)?(?: l['\u2019]| cet| notre)?",
    "es": r"(?:ruega|rogamos|pedimos|por favor|agradece|agradecemos)\b.{0,40}?"
    r"\brespet(?:ar|en|emos|e)(?: el| este| nuestro)?",
    "it": r"(?:prega|preghiamo|chiede|chiediamo)\b.{0,40}?\brispettare(?: l['\u2019]| questo)?",
    "nl": r"(?:gelieve|graag|verzoeken?|vragen)\b.{0,40}?\b(?:het|dit|ons)",
}
"""Words right before the name of an embargo, in a sentence that asks to keep it."""
EMBARGO_A = {"en": "an?", "de": "ein(?:em|e)?", "fr": "un", "nl": "een", "pt": "um", "sv": "ett"}
"""Words right before `embargo until …` in a sentence that states a new one; `its embargo until …` is that on goods."""
EMBARGO_EVENTS = {
    "en": r"delivery|start of (?:the )?(?:speech|delivery|press conference)",
    "de": r"(?:rede|vortrags|veranstaltungs|sitzungs)beginn|beginn der (?:rede|veranstaltung|sitzung|pressekonferenz)",
    "fr": r"(?:début du|prononcé du) discours",
}
"""Events that may end an embargo in place of a time."""
RELEASE_AT = {
    "en": r"(?:(?:(?:moved )?(?:in )?advance )?for (?:release|publication|use)(?: time| date)?|release time"
    r"|time of release|for immediate (?:release|publication|use)(?=,? (?:after|not before|no earlier than)\b)"
    r"|(?:moved in )?advance for(?: (?:sunday|weekend|weekly) editions?)?"
    rf"|(?:may|can) (?:only )?be {_USES}(?= (?:from|after|on or after)\b))"
    r"(?:,? (?:at|on or after|on|after|from|not before|no earlier than))?",
    "de": r"(?:(?:zur )?veröffentlichung )?(?:frei|freigegeben)(?: zur (?:veröffentlichung|verwendung))? (?:ab|für)"
    r"|(?:zur )?veröffentlichung (?:frei|freigegeben) am"
    r"|zur veröffentlichung (?:ab|am|für)",
    "fr": r"(?:pour (?:diffusion|publication)|à diffuser|à publier"
    r"|(?:diffusion|publication)(?: autorisée| libre|(?= (?:à partir|dès)\b)))"
    r"(?: le| à(?: partir (?:du|de))?| dès(?: le)?)?",
    "es": r"(?:para (?:(?:su )?(?:publicación|difusión)|publicar|difundir)|publicable(?= a partir\b))"
    r"(?: el| a las| a partir del?)?",
    "it": r"da (?:pubblicare|diffondere) (?:il|dal|dalle|a partire da(?:l|lle)?)",
    "nl": r"(?:vrij(?:gegeven)?(?: voor publicatie)?|(?:te publiceren|publicatie)) vanaf",
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
    "en": rf"(?:please )?(?:respect|observe|honou?r|adhere to|comply with)(?: the| our| this)?(?: following)?"
    r"|please note (?:the|our|this)(?: following)?|adv\.? ?\d{0,2}[)\]]?"
    r"|with (?:\w+ )?(?:photos?|videos?|graphics?)(?:,? and (?:photos?|videos?|graphics?))?"
    rf"|(?:(?:this|these|the|our|all|any) ){{0,2}}{_ITEM}(?: (?:in|of) (?:this|the|our) {_ITEM})?"
    r"(?:,? (?:is|are|remains?))?"
    r"|(?:please )?note(?: that)?(?: this is)?|n\.?b\.?|important|urgent|attention|advance copy|check against delivery"
    r"|(?:attention |notes? to |note for )?(?:the )?(?:editors?|eds)",
    "de": r"achtung|bitte(?= sperrfrist)|bitte (?:beachten|respektieren)(?: sie)?(?: (?:die|das|unsere))?(?: folgende)?"
    r"|pressemitteilung|pressemeldung|wichtig|hinweis(?: an die redaktion(?:en)?)?"
    r"|es gilt(?: eine?| die)?(?: strenge)?|es gilt das gesprochene wort",
    "fr": r"(?:merci de|veuillez|prière de) (?:bien )?respecter(?: l['\u2019]| cet| notre)?"
    r"|communiqué(?: de presse)?|informations?|dépêche|texte|attention|important",
    "es": r"comunicado|nota de prensa|noticia|información|nota|contenido|atención|importante",
    "it": r"comunicato(?: stampa)?|notizia|attenzione",
    "nl": r"persbericht|nieuwsbericht|let op|attentie",
    "pt": r"comunicado(?: de imprensa)?|notícia|informação|atenção",
}
"""What may stand before such a phrase in its line."""
NOTES_HEADING = {
    "en": r"(?:notes? (?:to|for) (?:the )?editors?|editors?['\u2019]? notes?|editorial notes?)",
    "de": r"(?:hinweise? (?:an|für) (?:die )?redaktion(?:en)?|redaktionelle hinweise?)",
    "fr": r"notes? (?:aux|à l['\u2019]attention des) (?:rédactions|rédacteurs|éditeurs)",
    "es": r"notas? (?:a|para) (?:los )?(?:editores|redactores)",
}
"""Headings of notes to editors."""
WEEKDAYS = {
    "en": r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?",
    "de": r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|(?:mo|di|mi|do|fr|sa|so)(?=[.,]))",
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
WEEKDAY_SIGNS = (
    r"[(\uff08](?:星期|周|礼拜)?[月火水木金土日一二三四五六天](?:曜日?)?[)\uff09]"
    r"|[月火水木金土日]曜日|(?:星期|周)[一二三四五六日天]"
)
"""How Chinese and Japanese write a weekday beside a date."""
AND_AFTER = {"en": r"(?:and|or) (?:thereafter|later|after)", "fr": "et après", "de": "und danach"}
"""Words behind the time from which a release is free."""
ERAS = {"令和": 2018}
"""Era of Japan -> the year before its first."""
ZONES_BEFORE_TIME = ("北京时间", "北京時間", "日本時間")
FORENOON = {"ja": "午前", "zh": "上午|凌晨|早上|早", "ko": "오전"}
AFTERNOON = {"ja": "午後", "zh": "下午|晚上|晚", "ko": "오후"}
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


ZONES_LATER = {
    "ist": ("Europe/Dublin", "Asia/Jerusalem"),
    "bst": ("Europe/London",),
    **dict.fromkeys(("cest", "mesz", "mest"), ("Europe/Berlin",)),
    "edt": ("America/New_York",),
    "cdt": ("America/Chicago",),
    "mdt": ("America/Denver",),
    "pdt": ("America/Los_Angeles",),
}
"""Zone in lower case -> zones (IANA) that it may also mean: of another country, or of the same one in winter."""


def any_of(*tables: dict[str, str]) -> str:
    """Joins the words of every language of some tables into one pattern."""
    return "(?:" + "|".join(words for table in tables for words in table.values() if words) + ")"


def compile_words(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern of words without regard to case."""
    return re.compile(pattern, re.I)


WITHDRAWN_MARKS = {
    "en": r"(?:story |release |notice )?(?:withdrawn|retracted|retraction|kill notice)",
    "de": r"(?:rückzug|zurückgezogen|rücknahme|annullier(?:t|ung)|widerruf(?:en)?|meldung zurückgezogen)",
    "fr": r"(?:annulation|(?:dépêche )?annulée?|retrait|(?:dépêche )?retirée?)",
    "es": r"(?:anulad[oa]|anulación|(?:nota |noticia )?retirad[oa])",
    "it": r"(?:annullat[oa]|annullamento|ritirat[oa])",
    "nl": r"(?:ingetrokken|intrekking|vervallen)",
    "pt": r"(?:anulad[oa]|anulação|cancelad[oa]|retirad[oa])",
    "sv": r"(?:tillbakadragen|återkallad|makulerad|dras tillbaka)",
    "no": r"(?:trekkes tilbake|trukket tilbake|annullert|makulert)",
    "da": r"(?:trækkes tilbage|trukket tilbage|annulleret)",
}
"""Words before a headline that withdraw its story. Those of other languages than English are also common words."""
MORE_WITHDRAWN_MARKS = {
    "en": r"(?:(?:mandatory )?kill(?:ed)?|withdrawal|cancel(?:l?ed|lation)?|pulled|elimination|(?:do )?not (?:for )?use"
    r"|disregard|(?:kill )?bulletin kill|kill bulletin|stop|withdraw)",
    "de": r"(?:storno|storniert|(?:meldung )?entfällt|rückruf)",
    "fr": r"(?:dépêche )?annule",
    "ja": r"(?:(?:記事|配信)?(?:取り消し|取消し?)|撤回)",
    "zh": r"(?:撤稿|撤回|撤销)",
    "ko": r"(?:기사 ?삭제|기사 ?취소|취소)",
}
"""Words beside a headline that much news has too: they withdraw the only story of their wire with that headline."""
WITHDRAWN_MARKS_ALONE = r"ANNULATION|ANNUL[EÉ]E?|STORNO|KILL|ANULAD[AO]"
"""Such words in capitals that need no colon."""
CORRECTED_MARKS_ALONE = r"RECTIFICATIF|CORRECTIF|BERICHTIGUNG"
"""Words in capitals that correct the story of the headline behind them, without a colon."""
WITHDRAWAL_REQUESTS = {
    "de": r"(?:(?:verwenden|verbreiten|veröffentlichen|benutzen|nutzen|publizieren) sie .{0,40}"
    r"(?:meldung|nachricht|mitteilung|fassung|text).{0,260}?\bnicht\b"
    r"|(?:meldung|nachricht|mitteilung)\b.{0,260}?(?:nicht (?:zu )?(?:verwenden|verbreiten|veröffentlichen|benutzen)"
    r"|(?:wird|wurde|ist) (?:hiermit )?(?:zurückgezogen|zurückgenommen|annulliert)"
    r"|(?:zu )?(?:ignorieren|löschen|streichen))\b"
    r"|(?:zieht|ziehen) .{0,40}(?:meldung|nachricht|mitteilung)\b.{0,260}?zurück"
    r"|(?:löschen|streichen|ignorieren) sie .{0,40}(?:meldung|nachricht|mitteilung))",
    "fr": r"(?:ne (?:pas|plus) (?:tenir compte|utiliser|diffuser|publier)"
    r"|(?:dépêche|communiqué|information|nouvelle)\b.{0,260}?(?:est|a été) (?:annulée?|retirée?)"
    r"|(?:annuler|annulez|ignorer|ignorez|supprimer) (?:notre|la|le|cette|ce) (?:dépêche|communiqué|information))",
    "es": r"(?:(?:rogamos|ruega|por favor|favor de|pedimos)\b.{0,60}?(?:anul|ignor|elimin|descart|desestim"
    r"|no (?:utilic|us|public|difund|teng\w+ en cuenta))\w*\b.{0,80}?(?:noticia|información|nota|comunicado|despacho)"
    r"|(?:noticia|información|nota|comunicado|despacho)\b.{0,260}?(?:queda|ha sido|fue) (?:anulad|retirad)[oa]"
    r"|se (?:anula|retira) (?:la|el) (?:noticia|información|nota|comunicado|despacho))",
    "it": r"(?:(?:prega|preghiamo)\b.{0,40}?(?:non (?:utilizzare|tenere conto|tener conto|pubblicare|considerare)"
    r"|annullare|ignorare|eliminare)\b.{0,80}?(?:notizia|comunicato|lancio|pezzo|informazione)"
    r"|(?:notizia|comunicato|lancio)\b.{0,260}?(?:è|è stat[oa]) (?:annullat|ritirat)[oa])",
    "nl": r"(?:(?:gelieve|verzoeken|verzocht|alstublieft|graag)\b"
    r".{0,80}?(?:bericht|persbericht|nieuwsbericht)\b.{0,260}?"
    r"(?:niet (?:te )?(?:gebruiken|publiceren|verspreiden)|negeren|verwijderen)"
    r"|(?:bericht|persbericht)\b.{0,260}?(?:is|wordt) (?:hierbij )?(?:ingetrokken|vervallen))",
    "pt": r"(?:(?:pedimos|solicitamos|por favor|favor)\b"
    r".{0,60}?(?:desconsider|ignor|anul|não (?:utiliz|public|us))\w*\b"
    r".{0,80}?(?:notícia|comunicado|nota|informação)"
    r"|(?:notícia|comunicado|nota)\b.{0,260}?(?:foi|está) (?:anulad|cancelad|retirad)[oa])",
    "sv": r"(?:(?:vänligen|var god)\b.{0,60}?(?:bortse från|publicera inte|använd inte)"
    r"|(?:nyheten|meddelandet|artikeln|telegrammet)\b.{0,260}?(?:dras|har dragits|är) tillbaka)",
}
"""How a notice asks editors not to use an item. English is in references.py, with the headlines that it quotes."""
WITHDRAWAL_NOTES = {
    "de": r"(?:bitte (?:[^.]{0,80} )?nicht (?:mehr )?(?:verwenden|verbreiten|veröffentlichen|benutzen|nutzen)"
    r"|(?:meldung|nachricht|mitteilung) (?:ist|wird|wurde) (?:storniert|zurückgezogen|annulliert|hinfällig)"
    r"|(?:meldung|nachricht|mitteilung) entfällt)",
    "fr": r"(?:dépêche|communiqué) (?:est|a été) (?:annulée?|retirée?)",
    "ja": r"(?:(?:記事|配信|原稿|前報)[^。]{0,20}(?:取り消|取消|削除|撤回)|誤配信|使用しないで)",
    "zh": r"(?:请勿(?:使用|采用|刊|转|播)|请撤|请删|撤稿|此稿|该稿)",
    "ko": r"(?:기사[^.]{0,20}(?:취소|삭제)|사용하지)",
}
"""How a short text says that its item is not to be used. It counts only beside the headline of a story."""
REPORTED = {
    "en": r"\b(?:sa(?:id|ys?)|t(?:old|ells)|according to"
    r"|spokes(?:man|woman|person))\b",
    "de": r"\b(?:sagte|sagten|teilte|erklärte|hieß es|berichtete|laut)\b",
    "fr": r"\b(?:a (?:dit|annoncé|indiqué|déclaré)|selon)\b",
    "es": r"\b(?:dijo|informó|anunció|declaró|según)\b",
    "it": r"\b(?:ha (?:detto|annunciato|dichiarato)|secondo)\b",
    "nl": r"\b(?:zei|meldde|aldus|volgens)\b",
    "pt": r"\b(?:disse|anunciou|informou|segundo)\b",
    "sv": r"\b(?:sade|sa|säger|enligt)\b",
    "ja": "発表した|述べた|話した|明らかにした",
    "zh": "表示|宣布|据[^。]{1,20}报道",
}
"""Words of news that a notice to editors does not have: somebody said it."""
CORRECTED_MARKS = {
    "en": r"(?:correction|corrected|corrects|replacement|amended|amendment)",
    "de": r"(?:korrektur|korrigiert|berichtigung|berichtigt|richtigstellung)",
    "fr": r"(?:rectificatif|correctif|correction|rectification|corrigé|annule et remplace)",
    "es": r"(?:corrección|corregid[oa]|rectificación|rectifica)",
    "it": r"(?:rettifica|correzione|corrett[oa]|errata corrige)",
    "nl": r"(?:rectificatie|correctie|gecorrigeerd|verbetering)",
    "pt": r"(?:correção|corrigid[oa]|retificação|errata)",
    "sv": r"(?:rättelse|rättning|rättad|korrigering|korrigerad)",
    "no": r"(?:rettelse|retting|korrigering|korrigert)",
    "da": r"(?:rettelse|korrektion|korrigeret|berigtigelse)",
    "fi": r"(?:oikaisu|korjaus|korjattu)",
    "pl": r"(?:korekta|sprostowanie)",
    "zh": r"(?:更正|勘误)",
    "ja": r"訂正",
    "ko": r"정정",
}
"""Words before or behind a headline, or in brackets, that correct its story."""
NAMED_BEFORE = {
    "en": r"(?:correction|replacement|amendment) (?:of|to|for) (?:a|an|the|our) (?:release|announcement|publication"
    r"|notification|news|ad[ -]hoc(?: \w+)?) (?:from|of|dated|published|released|issued)",
    "de": r"(?:korrektur|berichtigung|richtigstellung) (?:einer|der|unserer|zur|zu einer|zu der)"
    r" (?:\w+[ -])?(?:veröffentlichung|mitteilung|meldung|bekanntmachung|ad-hoc-mitteilung) v(?:om|on)\b",
}
"""How a headline of EQS or BaFin says that it corrects an earlier publication."""
REPLACES = {
    "en": r"(?:(?:this|the following) (?:announcement|release|notice|statement|rns)? ?replaces (?:and corrects )?the"
    r"|replaces the (?:announcement|release|notice|rns)\b.{0,80}?(?:released|issued|made|published|dated)"
    r"|following (?:amendment|correction|change)s? (?:has|have) been made to the)",
    "de": r"diese (?:mitteilung|meldung|fassung|bekanntmachung) (?:ersetzt|korrigiert|berichtigt)",
    "fr": r"(?:annule et remplace|ce communiqué (?:remplace|corrige))",
    "es": r"(?:este comunicado|esta nota|esta noticia) (?:sustituye|reemplaza|corrige|rectifica)",
    "it": r"(?:questo comunicato|il presente comunicato) (?:sostituisce|annulla|rettifica)",
    "nl": r"dit (?:pers)?bericht (?:vervangt|corrigeert)",
    "pt": r"este comunicado (?:substitui|corrige|retifica)",
    "sv": r"detta (?:pressmeddelande|meddelande) (?:ersätter|rättar)",
}
"""How the head of a text says that it replaces an earlier one."""
REPLACING = (
    *("replace", "been made to the", "diese ", "remplace", "communiqué", "comunicado", "esta nota", "esta noticia"),
    *("comunicato", "bericht", "meddelande"),
)
"""Every match of `REPLACES` contains one of these; a quick check before it."""
UPDATED_MARKS = {
    "en": r"(?:\d{1,2}(?:st|nd|rd|th) (?:ld|lead)(?:[- ]?writethru)?|(?:\d{1,2}(?:st|nd|rd|th) )?writethru"
    r"|update ?\d{0,2}|updated)",
    "ja": r"更新",
    "ko": r"\d보",
}
"""Marks of a later take of a story: leads and updates of agencies."""
UPDATED_IN_BRACKETS = {"en": r"(?:lead|ld)(?:[- ]?writethru)?"}
"""Marks that are common words unless they stand in brackets."""
TO_EDITORS = {
    "en": r"(?:editors|attention|to subscribers)",
    "de": r"(?:achtung|an die redaktion(?:en)?|hinweis an|redaktionen)",
    "fr": r"(?:attention|à l'attention|avis aux|note aux)",
    "es": r"(?:atención|a los editores|a nuestros|aviso a)",
    "it": r"(?:attenzione|ai redattori|avviso)",
    "nl": r"(?:attentie|let op|aan de redactie)",
    "pt": r"(?:atenção|aos editores|aviso)",
}
"""How a notice to editors begins."""
