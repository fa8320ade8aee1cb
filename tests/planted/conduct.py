"""Planted defects of conduct: what a backend answers, keeps, shares between threads, and how long it takes."""

import itertools
import time

import numpy as np

from fuser_core.backend import Accept, Decline, hookimpl
from fuser_core.testing.chaining import ChainingBackend, ChainKernel
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, FakeKernel
from planted.base import Defect, Planted, PlantedKernel


class _Anywhere(AcceptingBackend):
    @hookimpl
    def has_fusion_backend(self, device):
        return Accept()


class _Promising(DecliningBackend):
    def __init__(self):
        super().__init__("compile", "changed its mind")


class _Fussy(AcceptingBackend):
    @hookimpl
    def supports(self, step, device):
        known = {"f": 1, "i": 2, "b": 3, "u": 4}
        return Accept() if all(known[value.dtype.kind] for value in step.outputs) else Decline("unknown")


class _Returning(AcceptingBackend):
    """Returns what it has written."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        return [desc.array for desc in outputs]


class _Moody(AcceptingBackend):
    def __init__(self):
        super().__init__()
        self.asked = itertools.count()

    @hookimpl
    def supports(self, step, device):
        return Decline("not today") if next(self.asked) % 3 == 2 else Accept()


class _Pondering(AcceptingBackend):
    @hookimpl
    def has_fusion_backend(self, device):
        time.sleep(0.02)
        return super().has_fusion_backend(device)


class _Sluggish(AcceptingBackend):
    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        time.sleep(0.01)
        super().launch(kernel, inputs, outputs, threads)


class _Mute(AcceptingBackend):
    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        return _MuteKernel(group)


class _MuteKernel(FakeKernel):
    @property
    def artifacts(self):
        return {"code": b"\x90"}


class _Fatal(AcceptingBackend):
    """Raises where a kernel divides by zero."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        if any(step.op in ("floor_divide", "remainder") for step in kernel.group.steps) and not inputs[-1].array.all():
            raise ZeroDivisionError("integer division by zero")
        super().launch(kernel, inputs, outputs, threads)


class _Extreme(AcceptingBackend):
    """Fails where it compiles a maximum."""

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        if any(step.op == "max" for step in group.steps):
            raise KeyError("max")
        return super().compile_group(group, options)


class _Hoarding(AcceptingBackend):
    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        self.last = [desc.array for desc in (*inputs, *outputs)]


class _Keeping(Planted):
    def __init__(self):
        super().__init__()
        self.kernels = []

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        self.kernels.append(PlantedKernel(group, self))
        return self.kernels[-1]


class _OneBuffer(Planted):
    """Has room for the code of one kernel only."""

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        self.code = group
        return PlantedKernel(group, self)

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        FakeKernel(self.code).run([desc.array for desc in inputs], [desc.array for desc in outputs])


class _ByIdentity(Planted):
    """Tells values by their objects."""

    def __init__(self):
        super().__init__()
        self.known = {}

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        known = self.known.setdefault(str(group), group)
        same = all(own is other for own, other in zip(known.inputs, group.inputs, strict=True))
        return PlantedKernel(group, self) if same else Decline("a value is not the one that it knows")


class _Sharing(AcceptingBackend):
    """Launches by way of what all threads share."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        self.arrays = [desc.array for desc in inputs], [desc.array for desc in outputs]
        time.sleep(1e-4)
        kernel.run(*self.arrays)


class _SharingCompiler(Planted):
    """Compiles by way of what all threads share."""

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        self.group = group
        time.sleep(1e-2)
        return PlantedKernel(self.group, self)


class _Splitting(AcceptingBackend):
    """Adds up the shares of threads one after the other."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            if threads > 1 and desc.array.ndim == 0 and desc.dtype.kind == "f":
                desc.array[...] = np.nextafter(desc.array, desc.dtype.type(threads))


class _Loose(ChainingBackend):
    """Chains kernels, in another order for each number of threads."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        declined = super().launch(kernel, inputs, outputs, threads)
        if declined is None and isinstance(kernel, ChainKernel) and threads > 1:
            outputs[0].array[...] = np.nextafter(outputs[0].array, 100)
        return declined


class _Ragged(ChainingBackend):
    """Chains kernels, but for the last rows."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        declined = super().launch(kernel, inputs, outputs, threads)
        if declined is None and isinstance(kernel, ChainKernel):
            outputs[0].array[-1] *= 1.001
        return declined


class _Remembering(AcceptingBackend):
    """Binds the numbers of the first launch into a kernel."""

    def __init__(self):
        super().__init__()
        self.numbers = {}

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        arrays = [desc.array for desc in inputs]
        own = self.numbers.setdefault(id(kernel), [array.copy() for array in arrays if not array.ndim])
        known = iter(own)
        kernel.run([array if array.ndim else next(known) for array in arrays], [desc.array for desc in outputs])


CONDUCT = (
    Defect("anywhere", "accepts devices that there are not", _Anywhere, "test_unknown_device_is_declined"),
    Defect("fussy", "raises at the sight of a dtype that it does not know", _Fussy, "test_hooks_have_no_defects"),
    Defect("returning", "returns something from a launch", _Returning, "test_hooks_have_no_defects"),
    Defect("moody", "says yes and then no to the same question", _Moody, "test_answers_do_not_change"),
    Defect("promising", "supports steps that it then declines to compile", _Promising, "test_promises_are_kept"),
    Defect("pondering", "takes 20 ms to say whether it is there", _Pondering, "test_questions_are_quick"),
    Defect("sluggish", "takes 10 ms for every launch", _Sluggish, "test_launches_are_quick"),
    Defect("mute", "shows its code as bytes", _Mute, "test_artifacts_are_text"),
    Defect("fatal", "raises where an integer is divided by zero", _Fatal, "test_division_by_zero"),
    Defect("extreme", "raises where it compiles a maximum", _Extreme, "test_extremum_of_nothing"),
    Defect("hoarding", "keeps the arrays of the last launch", _Hoarding, "test_arrays_are_let_go"),
    Defect("keeping", "keeps every kernel for ever", _Keeping, "test_kernels_are_freed"),
    Defect("one_buffer", "has room for the code of one kernel", _OneBuffer, "test_kernel_outlives_everything_else"),
    Defect("by_identity", "tells values by their objects", _ByIdentity, "test_groups_may_come_from_elsewhere"),
    Defect("sharing", "keeps the state of a launch where all threads have it", _Sharing, "test_launches_at_once"),
    Defect("sharing_compiler", "keeps the state of a compilation there", _SharingCompiler, "test_compiles_at_once"),
    Defect("splitting", "has sums depend on the number of threads", _Splitting, "test_threads_change_no_bit"),
    Defect("loose", "chains kernels whose bits depend on the number of threads", _Loose, "test_chains[C-(0,)]"),
    Defect("ragged", "chains kernels and forgets the last rows", _Ragged, "test_chains[C-(1,)]"),
    Defect("remembering", "keeps the numbers of the first launch", _Remembering, "test_calls_again[dense-numbers]"),
)
