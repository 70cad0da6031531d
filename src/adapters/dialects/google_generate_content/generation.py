"""Generation: sampling, limits, output format and thinking of a hub request as Google's generationConfig."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_gateway.adapters.dialects.google_generate_content.schema import adapt_schema
from llm_gateway.adapters.dialects.google_generate_content.thinking import thinking_config
from llm_gateway.domain.errors import InvalidRequest

_SAME = (
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("seed", "seed"),
)
_ZERO_IS_NEUTRAL = (
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
)


def generation_config(body: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Empty when the client asked for nothing special. Raises InvalidRequest."""
    config: dict[str, Any] = {}
    for hub, wire in _SAME:
        if body.get(hub) is not None:
            config[wire] = body[hub]
    for hub, wire in _ZERO_IS_NEUTRAL:
        if body.get(hub):
            config[wire] = body[hub]
    limit = body.get("max_completion_tokens")
    limit = body.get("max_tokens") if limit is None else limit
    if limit is not None:
        config["maxOutputTokens"] = limit
    if (body.get("n") or 1) != 1:
        config["candidateCount"] = body["n"]
    if stop := body.get("stop"):
        if not isinstance(stop, str | list):
            raise InvalidRequest("stop must be a string or a list of strings", param="stop")
        config["stopSequences"] = [stop] if isinstance(stop, str) else stop
    if body.get("logprobs"):
        config["responseLogprobs"] = True
        if body.get("top_logprobs"):
            config["logprobs"] = body["top_logprobs"]
    _response_format(body.get("response_format"), config)
    _modalities(body, config)
    effort = body.get("reasoning_effort")
    if isinstance(effort, str) and (thinking := thinking_config(model, effort)) is not None:
        config["thinkingConfig"] = thinking
    return config


def _response_format(wanted: Any, config: dict[str, Any]) -> None:
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if kind is None or kind == "text":
        return
    if kind not in ("json_object", "json_schema"):
        raise InvalidRequest(f"response_format {kind!r} is not known", param="response_format.type")
    config["responseMimeType"] = "application/json"
    if kind == "json_schema":
        described = wanted.get("json_schema")
        schema = described.get("schema") if isinstance(described, Mapping) else None
        if isinstance(schema, Mapping):
            config["responseJsonSchema"] = adapt_schema(schema)


def _modalities(body: Mapping[str, Any], config: dict[str, Any]) -> None:
    modalities = body.get("modalities")
    if isinstance(modalities, list) and modalities and modalities != ["text"]:
        config["responseModalities"] = [str(modality).upper() for modality in modalities]
    audio = body.get("audio")
    if not isinstance(audio, Mapping):
        return
    if audio.get("format") not in (None, "pcm16"):
        raise InvalidRequest("Google answers with pcm16 audio only", param="audio.format")
    voice = audio.get("voice")
    if isinstance(voice, str) and voice:
        config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
