# ruff: noqa: RUF001 - Chinese and Japanese have their own punctuation
"""Builds stories in the languages of the rules but English, of a few kinds and with sentences of each language."""

from typing import NamedTuple

from streams.generate import names
from streams.generate.names import strip_legal_form
from streams.generate.rng import Rng
from streams.generate.story import InventedStory

_C = "companies"
_EVENTS = (_C, "companies.events")
_CONTRACT = (_C, "companies.new-contracts")
_PEOPLE = (_C, "companies.appointments")


class _Language(NamedTuple):
    """The texts of one language.

    `kinds` has (headline, first paragraph, categories) with `{name}`, `{listed}`, `{amount}`, `{other}`, `{person}`
    and `{place}`. A sentence is one of `begins`, one of `middles`, the site, and one of `ends`.
    """

    code: str
    kinds: tuple[tuple[str, str, tuple[str, ...]], ...]
    begins: tuple[str, ...]
    middles: tuple[str, ...]
    ends: tuple[str, ...]
    site: str
    """The part of a sentence that names the place and the number of jobs."""
    about: str
    amount: str
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = names.TOWNS


_GERMAN = _Language(
    "de",
    (
        (
            "{name} steigert Umsatz auf {amount}",
            "{listed} hat den Umsatz im abgelaufenen Quartal auf {amount} gesteigert, wie das Unternehmen mitteilte.",
            _EVENTS,
        ),
        (
            "{name} erhält Auftrag über {amount} von {other}",
            "{listed} hat von {other} einen Auftrag über {amount} erhalten; geliefert wird aus dem Werk in {place}.",
            _CONTRACT,
        ),
        (
            "{name} beruft {person} in den Vorstand",
            "{listed} hat {person} in den Vorstand berufen; der Vertrag hat einen Wert von {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "Das Unternehmen plant,", "Der Vorstand beabsichtigt,", "Die Werksleitung hofft,", "Die Sparte verspricht,",
        "Der Betriebsrat und die Leitung empfehlen,", "Die neue Einheit hat begonnen,", "Der Bereich Technik versucht,",
    ),
    (
        "die Halle am Fluss", "das Lager im Norden", "die Lehrwerkstatt", "den Pilotofen", "die Verpackungslinie",
        "das Kundenportal", "die Prüfstände", "das Archiv der Messdaten",
    ),
    (
        "bis zum Frühjahr zu erneuern.", "in drei Schritten umzubauen.",
        "ohne Unterbrechung der Lieferungen zu verlegen.",
        "nach zwei Jahren der Versuche zu eröffnen.", "für kleinere Kunden zu öffnen.",
        "mit eigenen Mitteln zu erweitern.",
    ),
    "in {} ({} Stellen)",
    "{name} fertigt Maschinen für kleine Städte und wurde für diesen Datenstrom erfunden.",
    "{a},{b} Millionen Euro",
)  # fmt: skip
_FRENCH = _Language(
    "fr",
    (
        (
            "{name} annonce un chiffre d'affaires de {amount}",
            "{listed} a annoncé pour le trimestre un chiffre d'affaires de {amount}, en hausse sur un an.",
            _EVENTS,
        ),
        (
            "{name} remporte un contrat de {amount} avec {other}",
            "{listed} a remporté un contrat de {amount} auprès de {other} ; les livraisons partiront de {place}.",
            _CONTRACT,
        ),
        (
            "{name} nomme {person} au conseil d'administration",
            "{listed} a nommé {person} au conseil d'administration, qui suivra un budget de {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "La société prévoit de moderniser", "La direction souhaite agrandir", "Le groupe va déplacer",
        "L'équipe technique compte rouvrir", "La division veut simplifier", "Le conseil a décidé de céder",
    ),
    (
        "l'entrepôt du nord", "l'atelier d'apprentissage", "la ligne d'emballage", "le four pilote",
        "la station de pompage", "le portail des clients", "le laboratoire de mesure",
    ),
    (
        "avant la fin du printemps.", "en trois étapes.", "sans interrompre les livraisons.",
        "après deux ans d'essais.",
        "dès que les permis seront accordés.", "avec l'accord du comité d'entreprise.",
    ),
    "à {} ({} postes)",
    "{name} fabrique des machines pour les petites villes et a été inventée pour ce flux.",
    "{a},{b} millions d'euros",
)  # fmt: skip
_SPANISH = _Language(
    "es",
    (
        (
            "{name} anuncia ingresos de {amount}",
            "{listed} anunció ingresos de {amount} en el trimestre, más que en el mismo periodo del año pasado.",
            _EVENTS,
        ),
        (
            "{name} gana un contrato de {amount} con {other}",
            "{listed} ganó un contrato de {amount} con {other}; las entregas saldrán de la planta de {place}.",
            _CONTRACT,
        ),
        (
            "{name} nombra a {person} como consejero",
            "{listed} nombró a {person} como consejero, que seguirá un presupuesto de {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "La empresa piensa renovar", "La dirección quiere ampliar", "El grupo va a trasladar",
        "El equipo técnico espera abrir", "La división prefiere simplificar", "El consejo decidió vender",
    ),
    (
        "el almacén del norte", "el taller de aprendices", "la línea de envasado", "el horno piloto",
        "la estación de bombeo", "el portal de clientes", "el laboratorio de medidas",
    ),
    (
        "antes del final de la primavera.", "en tres pasos.", "sin interrumpir las entregas.",
        "tras dos años de pruebas.",
        "cuando lleguen los permisos.", "con el acuerdo de los trabajadores.",
    ),
    "en {} ({} puestos)",
    "{name} fabrica máquinas para pueblos pequeños y fue inventada para este flujo.",
    "{a},{b} millones de euros",
)  # fmt: skip
_CHINESE = _Language(
    "zh",
    (
        ("{name}公布季度营业收入{amount}", "{listed}今日公布，上一季度营业收入为{amount}，高于去年同期。", _EVENTS),
        (
            "{name}与{other}签署{amount}供货合同",
            "{listed}与{other}签署了价值{amount}的供货合同，产品将从{place}发运。",
            _CONTRACT,
        ),
        ("{name}任命{person}为财务总监", "{listed}宣布任命{person}为财务总监，其负责的预算为{amount}。", _PEOPLE),
    ),
    ("公司计划", "管理层准备", "工程团队已经开始", "董事会同意", "新部门打算", "运营中心希望"),
    (
        "翻新北方仓库",
        "扩建培训车间",
        "改造包装生产线",
        "开放河边泵站",
        "更换试验炉",
        "建设客户服务平台",
        "升级检测实验室",
    ),
    (
        "，预计明年春季完成。",
        "，分三个阶段进行。",
        "，期间不影响交货。",
        "，以缩短交货时间。",
        "，并节约三分之一的用水。",
        "，首批员工已到岗。",
    ),
    "（{}，{}个岗位）",
    "{name}为小城镇制造机器，本公司为此数据流虚构。",
    "{a}.{b}亿元",
    names.CHINESE_PEOPLE,
    names.CHINESE_PLACES,
)  # fmt: skip
_ITALIAN = _Language(
    "it",
    (
        (
            "{name}: ricavi a {amount} nel trimestre",
            "{listed} ha registrato nel trimestre ricavi per {amount}, in crescita rispetto all'anno precedente.",
            _EVENTS,
        ),
        (
            "{name} si aggiudica un contratto da {amount} con {other}",
            "{listed} si è aggiudicata un contratto da {amount} con {other}; le consegne partiranno da {place}.",
            _CONTRACT,
        ),
        (
            "{name} nomina {person} direttore finanziario",
            "{listed} ha nominato {person} direttore finanziario, che seguirà un bilancio di {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "La società prevede di rinnovare", "La direzione intende ampliare", "Il gruppo vuole spostare",
        "La squadra tecnica spera di aprire", "La divisione preferisce semplificare",
        "Il consiglio ha deciso di cedere",
    ),
    (
        "il magazzino del nord", "la scuola degli apprendisti", "la linea di imballaggio", "il forno pilota",
        "la stazione di pompaggio", "il portale dei clienti", "il laboratorio di misura",
    ),
    (
        "entro la primavera.", "in tre fasi.", "senza interrompere le consegne.", "dopo due anni di prove.",
        "appena arriveranno i permessi.", "con l'accordo dei lavoratori.",
    ),
    "a {} ({} posti)",
    "{name} costruisce macchine per piccole città ed è stata inventata per questo flusso.",
    "{a},{b} milioni di euro",
)  # fmt: skip
_DUTCH = _Language(
    "nl",
    (
        (
            "{name} boekt kwartaalomzet van {amount}",
            "{listed} heeft in het kwartaal een omzet van {amount} geboekt, meer dan een jaar eerder.",
            _EVENTS,
        ),
        (
            "{name} krijgt order van {amount} van {other}",
            "{listed} heeft van {other} een order van {amount} gekregen; de machines worden vanuit {place} geleverd.",
            _CONTRACT,
        ),
        (
            "{name} benoemt {person} tot financieel directeur",
            "{listed} heeft {person} benoemd tot financieel directeur, met een begroting van {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "Het bedrijf wil", "De directie hoopt", "De technische ploeg gaat", "De divisie belooft",
        "Het bestuur heeft besloten", "De ondernemingsraad raadt aan",
    ),
    (
        "het magazijn in het noorden", "de leerwerkplaats", "de verpakkingslijn", "de proefoven",
        "het pompstation", "het klantenportaal", "het meetlaboratorium",
    ),
    (
        "voor het voorjaar te vernieuwen.", "in drie stappen te verbouwen.", "zonder onderbreking te verplaatsen.",
        "na twee jaar proeven te openen.", "met eigen geld uit te breiden.",
        "met instemming van het personeel te sluiten.",
    ),
    "in {} ({} banen)",
    "{name} maakt machines voor kleine steden en is voor deze stroom verzonnen.",
    "{a},{b} miljoen euro",
)  # fmt: skip
_SWEDISH = _Language(
    "sv",
    (
        (
            "{name} redovisar kvartalsomsättning på {amount}",
            "{listed} redovisar en omsättning på {amount} för kvartalet, mer än under samma period i fjol.",
            _EVENTS,
        ),
        (
            "{name} får order värd {amount} från {other}",
            "{listed} har fått en order värd {amount} från {other}; leveranserna sker från {place}.",
            _CONTRACT,
        ),
        (
            "{name} utser {person} till finanschef",
            "{listed} har utsett {person} till finanschef, med ansvar för en budget på {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "Bolaget planerar att", "Ledningen hoppas", "Gruppen ska", "Teknikerna väntar på att få",
        "Styrelsen har beslutat att",
    ),
    (
        "förnya lagret i norr", "bygga om lärlingsverkstaden", "flytta förpackningslinjen", "öppna pumpstationen",
        "byta ut provugnen", "utvidga mätlaboratoriet",
    ),
    (
        "före våren.", "i tre steg.", "utan avbrott i leveranserna.", "efter två års försök.", "med egna medel.",
        "när tillstånden har kommit.",
    ),
    "i {} ({} tjänster)",
    "{name} tillverkar maskiner för små städer och är påhittat för det här flödet.",
    "{a},{b} miljoner kronor",
)  # fmt: skip
_DANISH = _Language(
    "da",
    (
        (
            "{name} øger kvartalsomsætningen til {amount}",
            "{listed} har i kvartalet øget omsætningen til {amount}, oplyser selskabet i sit regnskab.",
            _EVENTS,
        ),
        (
            "{name} modtager ordre på {amount} fra {other}",
            "{listed} har modtaget en ordre på {amount} fra {other}; maskinerne bliver leveret fra {place}.",
            _CONTRACT,
        ),
        (
            "{name} udnævner {person} til økonomidirektør",
            "{listed} har udnævnt {person} til økonomidirektør med ansvar for et budget på {amount}.",
            _PEOPLE,
        ),
    ),
    ("Selskabet vil", "Ledelsen håber at", "Koncernen skal", "Teknikerne venter på at", "Bestyrelsen har besluttet at"),
    (
        "forny lageret mod nord", "ombygge lærlingeværkstedet", "flytte pakkelinjen", "åbne pumpestationen",
        "udskifte prøveovnen", "udvide målelaboratoriet",
    ),
    (
        "inden foråret.", "i tre trin.", "uden afbrydelse af leverancerne.", "efter to års forsøg.",
        "for egne midler.", "når tilladelserne er kommet.",
    ),
    "i {} ({} stillinger)",
    "{name} fremstiller maskiner til små byer og er opdigtet til denne strøm.",
    "{a},{b} mio. kroner",
)  # fmt: skip
_NORWEGIAN = _Language(
    "no",
    (
        (
            "{name} øker kvartalsomsetningen til {amount}",
            "{listed} økte omsetningen til {amount} i kvartalet, ifølge selskapets kvartalsrapport.",
            _EVENTS,
        ),
        (
            "{name} får kontrakt verdt {amount} med {other}",
            "{listed} har fått en kontrakt verdt {amount} med {other}; leveransene går fra {place}.",
            _CONTRACT,
        ),
        (
            "{name} utnevner {person} til finansdirektør",
            "{listed} har utnevnt {person} til finansdirektør med ansvar for et budsjett på {amount}.",
            _PEOPLE,
        ),
    ),
    ("Selskapet vil", "Ledelsen håper å", "Konsernet skal", "Teknikerne venter på å", "Styret har vedtatt å"),
    (
        "fornye lageret i nord", "bygge om lærlingverkstedet", "flytte pakkelinjen", "åpne pumpestasjonen",
        "bytte ut prøveovnen", "utvide målelaboratoriet",
    ),
    (
        "før våren.", "i tre trinn.", "uten stans i leveransene.", "etter to års forsøk.", "med egne midler.",
        "når tillatelsene foreligger.",
    ),
    "i {} ({} stillinger)",
    "{name} lager maskiner for små byer og er funnet på for denne strømmen.",
    "{a},{b} millioner kroner",
)  # fmt: skip
_PORTUGUESE = _Language(
    "pt",
    (
        (
            "{name} anuncia receita de {amount} no trimestre",
            "{listed} anunciou receita de {amount} no trimestre, acima do mesmo período do ano passado.",
            _EVENTS,
        ),
        (
            "{name} fecha contrato de {amount} com {other}",
            "{listed} fechou um contrato de {amount} com {other}; as entregas sairão da fábrica de {place}.",
            _CONTRACT,
        ),
        (
            "{name} nomeia {person} como diretor financeiro",
            "{listed} nomeou {person} como diretor financeiro, que cuidará de um orçamento de {amount}.",
            _PEOPLE,
        ),
    ),
    (
        "A empresa pretende renovar", "A direção quer ampliar", "O grupo vai transferir",
        "A equipe técnica espera abrir", "A divisão prefere simplificar", "O conselho decidiu vender",
    ),
    (
        "o armazém do norte", "a oficina dos aprendizes", "a linha de embalagem", "o forno piloto",
        "a estação de bombeamento", "o portal dos clientes", "o laboratório de medição",
    ),
    (
        "até o fim da primavera.", "em três etapas.", "sem interromper as entregas.", "após dois anos de testes.",
        "quando chegarem as licenças.", "com o acordo dos trabalhadores.",
    ),
    "em {} ({} vagas)",
    "{name} fabrica máquinas para cidades pequenas e foi inventada para este fluxo.",
    "{a},{b} milhões de euros",
)  # fmt: skip
_POLISH = _Language(
    "pl",
    (
        (
            "{name}: przychody wzrosły do {amount} w kwartale",
            "{listed} podała, że przychody w kwartale wzrosły do {amount}.",
            _EVENTS,
        ),
        (
            "{name} podpisała umowę z {other} o wartości {amount}",
            "{listed} podpisała z {other} umowę o wartości {amount}; dostawy ruszą z zakładu {place}.",
            _CONTRACT,
        ),
        (
            "{name}: {person} powołany na dyrektora finansowego",
            "Rada nadzorcza {listed} powołała {person} na dyrektora finansowego; budżet wynosi {amount}.",
            _PEOPLE,
        ),
    ),
    ("Spółka planuje", "Zarząd zamierza", "Grupa chce", "Zespół techniczny ma nadzieję", "Rada postanowiła"),
    (
        "odnowić magazyn na północy", "przebudować warsztat uczniów", "przenieść linię pakowania",
        "otworzyć przepompownię", "wymienić piec próbny", "powiększyć laboratorium pomiarów",
    ),
    (
        "do wiosny.", "w trzech etapach.", "bez przerwy w dostawach.", "po dwóch latach prób.",
        "z własnych środków.", "po uzyskaniu zezwoleń.",
    ),
    "w {} ({} miejsc pracy)",
    "{name} produkuje maszyny dla małych miast i została wymyślona dla tego strumienia.",
    "{a},{b} mln euro",
)  # fmt: skip
_JAPANESE = _Language(
    "ja",
    (
        (
            "{name}、四半期の売上高は{amount}に増加",
            "{listed}は、四半期決算を発表し、売上高は前年同期を上回る{amount}となった。",
            _EVENTS,
        ),
        (
            "{name}、{other}から{amount}の受注を獲得",
            "{listed}は、{other}から{amount}の受注を獲得したと発表した。製品は{place}の工場から出荷する。",
            _CONTRACT,
        ),
        (
            "{name}、{person}氏を最高財務責任者に任命",
            "{listed}は、{person}氏を最高財務責任者に任命した。担当する予算は{amount}である。",
            _PEOPLE,
        ),
    ),
    ("同社は", "経営陣は", "技術チームは", "取締役会は", "新しい部門は"),
    (
        "北側の倉庫の改修を",
        "研修所の拡張を",
        "包装ラインの移設を",
        "川沿いのポンプ場の公開を",
        "試験炉の更新を",
        "測定研究所の増設を",
    ),
    (
        "来春までに終える計画だ。",
        "三段階で進める。",
        "納入を止めずに行う。",
        "二年間の試験の後に始める。",
        "自己資金で行う方針だ。",
    ),
    "{}で（{}人）",
    "{name}は小さな町のための機械を製造する会社で、この配信のために作られた架空の会社です。",
    "{a}.{b}億円",
    ("佐藤健一", "鈴木美咲", "高橋直樹", "田中陽子", "伊藤大輔"),
    ("川辺町", "北浜", "南山", "東野"),
)  # fmt: skip
_LANGUAGES = (
    *(_GERMAN, _FRENCH, _SPANISH, _ITALIAN, _DUTCH, _SWEDISH, _DANISH, _NORWEGIAN),
    *(_PORTUGUESE, _POLISH, _CHINESE, _JAPANESE),
)
_WITHOUT_BLANKS = ("zh", "ja")


def build_foreign_story(rng: Rng) -> InventedStory:
    """Builds a story in a random language."""
    language = rng.pick(_LANGUAGES)
    company = names.draw_company(rng)
    other = strip_legal_form(names.draw_company(rng).name)
    name = strip_legal_form(company.name)
    amount = language.amount.format(a=rng.between(2, 989), b=rng.between(1, 9))
    headline, lead, categories = rng.pick(language.kinds)
    values = {
        "name": name,
        "listed": f"{company.name} ({names.format_listing(company)})",
        "amount": amount,
        "other": other,
        "person": rng.pick(language.people) if language.people else names.draw_person(rng),
        "place": rng.pick(language.places),
    }
    gap = "" if language.code in _WITHOUT_BLANKS else " "
    paragraphs = (
        gap.join([_build_sentence(rng, language, gap) for _ in range(rng.between(2, 4))])
        for _ in range(rng.between(1, 5))
    )
    facts = {"amount": amount}
    if "{person}" in headline:
        facts["person"] = values["person"]
    if "{other}" in headline:
        facts["counterparty"] = other
    return InventedStory(
        headline=headline.format(**values),
        paragraphs=(lead.format(**values), *paragraphs),
        about=language.about.format(name=name),
        contact=f"{names.draw_person(rng)}, press@{name.replace(' ', '').lower()}.example",
        place=values["place"],
        company=company,
        companies=(company,),
        facts=facts,
        figure="amount",
        categories=categories,
        language=language.code,
    )


def _build_sentence(rng: Rng, language: _Language, gap: str) -> str:
    site = language.site.format(rng.pick(language.places), rng.between(11, 870))
    return gap.join((rng.pick(language.begins), rng.pick(language.middles), site, "")) + rng.pick(language.ends)
