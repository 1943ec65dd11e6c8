"""Lists the words that make or do not make two stories of two texts: opposites, synonyms, spellings, forms of names.

A word is written as `differing_words.fold_word` returns it. To add a language, add its row to `OPPOSITES`.
"""

from itertools import combinations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNITS_OF_MEASURE = (
    (
        "thousand thousands tausend mille mil mila",
        "million millions mln mio millionen mill\u00f3n millones milione milioni",
        "billion billions bln bn milliarde milliarden mrd milliard milliards miliardo miliardi",
        "trillion trillions trn",
    ),
    (
        "dollar dollars dlr dlrs usd $ d\u00f3lar d\u00f3lares dollari dollaro",
        "euro euros eur \u20ac",
        "pound pounds sterling gbp \u00a3 pfund livre livres libra libras sterlina sterline",
        *("pence", "yen yens jpy \u00a5"),
        *("yuan renminbi rmb cny", "franc francs chf", "krona kronor krone kroner crown crowns sek nok dkk"),
        *("rupee rupees inr", "rouble roubles ruble rubles rub", "peso pesos mxn", "zloty zlotys pln", "rand zar"),
    ),
    ("kilowatt kilowatts kw", "megawatt megawatts mw", "gigawatt gigawatts gw", "terawatt terawatts tw"),
    ("gram grams", "kilogram kilograms kilo kilos kg", "ounce ounces oz", "tonne tonnes ton tons"),
    ("metre metres meter meters", "kilometre kilometres kilometer kilometers km", "mile miles"),
    ("percent pct % prozent", "points", "\u2030"),
    ("< \u2264", "> \u2265"),
)
"""Measures of one kind, each with its forms: a figure with one of them is another fact than with another."""
_GOODS = (
    *(("gold", "silver", "platinum", "palladium"), ("copper", "nickel", "zinc", "tin", "aluminium aluminum")),
    ("wheat", "corn maize", "barley", "soybean soybeans soya", "oats", "rye", "rice"),
    ("beef cattle", "pork hog hogs", "poultry chicken chickens"),
    ("equity equities", "bond bonds", "property"),
    ("shares", "warrants", "options", "notes"),
)
"""Goods and papers of one kind: what is said of one of them is another fact than of another."""
OTHER_THINGS = tuple(pair for things in (*_UNITS_OF_MEASURE, *_GOODS) for pair in combinations(things, 2))
"""Pairs of words that name two things, in whatever language."""
OPPOSITES: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (
            "approve approves approved approving approval accept accepts accepted back backs backed confirm confirms "
            "confirmed grant grants granted clear clears cleared pass passes passed agree agrees agreed",
            "decline declines declined declining reject rejects rejected rejection refuse refuses refused deny denies "
            "denied oppose opposes opposed block blocks blocked dismiss dismisses dismissed veto vetoes vetoed",
        ),
        (
            "raise raises raised raising lift lifts lifted increase increases increased increasing up rise rises rose "
            "risen gain gains gained climb climbs climbed jump jumps jumped higher advance advances advanced hike "
            "hikes hiked grow grows grew boost boosts boosted improve improves improved widen widens widened above",
            "cut cuts cutting lower lowers lowered lowering reduce reduces reduced reducing decrease decreases "
            "decreased down fall falls fell fallen drop drops dropped slip slips slipped slide slides slid plunge "
            "plunges plunged decline declines declined shrink shrinks shrank trim trims trimmed worsen worsens "
            "worsened narrow narrows narrowed below",
        ),
        (
            "affirm affirms affirmed reaffirm reaffirms reaffirmed maintain maintains maintained reiterate reiterates "
            "reiterated confirm confirms confirmed keep keeps kept unchanged",
            "upgrade upgrades upgraded downgrade downgrades downgraded raise raises raised cut cuts lower lowers "
            "lowered withdraw withdraws withdrawn suspend suspends suspended",
        ),
        ("upgrade upgrades upgraded", "downgrade downgrades downgraded"),
        ("stable", "negative positive developing"),
        ("positive favourable favorable", "negative unfavourable unfavorable"),
        ("buy buys outperform overweight", "sell sells underperform underweight hold neutral"),
        (
            "buy buys buying bought purchase purchases purchased acquire acquires acquired acquiring acquisition",
            "sell sells selling sold divest divests divested dispose disposes disposed disposal sale",
        ),
        (
            "join joins joined joining add adds added enter enters entered include includes included inclusion appoint "
            "appoints appointed hire hires hired elect elects elected",
            "leave leaves left leaving remove removes removed exit exits exited delete deletes deleted exclude "
            "excludes excluded exclusion deletion resign resigns resigned retire retires retired depart departs "
            "departed quit quits",
        ),
        ("win wins won winning gain gains gained", "lose loses lost losing"),
        (
            "open opens opened opening start starts started begin begins began launch launches launched resume resumes "
            "resumed restart restarts restarted",
            "close closes closed closing stop stops stopped end ends ended halt halts halted suspend suspends "
            "suspended cancel cancels cancelled canceled terminate terminates terminated postpone postpones postponed",
        ),
        ("profit profits surplus", "loss losses deficit"),
        ("beat beats exceed exceeds exceeded topped tops", "miss misses missed"),
        ("meet meets met achieved achieves", "miss misses missed fail fails failed"),
        ("succeed succeeds succeeded success successful", "fail fails failed failure unsuccessful"),
        ("export exports exported", "import imports imported"),
        ("long", "short"),
        ("call", "put"),
        ("accumulating acc accumulation", "distributing dist distribution"),
        ("hedged", "unhedged"),
        ("first opening initial", "last closing final"),
        ("interim", "final"),
        ("ordinary", "preference preferred special"),
        ("acquisition", "disposal"),
        ("guilty convicted", "innocent acquitted"),
        ("grant grants granted award awards awarded", "revoke revokes revoked withdraw withdraws withdrawn"),
        ("uphold upholds upheld", "overturn overturns overturned quash quashes quashed reverse reverses reversed"),
        ("arrest arrests arrested detain detains detained", "release releases released free frees freed"),
        ("kill kills killed dead die dies died", "injure injures injured wound wounds wounded hurt"),
        ("lift lifts lifted", "extend extends extended impose imposes imposed"),
        ("pass passed", "withdraw withdrawn"),
        ("lapse lapses lapsed", "unconditional extended"),
        ("become becomes became", "cease ceases ceased"),
        ("gross", "net operating pretax"),
        ("net", "operating pretax"),
        ("oil crude", "gas"),
        ("diesel", "petrol gasoline"),
        ("buyer buyers", "seller sellers"),
        ("man men male boy boys", "woman women female girl girls"),
        ("adult adults", "child children"),
        ("mild moderate", "severe serious"),
        ("north northern", "south southern"),
        ("east eastern", "west western"),
        ("before", "after"),
        ("for", "against"),
        ("with", "without"),
        ("annual yearly", "quarterly monthly weekly daily"),
        ("quarterly", "monthly weekly daily"),
        ("monthly", "weekly daily"),
        ("weekly", "daily"),
        ("inflow inflows", "outflow outflows"),
        ("pull pulls pulled pulling withdraw withdraws withdrew", "pour pours poured pouring put puts"),
        ("strong stronger", "weak weaker"),
        ("allot allots allotted issue issues issued", "cancel cancels cancelled canceled redeem redeems redeemed"),
        ("am", "pm"),
        ("annual", "extraordinary special"),
        ("employed employment", "unemployed unemployment"),
    ),
    "de": (
        ("genehmigt genehmigen billigt stimmt", "lehnt ablehnen abgelehnt untersagt verweigert"),
        (
            "erhöht erhöhen steigt steigen stieg hebt anhebt angehoben wächst wuchs zulegt",
            "senkt senken gesenkt fällt fallen fiel sinkt sank kürzt gekürzt schrumpft verliert",
        ),
        ("bestätigt bekräftigt", "heraufgestuft herabgestuft hochgestuft gesenkt angehoben"),
        ("heraufgestuft hochgestuft", "herabgestuft"),
        ("stabil", "negativ positiv"),
        ("positiv", "negativ"),
        ("kauft kaufen erwirbt übernimmt", "verkauft verkaufen veräussert"),
        ("gewinnt gewann", "verliert verlor"),
        ("öffnet eröffnet startet beginnt", "schliesst beendet stoppt stellt"),
        ("gewinn überschuss", "verlust fehlbetrag defizit"),
        ("höher höhere höheren höherer höheres", "niedriger niedrigere niedrigeren niedrigerer niedrigeres"),
        ("erhält erhielt erhalten", "verliert verlor verloren"),
        ("erworben gekauft zugekauft", "veräussert verkauft abgegeben"),
        ("erwerb kauf käufe ankauf", "veräusserung verkauf verkäufe"),
        ("zufluss zuflüsse", "abfluss abflüsse"),
        ("importe einfuhr einfuhren", "exporte ausfuhr ausfuhren"),
        ("ordentliche ordentlichen", "ausserordentliche ausserordentlichen"),
    ),
    "fr": (
        ("approuve approuvé accepte accepté autorise autorisé", "rejette rejeté refuse refusé interdit"),
        (
            "relève relevé augmente augmenté hausse monte progresse",
            "abaisse abaissé réduit baisse recule chute diminue",
        ),
        ("confirme confirmé maintient", "relève relevé abaisse abaissé dégrade dégradé"),
        ("stable", "négative positive"),
        ("positive", "négative"),
        ("achète acquiert rachète", "vend cède"),
        ("gagne remporte", "perd"),
        ("ouvre lance", "ferme suspend arrête"),
        ("bénéfice excédent", "perte déficit"),
        ("bénéficiaire bénéficiaires", "déficitaire déficitaires"),
        (
            "acheté achetée achetés achetées acquis acquise acquises",
            "vendu vendue vendus vendues cédé cédée cédés cédées",
        ),
        ("achat achats acquisition acquisitions", "vente ventes cession cessions"),
        ("importation importations", "exportation exportations"),
        ("nomination nommé nommée", "démission départ démissionne"),
        ("collecte souscriptions", "décollecte rachats"),
        ("chômeurs chômage", "emploi emplois"),
    ),
    "es": (
        ("aprueba aprobó acepta autoriza", "rechaza rechazó deniega niega"),
        ("sube subió eleva elevó aumenta crece", "baja bajó recorta recortó reduce cae cayó"),
        ("confirma mantiene", "eleva rebaja recorta anula"),
        ("estable", "negativa positiva"),
        ("positiva", "negativa"),
        ("compra adquiere", "vende"),
        ("gana ganó", "pierde perdió"),
        ("abre inicia lanza", "cierra suspende cancela"),
        ("beneficio superávit", "pérdida pérdidas déficit"),
        ("comprado comprada comprados adquirido adquirida adquiridos adquiridas", "vendido vendida vendidos vendidas"),
        ("compra compras adquisición", "venta ventas"),
        ("importación importaciones", "exportación exportaciones"),
        ("parados paro desempleados", "ocupados empleo empleados"),
        ("nombramiento nombra", "dimisión dimite cese"),
    ),
    "it": (
        ("approva approvato accetta autorizza", "respinge respinto rifiuta nega"),
        ("alza aumenta sale cresce rialzo", "taglia riduce scende cala ribasso"),
        ("conferma mantiene", "alza abbassa taglia"),
        ("stabile", "negativo positivo"),
        ("compra acquista", "vende cede"),
        ("apre avvia lancia", "chiude sospende"),
        ("utile", "perdita"),
        ("comprato acquistato acquistate acquistati", "venduto vendute venduti ceduto cedute"),
        ("acquisto acquisti acquisizione", "vendita vendite cessione"),
        ("importazioni", "esportazioni"),
    ),
}
"""Language -> pairs of opposites, each side with the forms of its words."""

