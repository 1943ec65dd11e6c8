"""Detects the language of an item: as the wire states it, else by its script, else by its letters; never a guess.

The model is that of py3langid (BSD): naive Bayes over byte sequences. Its sums are computed in whole numbers here, so
that every machine decides alike.
"""

import re
from functools import cache

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SCRIPTS = {
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
}
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fc]")
_BORROWED_KANA = "の"
"""Chinese brands and headlines borrow it; it alone makes no text Japanese."""
_JAPANESE_HAN = re.compile(
    "[増円経図対売続総発実価権険銭込働広辺済歩毎帰駅薬鉄塩圧応団囲検県恵撃穏譲徳闘拝払満悪変処戦戻拠択沢浄焼継緑聴観覚訳読"
    "証転軽遅録隠雑霊顔験黒営単労収気様産効勧廃査楽歴残渉関]"
    "|通期|月期|短信|頭取|社長|取締役|執行役|株式会社|上方修正|下方修正|完全失業率|年率|前期比|自社株|復配|受注|提携|公開買付|参院|衆院"
    "|震度|横綱|上告棄却|希望退職|入札、"
)
"""Han as only Japan writes them, and words that only Japan makes of them; Chinese has others."""
_MODEL_LANGUAGES = "en de fr es it nl da no sv fi pt pl cs hu ro ru uk bg tr id"
LANGUAGES = tuple(_MODEL_LANGUAGES.split())
"""The languages among which the model chooses. Those with a script of their own need no model."""
_FURNITURE = re.compile(r"https?://\S+|[@#$]\w+|\([^()]{0,40}:[^()]{0,40}\)|\d[\d.,]*")
_NAME_BEFORE_COLON = re.compile(r"^(?=[^:\n]*[^\W\d_])[^a-zß-öø-ÿ:\n]{2,60} : ")
"""The company before the colon of a title-only row, `NORDWIND AG : UBS sticks Neutral`: a name has no language."""
_CAPITALISED = re.compile(r"\b[A-Z]\w*")
_WORD = re.compile(r"[^\W\d_]+")
SAMPLE_CHARACTERS = 160
"""Characters of headline and text that are read."""
MIN_WORDS = 4
"""Words that a text must have for the model to decide."""
_UNIT = 1024
ENGLISH_BONUS = 6 * _UNIT
"""Bonus of English: most wire copy is English, and its headlines are full of names from other languages."""
MIN_MARGIN = 1 * _UNIT
"""Lead that the best language must have over the next, in natural logarithms of a likelihood."""
SCANDINAVIAN_MARGIN = 3 * _UNIT
"""The same between Danish, Norwegian and Swedish, which share most of their letters."""
CUE_BONUS = 8 * _UNIT
"""Bonus of a Scandinavian language for each word of the text that only it has."""
ENDING_BONUS = 3 * _UNIT
"""The same for the end of a word."""
_CUES = {
    "da": (
        "af mio mia øger hæver køber køb sælger selskab selskabet aktie aktier aktien aktierne udbytte regnskab"
        " overskud underskud opjusterer nedjusterer procent kvartalet bliver ud uden også måned mod efter omsætning"
        " virksomhed virksomheder milliarder hos nye bestyrelse bestyrelsen sommer udbetale per kroner topchef aftale"
        " stiger hjem falder lukker åbner opkøb opkøber overtager frasælger sælge købe købt sænker løfter fyrer"
        " medarbejdere uge uger højere højeste højst hvede told toldsatser dansk danske danmark lavere nedjustering"
        " bestyrelsesformand direktion koncernchef datterselskab forventer forventninger venter indtjening gæld rente"
        " renten boligpriser boligpriserne huspriser økonomi vækst beskæftigelse ledighed forbrugertillid finansloven"
        " regeringen folketinget mand kvinde politi anholdt sigtet skuespiller vinder taber slår går siger mener"
        " vil skal kan ikke meget mere flere færre penge tjener skuffer hårdt spørgsmål ændrer ændring fortsætter"
        " skriver advarer udnævner udpeger forlader fratræder ordre fremgang tilbagegang rekord dykker stort stor"
        " gør får sætter ramt rammer næste end driftsresultat"
        " skrevet bedre billigere år året dag dage i på med til fra for om sig den det de en et er har"
    ),
    "no": (
        "av kjøper kjøp selger selskap selskapet aksje aksjer aksjen aksjene utbytte overskudd underskudd prosent"
        " kvartalet blir ut uten også måned mot etter omsetning virksomhet milliarder milliard hos nye styret sommeren"
        " opp hever øker kroner toppsjef avtale får konsernsjef ordre millioner sier vil børs stiger oljefondet faller"
        " stenger åpner oppkjøp overtar selge kjøpe kjøpt senker løfter sparker ansatte uke uker høyere høyeste hvete"
        " toll norsk norske norge lavere nedjusterer styreleder administrerende datterselskap venter forventer"
        " inntjening gjeld rente renten boligpriser boligprisene økonomi vekst sysselsetting ledighet statsbudsjettet"
        " regjeringen stortinget mann kvinne politi politiet pågrepet siktet skuespiller vinner taper slår går mener"
        " skal kan ikke mye mer flere færre penger tjener skuffer hardt spørsmål endrer endring fortsetter skriver"
        " advarer ansetter utnevner forlater slutter gir gikk fikk tok ble hadde nå åpnet falt steg laks strøm kraft"
        " gjør setter rammet neste enn kutter oppside nedgraderer varsler bedre"
        " billigere driftsresultat år året dag dager i på med til fra for om seg den det de en et er har vei bygge"
    ),
    "sv": (
        "och av köper köp säljer bolag bolaget aktie aktier aktien aktierna utdelning vinst förlust procent kvartalet"
        " blir ut utan också månad mot efter från för är omsättning miljarder hos nya styrelsen sommaren upp höjer ökar"
        " kronor vd avtal får order miljoner säger börsen stiger till ett sänker lyfter faller rusar rasar backar"
        " öppnar stänger förvärvar förvärv sälja köpa köpt varslar anställda vecka veckor högre högsta svensk svenska"
        " sverige lägre ordförande ledamot dotterbolag väntar väntat lönsamhet skuld ränta räntan bostadspriser"
        " bostadspriserna ekonomi ekonomin tillväxt sysselsättning arbetslöshet arbetslösheten regeringen riksdagen"
        " kvinna polisen gripen misstänkt skådespelare vinner tappar slår går menar ska kan inte mycket mer fler färre"
        " pengar tjänar hårt fråga ändrar fortsätter skriver varnar utser lämnar slutar ger gick fick tog blev hade nu"
        " gör sätter drabbas nästa år året dag dagar i på med om sig den det de en har än så spår räknar ny nytt"
    ),
}


