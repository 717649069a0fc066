"""The generator of sRGB-TIR (MUNIT, arXiv 1804.04732): one content encoder, style encoder, decoder and style MLP.

Module names are those of the official checkpoint, so that its state dict loads as it is.
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

Norm = Literal["none", "instance", "adain", "layer"]
Activation = Literal["none", "relu", "tanh"]
Modulation = tuple[Tensor, Tensor]  # shift and scale, each (B, D)

EPSILON = 1e-5
STYLE_HALVINGS = 4


class Dimensions(NamedTuple):
    """Sizes of a generator; the defaults are the released model's (15.0 M parameters).

    Attributes:
        channels: of image and output.
        width: channels of the first layer; content has four times as many.
        style: length of a style code.
        hidden: width of the style MLP.
        blocks: residual blocks in the content encoder, and as many in the decoder.
    """

    channels: int = 3
    width: int = 64
    style: int = 8
    hidden: int = 256
    blocks: int = 4

    @property
    def content(self) -> int:
        """Channels of the content code, at a quarter of the image's size."""
        return 4 * self.width

    @property
    def modulation(self) -> int:
        """Outputs of the style MLP: shift and scale of two layers a block."""
        return self.blocks * 2 * 2 * self.content


class SampleNorm(nn.Module):
    """Layer norm over all of a sample: unbiased deviation, epsilon outside the root, gain and bias by channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, values: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        deviation, mean = torch.std_mean(values, dim=(1, 2, 3), keepdim=True)
        gain = self.gamma[:, None, None] / (deviation + EPSILON)
        return (values - mean) * gain + self.beta[:, None, None]


class ConvBlock(nn.Module):
    """Reflection padding, convolution, normalisation, activation."""

    def __init__(
        self, before: int, after: int, kernel: int, stride: int = 1, norm: Norm = "none", act: Activation = "relu"
    ) -> None:
        super().__init__()
        self.pad = (kernel - 1) // 2
        self.conv = nn.Conv2d(before, after, kernel, stride)
        self.kind, self.act = norm, act
        if norm == "layer":
            self.norm = SampleNorm(after)

    def forward(self, values: Tensor, modulation: Modulation | None = None) -> Tensor:
        """(B, before, H, W) -> (B, after, H / stride, W / stride); `modulation` for `adain` only."""
        values = self.conv(functional.pad(values, (self.pad,) * 4, mode="reflect"))
        if self.kind == "layer":
            values = self.norm(values)
        elif self.kind != "none":
            values = functional.instance_norm(values, eps=EPSILON)
        if modulation is not None:
            shift, scale = modulation
            values = values * scale[:, :, None, None] + shift[:, :, None, None]
        if self.act == "relu":
            return functional.relu(values, inplace=not torch.is_grad_enabled())
        return torch.tanh(values) if self.act == "tanh" else values


class ResidualBlock(nn.Module):
    """Input plus two convolutions; no activation after the sum."""

    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        self.model = nn.ModuleList(
            [ConvBlock(channels, channels, 3, norm=norm), ConvBlock(channels, channels, 3, norm=norm, act="none")]
        )

    def forward(self, values: Tensor, first: Modulation | None = None, second: Modulation | None = None) -> Tensor:
        """(B, D, H, W) -> the same."""
        branch: Tensor = self.model[1](self.model[0](values, first), second)
        return values + branch


class _Chain(nn.Module):
    """Layers in a row under the name `model`."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = nn.ModuleList(layers)

    def forward(self, values: Tensor) -> Tensor:
        """Through all of them."""
        for layer in self.model:
            values = layer(values)
        return values


class _Linear(nn.Module):
    def __init__(self, before: int, after: int, has_relu: bool) -> None:
        super().__init__()
        self.fc = nn.Linear(before, after)
        self.has_relu = has_relu

    def forward(self, values: Tensor) -> Tensor:
        values = self.fc(values)
        return functional.relu(values) if self.has_relu else values


class _Decoder(_Chain):
    def __init__(self, size: Dimensions) -> None:
        wide, middle, narrow = size.content, size.content // 2, size.content // 4
        super().__init__(
            _Chain(*(ResidualBlock(wide, "adain") for _ in range(size.blocks))),
            nn.Upsample(scale_factor=2),
            ConvBlock(wide, middle, 5, norm="layer"),
            nn.Upsample(scale_factor=2),
            ConvBlock(middle, narrow, 5, norm="layer"),
            ConvBlock(narrow, size.channels, 7, act="tanh"),
        )

    def modulate(self, content: Tensor, modulations: list[Modulation]) -> Tensor:
        """Content to image, each residual block with its two modulations."""
        blocks = self.model[0]
        if not isinstance(blocks, _Chain):
            raise TypeError("the decoder begins with its residual blocks")
        for index, block in enumerate(blocks.model):
            content = block(content, modulations[2 * index], modulations[2 * index + 1])
        for layer in list(self.model)[1:]:
            content = layer(content)
        return content


class Generator(nn.Module):
    """One domain's half of the translator: an image to content and style, content and style to an image.

    Images are (B, 3, H, W), -1..1; content is (B, D, H // 4, W // 4); styles are (B, 8). Training and evaluation mode
    are the same.
    """

    def __init__(self, size: Dimensions) -> None:
        super().__init__()
        first, wide = size.width, size.content
        self.size = size
        self.enc_style = _Chain(
            ConvBlock(size.channels, first, 7),
            ConvBlock(first, 2 * first, 4, 2),
            ConvBlock(2 * first, wide, 4, 2),
            *(ConvBlock(wide, wide, 4, 2) for _ in range(STYLE_HALVINGS - 2)),
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(wide, size.style, 1),
        )
        self.enc_content = _Chain(
            ConvBlock(size.channels, first, 7, norm="instance"),
            ConvBlock(first, 2 * first, 4, 2, norm="instance"),
            ConvBlock(2 * first, wide, 4, 2, norm="instance"),
            _Chain(*(ResidualBlock(wide, "instance") for _ in range(size.blocks))),
        )
        self.dec = _Decoder(size)
        self.mlp = _Chain(
            _Linear(size.style, size.hidden, True),
            _Linear(size.hidden, size.hidden, True),
            _Linear(size.hidden, size.modulation, False),
        )

    def encode_content(self, images: Tensor) -> Tensor:
        """What is where in the image, without its looks."""
        content: Tensor = self.enc_content(images)
        return content

    def encode_style(self, images: Tensor) -> Tensor:
        """The looks of the image, (B, 8); not used for translating, where codes are given."""
        style: Tensor = self.enc_style(images)
        return style.flatten(1)

    def decode(self, content: Tensor, styles: Tensor) -> Tensor:
        """Images (B, 3, 4 h, 4 w), -1..1, from content (B, D, h, w) and styles (B, 8)."""
        layers = self.mlp(styles).split(2 * self.size.content, dim=1)
        modulations = [(layer[:, : self.size.content], layer[:, self.size.content :]) for layer in layers]
        return self.dec.modulate(content, modulations)
