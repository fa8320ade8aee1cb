"""What ``import fuser_core`` loads, seen from a process of its own."""

import json
import subprocess
import sys


def _modules(statement):
    program = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    return set(json.loads(done.stdout))


def test_the_import_loads_little():
    loaded = _modules("import fuser_core")
    forbidden = {"llvmlite", "pytest", "hypothesis", "importlib.metadata", "rich", "typer", "PIL", "pandas", "scipy"}
    assert loaded.isdisjoint(forbidden)
    assert not {name for name in loaded if name.startswith(("fuser_core.testing", "fuser_core.demo", "fuser_core.cli"))}
    assert not {name for name in loaded if name.startswith("fuser_") and not name.startswith("fuser_core")}


def test_decorating_loads_no_backend():
    loaded = _modules("from fuser_core import fuse\nfuse(lambda x: x + 1)")
    expected = _modules("import numpy, pluggy")
    assert not {name for name in loaded if name.startswith("fuser_") and not name.startswith("fuser_core")}
    assert not {name for name in loaded - expected if name.split(".")[0] in ("llvmlite", "pytest", "hypothesis")}
    assert "importlib.metadata" not in loaded - expected


def test_a_call_loads_no_slow_reader_of_metadata():
    call = "import numpy as np\nfrom fuser_core import fuse\nfuse(lambda x: x + 1)(np.ones(3))"
    assert "importlib.metadata" not in _modules(call) - _modules("import numpy, pluggy")


def test_a_call_with_numpy_arrays_loads_no_carriers():
    loaded = _modules("import numpy as np\nfrom fuser_core import fuse\nfuse(lambda x: x + 1)(np.ones(3))")
    carriers = ("carriers", "standard_arrays", "dask_arrays", "labelled", "by_value", "tracing.namespace")
    assert not {name for name in loaded if name.startswith(tuple(f"fuser_core.{part}" for part in carriers))}
    assert loaded.isdisjoint({"dask", "pandas", "xarray", "cloudpickle"})


def test_functions_of_numpy_are_loaded_by_their_family():
    families = "fuser_core.tracing.functions"
    call = "import numpy as np\nfrom fuser_core import fuse\nfuse(lambda x: {})(np.ones(3))"
    assert not {name for name in _modules(call.format("np.sqrt(x) + 1")) if name.startswith(families)}
    loaded = _modules(call.format("x.sum()"))
    assert f"{families}.reductions" in loaded
    assert f"{families}.norms" not in loaded


def test_importing_a_plugin_loads_no_compiler():
    points = "from importlib.metadata import entry_points\nfor p in entry_points(group='fuser_core.backends'): p.load()"
    assert not {name for name in _modules(points) if name.split(".")[0] in ("llvmlite", "cuda", "pycuda")}