def detect_language(stated: str, headline: str, text: str) -> str:
    """Returns the BCP 47 tag with its language subtag in lower case; empty where the language is not certain."""
    tag = stated.strip().replace("_", "-")
    if _TAG.fullmatch(tag):
        head, _, rest = tag.partition("-")
        return f"{head.lower()}-{rest}" if rest else head.lower()
    title = _NAME_BEFORE_COLON.sub("", headline)
    if title != headline and not text and not title.isupper():
        title = _CAPITALISED.sub(" ", title)  # a broker or another name; of a row few words are left
    sample = f"{title}\n{text[:SAMPLE_CHARACTERS]}"[:SAMPLE_CHARACTERS]
    if not sample.isascii() and (code := _find_script(sample)):
        return code
    sample = _FURNITURE.sub(" ", sample)
    words = _WORD.findall(sample)
    return _classify_letters(sample, words) if len(words) >= MIN_WORDS else ""


def _find_script(sample: str) -> str:
    """Returns the language that the script tells; empty for Latin and Cyrillic letters."""
    letters = sum(map(str.isalpha, sample))
    found = _KANA.findall(sample)
    kana, is_written_in_kana = len(found), any(one != _BORROWED_KANA for one in found)
    for code, script in _SCRIPTS.items():
        if letters and (len(script.findall(sample)) + kana) * 5 > letters:
            japanese = code == "zh" and (is_written_in_kana or _JAPANESE_HAN.search(sample) is not None)
            return "ja" if japanese or kana * 5 > letters else code
    return ""


