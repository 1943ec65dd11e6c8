# ruff: noqa: RUF001 - Chinese has its own punctuation
"""Builds stories in German, French, Spanish and Chinese, of a few kinds and with sentences of each language."""

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
_LANGUAGES = (_GERMAN, _GERMAN, _FRENCH, _SPANISH, _CHINESE)


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
    gap = "" if language.code == "zh" else " "
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