NEGATIONS = {
    "en": _words("not no never without cannot neither nor failed fails denies denied"),
    "de": _words("nicht kein keine keinen nie ohne"),
    "fr": _words("ne pas aucun aucune jamais sans"),
    "es": _words("no ningún ninguna nunca sin"),
    "it": _words("non nessun nessuna mai senza"),
}
"""Language -> words that turn a statement into its opposite."""

SYNONYMS = (
    "set sets declare declares declared announce announces announced announcement",
    "cut cuts lower lowers reduce reduces trim trims slash slashes",
    "raise raises lift lifts increase increases boost boosts hike hikes up ups",
    "buy buys acquire acquires purchase purchases",
    "sell sells divest divests",
    "name names appoint appoints hire hires",
    "win wins secure secures land lands get gets receive receives",
    "say says said report reports reported post posts",
    "see sees expect expects",
    "unit subsidiary",
    "begin begins start starts launch launches",
    "review reviews mull mulls consider considers",
    "plan plans to",
    "pct percent",
    "mln million",
    "bln bn billion",
    "trln tn trillion",
    "qtr quarter",
    "qtly quarterly",
    "dlr dlrs dollar dollars",
    "ct cts cent cents",
    "yr year",
    "us usa american america",
    "uk britain british",
    "payout dividend distribution",
    "govt government",
    "int'l intl international",
    "agm meeting",
)
"""Words that headlines of one story use for one another."""

