"""What somebody wrote in an email, without quotations, signatures and small print."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

#: What stands above a quotation, in the words of the mail programs of some languages.
_DAY = r"(?:On|El|Le|Em|Am|Il|Op|Den|W dniu)\b"
_WROTE = r"(?:wrote|escribió|a écrit|escreveu|schrieb|ha scritto|schreef|skrev|napisał\(?a?\)?)\b"
_ATTRIBUTION = re.compile(
    rf"^\s*(?:{_DAY}.{{4,300}}?\s)?{_WROTE}[^:\n]{{0,120}}:\s*$", re.IGNORECASE | re.DOTALL
)
_LONGEST_ATTRIBUTION = 3
#: Some programs go on in the same line with what they quote, and some rule the line off instead of a colon.
_ATTRIBUTION_AND_MORE = re.compile(
    rf"^\s*{_DAY}.{{4,200}}?<[^<>\s]+@[^<>\s]+>\s*{_WROTE}\s?:\s*\S"
    rf"|^\s*-{{2,}}\s*{_DAY}.{{4,200}}{_WROTE}\s*-{{2,}}\s*$",
    re.IGNORECASE,
)
#: Lines behind which nothing is by whoever wrote the email.
_FROM_HERE_ON = re.compile(
    r"^\s*(?:[-_=*]{2,}\s*(?:original message|mensaje original|message d'origine|message original|"
    r"ursprüngliche nachricht|original-?nachricht|mensagem original|messaggio originale|forwarded message|"
    r"mensaje reenviado|message transféré|mensagem encaminhada|weitergeleitete nachricht)\b.*|"
    r"begin forwarded message\s?:|inicio del mensaje reenviado\s?:|début du message (?:transféré|"
    r"réexpédié)\s?:|"
    r"anfang der weitergeleiteten nachricht\s?:|início da mensagem (?:encaminhada|reencaminhada)\s?:|"
    r"_{20,})\s*$",
    re.IGNORECASE,
)
#: The lines of a header as programs write it above what they quote, in whichever order.
_NAMES_A_SENDER = re.compile(r"^\s*\*?(?:from|de|von|da)\s?:\*?\s*\S", re.IGNORECASE)
_HEADER_LINE = re.compile(
    r"^\s*\*?(?:from|de|von|da|sent|date|to|cc|subject|enviado(?: (?:el|em|a))?|enviada(?: em)?|fecha|"
    r"para|a|asunto|"
    r"envoyé|à|objet|gesendet|datum|an|betreff|data|assunto)\s?:\*?\s",
    re.IGNORECASE,
)
_LEAST_HEADER = 3
#: A line of so many letters was hardly ended by whoever wrote it.
_FULL_WIDTH = 60
#: So many lines tell what a paragraph is.
_LONGEST_READ = 6
_SIGNATURE = re.compile(r"^--\s?$")
#: What programs write below or above of their own accord, a line each.
_SENT_FROM = re.compile(
    r"^\s*(?:sent (?:from|via|with)\s.{1,60}|get outlook for .{1,30}|"
    r"enviado (?:desde|con|a través de)\s.{1,60}|"
    r"obtener outlook para .{1,30}|envoyé (?:de(?:puis)?|avec)\s.{1,60}|von meinem .{1,40} gesendet|"
    r"gesendet (?:mit|von|aus)\s.{1,60}|yahoo mail: search, organize, conquer|"
    r"enviado d[oe]\s.{1,60}|virus-free\.?\s?www\.avast\.com.{0,60}|_{3,}|"
    r"please consider the environment before printing.{0,60}|"
    r"this (?:e-?mail|message) has been (?:scanned|checked)\s.{1,80}|\[external\])\s*$",
    re.IGNORECASE,
)
#: A reaction that a mail program tells of; the picture before it is what was meant.
_REACTED = re.compile(
    r"^\s*(?P<picture>[^\w\s]{1,8})?\s*\S.{0,80}? reacted (?:via gmail\b.*|to your message\s?:)\s*$",
    re.IGNORECASE,
)
#: What an office puts above every email that comes from outside, up to the next empty line.
_BANNER = re.compile(
    r"^\W*(?:caution|warning|external|precaución|atención)\b.{0,40}\b"
    r"(?:e-?mail|message|sender|correo|mensaje)\b.{0,80}\b(?:outside|external|externo|fuera)\b",
    re.IGNORECASE,
)
_SMALL_PRINT = re.compile(
    r"^\W*(?:(?:confidential(?:ity)?|privacy|legal)\s+(?:notice|note|disclaimer|statement)|disclaimer|"
    r"aviso (?:de confidencialidad|legal)|avis de confidentialité|"
    r"(?:notice:\s+)?(?:this|the (?:information|content)s? (?:in|of|contained in|transmitted (?:in|by|"
    r"with)) this)\s+"
    r"(?:e-?mail|message|communication|transmission)\b.{0,200}\b(?:confidential|privileged|intended)|"
    r"the information (?:transmitted|contained)\b.{0,200}\b(?:confidential|privileged|intended)|"
    r"if you (?:are|were) not the (?:intended |named |correct )?(?:recipient|addressee)\b|"
    r"if you (?:have )?received this (?:e-?mail|message|communication|transmission) (?:in error|"
    r"by mistake)\b|"
    # Without a link or a word for one, it may be somebody who asks how to make this end.
    r"to (?:stop receiving|unsubscribe|opt out|opt-out|be removed|manage|update)\b"
    r"(?!.*(?:\?|\b(?:i|me|my)\b)).{0,120}?"
    r"(?:https?:|<http|\bclick\b|\bvisit\b|\bfollow this link\b)|"
    r"para (?:dejar de recibir|darse de baja|cancelar)\b(?!.*(?:\?|\b(?:yo|me|mi)\b)).{0,120}?"
    r"(?:https?:|<http|\bha(?:ga|z) clic\b)|"
    r"(?:este|esta) (?:mensaje|correo|mensagem|e-?mail)\b.{0,200}\b(?:confidenci\w+|destinat[aá]ri[oa])|"
    r"si (?:usted )?(?:no es|ha recibido|recibió)\b.{0,60}\b(?:destinatario|por error)|"
    r"se (?:você )?não (?:é|for)\b.{0,60}\bdestinatário|"
    r"ce (?:message|courriel|mail)\b.{0,200}\b(?:confidentiel|destinataire)|"
    r"si vous n'êtes pas\b.{0,60}\bdestinataire|"
    r"diese (?:e-?mail|nachricht)\b.{0,200}\b(?:vertraulich|empfänger|adressat)|"
    r"(?:wenn|falls|sollten) sie nicht\b.{0,60}\b(?:empfänger|adressat))",
    re.IGNORECASE | re.DOTALL,
)


def written_text(body: str) -> str:
    """Return what the person wrote. Where cutting would leave nothing, nothing is cut: it may be a stop."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    written = _without_small_print(_without_signature(_without_quotations(text.split("\n"))))
    return _unwrapped(written).strip() or text.strip()


