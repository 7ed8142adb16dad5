"""Exports of many architectures, small and with random weights, for holding shape inference to what runs.

    python3 scripts/export-models.py FOLDER
    MDL_MODELS=$(ls -d FOLDER/*.onnx | paste -sd:) npx vitest run test/ir/infer/models.test.ts

Needs PyTorch and torchvision (Debian: python3-torch, python3-torchvision). Each is exported with static sizes and with free
ones, at opsets 14 and 16, as PyTorch's tracing exporter writes it. A few minutes on one core.
"""
import math
import os
import sys
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.models as vision

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch.manual_seed(1)
FOLDER = sys.argv[1]
WIDTH, HEADS, WORDS = 32, 4, 100


def split_heads(x):
    return x.view(x.size()[:-1] + (HEADS, WIDTH // HEADS)).permute(0, 2, 1, 3)


class Block(nn.Module):
    """Self-attention and a feed-forward layer, as BERT has them."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.ff = nn.Sequential(nn.Linear(WIDTH, 64), nn.GELU(), nn.Linear(64, WIDTH))
        self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x, mask):
        scores = torch.matmul(split_heads(self.q(x)), split_heads(self.k(x)).transpose(-1, -2)) / math.sqrt(WIDTH // HEADS)
        mixed = torch.matmul(F.softmax(scores + mask, -1), split_heads(self.v(x))).permute(0, 2, 1, 3).contiguous()
        x = self.n1(x + self.o(mixed.view(mixed.size()[:-2] + (WIDTH,))))
        return self.n2(x + self.ff(x))


NO_MASK = torch.zeros(1, 1, 1, 1)


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions, self.types = nn.Embedding(WORDS, WIDTH), nn.Embedding(64, WIDTH), nn.Embedding(2, WIDTH)
        self.register_buffer("ids", torch.arange(64)[None])
        self.norm, self.block, self.pool = nn.LayerNorm(WIDTH), Block(), nn.Linear(WIDTH, WIDTH)

    def forward(self, ids, mask):
        types = torch.zeros(ids.shape, dtype=torch.long)
        x = self.norm(self.words(ids) + self.positions(self.ids[:, : ids.shape[1]]) + self.types(types))
        x = self.block(x, (1.0 - mask[:, None, None, :].to(x.dtype)) * torch.finfo(x.dtype).min)
        return x, torch.tanh(self.pool(x[:, 0]))


class SentenceBert(nn.Module):
    def __init__(self):
        super().__init__()
        self.bert = Bert()

    def forward(self, ids, mask):
        x, _ = self.bert(ids, mask)
        m = mask.unsqueeze(-1).expand(x.size()).float()
        return F.normalize((x * m).sum(1) / torch.clamp(m.sum(1), min=1e-9), p=2, dim=1)


class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions, self.block = nn.Embedding(WORDS, WIDTH), nn.Parameter(torch.randn(64, WIDTH)), Block()
        self.project, self.scale = nn.Parameter(torch.randn(WIDTH, 16)), nn.Parameter(torch.tensor(2.0))
        self.image = vision.VisionTransformer(image_size=64, patch_size=16, num_layers=1, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=16)

    def forward(self, ids, x):
        n = ids.shape[1]
        t = self.block(self.words(ids) + self.positions[:n], torch.triu(torch.ones(n, n) * -1e4, 1)[None, None])
        t = t[torch.arange(t.shape[0]), ids.argmax(-1)] @ self.project
        t, v = (e / e.norm(dim=-1, keepdim=True) for e in (t, self.image(x)))
        scores = self.scale.exp() * v @ t.t()
        return scores, scores.t(), t, v


class Dino(nn.Module):
    """Patches of 14, positions interpolated to whatever height and width."""

    def __init__(self):
        super().__init__()
        self.patches, self.cls = nn.Conv2d(3, WIDTH, 14, 14), nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.positions, self.block = nn.Parameter(torch.randn(1, 26, WIDTH)), Block()

    def forward(self, x):
        batch, _, h, w = x.shape
        y = torch.cat((self.cls.expand(batch, -1, -1), self.patches(x).flatten(2).transpose(1, 2)), 1)
        grid = self.positions[:, 1:].reshape(1, 5, 5, WIDTH).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(h // 14, w // 14), mode="bicubic", align_corners=False).permute(0, 2, 3, 1).view(1, -1, WIDTH)
        y = self.block(y + torch.cat((self.positions[:, :1], grid), 1), NO_MASK)
        return y, y[:, 0]


class Whisper(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv1d(80, WIDTH, 3, padding=1), nn.Conv1d(WIDTH, WIDTH, 3, 2, 1)
        self.positions, self.block = nn.Embedding(1500, WIDTH), Block()

    def forward(self, x):
        x = F.gelu(self.c2(F.gelu(self.c1(x)))).permute(0, 2, 1)
        return self.block(x + self.positions.weight[: x.shape[1]], NO_MASK)


class Wav2Vec2(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [], 1
        for i, (kernel, stride) in enumerate([(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)]):
            layers += [nn.Conv1d(channels, 16, kernel, stride, bias=False)] + ([nn.GroupNorm(16, 16)] if i == 0 else []) + [nn.GELU()]
            channels = 16
        self.features, self.norm, self.project = nn.Sequential(*layers), nn.LayerNorm(16), nn.Linear(16, WIDTH)
        self.positions = nn.utils.weight_norm(nn.Conv1d(WIDTH, WIDTH, 16, padding=8, groups=4), dim=2)
        self.block = Block()

    def forward(self, x):
        x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True) + 1e-7)
        x = self.project(self.norm(self.features(x[:, None]).transpose(1, 2)))
        return self.block(x + F.gelu(self.positions(x.transpose(1, 2))[:, :, :-1]).transpose(1, 2), NO_MASK)


class ModernBert(nn.Module):
    """Rotary positions, local attention, gated feed-forward layers."""

    def __init__(self):
        super().__init__()
        size = WIDTH // HEADS
        self.words, self.qkv, self.o = nn.Embedding(WORDS, WIDTH), nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)
        self.wi, self.wo, self.norm = nn.Linear(WIDTH, 128), nn.Linear(64, WIDTH), nn.LayerNorm(WIDTH)
        self.register_buffer("frequencies", 1.0 / (10000 ** (torch.arange(0, size, 2).float() / size)))

    def forward(self, ids, mask):
        batch, n = ids.shape
        x = self.words(ids)
        angles = (self.frequencies[None, :, None].expand(1, -1, 1) @ torch.arange(n)[None, None, :].float()).transpose(1, 2)
        angles = torch.cat((angles, angles), -1)
        cos, sin = angles.cos()[:, None], angles.sin()[:, None]
        turned = lambda t: torch.cat((-t[..., t.shape[-1] // 2 :], t[..., : t.shape[-1] // 2]), -1)
        rows = torch.arange(n).unsqueeze(0)
        everywhere = 1.0 - mask[:, None, None, :].expand(batch, 1, n, n).to(x.dtype)
        everywhere = everywhere.masked_fill(everywhere > 0.5, torch.finfo(x.dtype).min)
        nearby = everywhere.masked_fill(((rows - rows.T).abs() > 4)[None, None], torch.finfo(x.dtype).min)
        for bias in (everywhere, nearby):
            q, k, v = self.qkv(self.norm(x)).view(batch, n, 3, HEADS, WIDTH // HEADS).transpose(3, 1).unbind(2)
            q, k = (t * cos + turned(t) * sin for t in (q, k))
            mixed = torch.softmax(q @ k.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + bias, -1) @ v
            x = x + self.o(mixed.transpose(1, 2).contiguous().view(batch, -1, WIDTH))
            value, gate = self.wi(self.norm(x)).chunk(2, -1)
            x = x + self.wo(F.gelu(value) * gate)
        return x


class T5(nn.Module):
    """Relative positions in buckets, RMS normalisation."""

    def __init__(self):
        super().__init__()
        self.words, self.buckets, self.scale = nn.Embedding(WORDS, WIDTH), nn.Embedding(32, HEADS), nn.Parameter(torch.ones(WIDTH))
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))

    def forward(self, ids, mask):
        x = self.words(ids)
        batch, n = ids.shape
        apart = torch.arange(n)[None, :] - torch.arange(n)[:, None]
        bucket, apart = (apart > 0).to(torch.long) * 16, apart.abs()
        far = 8 + (torch.log(apart.float() / 8) / math.log(16) * 8).to(torch.long)
        bucket = bucket + torch.where(apart < 8, apart, torch.min(far, torch.full_like(far, 15)))
        y = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale
        heads = lambda t: t.view(batch, -1, HEADS, WIDTH // HEADS).transpose(1, 2)
        scores = heads(self.q(y)) @ heads(self.k(y)).transpose(3, 2) + self.buckets(bucket).permute(2, 0, 1)[None]
        scores = scores + (1.0 - mask[:, None, None, :].float()) * -1e9
        return x + (F.softmax(scores, -1) @ heads(self.v(y))).transpose(1, 2).contiguous().view(batch, -1, WIDTH)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cells, self.head = kind(8, 16, 2, batch_first=True, bidirectional=True), nn.Linear(32, 5)

    def forward(self, x):
        y, _ = self.cells(x)
        return self.head(y), self.head(y[:, -1])


class Detector(nn.Module):
    """Two scales with a grid of places each, as YOLO has them."""

    def __init__(self):
        super().__init__()
        self.c1, self.c2, self.head = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1), nn.Conv2d(8, 21, 1)

    def forward(self, x):
        a = F.silu(self.c1(x))
        b = F.silu(self.c2(a))
        a = a + F.interpolate(b, scale_factor=2, mode="nearest")[:, :, : a.shape[2], : a.shape[3]]
        boxes = []
        for y in (self.head(a), self.head(b)):
            batch, _, h, w = y.shape
            rows, columns = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
            z = y.view(batch, 3, 7, h, w).permute(0, 1, 3, 4, 2).sigmoid()
            places = (z[..., :2] * 2 + torch.stack((columns, rows), 2).float()[None, None]) * 8
            boxes.append(torch.cat((places, z[..., 2:]), -1).view(batch, -1, 7))
        return torch.cat(boxes, 1)


IDS, MASK = torch.randint(0, WORDS, (2, 7)), torch.ones(2, 7, dtype=torch.long)
TOKENS = {"ids": {0: "batch", 1: "seq"}, "mask": {0: "batch", 1: "seq"}}
IMAGE = {"x": {0: "batch", 2: "height", 3: "width"}}
SEQUENCE = {"x": {0: "batch", 1: "seq"}}
block = vision.convnext.CNBlockConfig

# Name: the network, an example of its inputs, its free sizes, and its outputs where there are several.
NETWORKS = {
    "bert": (Bert(), (IDS, MASK), TOKENS, ["tokens", "pooled"]),
    "sentence-bert": (SentenceBert(), (IDS, MASK), TOKENS),
    "modernbert": (ModernBert(), (IDS, MASK), TOKENS),
    "t5": (T5(), (IDS, MASK), TOKENS),
    "clip": (Clip(), (IDS, torch.randn(3, 3, 64, 64)), {"ids": {0: "texts", 1: "seq"}, "x": {0: "images"}}, ["images", "texts", "text", "image"]),
    "dino": (Dino(), torch.randn(2, 3, 70, 84), IMAGE, ["tokens", "cls"]),
    "whisper": (Whisper(), torch.randn(1, 80, 300), {"x": {0: "batch", 2: "frames"}}),
    "wav2vec2": (Wav2Vec2(), torch.randn(1, 4000), {"x": {0: "batch", 1: "samples"}}),
    "lstm": (Recurrent(nn.LSTM), torch.randn(2, 9, 8), SEQUENCE, ["all", "last"]),
    "gru": (Recurrent(nn.GRU), torch.randn(2, 9, 8), SEQUENCE, ["all", "last"]),
    "transformer": (nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64), 2), torch.randn(7, 2, 32), {"x": {0: "seq", 1: "batch"}}),
    "yolo": (Detector(), torch.randn(2, 3, 64, 96), IMAGE),
    "vit": (vision.VisionTransformer(image_size=64, patch_size=16, num_layers=2, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=5), torch.randn(2, 3, 64, 64), {"x": {0: "batch"}}),
    "swin": (vision.swin_transformer.SwinTransformer([4, 4], 16, [2, 2], [2, 4], [7, 7], num_classes=5), torch.randn(2, 3, 112, 112), IMAGE),
    "convnext": (vision.ConvNeXt([block(16, 32, 2), block(32, None, 2)], num_classes=5), torch.randn(2, 3, 64, 64), IMAGE),
    "efficientnet": (vision.efficientnet_b0(num_classes=5), torch.randn(2, 3, 64, 64), IMAGE),
    "mobilenet": (vision.mobilenet_v3_small(num_classes=5), torch.randn(2, 3, 64, 64), IMAGE),
    "shufflenet": (vision.shufflenet_v2_x0_5(num_classes=5), torch.randn(2, 3, 64, 64), IMAGE),
    "densenet": (vision.DenseNet(8, (2, 2), 16, num_classes=5), torch.randn(2, 3, 64, 64), IMAGE),
}

os.makedirs(FOLDER, exist_ok=True)
for name, (network, example, free, *outputs) in NETWORKS.items():
    for opset in (14, 16):
        for how, axes in (("static", None), ("free", free)):
            path = os.path.join(FOLDER, f"{name}-{how}-{opset}.onnx")
            torch.onnx.export(network.eval(), example, path, opset_version=opset, input_names=list(free), output_names=outputs[0] if outputs else ["y"], dynamic_axes=axes)
            print(path, flush=True)