SPELLINGS = (
    "color colour,colors colours,labor labour,harbor harbour,harbors harbours,favor favour,favors favours,"
    "honor honour,honors honours,neighbor neighbour,neighbors neighbours,behavior behaviour,rumor rumour,"
    "rumors rumours,vapor vapour,armor armour,endeavor endeavour,favorable favourable,center centre,centers centres,"
    "meter metre,meters metres,liter litre,liters litres,theater theatre,fiber fibre,license licence,defense defence,"
    "offense offence,program programme,programs programmes,check cheque,checks cheques,catalog catalogue,"
    "dialog dialogue,aluminum aluminium,gray grey,tire tyre,tires tyres,plow plough,skeptical sceptical,"
    "jewelry jewellery,mold mould,pediatric paediatric,anemia anaemia,estrogen oestrogen,sulfur sulphur,"
    "maneuver manoeuvre,canceled cancelled,canceling cancelling,traveled travelled,traveling travelling,"
    "labeled labelled,labeling labelling,modeled modelled,modeling modelling,fueled fuelled,signaled signalled,"
    "totaled totalled,leveled levelled,counseling counselling,enrollment enrolment,fulfillment fulfilment,"
    "installment instalment,fulfill fulfil,enroll enrol,judgment judgement,aging ageing,advisor adviser,"
    "advisors advisers,toward towards,while whilst,among amongst"
)
"""American and British spellings of one word; those in -ize and -ise follow a rule."""

