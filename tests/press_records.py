"""The picture desk of an invented press centre: stories in three languages, each photographed several times.

Every name of a person here is made up; places are real. Nothing is random: the same records every time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from archive.model.description import Keyword, Link

PEOPLE = (
    {"az": "Leyla Quliyeva", "ru": "Лейла Кулиева", "en": "Leyla Guliyeva"},
    {"az": "Elçin Məmmədov", "ru": "Эльчин Мамедов"},
    {"az": "Şəhla Hüseynzadə", "ru": "Шахла Гусейнзаде"},
    {"az": "Orxan Əliyev", "ru": "Орхан Алиев", "en": "Orkhan Aliyev"},
    {"az": "Günel Cəfərova", "ru": "Гюнель Джафарова"},
    {"en": "James Whitfield"},
    {"en": "Margaret O’Connor", "ru": "Маргарет О’Коннор"},
    {"ru": "Екатерина Щербакова", "az": "Yekaterina Şerbakova"},
    {"ru": "Фёдор Лукьянов-Чижов"},
    {"az": "Çingiz İsgəndərov", "ru": "Чингиз Искендеров"},
)
PLACES = (
    ("Bakı", "Azərbaycan"),
    ("Şəki", "Azərbaycan"),
    ("Gəncə", "Azərbaycan"),
    ("Naxçıvan", "Azərbaycan"),
    ("Şuşa", "Azərbaycan"),
    ("London", "United Kingdom"),
    ("Санкт-Петербург", "Россия"),
    ("Lənkəran", "Azərbaycan"),
)
PHOTOGRAPHERS = ("Rəşad İsmayılov", "Nigar Vəliyeva", "Ольга Зимина", "Tom Ashdown")


@dataclass(frozen=True)
class Story:
    """What a series of photographs is about: title, caption and keywords by language."""

    title: dict[str, str]
    caption: dict[str, str]
    keywords: dict[str, tuple[str, ...]]


STORIES = (
    Story(
        {
            "az": "Köhnə şəhərin divarları bərpa olunur",
            "en": "Walls of the old city under restoration",
            "ru": "Стены старого города реставрируют",
        },
        {
            "az": "Bərpaçılar İçərişəhərin divarlarında işləyir, daşlar nömrələnir.",
            "en": "Restorers number the stones of the wall before taking them down.",
            "ru": "Реставраторы нумеруют камни стены.",
        },
        {"az": ("bərpa", "memarlıq", "irs"), "en": ("heritage",), "ru": ("реставрация",)},
    ),
    Story(
        {"az": "Xalça muzeyində yeni sərgi açıldı", "ru": "В музее ковра открылась выставка"},
        {
            "az": "Sərgidə XIX əsrin xalçaları nümayiş olunur.",
            "ru": "На выставке показаны ковры девятнадцатого века.",
        },
        {"az": ("xalça", "muzey", "sərgi"), "ru": ("ковёр", "музей")},
    ),
    Story(
        {"en": "Carpet weavers at work", "az": "Xalçaçılar iş başında"},
        {"en": "A weaver ties knots on a vertical loom; the pattern is a century old."},
        {"en": ("carpet", "craft", "weaving")},
    ),
    Story(
        {
            "az": "Beynəlxalq caz festivalı başladı",
            "en": "International jazz festival begins",
            "ru": "Начался международный джазовый фестиваль",
        },
        {
            "az": "Açılış konsertində gənc musiqiçilər çıxış etdi.",
            "en": "Young musicians played the opening concert.",
            "ru": "На открытии играли молодые музыканты.",
        },
        {"az": ("caz", "konsert", "musiqi"), "en": ("jazz", "music")},
    ),
    Story(
        {"ru": "Хор поёт на площади", "az": "Xor meydanda oxuyur"},
        {"ru": "Детский хор исполнил народные песни на площади у фонтанов."},
        {"ru": ("хор", "музыка", "дети")},
    ),
    Story(
        {"az": "Şahmat turnirinin finalı", "en": "Final of the chess tournament"},
        {
            "az": "Qrossmeyster son partiyada heç-heçə etdi.",
            "en": "The grandmaster drew the last game after six hours.",
        },
        {"az": ("şahmat", "idman"), "en": ("chess", "sport")},
    ),
    Story(
        {"ru": "Гимнастки готовятся к чемпионату", "az": "Gimnastlar çempionata hazırlaşır"},
        {"ru": "Тренировка сборной по художественной гимнастике в новом зале."},
        {"ru": ("спорт", "гимнастика"), "az": ("idman",)},
    ),
    Story(
        {"en": "Marathon through the old town", "az": "Köhnə şəhərdə marafon"},
        {
            "en": "Runners pass the Maiden Tower in the rain.",
            "az": "Qaçışçılar Qız qalasının yanında.",
        },
        {"en": ("running", "sport"), "az": ("qaçış", "idman")},
    ),
    Story(
        {
            "az": "Universitetdə açıq qapı günü",
            "en": "Open day at the university",
            "ru": "День открытых дверей в университете",
        },
        {"az": "Abituriyentlər laboratoriyaları gəzdi, müəllimlərlə görüşdü."},
        {"az": ("təhsil", "universitet", "tələbə"), "en": ("education",)},
    ),
    Story(
        {"az": "Kitab yarmarkası", "ru": "Книжная ярмарка", "en": "Book fair"},
        {
            "az": "Uşaq kitabları bölməsi ən çox ziyarət edilən yer oldu.",
            "ru": "Больше всего посетителей было у детских книг.",
        },
        {"az": ("kitab", "ədəbiyyat"), "ru": ("книга", "чтение")},
    ),
    Story(
        {"ru": "Новая библиотека в старом здании", "az": "Köhnə binada yeni kitabxana"},
        {"ru": "Читальный зал библиотеки открыт до полуночи."},
        {"ru": ("библиотека", "книга"), "az": ("kitabxana",)},
    ),
    Story(
        {"az": "Nar bayramı", "en": "Pomegranate harvest feast", "ru": "Праздник граната"},
        {
            "az": "Bağbanlar nar yığımını qeyd etdi; narşərab dadıldı.",
            "en": "Growers celebrate the pomegranate harvest with music and sauce tasting.",
        },
        {"az": ("nar", "bayram", "kənd təsərrüfatı"), "en": ("harvest", "fruit")},
    ),
    Story(
        {"az": "Çay plantasiyasında yığım", "ru": "Сбор чая на плантации"},
        {"az": "Çayçılar səhər tezdən ilk yarpaqları yığır.", "ru": "Сборщицы чая на рассвете."},
        {"az": ("çay", "kənd təsərrüfatı"), "ru": ("чай",)},
    ),
    Story(
        {"en": "Wind farm off the coast", "az": "Dənizdə külək elektrik stansiyası"},
        {"en": "Engineers inspect a turbine forty metres above the sea."},
        {"en": ("energy", "wind"), "az": ("enerji", "külək")},
    ),
    Story(
        {"az": "Metronun yeni stansiyası", "ru": "Новая станция метро", "en": "New metro station"},
        {
            "az": "Stansiyanın eskalatoru sınaqdan keçirilir.",
            "ru": "Испытания эскалатора на станции.",
            "en": "The escalator is being tested.",
        },
        {"az": ("metro", "nəqliyyat"), "ru": ("метро", "транспорт")},
    ),
    Story(
        {"az": "Mətbuat konfransı: su təchizatı", "ru": "Пресс-конференция о водоснабжении"},
        {"az": "Nazirliyin nümayəndəsi jurnalistlərin suallarını cavablandırır."},
        {"az": ("mətbuat konfransı", "su"), "ru": ("журналист",)},
    ),
    Story(
        {"en": "Delegation visits the memorial", "az": "Nümayəndə heyəti abidəni ziyarət etdi"},
        {"en": "Members of the delegation lay flowers.", "az": "Heyət üzvləri gül dəstəsi qoydu."},
        {"en": ("delegation", "visit"), "az": ("ziyarət", "abidə")},
    ),
    Story(
        {"ru": "Маяк в тумане", "az": "Dumanda mayak"},
        {"ru": "Старый маяк на мысе работает с 1860 года."},
        {"ru": ("море", "маяк"), "az": ("dəniz",)},
    ),
    Story(
        {
            "az": "Flaminqolar qoruqda",
            "en": "Flamingos in the reserve",
            "ru": "Фламинго в заповеднике",
        },
        {
            "az": "Qızılağac qoruğunda qışlayan quşlar sayılır.",
            "en": "Wintering birds are counted at the reserve.",
        },
        {"az": ("quş", "təbiət"), "en": ("bird", "nature")},
    ),
    Story(
        {"az": "Qar yağışı dağ yollarını bağladı", "ru": "Снегопад закрыл горные дороги"},
        {"az": "Yol xidməti gecə də işləyir.", "ru": "Дорожная служба работает и ночью."},
        {"az": ("qar", "hava", "yol"), "ru": ("снег",)},
    ),
    Story(
        {"en": "Surgeons of the children’s hospital", "az": "Uşaq xəstəxanasının cərrahları"},
        {"en": "A four-hour operation saved a newborn’s heart."},
        {"en": ("health", "hospital"), "az": ("səhiyyə", "xəstəxana")},
    ),
    Story(
        {"ru": "Спектакль «Лейли и Меджнун»", "az": "“Leyli və Məcnun” tamaşası"},
        {
            "ru": "Премьера в театре оперы и балета; дирижёр вышел на поклон.",
            "az": "Opera və Balet Teatrında premyera.",
        },
        {"ru": ("театр", "опера"), "az": ("teatr", "opera")},
    ),
    Story(
        {"az": "Novruz tonqalı", "en": "Novruz bonfire", "ru": "Костёр Новруза"},
        {
            "az": "Uşaqlar tonqalın üstündən tullanır, səməni bəzədilir.",
            "en": "Children jump over the fire on the last Tuesday before the holiday.",
            "ru": "Дети прыгают через костёр.",
        },
        {"az": ("Novruz", "bayram", "uşaq"), "en": ("holiday", "fire")},
    ),
    Story(
        {"en": "Robotics club wins a medal", "az": "Robototexnika dərnəyi medal qazandı"},
        {"en": "Pupils show the robot that sorts plastic, IMG_2047.jpg in the caption by mistake."},
        {"en": ("robot", "school"), "az": ("məktəb", "texnologiya")},
    ),
    Story(
        {"az": "Gəmi təmiri zavodunda", "ru": "На судоремонтном заводе"},
        {"az": "Qaynaqçı gəminin gövdəsində işləyir.", "ru": "Сварщик работает на корпусе судна."},
        {"az": ("gəmi", "sənaye"), "ru": ("промышленность",)},
    ),
    Story(
        {"az": "Məşğulluq yarmarkası gənclər üçün", "en": "Job fair for young people"},
        {"az": "Yüzdən çox müəssisə vakansiya təklif edir."},
        {"az": ("məşğulluq", "gənclər"), "en": ("jobs",)},
    ),
    Story(
        {"ru": "Выставка народных костюмов", "az": "Milli geyimlər sərgisi", "en": "Folk costumes"},
        {"ru": "Кафтаны, келагаи и серебряные пояса из собрания музея."},
        {"ru": ("выставка", "костюм"), "az": ("kəlağayı", "sərgi")},
    ),
    Story(
        {"en": "Silk scarves of Sheki", "az": "Şəkinin kəlağayısı", "ru": "Шёлковые платки Шеки"},
        {
            "en": "A master stamps a silk scarf with hot wax.",
            "az": "Usta ipək parçaya naxış vurur.",
        },
        {"en": ("silk", "craft"), "az": ("kəlağayı", "ipək")},
    ),
)
SERIES = 6  # photographs of a story


def records() -> Iterator[dict[str, Any]]:
    """What is said of each photograph, in the words of a description; the newest story last."""
    first = date(2019, 2, 3)
    for number, story in enumerate(STORIES):
        for shot in range(SERIES - number % 2):
            turn = number * 3 + shot
            city, country = PLACES[(number + shot // 3) % len(PLACES)]
            yield {
                "title": _some(story.title, shot),
                "description": _some(story.caption, shot + 1),
                "keywords": tuple(
                    Keyword(text=text, source="typed", language=tag)
                    for tag, texts in story.keywords.items()
                    for text in texts[: 1 + shot % 3]
                ),
                "people": tuple(
                    Link(labels=PEOPLE[(turn + step) % len(PEOPLE)], source="typed")
                    for step in range(shot % 3)
                ),
                "creator": (PHOTOGRAPHERS[turn % len(PHOTOGRAPHERS)],),
                "city": city,
                "country": country,
                "day": (first + timedelta(days=83 * number + 5 * (shot // 2))).isoformat(),
            }


def _some(texts: dict[str, str], shot: int) -> dict[str, str]:
    """All the languages at first; later photographs of a series are described in fewer."""
    tags = list(texts)
    if shot < 2:
        return texts
    kept = tags[shot % len(tags)]
    return {tag: text for tag, text in texts.items() if tag == kept or shot % 2}
