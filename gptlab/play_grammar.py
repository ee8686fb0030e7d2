"""The words and the rules of the generated play (see `gptlab.play`).

A play is a walk among the states of RULES. In a state one of its pieces is written, and the
piece says which state comes next. Within a state no piece is the beginning of another, so the
text gives the whole walk away: that is what makes the entropy exact (tests/test_play.py).

The first pieces of a state are the common ones: of n pieces, number i has a probability of
about sqrt((i + 1) / n) - sqrt(i / n). A piece that is to be commoner still stands twice.
"""

_words = str.split

# 26 speakers, one for each capital letter, so that a play of any length has all of them.
SPEAKERS = _words(
    "Rosalind Benedick Viola Malvolio Orlando Celia Duncan Portia Hamlet Silvia Kent Emilia "
    "Timon Lavinia Fabian Ursula Gremio Imogen Nerissa Jaques Arviragus Warwick Yorick Quince "
    "Zeno Xanthe"
)

ADJECTIVES = _words(
    "good sweet old noble gentle poor true fair great young proud dear sad bold wise false "
    "honest quiet merry bitter idle golden heavy silver secret weary cruel humble frozen "
    "star-struck broken wicked jealous hollow faithful solemn drowsy zealous unkind quick "
    "tongue-tied exiled"
)

# Singular and plural differ in their verbs: a model has to remember which one it read.
SINGULAR = _words(
    "king heart night world lady sword brother daughter moon crown ghost soldier garden queen "
    "letter father fool summer prince river shepherd winter forest duke banquet jewel captain "
    "fortune island poet merchant tempest mirror"
)
PLURAL = _words(
    "lords men eyes tears words stars hours kinsmen flowers armies enemies gods birds friends "
    "shadows songs roses dreams horses wolves sorrows foxes waves bells ladies witches candles "
    "puzzles"
)

# (I, we, you, they, plural nouns; he, she, singular nouns; thou)
SEEING = [  # these take an object
    ("love", "loves", "lov'st"), ("know", "knows", "know'st"), ("see", "sees", "see'st"),
    ("hear", "hears", "hear'st"), ("seek", "seeks", "seek'st"), ("fear", "fears", "fear'st"),
    ("keep", "keeps", "keep'st"), ("forgive", "forgives", "forgiv'st"),
    ("praise", "praises", "prais'st"), ("betray", "betrays", "betray'st"),
    ("follow", "follows", "follow'st"), ("banish", "banishes", "banish'st"),
    ("question", "questions", "question'st"), ("vex", "vexes", "vexest"),
]  # fmt: skip
RESTING = [  # these take none
    ("sleep", "sleeps", "sleep'st"), ("weep", "weeps", "weep'st"), ("wait", "waits", "wait'st"),
    ("return", "returns", "return'st"), ("wander", "wanders", "wander'st"),
    ("dream", "dreams", "dream'st"), ("die", "dies", "diest"), ("sing", "sings", "sing'st"),
    ("laugh", "laughs", "laugh'st"), ("rejoice", "rejoices", "rejoic'st"),
]  # fmt: skip
HELPERS = _words("will must shall may would cannot")
THOU_HELPERS = _words("wilt must shalt mayst wouldst canst")
DETERMINERS = _words("the my thy our your his her no")
DETERMINERS_OF_ONE = _words("this every that each")
PLACES = [" in", " with", " for", " upon", " by", " from", " beneath", " against"]
OBJECTS = _words("thee me him us them nothing all myself")

State = list[tuple[str, str]]  # (piece, the state that comes after it)


def _pieces(words: list[str], then: str, before: str = "", after: str = " ") -> State:
    return [(before + word + after, then) for word in words]


def _mixed(*lists: State) -> State:
    """The lists merged like a zip, so that each has its share of the common first places."""
    places = [(i / len(pieces), n, piece) for n, pieces in enumerate(lists)
              for i, piece in enumerate(pieces)]  # fmt: skip
    return [piece for _, _, piece in sorted(places, key=lambda place: place[:2])]


def _verbs(form: int, be: str, helpers: list[str]) -> State:
    """What follows a subject: a form of the verb (0 plain, 1 he, 2 thou) with its own "be"."""
    return [
        (f"{be} ", "being"),
        *_mixed(
            _pieces([verb[form] for verb in SEEING], "object"),
            _pieces([verb[form] for verb in RESTING], "after", after=""),
            _pieces(helpers, "helped"),
        ),
    ]


def _subjects(capital: bool) -> State:
    """Who a clause is about; at the beginning of a line with a capital letter."""
    first = str.capitalize if capital else str
    return [
        ("I ", "verb I"),
        *_pieces([first(word) for word in DETERMINERS[:4]], "noun"),
        *_pieces([first(word) for word in DETERMINERS_OF_ONE[:1]], "noun of one"),
        (first("thou "), "verb thou"),
        (first("you "), "verb plain"),
        (first("he "), "verb he"),
        (first("we "), "verb plain"),
        (first("she "), "verb he"),
        (first("they "), "verb plain"),
        *_pieces([first(word) for word in DETERMINERS[4:]], "noun"),
        *_pieces([first(word) for word in DETERMINERS_OF_ONE[1:]], "noun of one"),
    ]


