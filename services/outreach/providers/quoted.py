"""What somebody wrote in an email, without quotations, signatures and small print."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

#: What stands above a quotation, in the words of the mail programs of some languages.
_ATTRIBUTION = re.compile(
    r"^\s*(?:(?:On|El|Le|Em|Am|Il|Op|Den|W dniu)\b.{4,300}?\s)?"
    r"(?:wrote|escribió|a écrit|escreveu|schrieb|ha scritto|schreef|skrev|napisał\(?a?\)?)\b"
    r"[^:\n]{0,120}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_ATTRIBUTION = 3
#: Lines behind which nothing is by whoever wrote the email.
_FROM_HERE_ON = re.compile(
    r"^\s*(?:[-_=*]{2,}\s*(?:original message|mensaje original|message d'origine|ursprüngliche nachricht|"
    r"mensagem original|messaggio originale|forwarded message|mensaje reenviado|message transféré|"
    r"weitergeleitete nachricht)\b.*|begin forwarded message:|_{20,})\s*$",
    re.IGNORECASE,
)
_HEADER_OF_A_QUOTATION = re.compile(r"^\s*\*?(?:from|de|von|da)\s?:\*?\s\S", re.IGNORECASE)
_ITS_NEXT_LINES = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|enviado(?: el)?|fecha|para|asunto|envoyé|à|objet|gesendet|an|"
    r"betreff|data)\s?:\*?\s",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent (?:from|via|with)\s.{1,60}|get outlook for .{1,30}|"
    r"enviado (?:desde|con|a través de)\s.{1,60}|"
    r"obtener outlook para .{1,30}|envoyé de(?:puis)?\s.{1,60}|von meinem .{1,40} gesendet|"
    r"enviado d[oe]\s.{1,60})\s*$",
    re.IGNORECASE,
)
_SMALL_PRINT = re.compile(
    r"^\W*(?:(?:confidential(?:ity)?|privacy|legal)\s+(?:notice|note|disclaimer|statement)|disclaimer|"
    r"aviso (?:de confidencialidad|legal)|avis de confidentialité|"
    r"(?:this|the (?:information|content)s? (?:in|of) this)\s+"
    r"(?:e-?mail|message|communication|transmission)\b.{0,200}\b(?:confidential|privileged|intended)|"
    r"este (?:mensaje|correo)\b.{0,200}\b(?:confidencial|destinatario))",
    re.IGNORECASE | re.DOTALL,
)


def written_text(body: str) -> str:
    """Return what the person wrote. Where cutting would leave nothing, nothing is cut: it may be a stop."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    written = _without_small_print(_without_signature(_without_quotations(text.split("\n"))))
    return "\n".join(written).strip() or text.strip()


def _without_quotations(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if _FROM_HERE_ON.match(lines[at]) or _begins_a_header(lines, at):
            break
        length = _length_of_attribution(lines, at)
        if length:
            rest = lines[at + length :]
            if not any(line.lstrip().startswith(">") for line in rest):
                break  # the program marks no quoted line: all that follows is one
            at += length
        elif lines[at].lstrip().startswith(">") or _SENT_FROM.match(lines[at]):
            at += 1
        else:
            kept.append(lines[at])
            at += 1
    return kept


def _length_of_attribution(lines: Sequence[str], at: int) -> int:
    """Return over how many lines `On …, … wrote:` stands here, or 0."""
    if not lines[at].strip():
        return 0
    for length in range(1, _LONGEST_ATTRIBUTION + 1):
        if _ATTRIBUTION.match("\n".join(lines[at : at + length])):
            return length
    return 0


def _begins_a_header(lines: Sequence[str], at: int) -> bool:
    """Tell whether the header of a quoted email begins here, as Outlook writes it above what it quotes."""
    following = [line for line in lines[at + 1 : at + 6] if line.strip()]
    return bool(_HEADER_OF_A_QUOTATION.match(lines[at])) and (
        sum(bool(_ITS_NEXT_LINES.match(line)) for line in following) > 1
    )


def _without_signature(lines: Sequence[str]) -> Sequence[str]:
    return next((lines[:at] for at, line in enumerate(lines) if _SIGNATURE.match(line)), lines)


def _without_small_print(lines: Sequence[str]) -> Sequence[str]:
    """Cut the small print below what was written: from its first paragraph on."""
    for at in range(len(lines)):
        begins = at == 0 or not lines[at - 1].strip()
        if begins and _SMALL_PRINT.match(" ".join(lines[at : at + 6])):
            return lines[:at]
    return lines


_BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote"}
)
_UNSEEN = frozenset({"script", "style", "head", "title"})
_QUOTES = re.compile(
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|ms-outlook-mobile"
)


class _Reader(HTMLParser):
    """Collects the text of a page; what is quoted has `>` before each line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in {"div", "blockquote", "span"}:
            named = " ".join(value or "" for name, value in attributes if name in {"class", "id"})
            self._open.append((tag, tag == "blockquote" or bool(_QUOTES.search(named))))
        if tag in _BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if places:
            del self._open[places[-1] :]
        if tag in _BLOCKS - {"br", "hr"}:
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(" ".join(data.split()) if data.strip() else " ")

    def _break(self) -> None:
        self.pieces.append("\n> " if any(is_quote for _, is_quote in self._open) else "\n")


def text_of_html(page: str) -> str:
    """Return the text of an HTML email, line by line; quoted lines begin with `>`."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = "".join(reader.pieces).replace("\xa0", " ").split("\n")
    return "\n".join(line.strip() for line in lines if line.strip(" >"))
