"""Records what PyTorch prints and computes, for the tests that do without it: run it to renew data/scripted.json."""

import json
from pathlib import Path

import numpy as np
import torch

from torchscript.functions import FUNCTIONS
from torchscript.judge import eager, names_of, scripted_text, without_paths

PATH = Path(__file__).parent / "data" / "scripted.json"


def record(name, function):
    """Return one record."""
    names = names_of(function)
    return {
        "name": name,
        "arguments": names,
        "text": without_paths(scripted_text(function)),
        "results": [_encode(result) for result in eager(function, names)],
    }


def _encode(result):
    if not isinstance(result, np.ndarray):
        return {"number": result}
    return {"dtype": str(result.dtype), "shape": result.shape, "values": result.ravel().tolist()}


if __name__ == "__main__":
    records = ",\n".join(json.dumps(record(name, function)) for name, function in FUNCTIONS.items())
    PATH.write_text(f'{{"torch": "{torch.__version__}", "functions": [\n{records}\n]}}\n')
