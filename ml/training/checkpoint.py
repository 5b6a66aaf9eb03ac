"""Checkpoints: safetensors whose header holds a JSON document; no pickle is ever written or read.

One file is one state, written beside and renamed, so a killed child leaves the old one or the new one, never half.
The JSON lies beside as well, for people.
"""

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ml.card import write_json
from ml.events import finite
from viewer.core.boundary import at_boundary
from viewer.core.checked import is_number, parse_json, shown
from viewer.core.errors import BadModel, NotWritable
from viewer.reading.sources.private_files import beside as name_beside

_KEY = "negatoscope"


def write_tensors(path: Path, tensors: dict[str, Tensor], document: dict[str, Any]) -> None:
    """Write both; durable when it returns. Raises NotWritable (disk full, read-only)."""
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    beside = name_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("xb") as file:
            file.write(save(plain, metadata={_KEY: json.dumps(finite(document), allow_nan=False)}))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        write_json(path.with_suffix(".json"), document)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotWritable(
            f"The checkpoint {path} cannot be written: {error.strerror or error}. Free some space, then resume the run."
        ) from error


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors (on the CPU) and the JSON document ({} in a foreign file). Raises BadModel, also for NaN in it."""
    _check_file(path)
    with at_boundary(path, error=BadModel, what="a safetensors file", advice="choose another or train again"):
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            metadata = file.metadata() or {}
        document = parse_json(metadata.get(_KEY, "{}"), f"the state in {path}", error=BadModel)
    if not isinstance(document, dict):
        raise BadModel(f"{path} holds no state of this program.")
    odd = next((name for name, value in tensors.items() if value.is_complex()), None)
    if odd is not None:
        raise BadModel(f"{path} holds complex numbers ({odd[:100]}), which no model here has; choose another.")
    odd = not_finite(tensors)
    if odd:
        raise BadModel(
            f"{path} holds values that are no numbers ({odd[:100]}): NaN or infinite; choose another or train again."
        )
    return tensors, document


def not_finite(tensors: Mapping[str, Tensor]) -> str:
    """The name of the first tensor that holds NaN or infinity, as a network of float32 sees it; "" when none does."""
    for name, value in tensors.items():
        if value.is_floating_point() and not torch.isfinite(value.float()).all():
            return name
    return ""


def _check_file(path: Path) -> None:
    """Raise BadModel for what would be waited for (a pipe), never end (a device) or not fit into the memory."""
    import psutil

    if not path.exists():
        raise BadModel(f"{path} is not there.")
    if not path.is_file():
        raise BadModel(f"{path} is no regular file, so it was not read.")
    if path.stat().st_size > psutil.virtual_memory().available:
        raise BadModel(f"{path} is larger than the memory that is free; close other programs, or choose another.")


def random_states() -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Every generator a step may draw from: torch (and CUDA), numpy, python."""
    tensors = {"rng.torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors.update({f"rng.cuda.{i}": state for i, state in enumerate(torch.cuda.get_rng_state_all())})
    kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    tensors["rng.numpy"] = torch.from_numpy(np.asarray(keys).astype(np.int64))
    version, internal, gauss_next = random.getstate()
    tensors["rng.python"] = torch.tensor(internal, dtype=torch.int64)
    document = {
        "numpy": [str(kind), int(position), int(has_gauss), float(gauss)],
        "python": [version, gauss_next],
    }
    return tensors, document


def restore_random_states(tensors: dict[str, Tensor], document: dict[str, Any]) -> None:
    """Put back what `random_states` took."""
    torch.set_rng_state(tensors["rng.torch"])
    if torch.cuda.is_available():
        states = [tensors[name] for name in sorted(tensors) if name.startswith("rng.cuda.")]
        if len(states) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all(states)
    kind, position, has_gauss, gauss = document["numpy"]
    np.random.set_state((kind, tensors["rng.numpy"].numpy().astype(np.uint32), position, has_gauss, gauss))
    version, gauss_next = document["python"]
    random.setstate((version, tuple(tensors["rng.python"].tolist()), gauss_next))


def optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """The optimizer's tensors by "optimizer.PARAMETER.NAME", and its groups as plain values."""
    state = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    for index, entry in state["state"].items():
        for name, value in entry.items():
            tensors[f"optimizer.{index}.{name}"] = value if torch.is_tensor(value) else torch.tensor(value)
    return tensors, state["param_groups"]


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], groups: list[dict[str, Any]]
) -> None:
    """Put back what `optimizer_state` took.

    The moments take the memory layout of their parameters: another layout takes another code path, which may round
    differently, and a resumed run must equal the uninterrupted one bit for bit.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    _check_groups(optimizer.state_dict()["param_groups"], groups)
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".", 2)
            parameter = parameters[int(index)]
            if value.shape == parameter.shape:
                value = torch.empty_like(parameter).copy_(value)
            state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _check_groups(own: list[dict[str, Any]], groups: list[dict[str, Any]]) -> None:
    """Raise ValueError where a group's settings are of other names or types than the optimizer's own."""
    if not isinstance(groups, list) or len(groups) != len(own):
        raise ValueError(f"the optimizer has {len(own)} groups of parameters")
    for mine, theirs in zip(own, groups, strict=True):
        for name, value in mine.items():
            if not _is_alike(value, theirs[name]):
                raise ValueError(f"the optimizer's {name} is {shown(theirs[name])}")


def _is_alike(value: object, found: object) -> bool:
    if isinstance(value, list | tuple):
        if not isinstance(found, list | tuple) or len(found) != len(value):
            return False
        return all(_is_alike(mine, theirs) for mine, theirs in zip(value, found, strict=True))
    if isinstance(value, bool) or value is None:
        return found is None or isinstance(found, bool)
    if isinstance(value, int | float):
        return is_number(found)
    return isinstance(found, type(value))


def what_is_odd(name: str, found: Tensor, own: Tensor) -> str:
    """Why a tensor of the right shape is none of this network, as the end of a sentence; "" when nothing is."""
    if found.is_floating_point() != own.is_floating_point():
        return "holds whole numbers" if own.is_floating_point() else "should hold whole numbers"
    if name.endswith("running_var") and bool((found < 0).any()):
        return "is a variance below zero"
    return ""


def load_network(network: nn.Module, tensors: dict[str, Tensor], *, prefix: str = "") -> None:
    """Every tensor of the network from `tensors`; layouts are kept. Raises BadModel when one is missing or odd."""
    own = network.state_dict()
    problems = [
        name
        for name, value in own.items()
        if prefix + name not in tensors or tensors[prefix + name].shape != value.shape
    ]
    if problems:
        raise BadModel(
            f"The weights do not fit the network: {len(problems)} of {len(own)} tensors, first {problems[0]}."
        )
    for name, value in own.items():
        problem = what_is_odd(name, tensors[prefix + name], value)
        if problem:
            raise BadModel(f"The weights do not fit the network: {name} {problem}.")
    with torch.no_grad():
        for name, value in own.items():
            value.copy_(tensors[prefix + name])
