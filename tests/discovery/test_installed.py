"""Entry points read from folders are those that ``importlib.metadata`` finds; what is unusual is left to it."""

import sys
import zipfile
from importlib.metadata import DistributionFinder, entry_points

import pytest

from fuser_core.backend import ENTRY_POINT_GROUP
from fuser_core.installed import UnusualError, declared
from fuser_core.offers import read_offers
from fuser_core.testing.fakes import make_distribution

METADATA = "Metadata-Version: 2.1\nName: some.Backend\nVersion: 1.5\nSummary: a text\n\nName: not this\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """``install(entry_points)`` writes a distribution and returns its folder of metadata."""

    def write(text, *, folder="site", name="some_backend-1.5.dist-info", metadata=METADATA):
        info = tmp_path / folder / name
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text(text)
        (info / "METADATA").write_text(metadata)
        if str(info.parent) not in sys.path:
            monkeypatch.syspath_prepend(info.parent)
        return info

    return write


def _told_by_python():
    points = entry_points(group=ENTRY_POINT_GROUP)
    return [(point.name, f"{point.dist.name} {point.dist.version}", point.value) for point in points]


def _same():
    found = declared(ENTRY_POINT_GROUP)
    assert sorted(found) == sorted(_told_by_python())
    return [point for point in found if point.distribution.startswith("some")]


def test_what_is_installed_here():
    assert "fallback_numpy" in [point.name for point in declared(ENTRY_POINT_GROUP)]
    _same()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[fuser_core.backends]\na = module\n", [("a", "module")]),
        ("[fuser_core.backends]\na=module:x\nb = pack.module:x.y\n", [("a", "module:x"), ("b", "pack.module:x.y")]),
        ("# of [fuser_core.backends]\n[other]\na = module\n", []),
        (
            "[other]\nz = m\n\n [fuser_core.backends] \n# a remark\n\n  a = module\n[console_scripts]\ns = m:f\n",
            [("a", "module")],
        ),
        ("[fuser_core.backends.more]\na = module\n", []),
        ("[fuser_core.backends]\n[other]\n[fuser_core.backends]\na = module\n", [("a", "module")]),
        ("", []),
    ],
)
def test_texts(install, text, expected):
    install(text)
    assert [(point.name, point.target) for point in _same()] == expected


def test_the_first_of_a_name_on_the_path_hides_the_others(install):
    install("[fuser_core.backends]\nold = module\n", folder="later")
    install("[fuser_core.backends]\nnew = module\n", folder="first", name="Some.Backend-2.0.dist-info")
    assert [point.name for point in _same()] == ["new"]


def test_one_without_entry_points_hides_others_too(install):
    install("[fuser_core.backends]\nold = module\n", folder="later")
    (install("", folder="first") / "entry_points.txt").unlink()
    assert _same() == []


def test_places_that_are_not_there_hide_nothing(install, monkeypatch, tmp_path):
    install("[fuser_core.backends]\na = module\n")
    monkeypatch.syspath_prepend(tmp_path / "missing")
    assert [point.name for point in _same()] == ["a"]


def test_the_working_directory_is_a_place(install, monkeypatch):
    info = install("[fuser_core.backends]\na = module\n")
    monkeypatch.setattr(sys, "path", ["", *[place for place in sys.path if place != str(info.parent)]])
    monkeypatch.chdir(info.parent)
    assert [point.name for point in _same()] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "[fuser_core.backends]\nno equals sign\n",
        "[fuser_core.backends]\na = module [extra]\n",
        "[fuser_core.backends]\na = \n",
        "[fuser_core.backends]\na = module : x\n",
        "[fuser_core.backends]\n= module\n",
    ],
)
def test_unusual_declarations_are_left_to_python(install, text):
    install(text)
    with pytest.raises(UnusualError, match="declares no entry point"):
        declared(ENTRY_POINT_GROUP)


@pytest.mark.parametrize("metadata", ["", "Name: x\n", "Version: 1\n\nName: x\n"])
def test_unusual_metadata_is_left_to_python(install, metadata):
    install("[fuser_core.backends]\na = module\n", metadata=metadata)
    with pytest.raises(UnusualError, match="tells no name and version"):
        declared(ENTRY_POINT_GROUP)


def test_an_archive_on_the_path_is_left_to_python(tmp_path, monkeypatch, load):
    folder = make_distribution(tmp_path / "unpacked")
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))
    monkeypatch.syspath_prepend(archive)
    with pytest.raises(UnusualError, match="may be an archive"):
        declared(ENTRY_POINT_GROUP)
    assert "fake" in [offer.name for offer in read_offers()[0]]


def test_the_backport_s_finder_is_as_good_as_python_s(monkeypatch):
    class MetadataPathFinder(DistributionFinder):
        def find_spec(self, *_):
            return None

        def find_distributions(self, context=DistributionFinder.Context()):  # noqa: B008 - as the documentation has it
            return iter(())

    MetadataPathFinder.__module__ = "importlib_metadata"
    before = declared(ENTRY_POINT_GROUP)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, MetadataPathFinder()])
    assert declared(ENTRY_POINT_GROUP) == before


def test_other_finders_are_left_to_python(tmp_path, monkeypatch):
    class Finder(DistributionFinder):
        def find_spec(self, *_):
            return None

        def find_distributions(self, context=DistributionFinder.Context()):  # noqa: B008 - as the documentation has it
            return iter(())

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    with pytest.raises(UnusualError, match="finders of distributions"):
        declared(ENTRY_POINT_GROUP)
    assert "fallback_numpy" in [offer.name for offer in read_offers()[0]]


@pytest.mark.parametrize(("target", "expected"), [("module_a", "module"), ("module_a:outer.inner", 3)])
def test_an_offer_loads_its_target(install, target, expected):
    info = install(f"[fuser_core.backends]\na = {target}\n")
    (info.parent / "module_a.py").write_text("class outer:\n    inner = 3\n")
    try:
        (offer,) = [offer for offer in read_offers()[0] if offer.name == "a"]
        loaded = offer.load()
    finally:
        loaded_module = sys.modules.pop("module_a")
    assert loaded == (loaded_module if expected == "module" else expected)
    assert offer.distribution == "some.Backend 1.5"
