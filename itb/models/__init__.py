"""What can be evaluated; each kind is one small file, imported only when it is asked for."""

import re
from pathlib import Path

from itb.bench import Bench
from itb.eval_settings import EvalSettings
from itb.models.adapter import Model, Reply, Unit
from tools.errors import MissingError, UsageError

__all__ = ["Model", "Reply", "Unit", "open_model"]

BASELINES = ("chance", "majority", "blind")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def open_model(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> Model:
    """The model that `--model` names.

    Raises:
        MissingError: there is no such folder, file, weights or key.
        UsageError: it cannot be asked in this way.
    """
    name, path = settings.model, Path(settings.model)
    is_address = re.match(r"https?://", name) is not None
    if name in BASELINES or is_address or path.is_file():
        _refuse_likelihood(settings)
    if name in BASELINES:
        return _open_baseline(settings, bench)
    if is_address:
        return _open_endpoint(settings, max_new_tokens)
    if path.is_file():
        from itb.models.predictions import StoredModel

        return StoredModel(path)
    if not path.is_dir() and (not _HUB_ID.fullmatch(name) or path.parent.is_dir()):
        raise MissingError(
            f"--model {name}: no such checkpoint folder or file of replies; give one, an address http://.../v1, a "
            f"hub id (owner/name), or a baseline: {', '.join(BASELINES)}"
        )
    from itb.models.hf import open_checkpoint

    return open_checkpoint(name, settings, max_new_tokens)


def _refuse_likelihood(settings: EvalSettings) -> None:
    if settings.protocol == "likelihood":
        raise UsageError(
            f"--protocol likelihood needs a model's weights, and --model {settings.model} has none here; give a "
            "checkpoint, or leave --protocol out"
        )


def _open_baseline(settings: EvalSettings, bench: Bench) -> Model:
    from itb.models.train_answers import count_train_answers

    if settings.model == "chance":
        from itb.models.chance import ChanceModel

        return ChanceModel(count_train_answers(bench.items), settings.seed)
    if settings.model == "majority":
        from itb.models.majority import MajorityModel

        return MajorityModel(count_train_answers(bench.items))
    from itb.models.blind import BlindModel

    return BlindModel(bench.choose("train"))


def _open_endpoint(settings: EvalSettings, max_new_tokens: int) -> Model:
    from itb.models.endpoint import EndpointModel
    from tools.endpoint import EndpointConfig

    if not settings.model_name:
        raise UsageError("--model-name is required with an endpoint: what the server calls its model")
    urls = tuple(url.strip().rstrip("/") for url in settings.model.split(",") if url.strip())
    config = EndpointConfig(base_urls=urls, concurrency=settings.concurrency, key_variable=settings.key_variable)
    return EndpointModel(config, settings.model_name, max_new_tokens, settings.options)