LEGAL_FORMS = _words(
    "inc incorporated corp corporation co company companies ltd limited plc llc llp lp sa se ag nv bv ab asa oyj spa "
    "srl gmbh kgaa kg pty pte sarl sas holding holdings group the"
)
"""Words of a company's name that one wire writes and another leaves out."""

ROLES = _words(
    "mr mrs ms dr prof sir dame lord ceo cfo coo cto chief executive financial operating officer president chairman "
    "chairwoman chair director managing vice senior founder spokesman spokeswoman spokesperson minister governor head "
    "secretary treasurer general analyst professor sen senator rep representative congressman congresswoman gov judge "
    "justice ambassador gen lt col capt rev hon reuters ap afp bloomberg prnewswire globenewswire businesswire wire "
    "newswire nyse nasdaq amex otc otcqb otcqx tsx lse"
)
"""Capitalised words that name no one: titles, wires, exchanges."""

COMMON = _words(
    "a an the of in on at to for and or by with from as it its he she they we you his her their our this that these "
    "those which who whom whose what when where while is are was were be been being has have had will would shall "
    "should may might can could do does did said says say also but if than then there here into over under about "
    "after before between through during per via out off up down more most some any all each both such only own same "
    "so very just now today yesterday tomorrow new"
)
"""Words that carry no fact of their own."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "fourth fifth sixth seventh eighth ninth tenth"
_ENGLISH_NUMBERS = {
    **{word: str(number) for number, word in enumerate(_UNITS.split())},
    **{word: str(10 * number) for number, word in enumerate(_TENS.split(), 3)},
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    **{word: f"{number}th" for number, word in enumerate(_ORDINALS.split(), 4)},
    "hundred": "100",
    "nil": "0",
    "none": "0",
}
"""The NIL of a table is 0."""
_OTHER_NUMBERS = {
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf",
}
NUMBER_WORDS: dict[str, dict[str, str]] = {
    "en": _ENGLISH_NUMBERS,
    **{
        language: {word: str(number) for number, word in enumerate(words.split(), 2)}
        for language, words in _OTHER_NUMBERS.items()
    },
}
"""Language -> number in words -> figures. Where one is an article too, it is left out."""

CLASS_NOUNS = _words(
    "series class classes share shares stock unit units note notes bond bonds tranche fund trust vct part phase tier "
    "type group schedule option portfolio warrant warrants certificate certificates debenture debentures loan zone "
    "block lot unit line stage level"
)
"""Words beside which a letter or a figure is a name: `Series J`, `Fund II`, `VCT 2`."""

MODIFIERS = _words("us uk eu")
"""Abbreviations before a name that are no part of it: `U.S. Steel`."""

DATES = _words(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
    "sat sun"
)

SHORT_FORMS = _words("corp inc intl dept govt univ prof assn bros natl tech mfg")
"""Words that are cut short: another word that begins so is the same."""
