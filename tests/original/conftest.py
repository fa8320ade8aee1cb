"""What tests of the original share: each installed compiler in turn, and devices that do not exist."""

import pytest

from fuser_core import use_backends
from usable import compilers

pytest.register_assert_rewrite("original.comparison")


def pytest_generate_tests(metafunc):
    """Run each test that takes ``compiler`` once per installed compiler."""
    if "compiler" in metafunc.fixturenames:
        metafunc.parametrize("compiler", compilers(), indirect=True)


@pytest.fixture
def compiler(request):
    """The name of an installed compiler, the only one in use."""
    with use_backends(request.param):
        yield request.param