LINE: State = _mixed(
    _subjects(capital=True),
    _pieces(["And", "But", "For", "O,", "Now", "So", "Yet", "Then", "Alas,", "Come,"], "clause"),
    [
        ("What ", "noun asked"), ("Why do ", "asked"), ("Speak, ", "called"), ("Go, ", "helped"),
        ("When will ", "asked"), ("Look, ", "clause"), ("Is't not ", "being"),
        ("Take $3 & ", "helped"),
    ],
)  # fmt: skip

RULES: dict[str, State] = {
    "speaker": _pieces(SPEAKERS, "first", after=":\n"),
    "answerer": _pieces(SPEAKERS, "answer", after=":\n"),
    "first": LINE,
    "line": [("\n", "speaker"), *LINE],  # an empty line: somebody else speaks
    "line asked": [("\n", "answerer"), ("\n", "answerer"), *LINE],  # a question has an answer
    "answer": [
        ("Ay, ", "clause"), ("No, ", "clause"), ("Never.\n", "line"), ("Not I, ", "called"),
        ("I ", "verb I"), ("Perchance ", "clause"),
    ],
    "clause": _subjects(capital=False),
    "noun": _mixed(
        _pieces(SINGULAR, "verb he"), _pieces(PLURAL, "verb plain"), _pieces(ADJECTIVES, "named")
    ),
    "named": _mixed(_pieces(SINGULAR, "verb he"), _pieces(PLURAL, "verb plain")),
    "noun of one": _mixed(_pieces(SINGULAR, "verb he"), _pieces(ADJECTIVES, "one named")),
    "one named": _pieces(SINGULAR, "verb he"),
    "verb I": _verbs(0, "am", HELPERS),
    "verb plain": _verbs(0, "are", HELPERS),
    "verb he": _verbs(1, "is", HELPERS),
    "verb thou": _verbs(2, "art", THOU_HELPERS),
    "helped": _mixed(
        _pieces([verb[0] for verb in SEEING], "object"),
        _pieces([verb[0] for verb in RESTING], "after", after=""),
        [("be ", "being"), ("not be ", "being")],
    ),
    "being": _mixed(_pieces(ADJECTIVES, "after", after=""), [("so ", "being so")]),
    "being so": _pieces(ADJECTIVES, "after", after=""),
    "object": [
        *_pieces(OBJECTS[:2], "after", after=""), *_pieces(DETERMINERS, "thing"),
        *_pieces(DETERMINERS_OF_ONE, "one thing"), *_pieces(OBJECTS[2:], "after", after=""),
    ],
    "thing": _mixed(
        _pieces(SINGULAR, "after", after=""), _pieces(PLURAL, "after", after=""),
        _pieces(ADJECTIVES, "thing named"),
    ),
    "thing named": _mixed(
        _pieces(SINGULAR, "after", after=""), _pieces(PLURAL, "after", after="")
    ),
    "one thing": _mixed(
        _pieces(SINGULAR, "after", after=""), _pieces(ADJECTIVES, "one thing named")
    ),
    "one thing named": _pieces(SINGULAR, "after", after=""),
    "after": [
        (".\n", "line"), (",\n", "first"), *_pieces(PLACES[:2], "place"),
        (".\n", "line"), (";\n", "first"), ("!\n", "line"), (", ", "called"),
        (" and ", "clause"), *_pieces(PLACES[2:], "place"), (":\n", "first"), ("--", "clause"),
    ],
    "place": [
        *_pieces(DETERMINERS, "place named"), *_pieces(DETERMINERS_OF_ONE, "one place named"),
    ],
    "place named": _mixed(
        _pieces(SINGULAR, "done", after=""), _pieces(PLURAL, "done", after="")
    ),
    "one place named": _pieces(SINGULAR, "done", after=""),
    "done": [
        (".\n", "line"), (",\n", "first"), (", ", "called"), (";\n", "first"), ("!\n", "line"),
    ],
    # Whoever is called by name speaks next: a model has to copy the name.
    "called": [
        ("my lord", "done"), ("sir", "done"), ("good friend", "done"),
        *((f"{name}.\n\n{name}:\n", "first") for name in SPEAKERS),
    ],
    "asked": _pieces(["you", "the gods", "they", "we", "all men", "my friends"], "asked verb"),
    "asked verb": _mixed(
        _pieces([verb[0] for verb in SEEING], "asked object"),
        _pieces([verb[0] for verb in RESTING], "asked end", after=""),
    ),
    "asked object": _pieces(OBJECTS, "asked end", after=""),
    "noun asked": _mixed(_pieces(SINGULAR, "asked he"), _pieces(PLURAL, "asked they")),
    "asked he": _pieces([verb[1] for verb in SEEING], "asked object"),
    "asked they": _pieces([verb[0] for verb in SEEING], "asked object"),
    "asked end": [("?\n", "line asked"), (" so?\n", "line asked"), (", ", "asked who")],
    "asked who": [
        ("my lord?\n", "line asked"), ("sir?\n", "line asked"),
        *((f"{name}?\n\n{name}:\n", "answer") for name in SPEAKERS),
    ],
}  # fmt: skip
