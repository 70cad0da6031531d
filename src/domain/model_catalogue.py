"""ModelCatalogue: which targets a model name can mean, without looking at rules or health.

A name is tried in this order:
    1. an alias of the configuration: its members in the order given;
    2. explicit `provider/model` (the id ends at the first `/`) when that provider serves the model;
    3. a bare name: every provider that lists it (exact name, a model's alias, or a pattern), and of the
       providers that accept any name those among the default providers. When that finds nobody, all
       providers that accept any name: they are the only way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llm_gateway.domain.confidence import NAMED, PATTERN, UNSEEN
from llm_gateway.domain.glob import Matcher, compile_glob, globs_overlap
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.target_profile import TargetProfile, profile_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """`found` holds each target once with what made it a candidate, in the order of preference.

    `asked` is the model's name without an explicit provider. `unserved` is the provider of an explicit
    name that does not serve the model.
    """

    found: tuple[tuple[TargetProfile, str], ...]
    asked: str
    unserved: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One provider's models, ready for look-up; `exact` is by name and by alias."""

    provider: Provider
    exact: Mapping[str, TargetProfile]
    patterns: tuple[tuple[Matcher, Model], ...]

    def profile(self, name: str) -> TargetProfile | None:
        """The target for a model name, None when this provider does not serve it."""
        exact = self.exact.get(name)
        if exact is not None:
            return exact
        for matches, pattern in self.patterns:
            if matches(name):
                return profile_of(self.provider, pattern, name, PATTERN)
        return None if self.provider.models else profile_of(self.provider, None, name, UNSEEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """A model id that clients can ask for. `providers` are the ids of those that serve it, best first."""

    id: str
    providers: tuple[str, ...]

    @property
    def owned_by(self) -> str:
        return self.providers[0]


class ModelCatalogue:
    """Built once per snapshot. `listings` are in order of preference: the provider's `priority`, those
    that list their models before those that accept any, the place among the default providers, the
    order of the configuration."""

    __slots__ = ("_alias_resolutions", "_aliases", "_default_open", "_open", "_preferred", "listings")

    def __init__(
        self,
        providers: Sequence[Provider],
        default_providers: Sequence[str],
        aliases: Mapping[str, tuple[str, ...]],
    ) -> None:
        place = {provider_id: index for index, provider_id in enumerate(default_providers)}
        preferred = sorted(providers, key=lambda p: (p.priority, not p.models, place.get(p.id, len(place))))
        self.listings = {provider.id: _listing(provider) for provider in preferred}
        self._preferred = tuple(self.listings.values())
        self._open = tuple(listing for listing in self._preferred if not listing.provider.models)
        self._default_open = frozenset(p.provider.id for p in self._open if p.provider.id in place)
        self._aliases = aliases
        self._alias_resolutions: dict[str, Resolution] = {}

    def resolve(self, name: str) -> Resolution:
        """An alias must not lead back to itself (the snapshot's validation sees to that)."""
        members = self._aliases.get(name)
        if members is not None:
            return self._resolve_alias(name, members)
        head, separator, tail = name.partition("/")
        unserved = None
        if separator and tail and head in self.listings:
            explicit = self.listings[head].profile(tail)
            if explicit is not None:
                return Resolution(found=((explicit, "explicit"),), asked=tail)
            unserved = head
        found_bare = self._bare(name) if name else ()
        return Resolution(found=found_bare, asked=name, unserved=None if found_bare else unserved)

    def names_of(self, name: str) -> tuple[str, ...]:
        """The names by which a rule may know the requested model: the client's, and the providers' when
        all candidates have the same."""
        models = {profile.target.model for profile, _ in self.resolve(name).found}
        return (name,) if len(models) != 1 else tuple(dict.fromkeys((name, *models)))

    def listed(self) -> tuple[ListedModel, ...]:
        """Every name that is spelled out somewhere, once, sorted: the configuration's aliases, the
        providers' model names and their aliases. A pattern lists nothing."""
        names = {*self._aliases, *(name for listing in self._preferred for name in listing.exact)}
        models = []
        for name in sorted(names):
            found = self.resolve(name).found
            providers = tuple(dict.fromkeys(profile.target.provider_id for profile, _ in found))
            models.append(ListedModel(id=name, providers=providers))
        return tuple(models)

    def listed_explicitly(self, name: str) -> ListedModel | None:
        """`provider/model` for a name that the provider spells out; `listed` leaves these out."""
        provider_id, separator, model = name.partition("/")
        listing = self.listings.get(provider_id)
        if not separator or listing is None or model not in listing.exact:
            return None
        return ListedModel(id=name, providers=(provider_id,))

    def _resolve_alias(self, name: str, members: tuple[str, ...]) -> Resolution:
        """Worked out once per alias: aliases of aliases would multiply otherwise."""
        known = self._alias_resolutions.get(name)
        if known is not None:
            return known
        found = {
            profile.id: (profile, f"alias:{name}")
            for member in members
            for profile, _ in self.resolve(member).found
        }
        resolution = Resolution(found=tuple(found.values()), asked=name)
        self._alias_resolutions[name] = resolution
        return resolution

    def can_mean(self, glob: str) -> bool:
        """Whether some name that this configuration knows matches the pattern."""
        if self._open:
            return True
        known = [*self._aliases]
        for listing in self._preferred:
            for name in (*listing.exact, *(model.name for _, model in listing.patterns)):
                known += [name, f"{listing.provider.id}/{name}"]
        return any(globs_overlap(glob, name) for name in known)

    def _bare(self, name: str) -> tuple[tuple[TargetProfile, str], ...]:
        found = []
        for listing in self._preferred:
            if listing.provider.models:
                via = "model"
            elif listing.provider.id in self._default_open:
                via = "default"
            else:
                continue
            profile = listing.profile(name)
            if profile is not None:
                found.append((profile, via))
        if found:
            return tuple(found)
        unseen = ((listing.profile(name), "default") for listing in self._open)
        return tuple((profile, via) for profile, via in unseen if profile is not None)


def _listing(provider: Provider) -> Listing:
    named = [model for model in provider.models if not model.is_pattern]
    exact = {model.name: profile_of(provider, model, model.name, NAMED) for model in named}
    for model in named:
        for alias in model.aliases:
            exact.setdefault(alias, exact[model.name])
    patterns = tuple((compile_glob(m.name), m) for m in provider.models if m.is_pattern)
    return Listing(provider=provider, exact=exact, patterns=patterns)
