"""The fields of the index: one list that documents, plans and keepers share."""

from typing import NamedTuple

SCHEMA_VERSION = 1
FILLER = "_"


class Role(NamedTuple):
    """A pair of scored fields: the folds and the stems of what plays one part in an asset, and what a match there weighs."""

    folds: str
    fold_boost: float
    stems: str
    stem_boost: float


NAMES = Role("nf", 4.0, "ns", 2.5)  # people, organisations and places
TITLE = Role("tf", 3.0, "ts", 2.0)
KEYWORDS = Role("kf", 2.0, "ks", 1.5)
CAPTION = Role("cf", 1.2, "cs", 0.8)
EXTRA = Role(
    "xf", 0.5, "xs", 0.3
)  # creator, credit, source, rights, file name: findable, seldom meant
ROLES = (NAMES, TITLE, KEYWORDS, CAPTION, EXTRA)

# Positions are kept, phrases work. An empty one holds the filler, or the two engines would count documents differently.
TOKEN_FIELDS = tuple(name for role in ROLES for name in (role.folds, role.stems))
# Folds and stems together, unscored: they make `person:`, `place:`, `event:` and `author:` exact.
MEMBER_FIELDS = ("people_t", "places_t", "occasions_t", "authors_t")
EXACT_FIELDS = (
    "id",
    "type",
    "orientation",
    "rights",
    "lang",
    "collection_id",
    "person_id",
    "place_id",
    "occasion_id",
    "keyword_id",
    "author_id",
    "duration_class",
    "has",
    "is",
    "audience",
    "label",
)
# Instants are integer microseconds since 1970, UTC; `order` and `added` are unique per asset and always present.
NUMBER_FIELDS = (
    "order",
    "added",
    "date",
    "date_end",
    "embargo_until",
    "year",
    "month",
    "duration",
    "width",
    "height",
    "revision",
)
# The facets of the API and the field each one counts, in the order they are shown.
FACETS = {
    "type": "type",
    "year": "year",
    "month": "month",
    "occasion": "occasion_id",
    "person": "person_id",
    "place": "place_id",
    "keyword": "keyword_id",
    "collection": "collection_id",
    "author": "author_id",
    "orientation": "orientation",
    "lang": "lang",
}
# A name nobody linked to an authority is counted under this sign and its fold; how it is written stands in `label`.
UNLINKED = "~"
LABEL_SEPARATOR = "\x1f"
