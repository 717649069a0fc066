"""The scorer `languagebind`: cosine similarity of an image and its captions (paper 3.1)."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.errors import ImageError, ToolkitError, UsageError
from tools.images import load_rgb
from tools.scoring.protocol import DECIMALS, ScoreRequest
from tools.weights import Precision, pick_device, pick_dtype, require_torch

if TYPE_CHECKING:
    import torch
    from PIL import Image

VERSION: Final = 1
TOKENS: Final = 77
_REMEMBERED: Final = 4096

_ImageKey = tuple[Path, int, int]


class LanguageBindScorer:
    """Cosine of LanguageBind's image and text embeddings, -1..1.

    An image's embedding is computed once and remembered; captions are embedded once a call. Upstream multiplies by a
    constant (exp of the logit scale) in addition, which changes no ranking.

    LanguageBind_Thermal was itself trained on images that sRGB-TIR had made: it favours that translator's look.

    Args:
        folder: an official folder, or its hub id.
        device: `cpu`, `cuda`, ...; a GPU is taken when there is one.
        precision: number format of the network.
        antialias: see `preprocess.prepare_image`.
        batch_size: greatest number of images in a forward pass; captions are four times as many.

    Raises:
        MissingError: no PyTorch, or no such folder.
        UsageError: the folder holds no LanguageBind model, or a setting does not fit.
    """

    name = "languagebind"
    is_embedded = False

    def __init__(
        self,
        folder: Path | str,
        *,
        device: str | None = None,
        precision: Precision = "fp32",
        antialias: bool = False,
        batch_size: int = 32,
    ) -> None:
        require_torch("the scorer `languagebind`", "transformers")
        import torch

        from tools.languagebind.checkpoint import load_languagebind

        self._device = pick_device(device)
        self._dtype = pick_dtype(precision, self._device)
        loaded = load_languagebind(folder)
        self.report = loaded.report
        self._tokenizer = loaded.tokenizer
        self._model = loaded.model
        torch.nn.Module.to(self._model, self._device, self._dtype)
        self._side = loaded.side
        self._antialias = antialias
        self._batch_size = max(1, batch_size)
        self._remembered: OrderedDict[_ImageKey, torch.Tensor] = OrderedDict()
        resize = "antialias" if antialias else "plain"
        self.identity = f"languagebind-{VERSION}-{loaded.report.model_type}-{loaded.report.digest}-{resize}-{precision}"

    def score(self, requests: Sequence[ScoreRequest]) -> list[tuple[float, ...]]:
        """Cosine similarity of each caption with its image, rounded to four decimals.

        Raises:
            UsageError: a request without an image.
            ImageError: an image that cannot be read.
        """
        paths = [_get_image(request) for request in requests]
        images = self.embed_images(paths)
        captions = list(dict.fromkeys(caption for request in requests for caption in request.captions))
        texts = dict(zip(captions, self.embed_texts(captions), strict=True))
        return [
            tuple(round(float(image @ texts[caption]), DECIMALS) for caption in request.captions)
            for request, image in zip(requests, images, strict=True)
        ]

    def embed_images(self, paths: Sequence[Path]) -> "torch.Tensor":
        """Unit embeddings of image files, (N, D) float32 on the CPU; each file is computed once.

        Raises:
            ImageError: a file that cannot be read.
        """
        import torch

        keys = [_make_key(path) for path in paths]
        known = {key: self._remembered[key] for key in keys if key in self._remembered}
        new = [key for key in dict.fromkeys(keys) if key not in known]
        for start in range(0, len(new), self._batch_size):
            batch = new[start : start + self._batch_size]
            pictures = [load_rgb(path) for path, *_ in batch]
            known.update(zip(batch, self.embed_pictures(pictures), strict=True))
        for key in dict.fromkeys(keys):
            self._remembered[key] = known[key]
            self._remembered.move_to_end(key)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return torch.stack([known[key] for key in keys]) if keys else torch.empty(0, self._width)

    def embed_pictures(self, pictures: Sequence["Image.Image"]) -> "torch.Tensor":
        """Unit embeddings of decoded images in one forward pass, (N, D) float32 on the CPU."""
        import torch

        from tools.languagebind.preprocess import prepare_image

        pixels = torch.stack([prepare_image(picture, self._antialias, self._side) for picture in pictures])
        try:
            with torch.inference_mode():
                made = self._model.get_image_features(pixel_values=pixels.to(self._device, self._dtype))
        except torch.OutOfMemoryError as error:
            raise self._too_large(len(pictures)) from error
        return _to_unit(made.pooler_output)

    def embed_texts(self, texts: Sequence[str]) -> "torch.Tensor":
        """Unit embeddings of texts, (N, D) float32 on the CPU; what exceeds 77 tokens is cut off."""
        import torch

        parts = [torch.empty(0, self._width)]
        size = 4 * self._batch_size
        for start in range(0, len(texts), size):
            ids = self.tokenize(texts[start : start + size])
            # The tower is causal and read at the first end token: the padding that all rows share changes nothing.
            longest = int((ids == self._tokenizer.eos_token_id).int().argmax(dim=1).max()) + 1
            try:
                with torch.inference_mode():
                    made = self._model.get_text_features(input_ids=ids[:, :longest].to(self._device))
            except torch.OutOfMemoryError as error:
                raise self._too_large(len(ids)) from error
            parts.append(_to_unit(made.pooler_output))
        return torch.cat(parts)

    def tokenize(self, texts: Sequence[str]) -> "torch.Tensor":
        """Token ids (N, 77) int64, padded with the end token."""
        import torch

        held = self._tokenizer(list(texts), max_length=TOKENS, padding="max_length", truncation=True)
        return torch.tensor(held["input_ids"], dtype=torch.int64)

    @property
    def _width(self) -> int:
        return int(self._model.visual_projection.out_features)

    def _too_large(self, count: int) -> ToolkitError:
        text = f"{self._device} has not enough memory for {count} inputs of the scorer `languagebind` at once"
        return ToolkitError(f"{text}; lower the batch size, or compute in bf16 or on the cpu")


def _get_image(request: ScoreRequest) -> Path:
    if request.image is None:
        text = "the scorer `languagebind` compares captions with an image, and there is none"
        raise UsageError(f"{text}; choose a translator, or --scorer lexical, which is blind to the image")
    return request.image


def _make_key(path: Path) -> _ImageKey:
    """The file as it is now: one that is written again is looked at again."""
    try:
        status = path.stat()
    except OSError as error:
        raise ImageError(path, "missing_file", f"cannot be found ({error.strerror}); translate first") from error
    return path, status.st_mtime_ns, status.st_size


def _to_unit(embeddings: "torch.Tensor") -> "torch.Tensor":
    from torch.nn import functional

    return functional.normalize(embeddings.float(), dim=-1).cpu()
