"""Every operator of PyTorch's own list, on its samples: what the backend claims agrees with eager, strides included."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")  # which PyTorch's samples import
opinfo = pytest.importorskip("torch_compile.opinfo")

from fuser_core.torch_compile import partition  # noqa: E402 - which imports torch

pytestmark = pytest.mark.interop


@pytest.fixture(autouse=True)
def _single_operations(monkeypatch):
    """Let one operation be a group."""
    monkeypatch.setattr(partition, "FEWEST", 1)


@pytest.mark.filterwarnings("ignore")  # of PyTorch about its own samples
@pytest.mark.parametrize(("dtype", "least"), [(torch.float32, 200), (torch.int64, 120), (torch.float16, 180)], ids=str)
def test_a_sample_of_each_operator(dtype, least):
    tally = opinfo.Tally()
    for op in opinfo.OPERATORS:
        opinfo.check(op, dtype, tally, 1)
    assert tally.failures == []
    assert len(tally.claimed) > least
