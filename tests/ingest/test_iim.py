"""IIM: the octets are ours to read, and their character set ours to decide."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import iim

RUSSIAN = "Вечер органной музыки в Берлине"
AZERBAIJANI = "Şamaxıda hava şarları bayramı, İsmayıllı yolu"


def dataset(record, number, value):
    return bytes([0x1C, record, number]) + len(value).to_bytes(2, "big") + value


def block(*texts, marker=None):
    head = dataset(1, 90, marker) if marker else b""
    return head + b"".join(dataset(2, number, text) for number, text in texts)


@pytest.mark.parametrize(
    ("text", "encoded", "marker", "charset", "flags"),
    [
        (AZERBAIJANI, "utf-8", b"\x1b%G", "utf-8", ()),
        (RUSSIAN, "utf-8", None, "utf-8", ("charset-guessed",)),
        (RUSSIAN, "cp1251", None, "cp1251", ("charset-guessed",)),
        (AZERBAIJANI, "cp1254", None, "cp1254", ("charset-guessed",)),
        ("plain words", "ascii", None, "ascii", ()),
        (RUSSIAN, "cp1251", b"\x1b%G", "cp1251", ("false-charset", "charset-guessed")),
        ("café", "latin-1", b"\x1b.A", "latin-1", ()),
        ("Вечер", "iso8859-5", b"\x1b-L", "iso8859-5", ()),
        ("şarlar", "iso8859-9", b"\x1b-M", "iso8859-9", ()),
        ("words", "ascii", b"\x1b%/I", "ascii", ()),
    ],
)
def test_one_character_set_is_decided_for_the_block(text, encoded, marker, charset, flags):
    read = iim.parse(block((120, text.encode(encoded)), (5, b"DEU"), marker=marker))
    assert (read.charset, read.flags) == (charset, flags)
    assert read.first((2, 120)) == text


def test_octets_that_fit_no_page_are_latin():
    read = iim.parse(block((120, b"\x98\x81\x8d high \xff" + b"a" * 20)))
    assert read.charset == "latin-1"


def test_a_letter_cut_by_the_limit_is_dropped():
    text = "ə".encode() * 10
    read = iim.parse(block((120, text[:-1]), marker=b"\x1b%G"))
    assert read.first((2, 120)) == "ə" * 9
    assert read.flags == ()


def test_repeated_values_keep_their_order():
    read = iim.parse(block((25, b"one"), (25, b"two"), (5, b" "), (5, b"title")))
    assert read.values[(2, 25)] == ["one", "two"]
    assert read.first((2, 5)) == "title"
    assert read.first((2, 105)) is None


def test_an_extended_length_is_followed():
    long = b"x" * 40000
    raw = bytes([0x1C, 2, 120, 0x80, 4]) + len(long).to_bytes(4, "big") + long
    assert iim.parse(raw).first((2, 120)) == long.decode()


@pytest.mark.parametrize(
    "raw",
    [
        dataset(2, 120, b"whole") + b"\x1c\x02\x05\x00\xff cut",
        dataset(2, 120, b"whole") + b"junk",
        dataset(2, 120, b"whole") + bytes([0x1C, 2, 5, 0xFF, 0xFF]),
    ],
)
def test_what_is_malformed_ends_the_block_and_is_flagged(raw):
    read = iim.parse(raw)
    assert read.first((2, 120)) == "whole"
    assert "metadata-damaged" in read.flags


def test_padding_is_no_damage_and_the_digest_covers_the_block():
    raw = dataset(2, 120, b"text") + b"\0\0\0"
    read = iim.parse(raw)
    assert read.flags == ()
    assert read.digest == hashlib.md5(raw, usedforsecurity=False).hexdigest()


@given(st.binary(max_size=300))
def test_any_octets_are_read_without_complaint(raw):
    read = iim.parse(raw)
    assert all(isinstance(text, str) for texts in read.values.values() for text in texts)


@given(st.binary(max_size=120), st.sampled_from([None, b"\x1b%G", b"\x1b-L", b"zz"]))
def test_any_text_is_decoded_by_the_page_decided(text, marker):
    read = iim.parse(block((120, text), marker=marker))
    assert (2, 120) in read.values