def is_only_signed(body: str) -> bool:
    """Tell whether there is nothing but what a program writes below an email: `Sent from my iPhone`."""
    return all(_SENT_FROM.match(line) for line in body.splitlines() if line.strip())


def _unwrapped(lines: Sequence[str]) -> str:
    """Join the lines that only a program's width has parted: a sentence goes on in the next one.

    Source: RFC 3676: a line that ends in a space flows on.
    """
    text = ""
    for line in lines:
        last = text.rpartition("\n")[2]
        flows = line.strip() and last.strip() and (last.endswith(" ") or len(last) >= _FULL_WIDTH)
        text += line if not text else f" {line}" if flows else f"\n{line}"
    return text


def _without_quotations(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if (
            _FROM_HERE_ON.match(lines[at])
            or _begins_a_header(lines, at)
            or _ATTRIBUTION_AND_MORE.match(lines[at])
        ):
            break
        length = _length_of_attribution(lines, at)
        if length:
            rest = lines[at + length :]
            if not any(line.lstrip().startswith(">") for line in rest):
                break  # the program marks no quoted line: all that follows is one
            at += length
        elif lines[at].lstrip().startswith(">") or _SENT_FROM.match(lines[at]):
            at += 1
        elif (reacted := _REACTED.match(lines[at])) is not None:
            kept.append(reacted["picture"] or "")
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
    if not _HEADER_LINE.match(lines[at]):
        return False
    block = [line for line in lines[at : at + 6] if _HEADER_LINE.match(line)]
    return len(block) >= _LEAST_HEADER and any(_NAMES_A_SENDER.match(line) for line in block)


def _without_signature(lines: Sequence[str]) -> Sequence[str]:
    return next((lines[:at] for at, line in enumerate(lines) if _SIGNATURE.match(line)), lines)


def _without_small_print(lines: Sequence[str]) -> Sequence[str]:
    """Cut the small print below what was written, from its first paragraph on, and a banner above it."""
    lines = _without_banner(lines)
    for at in range(len(lines)):
        begins = at == 0 or not lines[at - 1].strip()
        if begins and _SMALL_PRINT.match(" ".join(_paragraph(lines, at))):
            return lines[:at]
    return lines


def _paragraph(lines: Sequence[str], at: int) -> Sequence[str]:
    ends = next((end for end in range(at, len(lines)) if not lines[end].strip()), len(lines))
    return lines[at : min(ends, at + _LONGEST_READ)]


def _without_banner(lines: Sequence[str]) -> Sequence[str]:
    begins = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if not _BANNER.match(" ".join(_paragraph(lines, begins))):
        return lines
    ends = next((at for at in range(begins, len(lines)) if not lines[at].strip()), len(lines))
    return lines[ends:]


_BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote"}
)
_UNSEEN = frozenset({"script", "style", "head", "title"})
_QUOTES = re.compile(r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|ms-outlook-mobile")
#: What Outlook puts beside what it quotes, not around it: nothing behind is by whoever wrote the email.
_QUOTES_FROM_HERE_ON = re.compile(r"divRplyFwdMsg|appendonsend")


_BLANKS = re.compile(r"\s+")


class _Reader(HTMLParser):
    """Collects the text of a page; what is quoted has `>` before each line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._unseen = 0
        self._only_quotes = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in {"div", "blockquote", "span"}:
            named = " ".join(value or "" for name, value in attributes if name in {"class", "id"})
            self._open.append((tag, tag == "blockquote" or bool(_QUOTES.search(named))))
            self._only_quotes = self._only_quotes or bool(_QUOTES_FROM_HERE_ON.search(named))
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
            self.pieces.append(_BLANKS.sub(" ", data))

    def _break(self) -> None:
        is_quoted = self._only_quotes or any(is_quote for _, is_quote in self._open)
        self.pieces.append("\n> " if is_quoted else "\n")


def text_of_html(page: str) -> str:
    """Return the text of an HTML email, line by line; quoted lines begin with `>`."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line.strip(" >"))
