"""ConfigurationReader: from a file's text to the effective configuration, or to everything wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llm_gateway.adapters.configuration.account import AccountBuilder
from llm_gateway.adapters.configuration.assembly import assemble
from llm_gateway.adapters.configuration.credential import CredentialSources
from llm_gateway.adapters.configuration.cross_references import cross_reference_problems
from llm_gateway.adapters.configuration.document_variables import SubstitutedDocument, substitute_document
from llm_gateway.adapters.configuration.environment_accounts import environment_accounts
from llm_gateway.adapters.configuration.gateway_file import GatewayFile
from llm_gateway.adapters.configuration.problem import (
    Path,
    Problem,
    located_error,
    nearest,
    path_text,
    refusal,
)
from llm_gateway.adapters.configuration.redaction import redacted
from llm_gateway.adapters.configuration.validation import validate_shape
from llm_gateway.adapters.configuration.yaml_document import YamlDocument, YamlRefused, parse_yaml
from llm_gateway.adapters.provider_kit.provider_type import ProviderType
from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.ports.configuration_source import LoadedConfiguration
from llm_gateway.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationReader:
    """`embedded` accounts (the lab) are there beside the configured ones, unless their id is taken."""

    types: Mapping[str, ProviderType]
    sources: CredentialSources
    embedded: Sequence[ProviderAccount] = ()

    def read(self, text: str, origin: str) -> LoadedConfiguration[GatewayConfiguration]:
        """Raises ConfigurationError: its message is one line for people, `others` the further mistakes."""
        try:
            document = parse_yaml(text)
        except YamlRefused as exc:
            raise refusal([exc.problem], origin) from exc
        substituted = substitute_document(document.value, self.sources.environment)
        problems = list(substituted.problems)
        file = validate_shape(substituted.value, substituted.variables)
        if isinstance(file, list):
            # An unresolved variable is the cause of whatever its text then fails at.
            causes = {problem.path for problem in problems}
            problems += [problem for problem in file if problem.path not in causes]
            raise self._refusal(problems, document, origin)
        accounts = self._accounts(file, substituted, problems)
        known = {entry.id for entry in file.providers or ()} | {account.id for account in accounts}
        problems += cross_reference_problems(file, known)
        if problems:
            raise self._refusal(problems, document, origin)
        configuration = assemble(file, accounts)
        self._compile(configuration, document, origin)
        return LoadedConfiguration(
            configuration=configuration, text=redacted(text, document), digest=digest(text), origin=origin
        )

    def _accounts(
        self, file: GatewayFile, substituted: SubstitutedDocument, problems: list[Problem]
    ) -> tuple[ProviderAccount, ...]:
        if file.providers is None:
            accounts = environment_accounts(self.types, self.sources)
        else:
            builder = AccountBuilder(
                types=self.types,
                sources=self.sources,
                variable=substituted.variable,
                report=problems.append,
            )
            built = (builder.build(entry, ("providers", i)) for i, entry in enumerate(file.providers))
            accounts = tuple(account for account in built if account is not None)
        taken = {account.id for account in accounts}
        return (*accounts, *(account for account in self.embedded if account.id not in taken))

    def _refusal(self, problems: list[Problem], document: YamlDocument, origin: str) -> ConfigurationError:
        placed = [replace(p, line=p.line or document.line(p.path)) for p in problems]
        return refusal(placed, origin)

    def _compile(self, configuration: GatewayConfiguration, document: YamlDocument, origin: str) -> None:
        """What only the compiled snapshot can tell (alias loops, globs that match nothing), with its line."""
        try:
            configuration.snapshot()
        except ConfigurationError as exc:
            path = written_path(exc.path, document)
            line = document.line(path)
            hint = _model_hint(exc.path, document, path, configuration) or exc.hint
            raise located_error(exc.message, path=exc.path, line=line, hint=hint, origin=origin) from exc


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def written_path(text: str, document: YamlDocument) -> Path:
    """The longest path of the document that a path in words begins with (keys may hold dots)."""
    best: Path = ()
    for path in document.places:
        written = path_text(path)
        if len(path) > len(best) and (text == written or text.startswith((f"{written}.", f"{written}["))):
            best = path
    return best


def _model_hint(
    text: str, document: YamlDocument, path: Path, configuration: GatewayConfiguration
) -> str | None:
    """For a value that should name a model: the nearest one that exists."""
    if not text.startswith("routing.") or not path:
        return None
    value = document.value
    for part in path:
        value = value[part]
    names = set(configuration.routing.aliases) - {path[-1]}
    for account in configuration.providers:
        for model in account.models:
            if not model.is_pattern:
                names |= {model.name, f"{account.id}/{model.name}", *model.aliases}
    return None if value in names else nearest(value, names)
