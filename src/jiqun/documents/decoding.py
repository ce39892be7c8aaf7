"""Bytes to text: UTF-8, UTF-16, UTF-32, GB18030, Big5, with and without a byte order mark; never silently wrong."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from jiqun.documents.faults import fault, refusal
from jiqun.model.findings import Finding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMON = re.compile(
    "[0-9A-Za-z \n，。、：；（）(),.“”%的一是在不了有和人这中大为上个国我以要他时来用们生到作"
    "地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二"
    "理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重"
    "新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公系军很情者最立代想已通并提直题党程展五"
    "果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强"
    "放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六"
    "共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节"
    "话米整空元况今集温传土许步群广市省县创企项推促]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_TOLERATED = 0.002  # share of a text that may be undecodable and is then shown as � and told


@dataclass(frozen=True)
class Decoded:
    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def decode(data: bytes, name: str, declared: str | None = None) -> Decoded:
    """The text of `data`, the byte order mark not counted.

    A few undecodable bytes (below 0.2 %) become U+FFFD with a warning that says where; more refuse the file.
    `declared` is the encoding a web page names for itself, believed if it decodes.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, name)
    candidates = ["utf-8", *([declared] if declared else [])]
    if b"\0" not in data[:4096]:
        for encoding in candidates:
            text = _strictly(data, encoding)
            if text is not None:
                return _checked(text, encoding, name)
    guesses = [(_plausibility(text), encoding, text) for encoding, text in _guesses(data)]
    score, encoding, text = max(guesses, key=lambda guess: guess[0], default=(0.0, "", ""))
    if score >= 0.35:
        return _checked(text, encoding, name)
    if not _is_nearly_text(data):
        raise refusal("encoding_unknown", name)
    return max((_tolerant(data, encoding, name) for encoding in ("utf-8", "gb18030")), key=_soundness)


def _soundness(decoded: Decoded) -> float:
    return _plausibility(decoded.text) - 2 * decoded.text.count("\ufffd") / max(len(decoded.text), 1)


def _guesses(data: bytes) -> list[tuple[str, str]]:
    encodings = ["gb18030", "big5"] + (["utf-16-le", "utf-16-be"] if len(data) % 2 == 0 else [])
    found = ((encoding, _strictly(data, encoding)) for encoding in encodings)
    return [(encoding, text) for encoding, text in found if text is not None]


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _plausibility(text: str) -> float:
    """The share of common characters in the first stretch of `text`; wrong decodings stay far below one half."""
    sample = text[:20_000]
    return len(_COMMON.findall(sample)) / len(sample) if sample else 0.0


def _is_nearly_text(data: bytes) -> bool:
    broken = (data.decode(encoding, "replace").count("\ufffd") for encoding in ("utf-8", "gb18030"))
    return min(broken) <= _TOLERATED * len(data) + 1


def _decoded(data: bytes, encoding: str, name: str) -> Decoded:
    text = _strictly(data, encoding)
    if text is not None:
        return _checked(text, encoding, name)
    decoded = _tolerant(data, encoding, name)
    if decoded.text.count("\ufffd") > _TOLERATED * len(decoded.text) + 1:
        raise refusal("encoding_unknown", name)
    return decoded


def _tolerant(data: bytes, encoding: str, name: str) -> Decoded:
    text = data.decode(encoding, "replace")
    first = text.find("\ufffd")
    if first < 0:
        return Decoded(text, encoding)
    line = text.count("\n", 0, first) + 1
    finding = fault("bytes_replaced", name, line, count=text.count("\ufffd"), encoding=encoding.upper())
    return Decoded(text, encoding, (finding,))


def _checked(text: str, encoding: str, name: str) -> Decoded:
    """Refuses what decodes but is no text: a text holds hardly any control characters."""
    if len(_CONTROL.findall(text[:100_000])) > 0.01 * min(len(text), 100_000) + 2:
        raise refusal("encoding_unknown", name)
    return Decoded(text, encoding)
