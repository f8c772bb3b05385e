"""The exponential moving average of weights that is evaluated and kept."""

from __future__ import annotations

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """A copy of the model whose weights follow the model's; `decay` of them stays at each update."""

    def follow(average: Tensor, current: Tensor, _: int | Tensor) -> Tensor:
        return average.lerp(current, 1 - decay)

    return AveragedModel(model, avg_fn=follow)
