"""The words of the query language in three languages: fields, operators, values, spans of time. Compared by fold."""

from archive.text import fold
from search.analysis.words import to_latin

WRITTEN = ("en", "az", "ru")

# canonical name -> the names people type; the first of each language is the one written back.
_FIELD_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "type": {"en": ("type",), "az": ("növ", "tip"), "ru": ("тип",)},
    "title": {"en": ("title",), "az": ("başlıq",), "ru": ("заголовок",)},
    "caption": {"en": ("caption",), "az": ("təsvir",), "ru": ("описание",)},
    "keyword": {"en": ("keyword", "keywords"), "az": ("açarsöz",), "ru": ("ключ",)},
    "person": {"en": ("person", "people"), "az": ("şəxs",), "ru": ("персона",)},
    "place": {"en": ("place",), "az": ("yer",), "ru": ("место",)},
    "event": {"en": ("event",), "az": ("tədbir",), "ru": ("мероприятие",)},
    "author": {"en": ("author", "by"), "az": ("müəllif",), "ru": ("автор",)},
    "date": {"en": ("date",), "az": ("tarix",), "ru": ("дата",)},
    "added": {"en": ("added",), "az": ("əlavə",), "ru": ("добавлено",)},
    "duration": {"en": ("duration",), "az": ("müddət",), "ru": ("длительность",)},
    "orientation": {"en": ("orientation",), "az": ("istiqamət",), "ru": ("ориентация",)},
    "rights": {"en": ("rights",), "az": ("hüquq",), "ru": ("права",)},
    "lang": {"en": ("lang",), "az": ("dil",), "ru": ("язык",)},
    "collection": {"en": ("collection",), "az": ("kolleksiya",), "ru": ("коллекция",)},
    "id": {"en": ("id",), "az": ("id",), "ru": ("id",)},
    "has": {"en": ("has",), "az": ("has",), "ru": ("has",)},
    "is": {"en": ("is",), "az": ("is",), "ru": ("is",)},
}
TEXT_FIELDS = frozenset({"title", "caption", "keyword", "person", "place", "event", "author"})
# In quotes these ask for all the words, not for a literal phrase, which would lose the other script.
NAME_FIELDS = frozenset({"person", "place", "event", "author"})
DATE_FIELDS = frozenset({"date", "added"})

_AND = ("AND", "VƏ", "И")
_OR = ("OR", "YAXUD", "VƏYA", "ИЛИ")
_NOT = ("NOT", "DEYİL", "НЕ")
AND_SIGNS = frozenset({"&", "&&", "+"})
OR_SIGNS = frozenset({"|", "||", "/"})
NOT_SIGNS = frozenset("-−–!")
WRITTEN_OR = {"en": "OR", "az": "VƏYA", "ru": "ИЛИ"}

_VALUES: dict[str, dict[str, dict[str, str]]] = {
    "type": {
        "photo": {"en": "photo", "az": "foto", "ru": "фото"},
        "video": {"en": "video", "az": "video", "ru": "видео"},
        "audio": {"en": "audio", "az": "səs", "ru": "аудио"},
        "document": {"en": "document", "az": "sənəd", "ru": "документ"},
    },
    "orientation": {
        "landscape": {"en": "landscape", "az": "üfüqi", "ru": "горизонтальная"},
        "portrait": {"en": "portrait", "az": "şaquli", "ru": "вертикальная"},
        "square": {"en": "square", "az": "kvadrat", "ru": "квадратная"},
    },
    "has": {
        name: dict.fromkeys(WRITTEN, name)
        for name in ("title", "caption", "keyword", "person", "place", "event", "author", "date")
    },
    "is": {
        name: dict.fromkeys(WRITTEN, name)
        for name in (
            "draft",
            "published",
            "withdrawn",
            "embargoed",
            "processing",
            "ready",
            "attention",
        )
    },
}
LANGUAGE_NAMES = {
    "az": {"en": "Azerbaijani", "az": "azərbaycanca", "ru": "азербайджанский"},
    "en": {"en": "English", "az": "ingiliscə", "ru": "английский"},
    "ru": {"en": "Russian", "az": "rusca", "ru": "русский"},
}
_DATE_WORDS = {
    "today": {"en": "today", "az": "bugün", "ru": "сегодня"},
    "yesterday": {"en": "yesterday", "az": "dünən", "ru": "вчера"},
    "last-week": {"en": "last week", "az": "keçən həftə", "ru": "прошлая неделя"},
    "last-month": {"en": "last month", "az": "keçən ay", "ru": "прошлый месяц"},
    "last-year": {"en": "last year", "az": "keçən il", "ru": "прошлый год"},
}


def _spellings(text: str) -> tuple[str, str]:
    """How a word compares: by fold, and as it reads in an Azerbaijani query typed in Cyrillic."""
    return fold(text), fold(to_latin(text))


def _index(names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {
        spelling: canonical
        for canonical, known in names.items()
        for name in known
        for spelling in _spellings(name)
    }


_FIELDS = _index(
    {
        name: tuple(word for known in words.values() for word in known)
        for name, words in _FIELD_NAMES.items()
    }
)
_VALUE_OF = {
    field: _index({value: (value, *names.values()) for value, names in values.items()})
    for field, values in _VALUES.items()
}
_DATE_WORD_OF = _index({code: tuple(names.values()) for code, names in _DATE_WORDS.items()})
_OPERATORS = _index({"and": _AND, "or": _OR, "not": _NOT})
CLOSED_FIELDS = frozenset(_VALUES)


def field_named(name: str) -> str | None:
    """The field of this name in any of the languages, or None."""
    return _known(_FIELDS, name)


def value_named(field: str, name: str) -> str | None:
    """The value of a closed field (type, orientation, has, is) of this name, or None."""
    return _known(_VALUE_OF[field], name)


def date_word_named(text: str) -> str | None:
    """The span of time of this name, or None."""
    return _known(_DATE_WORD_OF, " ".join(text.split()))


def operator(token: str) -> str | None:
    """`and`, `or`, `not` when a token standing alone is one: a sign, or a word in capitals."""
    if token in AND_SIGNS:
        return "and"
    if token in OR_SIGNS:
        return "or"
    return _known(_OPERATORS, token) if token.isupper() else None


def written_field(field: str, language: str) -> str:
    """The name of a field in a language."""
    return _FIELD_NAMES[field][language][0]


def written_value(field: str, value: str, language: str) -> str:
    """The name of a value in a language; values of open fields are their own names."""
    return _VALUES.get(field, {}).get(value, {}).get(language, value)


def written_date_word(code: str, language: str) -> str:
    """The name of a span of time; counted spans (`7d`) are the same in all languages."""
    return _DATE_WORDS.get(code, {}).get(language, code)


def _known(table: dict[str, str], text: str) -> str | None:
    return next((table[form] for form in _spellings(text) if form in table), None)
