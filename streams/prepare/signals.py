"""Words that tell two notices of one template apart: dates, numbers in words, directions."""

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

DATES = {name: name[:3] for name in (*_MONTHS, *_WEEKDAYS) if name not in ("may", "march")}
DATES |= {name[:3]: name[:3] for name in _MONTHS if name not in ("march", "may", "june", "july")}
DATES |= {"march": "mar", "sept": "sep", "june": "jun", "july": "jul"}
"""Month or weekday in English -> its first three letters. `may` is a verb too often."""

QUARTERS = {"first": "q1", "second": "q2", "third": "q3", "fourth": "q4"}
QUARTERS |= {"1st": "q1", "2nd": "q2", "3rd": "q3", "4th": "q4"}

SHORT_QUARTERS = {name: f"q{number}" for number in range(1, 5) for name in (f"q{number}", f"{number}q")}

NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2
    )
}
"""`one` is an article or a pronoun too often."""

_OPPOSITES: dict[str, tuple[str, str]] = {
    "move": (
        "up rise rises rose risen rising gain gains gained climb climbs climbed jump jumps jumped soar soars soared "
        "surge surges surged increase increases increased increasing higher raise raises raised lift lifts lifted "
        "advance advanced advances hike hikes hiked grow grows grew widen widens widened improve improves improved",
        "down fall falls fell fallen falling drop drops dropped decline declines declined declining lower lowers "
        "lowered lowering slip slips slipped slide slides slid plunge plunges plunged decrease decreases decreased "
        "cut cuts cutting reduce reduces reduced sink sinks sank tumble tumbles tumbled shrink shrinks shrank "
        "narrow narrows narrowed worsen worsens worsened off",
    ),
    "trade": (
        "buy buys buying bought purchase purchases purchased acquire acquires acquired acquiring",
        "sell sells selling sold divest divests divested dispose disposes disposed",
    ),
    "result": ("profit profits surplus", "loss losses deficit"),
    "rating": ("upgrade upgrades upgraded", "downgrade downgrades downgraded"),
    "target": ("beat beats beating exceed exceeds exceeded", "miss misses missed"),
    "post": (
        "appoint appoints appointed hire hires hired names named joins joined elect elects elected",
        "resign resigns resigned leaves steps departs departed retire retires retired quits dismissed",
    ),
    "deal": (
        "approve approves approved accept accepts accepted agree agrees agreed back backs backed confirm confirms",
        "reject rejects rejected refuse refuses refused oppose opposes opposed deny denies denied block blocks blocked",
    ),
    "contest": ("win wins won", "lose loses lost"),
    "flow": (
        "start starts started begin begins began open opens opened launch launches launched resume resumes resumed",
        "stop stops stopped end ends ended close closes closed halt halts halted suspend suspends suspended cancel "
        "cancels cancelled canceled terminate terminates terminated",
    ),
    "trade-balance": ("export exports", "import imports"),
}
DIRECTIONS = {
    word: f"{sign}{axis}"
    for axis, sides in _OPPOSITES.items()
    for sign, side in zip("+-", sides, strict=True)
    for word in side.split()
}
"""A word that says which way something went -> sign and what goes that way."""
DIRECTIONS |= dict.fromkeys(["not", "no", "never", "without", "cannot", "denies"], "not")