def _classify_letters(sample: str, words: list[str]) -> str:
    """Returns the language that the model finds most likely; empty where another one is nearly as likely."""
    found = load_language_model().score(" ".join(sample.split()))
    best, next_best = _take_two(found)
    if best[1] not in _CUES:
        return best[1] if best[0] - next_best[0] >= MIN_MARGIN else ""
    spoken = {word.lower() for word in words}
    for code, cues in _OWN_CUES.items():
        ends = sum(len(word) > 5 and _ENDINGS[code].search(word) is not None for word in spoken)
        found[code] += CUE_BONUS * len(spoken & cues) + ENDING_BONUS * ends
    best, next_best = _take_two(found)
    margin = SCANDINAVIAN_MARGIN if next_best[1] in _CUES else MIN_MARGIN
    return best[1] if best[0] - next_best[0] >= margin else ""


def _take_two(found: dict[str, int]) -> list[tuple[int, str]]:
    return sorted(((score, code) for code, score in found.items()), reverse=True)[:2]


_ENDINGS = {
    "da": re.compile(r"(?:hed|heden|erne|øjere|iseret)$"),
    "no": re.compile(r"(?:sjon|sjonen|sjoner|øya|[^r]ene|heten)$"),
    "sv": re.compile(r"(?:erna|arna|orna|ningar)$"),
}
"""Ends of words by which one Scandinavian language differs from the others: `aktierne`, `aksjene`, `aktierna`."""
_OWN_CUES = {
    code: frozenset(cues.split()).difference(*(other.split() for name, other in _CUES.items() if name != code))
    for code, cues in _CUES.items()
}
"""The cues of each language that neither of the others has."""


class LanguageModel:
    """Scores each language for a text, in whole numbers: 1,024 for one natural logarithm."""

    def __init__(self) -> None:
        import numpy as np
        from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

        read = LanguageIdentifier.from_model_file(MODEL_FILE)
        read.set_languages(LANGUAGES)
        self._numpy, self._visit_counts = np, visit_counts
        self._identifier = read
        self._classes: list[str] = read.nb_classes
        self._table = np.rint(np.asarray(read.nb_ptc, dtype=np.float64) * _UNIT).astype(np.int64)
        self._prior = np.rint(np.asarray(read.nb_pc, dtype=np.float64) * _UNIT).astype(np.int64)

    def score(self, text: str) -> dict[str, int]:
        """Returns the score of each language, the bonus of English included."""
        np, read = self._numpy, self._identifier
        visits = self._visit_counts(read.tk_nextmove, read._rowbase, read.tk_output, read._encode(text)) or {}
        features = np.fromiter(visits.keys(), dtype=np.intp, count=len(visits))
        weights = np.rint(np.log1p(np.fromiter(visits.values(), dtype=np.float64, count=len(visits))) * _UNIT)
        sums = (weights.astype(np.int64) @ self._table[features]) // _UNIT + self._prior
        found: dict[str, int] = {}
        for code, score in zip(self._classes, sums.tolist(), strict=True):
            found[code] = max(found.get(code, score), score)
        found["en"] += ENGLISH_BONUS
        return found


@cache
def load_language_model() -> LanguageModel:
    """Loads the model once. It takes a second, so a child process loads it before its first item."""
    return LanguageModel()
