"""The look of all pages: a stylesheet in the agency's colors, and the files that it names."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from foundation.pages.contrast import BLACK, MARK, WHITE, Color, readable_on, until_readable
from foundation.pages.dress import Colors, Dress, Worn, read_dress

_RULES: Final = "look.css"
#: What a ground is at night, a trace of the agency's color in it.
_NIGHT: Final = Color(0x12, 0x16, 0x1A)
#: What does not fit is told in this red, as much lighter or darker as it takes.
_ALARM: Final = Color(0xA8, 0x2A, 0x1F)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages name. Its name changes with its content, so whoever has it may keep it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What pages need to know of how they look: the agency, and the names of their files.

    `style` and `logo` are keys of `assets`.
    """

    agency: str | None
    phone: str | None
    style: str
    logo: str | None
    assets: Mapping[str, Asset]


def load_look(path: Path | None) -> Look:
    """Return the look that a dress file gives, or the plain one where there is none.

    Raises:
        DressRefused: something in the file cannot be; every problem is listed.
    """
    return look_of(Worn(Dress()) if path is None else read_dress(path))


def look_of(worn: Worn) -> Look:
    """Return the look that this dress gives."""
    dress = worn.dress
    named = {
        name: _asset(_kind_of(media_type), media_type, content)
        for name, (media_type, content) in worn.files.items()
    }
    css = _stylesheet(dress, fonts={name: asset.name for name, asset in named.items()})
    style = _asset("style", "text/css; charset=utf-8", css.encode())
    assets = {asset.name: asset for asset in (style, *named.values())}
    logo = None if dress.logo is None else named[dress.logo].name
    return Look(agency=dress.name, phone=dress.phone, style=style.name, logo=logo, assets=assets)


def _kind_of(media_type: str) -> str:
    return "font" if media_type.startswith("font/") else "logo"


def _asset(kind: str, media_type: str, content: bytes) -> Asset:
    ending = {"text/css; charset=utf-8": "css", "image/svg+xml": "svg"}.get(
        media_type, media_type.partition("/")[2]
    )
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(f"{kind}-{digest}.{ending}", media_type, content)


def _stylesheet(dress: Dress, *, fonts: Mapping[str, str]) -> str:
    """Return the rules of `look.css` behind this dress's colors and fonts."""
    rules = (files("foundation.pages") / _RULES).read_text(encoding="utf-8")
    day = _tints(dress.colors)
    night = _tints(dress.dark or _at_night(dress.colors))
    return "".join(
        [
            *_faces(dress, fonts),
            f":root{{{_written(day)}}}\n",
            f"@media (prefers-color-scheme:dark){{:root{{{_written(night)}}}}}\n",
            rules,
        ]
    )


def _faces(dress: Dress, fonts: Mapping[str, str]) -> list[str]:
    """Return the agency's own fonts, and which text they are for; without them the phone's own stay."""
    faces, roles = [], []
    for role, file in (("text", dress.fonts.text), ("headings", dress.fonts.headings)):
        if file is not None:
            # Whoever waits for the font reads meanwhile, in another.
            faces.append(
                f"@font-face{{font-family:own-{role};src:url({fonts[file]}) format('woff2');"
                "font-weight:100 900;font-display:swap}\n"
            )
            roles.append(f"--{role}-font:own-{role};")
    return [*faces, *([f":root{{{''.join(roles)}}}\n"] if roles else [])]


def _tints(colors: Colors) -> Mapping[str, Color]:
    """Return every color of a page: two are the agency's, the rest is worked out so that all can be read.

    Text goes from the ground to the side where the agency's color is, and boxes go to the other, so
    that whatever can be read on the ground can be read in a box.
    """
    main, ground = Color.read(colors.main), Color.read(colors.ground)
    front, back = (WHITE, BLACK) if main.luminance > ground.luminance else (BLACK, WHITE)
    on_main = readable_on(main)
    until = partial(until_readable, ground=ground, toward=front)
    return {
        "main": main,
        "on-main": on_main,
        "main-held": main.mixed(WHITE if on_main == BLACK else BLACK, 0.18),
        "ground": ground,
        "card": ground.mixed(back, 0.5),
        "wash": ground.mixed(back, 0.35),
        "ink": until(ground.mixed(front, 0.9), at_least=7),
        "quiet": until(ground.mixed(front, 0.56), at_least=5.5),
        "line": until(ground.mixed(front, 0.3), at_least=MARK),
        "alarm": until(_ALARM, at_least=5.5),
    }


def _at_night(colors: Colors) -> Colors:
    """Return the same color on a dark ground, as much lighter as it takes to be read there."""
    main = Color.read(colors.main)
    ground = _NIGHT.mixed(main, 0.06)
    return Colors(main=str(until_readable(main.mixed(WHITE, 0.35), ground, at_least=7)), ground=str(ground))


def _written(tints: Mapping[str, Color]) -> str:
    return "".join(f"--{name}:{color};" for name, color in tints.items())
