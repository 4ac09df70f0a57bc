"""The table of descriptive fields: which property of a file each lives in, read and written alike.

Source: IPTC Photo Metadata Standard 2024.1, its mapping to XMP, IIM and Exif. XMP properties bear ExifTool's names
(group and tag). Lengths are octets of the IIM value, as IIM 4.2 gives them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How XMP holds the value: text in languages, one plain text, or a list of plain texts."""

    LANGUAGES = "languages"
    PLAIN = "plain"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Property:
    """One row: the field of Description, its XMP property and form, its IIM dataset and octets, its Exif tag."""

    field: str
    xmp: str
    form: Form
    iim: tuple[int, int] | None = None
    octets: int | None = None
    exif: str | None = None


IN_LANGUAGES, PLAIN, LIST = Form.LANGUAGES, Form.PLAIN, Form.LIST

PROPERTIES: tuple[Property, ...] = (
    Property("title", "XMP-dc:Title", IN_LANGUAGES, (2, 5), 64),
    Property("headline", "XMP-photoshop:Headline", PLAIN, (2, 105), 256),
    Property("description", "XMP-dc:Description", IN_LANGUAGES, (2, 120), 2000, "ImageDescription"),
    Property("alt_text", "XMP-iptcCore:AltTextAccessibility", IN_LANGUAGES),
    Property("extended_description", "XMP-iptcCore:ExtDescrAccessibility", IN_LANGUAGES),
    Property("credit", "XMP-photoshop:Credit", PLAIN, (2, 110), 32),
    Property("copyright", "XMP-dc:Rights", IN_LANGUAGES, (2, 116), 128, "Copyright"),
    Property("usage_terms", "XMP-xmpRights:UsageTerms", IN_LANGUAGES),
    Property("keywords", "XMP-dc:Subject", LIST, (2, 25), 64),
    Property("creator", "XMP-dc:Creator", LIST, (2, 80), 32, "Artist"),
    Property("creator_job", "XMP-photoshop:AuthorsPosition", PLAIN, (2, 85), 32),
    Property("description_writer", "XMP-photoshop:CaptionWriter", PLAIN, (2, 122), 32),
    Property("source", "XMP-photoshop:Source", PLAIN, (2, 115), 32),
    Property("instructions", "XMP-photoshop:Instructions", PLAIN, (2, 40), 256),
    Property("job_id", "XMP-photoshop:TransmissionReference", PLAIN, (2, 103), 32),
    Property("city", "XMP-photoshop:City", PLAIN, (2, 90), 32),
    Property("sublocation", "XMP-iptcCore:Location", PLAIN, (2, 92), 32),
    Property("state", "XMP-photoshop:State", PLAIN, (2, 95), 32),
    Property("country", "XMP-photoshop:Country", PLAIN, (2, 101), 64),
    Property("country_code", "XMP-iptcCore:CountryCode", PLAIN, (2, 100), 3),
    Property("genre", "XMP-iptcCore:IntellectualGenre", PLAIN, (2, 4), 68),
    Property("subject_codes", "XMP-iptcCore:SubjectCode", LIST, (2, 12), 236),
    Property("scene", "XMP-iptcCore:Scene", LIST),
    Property("urgency", "XMP-photoshop:Urgency", PLAIN, (2, 10), 1),
    Property("digital_source_type", "XMP-iptcExt:DigitalSourceType", PLAIN),
    Property("web_statement", "XMP-xmpRights:WebStatement", PLAIN),
    Property("licence", "XMP-cc:License", PLAIN),
    Property("data_mining", "XMP-plus:DataMining", PLAIN),
    Property("event_id", "XMP-iptcExt:EventID", PLAIN),
    Property("image_guid", "XMP-iptcExt:DigitalImageGUID", PLAIN, exif="ImageUniqueID"),
)
BY_FIELD = {row.field: row for row in PROPERTIES}

DATE_CREATED_XMP = (
    "XMP-photoshop:DateCreated",
    "XMP-exif:DateTimeOriginal",
    "XMP-xmp:CreateDate",
)
DATE_CREATED_IIM, TIME_CREATED_IIM = (2, 55), (2, 60)
CODED_CHARACTER_SET = (1, 90)
LANGUAGE_IDENTIFIER = (2, 135)
PERSONS_XMP = "XMP-iptcExt:PersonInImage"
PERSONS_WITH_DETAILS_XMP = "XMP-iptcExt:PersonInImageWDetails"
ORGANISATIONS_XMP = "XMP-iptcExt:OrganisationInImageName"
EVENT_XMP = "XMP-iptcExt:Event"
PLACES_CREATED_XMP = "XMP-iptcExt:LocationCreated"
PLACES_SHOWN_XMP = "XMP-iptcExt:LocationShown"
HIERARCHIES_XMP = "XMP-lr:HierarchicalSubject"
RATING_XMP = "XMP-xmp:Rating"
