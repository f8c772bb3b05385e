"""Teaches a trained encoder what a detector sees, and its captioners nothing: `python -m training.objects`.

The encoder of captioners learned from captions of people, dogs and sport. Here it learns from three teachers at once, on captioned
photos and on others, whose crops it gets as poor as video frames are while the teachers see them as they are: a detector's objects, region
by region; the start weights' classes; and itself, as the captioners saw it: what they make of its regions has to stay.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .augment import augment_beside, normalised, on_device
from .averaging import averaged
from .checkpoint import load_network, resume, save_checkpoint
from .command import InputError, run
from .data import Photo, load_photos, read_all_pixels
from .decoder import Captioner
from .detector import OBJECTS, Detector
from .distil import ClassTeacher
from .encoder import CHANNELS, MobileNetV2, regions
from .pseudo import held_out
from .train import batches, rate


class Pupil(nn.Module):
    """The encoder, what sees objects in its regions, and the captioners' projections of them."""

    def __init__(self, encoder: MobileNetV2, captioners: list[Captioner]) -> None:
        super().__init__()
        self.encoder = encoder
        self.objects = nn.Conv2d(CHANNELS, len(OBJECTS), 1)
        nn.init.zeros_(self.objects.weight)
        nn.init.constant_(self.objects.bias, -3.0)
        self.projections = nn.ModuleList(copy.deepcopy(nn.Sequential(c.projector.project, c.projector.normalise)) for c in captioners)
        for projection in self.projections:
            projection[1].requires_grad_(False)

    def views(self, feature_map: Tensor) -> Tensor:
        """What the captioners make of the regions, `[C,N,49,D]`."""
        seen = regions(feature_map)
        return torch.stack([normalise(project(seen).float()) for project, normalise in self.projections])


def learning_photos(arguments: argparse.Namespace) -> tuple[list[Photo], int]:
    """Photos to learn from, without those that are held out, and how many of them stand first that captioners have to see as before.

    Visual7W's don't: they come small and hard pressed, and captioners mustn't tell from that what to say.
    """
    skipped = set(arguments.skip.read_text(encoding="utf-8").split()) if arguments.skip else set()
    photos = load_photos(arguments.data, "train")
    photos += [Photo(path, ()) for index, path in enumerate(sorted((arguments.classes / "images").iterdir())) if index % 5]
    asked = sorted(path for path in (arguments.visual7w / "images").iterdir() if path.name not in skipped and not held_out(path.name))
    return [*photos, *(Photo(path, ()) for path in asked)], len(photos)


@torch.no_grad()
def examine(pupil: Pupil, before: Pupil, detector: Detector, pixels: np.ndarray, device: str, batch: int = 100) -> dict[str, float]:
    """On photos that weren't learned from: the share of the captioners' view that is lost, and cross-entropy of the detector's objects above its own."""
    lost, missed, spread = 0.0, 0.0, 0.0
    for start in range(0, len(pixels), batch):
        clean = on_device(pixels[start : start + batch], device)
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            feature_map, kept, scores = pupil.encoder(normalised(clean)), before.encoder(normalised(clean)), detector.regions(clean).float()
        target = before.views(kept.float())
        lost += float((pupil.views(feature_map.float()) - target).square().sum())
        spread += float((target - target.mean((1, 2), keepdim=True)).square().sum())
        missed += float(objects_loss(pupil.objects(feature_map.float()), scores) - objects_loss(torch.logit(scores, 1e-4), scores)) * len(clean)
    return {"lost": lost / spread, "missed": missed / len(pixels)}


def objects_loss(logits: Tensor, scores: Tensor) -> Tensor:
    """Cross-entropy of `[N,80,7,7]`, summed over objects and averaged over regions."""
    return functional.binary_cross_entropy_with_logits(logits.float(), scores, reduction="none").sum(1).mean()


