"""The import order of the core, as computed from its source: one direction, no way back up."""

import graphlib

import pytest

# Lowest first; a module imports from its own layer and from lower ones only. Within a layer there is no cycle either.
LAYERS = [
    [
        "errors",
        "shapes",
        "config",
        "forks",
        "tree",
        "layout",
        "definitions",
        "mermaid",
        "agreement",
        "installed",
        "records",
        "addresses",
        "watches",
        "epoch",
        "vectorcall",
        "pools",
        "options",
        "asking",
        "wording",
        "hooks",
    ],
    ["axes", "memory", "values"],
    ["ops", "plan", "groups", "graph", "location", "log", "last_run", "fused", "foreign"],
    ["backend", "warm_calls", "disk_cache", "disturbance"],
    ["hookspecs", "fingerprint", "arrays", "chain_layouts", "chain_axes"],
    ["plugin", "contract", "offers", "arguments", "packing", "stored"],
    ["discovery", "semantics"],
    ["passes"],
    ["flags", "selection", "kernels", "scheduling", "grouping", "specialize"],
    ["lenders", "instructions", "verification", "copies"],
    ["joining", "chaining", "device_memory"],
    ["core_steps"],
    ["program"],
    ["device_program"],
    ["warm", "recording"],
    ["compilation", "explain", "picture"],
    ["kernel_spec"],
    ["tracing", "interface", "torchscript"],
    ["calls", "outputs", "entries", "direct", "occasions", "prepared_table", "prepared", "preparing"],
    ["dispatch"],
    ["testing", "demo", "bench"],
    ["cli"],
    ["__main__"],
]
# The decorator loads the machinery at the first call, which keeps `import fuser_core` light; a graph is drawn when a
# notebook asks for its picture; arrays of a library that has no memory to give want some of a backend's.
LAZY_UPWARD = {("fused", "dispatch"), ("foreign", "tracing"), ("graph", "picture"), ("arrays", "lenders")}
WRITTEN = "fuser_core.cli.new_backend.template."
"""What is below is no part of the core: it is copied where a new backend is wanted."""
OFFERED_TO_PLUGINS = {
    *["backend", "hookspecs", "plan", "ops", "errors", "shapes", "definitions", "layout", "chain_layouts"],
    *["fingerprint", "disk_cache", "records", "vectorcall", "forks"],
}


@pytest.fixture(scope="module")
def core(root, sources, imports):
    """For every module of the core, the modules of the core that it imports, at import and later."""
    found_all = sources(root / "fuser_core")
    modules = {name: source for name, source in found_all.items() if not name.startswith(WRITTEN)}
    graph = {}
    for name, (_, tree) in modules.items():
        graph[name] = {(found, top) for found, top in imports(tree) if found in modules and found != name}
    return graph


def _part(module):
    """Return the file or folder of the core that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def test_the_modules_form_no_cycle(core):
    order = graphlib.TopologicalSorter(
        {name: {found for found, top in found_all if top} for name, found_all in core.items()}
    )
    order.prepare()


def test_every_part_has_its_layer(core):
    assert {_part(name) for name in core} - {""} == {part for layer in LAYERS for part in layer}


def test_imports_go_down(core):
    level = {part: number for number, layer in enumerate(LAYERS) for part in layer}
    upward = {
        f"{name} imports {found}"
        for name, found_all in core.items()
        for found, top in found_all
        if top or (_part(name), _part(found)) not in LAZY_UPWARD
        if _part(name) and _part(found) and level[_part(found)] > level[_part(name)]
    }
    assert upward == set()


def test_parts_form_no_cycle_either(core):
    parts = {}
    for name, found_all in core.items():
        if _part(name):
            found_parts = {_part(found) for found, top in found_all if top}
            parts.setdefault(_part(name), set()).update(found_parts - {_part(name), ""})
    graphlib.TopologicalSorter(parts).prepare()


@pytest.mark.parametrize("extra", ["testing", "demo", "bench"])
def test_nothing_of_the_core_needs_its_extras(core, extra):
    users = {
        name
        for name, found_all in core.items()
        for found, top in found_all
        if _part(found) == extra and _part(name) != extra and (top or _part(name) not in ("cli", "__main__"))
    }
    assert users == set()


def test_plugins_import_only_what_is_offered_to_them(root, sources, imports):
    offered = {f"fuser_core.{name}" for name in OFFERED_TO_PLUGINS}
    wrong = set()
    for package in sorted((root / "backends").glob("*/src/*")):
        for name, (_, tree) in sources(package).items():
            modules = {found for found, _ in imports(tree) if found.startswith("fuser_core")}
            wrong |= {f"{name} imports {found}" for found in modules if ".".join(found.split(".")[:2]) not in offered}
    assert wrong == set()


def test_plugins_need_no_compiler_to_be_imported(root, sources, imports):
    heavy = {"llvmlite", "cuda", "pycuda", "torch", "jax", "scipy", "pandas"}
    wrong = set()
    for package in sorted((root / "backends").glob("*/src/*")):
        modules = sources(package)
        pending, seen = [package.name], set()
        while pending:
            name = pending.pop()
            if name in seen or name not in modules:
                continue
            seen.add(name)
            for found, top in imports(modules[name][1]):
                if top and found.split(".")[0] in heavy:
                    wrong.add(f"{name} imports {found}")
                if top:
                    pending.append(found)
    assert wrong == set()
