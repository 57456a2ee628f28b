"""Draw every page that people open in every state, small and wide, by day and by night.

Writes PNG files into `pictures-out/`, one for each page, width, light and language, and an `index.html`
to look at them. Nothing is drawn that a person could not see: a Chromium opens each page (`make browser`).
"""

import argparse
import asyncio
import html
import sys
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, async_playwright

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))

from foundation.pages.dress import DressRefused  # noqa: E402 (the path is told above)
from foundation.pages.look import load_look  # noqa: E402
from tests.support.browser import FLAGS  # noqa: E402
from tests.support.chromium import find_chromium  # noqa: E402
from tests.support.page_site import PageSite, page_site  # noqa: E402
from tests.support.page_states import names  # noqa: E402

WIDTHS = (320, 390, 1280)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> int:
    """Draw what was asked for; return 0, or 1 after one line that says what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dress", type=Path, default=_ROOT / "deploy" / "pages" / "dress.yaml")
    parser.add_argument("--out", type=Path, default=_ROOT / "pictures-out")
    parser.add_argument("--only", default="", help="draw only pages whose name has this in it")
    asked = parser.parse_args()
    if (path := find_chromium()) is None:
        sys.stderr.write("there is no Chromium here: make browser\n")
        return 1
    asked.out.mkdir(parents=True, exist_ok=True)
    try:
        drawn = asyncio.run(_draw(path, asked.dress, asked.out, only=asked.only))
    except DressRefused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    shown = "\n".join(f'<figure><img src="{name}"><figcaption>{html.escape(name)}</figure>' for name in drawn)
    (asked.out / "index.html").write_text(f"<!doctype html><style>figure{{float:left}}</style>{shown}\n")
    print(f"{len(drawn)} pictures: {asked.out / 'index.html'}")
    return 0


async def _draw(chromium: str, dress: Path, out: Path, *, only: str) -> list[str]:
    """Draw every page; return the names of the files."""
    drawn: list[str] = []
    async with page_site(load_look(dress)) as site, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for width in WIDTHS:
            for scheme in _SCHEMES:
                drawn += await _draw_all(browser, site, out, width=width, scheme=scheme, only=only)
        await browser.close()
    return drawn


async def _draw_all(
    browser: Browser, site: PageSite, out: Path, *, width: int, scheme: Literal["light", "dark"], only: str
) -> list[str]:
    """Draw every page at this width and in this light; return the names of the files."""
    drawn = []
    context = await browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
    page = await context.new_page()
    for language in site.pages.languages:
        for name in names(language):
            if only in name:
                await page.goto(site.address(language, name))
                file = f"{name} {width} {scheme} {language}.png".replace(":", "").replace(" ", "-")
                await page.screenshot(path=str(out / file), full_page=True)
                drawn.append(file)
    await context.close()
    return drawn


if __name__ == "__main__":
    sys.exit(main())
