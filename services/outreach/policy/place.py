"""Where a rule of an agency's own binds: a country, a part of one, or some of its postal codes."""

from dataclasses import dataclass

from outreach.policy.evidence import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country (ISO 3166 alpha-2), with a `region` a part of it, with `codes` some of its postal codes.

    `codes` are the first and the last, as far as they are written: `750` to `753` are all that begin so.
    """

    country: str
    region: str | None = None
    codes: tuple[str, str] | None = None

    def may_hold(self, places: Places) -> bool:
        """True where a person of whom so much is known may be there."""
        if self.codes is not None:
            first, last = self.codes
            return any(
                country == self.country and first <= code[: len(first)] <= last
                for country, code in places.postal_codes
            )
        name = self.country if self.region is None else f"{self.country}-{self.region}"
        return name in places.jurisdictions
