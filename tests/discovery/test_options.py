"""Options of backends: set by name, checked against what the backend states, and given to it as its own type."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pytest

from fuser_core import ArgumentError, UnknownBackendError, fuse
from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(4.0)


class Options(NamedTuple):
    unroll: int = 4
    order: Literal["rows", "columns"] = "rows"
    slack: float = 0.5
    checked: bool = False


class Optioned(AcceptingBackend):
    OPTIONS = Options

    def __init__(self, **options):
        super().__init__(**options)
        self.seen = []

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        self.seen.append(options)
        return super().compile_group(group, options)


def _double(x):
    return x * 2


def test_without_any_a_backend_gets_its_defaults():
    plugin = Optioned()
    with installed("fake", plugin):
        fuse(_double)(X)
    (seen,) = plugin.seen
    assert seen.own == Options()
    assert seen.settings == ()


def test_what_the_user_sets_arrives_as_the_backend_s_own_type():
    plugin = Optioned()
    with installed("fake", plugin):
        fuse(_double, options={"fake": {"unroll": 8, "order": "columns", "slack": 1}})(X)
    assert plugin.seen[0].own == Options(8, "columns", 1)


def test_kernels_with_other_options_are_other_kernels_and_equal_ones_are_shared():
    plugin = Optioned()
    with installed("fake", plugin), installed("other", Optioned(priority=-1)):
        for unroll in (8, 8, 4, 16):
            np.testing.assert_array_equal(fuse(_double, options={"fake": {"unroll": unroll}})(X), X * 2)
        fuse(_double, options={"other": {"unroll": 2}})(X)  # which is not asked
    assert [options.own.unroll for options in plugin.seen] == [8, 4, 16]


def test_a_backend_may_refuse_what_it_does_not_like():
    @dataclass(frozen=True)
    class Even:
        unroll: int = 4

        def __post_init__(self):
            if self.unroll % 2:
                raise ValueError("unroll must be even")

    plugin = Optioned()
    plugin.OPTIONS = Even
    told = "the backend 'fake' refuses the options {'unroll': 3}: unroll must be even"
    with installed("fake", plugin), pytest.raises(ArgumentError, match=told):
        fuse(_double, options={"fake": {"unroll": 3}})(X)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"unrol": 3}, "the backend 'fake' has no option 'unrol'; it has unroll, order, slack, checked"),
        ({"unroll": "3"}, "the option 'unroll' of the backend 'fake' is '3'; it takes an integer"),
        ({"unroll": True}, "the option 'unroll' of the backend 'fake' is True; it takes an integer"),
        ({"slack": "much"}, "it takes a number"),
        ({"checked": 1}, "it takes True or False"),
        ({"order": "diagonals"}, "it takes one of 'rows', 'columns'"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_compiled(own, told):
    plugin = Optioned()
    with installed("fake", plugin), pytest.raises(ArgumentError, match=told):
        fuse(_double, options={"fake": own})(X)
    assert plugin.compiled == []


def test_a_backend_without_options_says_so():
    told = "the backend 'fake' has no options, and unroll was set for it"
    with installed("fake", AcceptingBackend()), pytest.raises(ArgumentError, match=told):
        fuse(_double, options={"fake": {"unroll": 3}})(X)


def test_a_backend_that_is_not_installed_is_told():
    with pytest.raises(UnknownBackendError, match="no backend named 'fallback_nunpy' is installed; did you mean"):
        fuse(_double, options={"fallback_nunpy": {"unroll": 3}})(X)


@pytest.mark.parametrize("options", [3, [], {"fake": 3}, "fake"], ids=repr)
def test_what_is_no_mapping_of_mappings_is_refused(options):
    with pytest.raises(ArgumentError, match="is no mapping of mappings; write options="):
        fuse(_double, options=options)


def test_values_are_plain():
    with pytest.raises(ArgumentError, match=r"the option 'unroll' of 'fake' is \[8\]; options are truth values"):
        fuse(_double, options={"fake": {"unroll": [8]}})
