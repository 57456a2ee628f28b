"""`make sbom`: what the product consists of, as CycloneDX 1.6, and under which licenses, with their texts.

What is installed is what `requirements.lock` pins; images that `deploy/` names and what is fetched for tests
stand beside it. Writes `sbom-out/sbom.json` and `sbom-out/licenses.txt`; fails where a license is not known.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import yaml
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import is_expression, is_supported_id
from packageurl import PackageURL

ROOT: Final = Path(__file__).resolve().parent.parent
_TABLE: Final = ROOT / "scripts" / "licenses.toml"
_LICENSES: Final = LicenseFactory()


class UnknownLicense(Exception):
    """Nobody says under which license something is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the license of {name} is not known: read its text, and put it into {_TABLE.name}")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of a lock file: `wanted_by` names those that need it, `marker` says where it is installed."""

    name: str
    version: str
    marker: str
    wanted_by: Sequence[str]


def read_pins(lock: str) -> list[Pin]:
    """Read the lock file of `uv pip compile`, with who needs what."""
    pins = []
    for block in re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]:
        head = re.match(r"([\w.-]+)==(\S+)(?: ; (.*?))?(?: \\)?$", block, re.MULTILINE)
        assert head
        wanted = re.findall(r"^    # (?:via |  )([\w.-]+)(?: \(pyproject\.toml\))?$", block, re.MULTILINE)
        pins.append(Pin(head[1], head[2], head[3] or "", wanted))
    return pins


def license_of(name: str, table: Mapping[str, str]) -> str:
    """Return the SPDX expression of an installed package, or of one of the table.

    Raises:
        UnknownLicense: neither says it.
    """
    if name in table:
        return table[name]
    if said := says_itself(name):
        return said
    raise UnknownLicense(name)


def says_itself(name: str) -> str | None:
    """Return what the package's own metadata says, where that is an SPDX expression."""
    found = _installed(name)
    if found is None:
        return None
    for field in ("License-Expression", "License"):
        for said in found.metadata.get_all(field) or ():
            if is_supported_id(said) or is_expression(said):
                return str(said)
    return None


def describe(pins: Sequence[Pin], table: Mapping[str, Mapping[str, object]]) -> Bom:
    """Return the whole as a CycloneDX document.

    Raises:
        UnknownLicense: it would be incomplete.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bom = Bom()
    whole = _component(
        project["name"], project["version"], project["license"], kind=ComponentType.APPLICATION
    )
    bom.metadata.component = whole
    packages: dict[str, str] = {str(name): str(said) for name, said in table["packages"].items()}
    parts = {
        pin.name: _component(
            pin.name,
            pin.version,
            license_of(pin.name, packages),
            purl=PackageURL("pypi", name=pin.name, version=pin.version),
            about={"installed where": pin.marker} if pin.marker else {},
        )
        for pin in pins
    }
    images = [_image(reference, table["images"]) for reference in named_images()]
    fetched = [
        _component(
            name,
            None,
            str(about["license"]),
            scope=ComponentScope.EXCLUDED,
            about={"from": str(about["from"])},
        )
        for name, about in table["fetched"].items()
        if isinstance(about, Mapping)
    ]
    bom.components.update([*parts.values(), *images, *fetched])
    for name, part in [(project["name"], whole), *parts.items()]:
        bom.register_dependency(part, [parts[pin.name] for pin in pins if name in pin.wanted_by])
    return bom


def named_images() -> list[str]:
    """Return the images of other publishers that the Dockerfile and the compose file name."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    foreign = {service["image"] for service in services.values() if "build" not in service}
    return sorted({*re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE), *foreign})


def _image(reference: str, licenses: Mapping[str, object]) -> Component:
    name, _, version = reference.partition("@")[0].partition(":")
    if name not in licenses:
        raise UnknownLicense(f"the image {name}")
    return _component(name, version, str(licenses[name]), kind=ComponentType.CONTAINER)


def _component(
    name: str,
    version: str | None,
    license_: str,
    *,
    kind: ComponentType = ComponentType.LIBRARY,
    scope: ComponentScope | None = None,
    purl: PackageURL | None = None,
    about: Mapping[str, str] | None = None,
) -> Component:
    return Component(
        name=name,
        version=version,
        type=kind,
        scope=scope,
        purl=purl,
        bom_ref=str(purl) if purl else f"{name}@{version}" if version else name,
        licenses=[_LICENSES.make_from_string(license_)],
        properties=[Property(name=f"outreach:{key}", value=value) for key, value in (about or {}).items()],
    )


def texts(pins: Sequence[Pin], packages: Mapping[str, str]) -> str:
    """Return each package's license, and the texts it comes with, for whoever passes the product on."""
    parts = []
    for pin in pins:
        head = f"{pin.name} {pin.version}: {license_of(pin.name, packages)}"
        found = _installed(pin.name)
        files = [] if found is None else _license_files(found)
        parts.append(
            "\n\n".join([f"{'=' * 80}\n{head}", *files, *([] if files else ["(comes without its text)"])])
        )
    return "\n\n".join(parts) + "\n"


def _license_files(found: Distribution) -> list[str]:
    named = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
    files = [file for file in found.files or [] if ".dist-info" in str(file) and named.search(file.name)]
    paths = sorted(Path(str(found.locate_file(file))) for file in files)
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in paths if path.is_file()]


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def main(arguments: Sequence[str]) -> int:
    """Write both files; return 1 after one line that says whose license is not known."""
    parser = argparse.ArgumentParser(prog="make sbom", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "sbom-out")
    out: Path = parser.parse_args(arguments).out
    pins = read_pins((ROOT / "requirements.lock").read_text())
    table = tomllib.loads(_TABLE.read_text())
    try:
        document = JsonV1Dot6(describe(pins, table)).output_as_string(indent=2)
        written = {"sbom.json": document + "\n", "licenses.txt": texts(pins, table["packages"])}
    except UnknownLicense as unknown:
        sys.stderr.write(f"make sbom: {unknown}\n")
        return 1
    out.mkdir(parents=True, exist_ok=True)
    for name, text in written.items():
        (out / name).write_text(text, encoding="utf-8")
        print(out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