def teach(arguments: argparse.Namespace) -> None:
    torch.manual_seed(arguments.seed)
    device = arguments.device
    networks = [load_network(path) for path in arguments.checkpoints]
    encoder = networks[0][0].encoder
    for (network, _), path in zip(networks, arguments.checkpoints):
        if any(not torch.equal(a, b) for a, b in zip(network.encoder.state_dict().values(), encoder.state_dict().values())):
            raise InputError(f"Expected captioners on one encoder, {path} has another than {arguments.checkpoints[0]}")
    pupil = Pupil(encoder, [network.captioner for network, _ in networks]).to(device, memory_format=torch.channels_last)
    before = copy.deepcopy(pupil).requires_grad_(False).eval()
    classes = ClassTeacher(arguments.encoder, arguments.classifier, device)
    detector = Detector(arguments.detector).to(device).requires_grad_(False)
    photos, kept = learning_photos(arguments)
    pixels = read_all_pixels(photos)
    dev = read_all_pixels(load_photos(arguments.data, "dev"))[:: arguments.examine]
    hidden = [Photo(path, ()) for path in sorted((arguments.visual7w / "images").iterdir()) if held_out(path.name)]
    elsewhere = read_all_pixels(hidden)[:: arguments.examine]
    optimizer = torch.optim.AdamW([
        {"params": pupil.encoder.parameters(), "peak": arguments.rate},
        {"params": pupil.objects.parameters(), "peak": 10 * arguments.rate},
        {"params": pupil.projections.parameters(), "peak": arguments.rate},
    ], lr=arguments.rate, weight_decay=1e-4, betas=(0.9, 0.98))
    average = averaged(pupil, arguments.average)
    file = arguments.out / "last.pt"
    first = resume(file, pupil, average, optimizer)
    steps = len(photos) // arguments.batch
    for epoch in range(first, arguments.epochs):
        started, total = time.monotonic(), np.zeros(3)
        for step, indices in enumerate(batches(np.arange(len(photos)), arguments.batch, arguments.seed * 1000 + epoch, np.array([], int))):
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate((epoch * steps + step) / (arguments.epochs * steps), 0.05)
            generator = torch.Generator().manual_seed((arguments.seed * 1000 + epoch) * 100_000 + step)
            clean, poor = augment_beside(pixels[indices], generator, device=device)
            own = torch.from_numpy(indices < kept).to(device)
            with torch.autocast(torch.device(device).type, torch.bfloat16):
                with torch.no_grad():
                    sharp = normalised(clean)
                    scores = detector.regions(clean).float()
                    known = torch.log_softmax(classes.scores(classes.encoder(sharp)).float(), -1)
                    target = before.views(before.encoder(sharp))[:, own]
                feature_map = pupil.encoder(poor)
                told = torch.log_softmax(classes.scores(feature_map).float(), -1)
                losses = torch.stack([
                    (pupil.views(feature_map)[:, own] - target).square().mean(),
                    functional.kl_div(told, known, reduction="batchmean", log_target=True),
                    objects_loss(pupil.objects(feature_map), scores),
                ])
            optimizer.zero_grad(set_to_none=True)
            (losses @ losses.new_tensor([arguments.keep, arguments.distil, arguments.see])).backward()
            torch.nn.utils.clip_grad_norm_(pupil.parameters(), 5.0)
            optimizer.step()
            average.update_parameters(pupil)
            total += losses.detach().cpu().numpy()
            if step % 20 == 0:
                print(f"epoch {epoch + 1}/{arguments.epochs} step {step}/{steps} losses {(total / (step + 1)).round(4).tolist()} {time.monotonic() - started:.0f} s", flush=True)
        record: dict[str, object] = {"epoch": epoch + 1, "losses": (total / steps).round(4).tolist(), "seconds": round(time.monotonic() - started)}
        if (epoch + 1) % arguments.evaluate_every == 0 or epoch + 1 == arguments.epochs:
            for name, looked in (("dev", dev), ("visual7w", elsewhere)):
                record[name] = {key: round(value, 4) for key, value in examine(average.module, before, detector, looked, device).items()}
        save_checkpoint(file, {"epoch": epoch + 1, "network": pupil.state_dict(), "average": average.module.state_dict(), "optimizer": optimizer.state_dict()})
        with (arguments.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
        print(json.dumps(record), flush=True)

    learned = average.module.cpu()
    for (network, vocabulary), projection in zip(networks, learned.projections):
        network.encoder.load_state_dict(learned.encoder.state_dict())
        network.captioner.projector.project.load_state_dict(projection[0].state_dict())
        options = network.captioner.options
        save_checkpoint(arguments.out / f"{options.cell}.pt", {
            "options": options.to_dict(), "words": vocabulary.words, "epoch": 0, "average": network.cpu().state_dict(),
        })


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", type=Path, nargs="+", required=True, help="captioners of different cells on one encoder")
    parser.add_argument("--detector", type=Path, required=True, help="nanodet.json")
    parser.add_argument("--encoder", type=Path, required=True, help="npz of the folded start weights")
    parser.add_argument("--classifier", type=Path, required=True, help="npz of the start weights' classifier")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--visual7w", type=Path, required=True)
    parser.add_argument("--classes", type=Path, required=True, help="folder of images/, one photo a class, sorted by name")
    parser.add_argument("--skip", type=Path, help="names of Visual7W pictures to leave out, one a line")
    parser.add_argument("--out", type=Path, required=True, help="folder for last.pt, the log and a checkpoint a cell")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--keep", type=float, default=10.0, help="weight of what captioners see")
    parser.add_argument("--distil", type=float, default=0.5, help="weight of the start weights' classes")
    parser.add_argument("--see", type=float, default=1.0, help="weight of the detector's objects")
    parser.add_argument("--average", type=float, default=0.998, help="decay of the exponential moving average of weights")
    parser.add_argument("--evaluate-every", type=int, default=2)
    parser.add_argument("--examine", type=int, default=1, help="of the photos that weren't learned from, look at every nth")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    teach(parser.parse_args())


if __name__ == "__main__":
    run(main)
