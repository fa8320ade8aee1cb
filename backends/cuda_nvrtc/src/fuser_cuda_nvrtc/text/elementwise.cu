struct Flat {
    Arrays arrays;
    i64 count;
};

// All arrays are dense and alike: packs, PACKS of each array in flight.
extern "C" __global__ void __launch_bounds__(THREADS) flat(const __grid_constant__ Flat p) {
    $numbers
    const i64 packs = p.count / LANES, chunk = i64(blockDim.x) * PACKS;
#pragma unroll 1
    for (i64 base = blockIdx.x * chunk + threadIdx.x; base < packs; base += gridDim.x * chunk) {
        $declare_packs
#pragma unroll
        for (int u = 0; u < PACKS; ++u) {
            const i64 i = base + u * i64(blockDim.x);
            if (i < packs) {
                $read_packs
            }
        }
#pragma unroll
        for (int u = 0; u < PACKS; ++u) {
            const i64 i = base + u * i64(blockDim.x);
            if (i < packs) {
                $declare_results
#pragma unroll
                for (int j = 0; j < LANES; ++j) {
                    $compute_lane
                }
                $write_packs
            }
        }
    }
#pragma unroll 1
    for (i64 i = packs * LANES + blockIdx.x * i64(blockDim.x) + threadIdx.x; i < p.count; i += gridDim.x * chunk) {
        $compute_flat_element
    }
}

struct Rows {
    Arrays arrays;
    i64 rows, length;
    u64 repeats;  // a bit for each array whose element is the same all along a row
    Space space;
};

// Rows are dense, or one element repeated, and begin where packs may begin.
extern "C" __global__ void __launch_bounds__(THREADS) rows(const __grid_constant__ Rows p) {
    $numbers
    const i64 packs = p.length / LANES, first = blockIdx.x * i64(blockDim.x) + threadIdx.x;
    const i64 step = gridDim.x * i64(blockDim.x), row_step = gridDim.y * i64(blockDim.y);
#pragma unroll 1
    for (i64 row = blockIdx.y * i64(blockDim.y) + threadIdx.y; row < p.rows; row += row_step) {
        i64 offset[ARRAYS] = {};
        locate<ARRAYS>(offset, u32(row), p.space);
#pragma unroll 1
        for (i64 base = first; base < packs; base += step * PACKS) {
            $declare_packs
#pragma unroll
            for (int u = 0; u < PACKS; ++u) {
                const i64 i = base + u * step;
                if (i < packs) {
                    $read_row_packs
                }
            }
#pragma unroll
            for (int u = 0; u < PACKS; ++u) {
                const i64 i = base + u * step;
                if (i < packs) {
                    $declare_results
#pragma unroll
                    for (int j = 0; j < LANES; ++j) {
                        $compute_lane
                    }
                    $write_row_packs
                }
            }
        }
#pragma unroll 1
        for (i64 i = packs * LANES + first; i < p.length; i += step) {
            $compute_row_element
        }
    }
}

struct Strided {
    Arrays arrays;
    i64 count;
    Space space;
};

// Any strides. Elements of a thread lie blocks apart, so that neighbouring threads have neighbouring elements.
template <class Index, class Offset, int ELEMENTS> __device__ __forceinline__ void strided(const Strided &p) {
    $numbers
    const Index count = Index(p.count), chunk = Index(blockDim.x) * ELEMENTS;
#pragma unroll 1
    for (Index base = blockIdx.x * chunk + threadIdx.x; base < count; base += gridDim.x * chunk) {
        Offset offset[ELEMENTS][ARRAYS] = {};
        $declare_elements
#pragma unroll
        for (int u = 0; u < ELEMENTS; ++u) {
            const Index i = base + Index(u) * blockDim.x;
            if (i < count) {
                locate<ARRAYS>(offset[u], i, p.space);
                $read_elements
            }
        }
#pragma unroll
        for (int u = 0; u < ELEMENTS; ++u) {
            const Index i = base + Index(u) * blockDim.x;
            if (i < count) {
                $compute_element
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) strided32(const __grid_constant__ Strided p) {
    strided<u32, i32, SINGLES>(p);
}

extern "C" __global__ void __launch_bounds__(THREADS) strided64(const __grid_constant__ Strided p) {
    strided<i64, i64, 1>(p);
}
