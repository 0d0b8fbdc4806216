"""Writes the public holidays of each country as the portal reads them.

Usage: generate.py FOLDER. One file per country, and for a few places whose
holidays differ from their country's: every holiday that is kept nationwide
(there), with its name in the local language, English, and Japanese or Chinese
where the package knows it.
"""

import datetime
import json
import pathlib
import sys

import holidays

FIRST, LAST = 2024, 2030

COUNTRIES = (
    "AU BR CA CH CN DE ES FR GB HK IE IN IT JP KR MX NL NZ PT SG TW US".split()
)
# England's bank holidays are not those of the whole kingdom; a desk in London keeps them.
PLACES = ["AU-NSW", "AU-QLD", "GB-ENG"]

# The package's names of languages, and those of the web.
TAGS = {
    "de": "de", "en_AU": "en", "en_CA": "en", "en_GB": "en", "en_HK": "en",
    "en_IN": "en", "en_SG": "en", "en_US": "en", "es": "es", "fr": "fr",
    "hi": "hi", "it_IT": "it", "it": "it", "ja": "ja", "ko": "ko", "nl": "nl", "pt_BR": "pt", "pt_PT": "pt",
    "zh_CN": "zh-Hans", "zh_HK": "zh-Hant", "zh_TW": "zh-Hant",
}


def days_of(country, place, language):
    return holidays.country_holidays(
        country,
        subdiv=place,
        years=range(FIRST, LAST + 1),
        language=language,
    )


def languages_of(country):
    """Languages to write, the one that decides an equal tag first."""
    kind = getattr(holidays, country)
    own = kind.default_language
    known = [own, *sorted(kind.supported_languages, reverse=True)]
    chosen = {}
    for language in known:
        tag = TAGS.get(language)
        if tag and tag not in chosen:
            chosen[tag] = language
    # Without languages of its own the package speaks English.
    return chosen or {"en": None}


def content(ident):
    country, _, place = ident.partition("-")
    in_languages = {
        tag: days_of(country, place or None, language)
        for tag, language in languages_of(country).items()
    }
    any_language = next(iter(in_languages.values()))
    in_languages.setdefault("en", any_language)
    tags = ["en", *sorted(tag for tag in in_languages if tag != "en")]
    days = []
    for date in sorted(any_language):
        names = {tag: in_languages[tag].get(date) for tag in tags}
        days.append(
            {"date": date.isoformat(), "name": {t: n for t, n in names.items() if n}}
        )
    return days


def write(folder, ident):
    head = {
        "$schema": "../schemas/calendar.schema.json",
        "_source": f"PyPI package holidays {holidays.__version__} (MIT), by cargo xtask holidays",
        "country": ident,
        "from": datetime.date(FIRST, 1, 1).isoformat(),
        "until": datetime.date(LAST + 1, 1, 1).isoformat(),
    }
    text = json.dumps(head, ensure_ascii=False, indent=2)[:-2]
    days = ",\n    ".join(
        json.dumps(day, ensure_ascii=False, separators=(",", ":")) for day in content(ident)
    )
    text += f',\n  "days": [\n    {days}\n  ]\n}}\n'
    (folder / f"{ident}.json").write_text(text, encoding="utf-8")


def main():
    folder = pathlib.Path(sys.argv[1])
    for ident in COUNTRIES + PLACES:
        write(folder, ident)


main()
