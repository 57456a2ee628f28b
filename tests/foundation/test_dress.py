"""A dress that cannot be worn is refused before anybody sees it, with file, line and what to do."""

from pathlib import Path

import pytest

from foundation.pages.dress import DressRefused, read_dress
from foundation.pages.look import load_look
from tests.support.sources import ROOT

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
FONT = b"wOF2" + bytes(40)
WHOLE = """\
name: Lakeside Recovery
phone: 202-555-0143
logo: logo.svg
colors:
  main: "#7a1f3d"
  ground: "#ffffff"
dark:
  main: "#f2b5c8"
  ground: "#140a0e"
fonts:
  text: text.woff2
  headings: headings.woff2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "logo.svg": SVG,
        "logo.png": PNG,
        "text.woff2": FONT,
        "headings.woff2": FONT,
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def problems_of(folder: Path, text: str) -> list[str]:
    path = folder / "dress.yaml"
    path.write_text(text)
    with pytest.raises(DressRefused) as refused:
        read_dress(path)
    return [problem.removeprefix(f"{path}:") for problem in refused.value.problems]


def test_a_whole_dress_is_worn(folder: Path) -> None:
    (folder / "dress.yaml").write_text(WHOLE)

    look = load_look(folder / "dress.yaml")

    css = look.assets[look.style].content.decode()
    assert (look.agency, look.phone) == ("Lakeside Recovery", "202-555-0143")
    assert look.logo is not None
    assert look.assets[look.logo].content == SVG
    assert "--main:#7a1f3d" in css
    assert "--main:#f2b5c8" in css
    (font,) = [asset for asset in look.assets.values() if asset.media_type == "font/woff2"]
    assert css.count(f"url({font.name})") == 2


def test_without_a_dress_there_is_a_look_too() -> None:
    look = load_look(None)

    assert (look.agency, look.logo, list(look.assets)) == (None, None, [look.style])


def test_the_dress_that_we_ship_is_worn() -> None:
    look = load_look(ROOT / "deploy" / "pages" / "dress.yaml")

    assert look.agency == "Harbor Recovery"
    assert len(look.assets) == 2


def test_another_content_has_another_name(folder: Path) -> None:
    (folder / "dress.yaml").write_text("logo: logo.svg")
    before = load_look(folder / "dress.yaml")
    (folder / "logo.svg").write_bytes(SVG + b"<!-- newer -->")

    assert load_look(folder / "dress.yaml").logo != before.logo
    assert load_look(None).style == before.style


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'name: Lakeside\ncolors:\n  main: "#8fb5b0"\n  ground: "#ffffff"\n',
            '3: `colors.main` on `colors.ground` has a contrast of 2.2, 4.5 is needed; write "#',
        ),
        ('colors:\n  main: teal\n  ground: "#ffffff"\n', "2: `colors.main`: must be a color such as #1f5f4a"),
        (
            'colors:\n  main: "#1f5f4a"\n',
            "1: `colors.ground`: is needed beside the other one; write both colors",
        ),
        ("name: A\nlogos: logo.svg\n", "2: `logos` is not known; did you mean `logo`?"),
        ("font: x\ncolour: y\n", "1: `font` is not known; did you mean `fonts`?"),
        ("name: A\nname: B\n", "2: `name` is there twice; take one out"),
        ("name: [A, B]\n", "1: `name` is one value; write it as text"),
        ("name: >\n  A\n  B\n", "1: `name`: write it in one line"),
        (f"name: {'A' * 81}\n", "1: `name`: write less"),
        ("name: {{ agency }}\n", "1: `name` is one value; write it as text"),
        ("name: A\n\tlogo: x", "2: is not YAML; write `name: value` on each line"),
        ("- a\n", "1: says nothing; write at least `name: Your agency`"),
        ("", "1: says nothing; write at least `name: Your agency`"),
        ("logo: logo.gif\n", "1: `logo.gif` must be a file that ends in .svg or .png"),
        ("name: A\nlogo: other.svg\n", "2: `other.svg` cannot be read; put it beside this file"),
        ("logo: ../logo.svg\n", "1: `../logo.svg` must lie beside this file; copy it there"),
        ("logo: /etc/logo.svg\n", "1: `/etc/logo.svg` must lie beside this file; copy it there"),
        ("fonts:\n  text: logo.svg\n", "2: `logo.svg` must be a file that ends in .woff2"),
    ],
)
def test_a_dress_is_refused_with_line_and_fix(folder: Path, text: str, problem: str) -> None:
    assert problems_of(folder, text)[0].startswith(problem)


def test_every_problem_is_told_at_once(folder: Path) -> None:
    text = 'logo: none.svg\ncolors:\n  main: "#ffffff"\n  ground: "#eeeeee"\nfonts:\n  text: none.woff2\n'

    assert [problem.partition(":")[0] for problem in problems_of(folder, text)] == ["3", "1", "6"]


def test_the_color_that_is_proposed_can_be_worn(folder: Path) -> None:
    (problem,) = problems_of(folder, 'colors:\n  main: "#8fb5b0"\n  ground: "#ffffff"\n')
    proposed = problem.rpartition("write ")[2]

    (folder / "dress.yaml").write_text(f'colors:\n  main: {proposed}\n  ground: "#ffffff"\n')

    assert read_dress(folder / "dress.yaml").dress.colors.main == proposed.strip('"')


def test_a_file_is_what_its_name_says(folder: Path) -> None:
    (folder / "logo.svg").write_bytes(PNG)

    assert problems_of(folder, "logo: logo.svg\n") == ["1: `logo.svg` is no .svg inside; export it anew"]


def test_what_would_not_open_on_a_slow_phone_is_refused(folder: Path) -> None:
    (folder / "logo.png").write_bytes(PNG + bytes(10_000))
    (folder / "text.woff2").write_bytes(FONT + bytes(24_000))

    large = problems_of(folder, "logo: logo.png\nfonts:\n  text: text.woff2\n")

    assert [problem.partition(" bytes, ")[2][:5] for problem in large] == ["10000", "24000"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: " * 900, b"[" * 300, b"&a [*a]", b"\x00"])
def test_no_file_breaks_the_reader(folder: Path, content: bytes) -> None:
    path = folder / "dress.yaml"
    path.write_bytes(content)

    with pytest.raises(DressRefused):
        read_dress(path)


def test_a_missing_dress_is_said(tmp_path: Path) -> None:
    with pytest.raises(DressRefused, match=r"none\.yaml:1: cannot be read"):
        read_dress(tmp_path / "none.yaml")
