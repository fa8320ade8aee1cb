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

struct Banded {
    Arrays arrays;
    i64 count, rows, step[ARRAYS];
    Space space;
};

// The same, where a thread takes BAND rows one below another: what shifted arrays share is in the first cache by then.
// The space walks whole bands along its second axis, and a step leads from one of their rows to the next.
extern "C" __global__ void __launch_bounds__(THREADS) bands32(const __grid_constant__ Banded p) {
    $numbers
    constexpr int ELEMENTS = SINGLES < BAND ? SINGLES : BAND;
    const u32 count = u32(p.count);
#pragma unroll 1
    for (u32 base = blockIdx.x * blockDim.x + threadIdx.x; base < count; base += gridDim.x * blockDim.x) {
        const u32 above = quotient(base, p.space, 0);
        const u32 band = p.space.rank > 2 ? above - quotient(above, p.space, 1) * u32(p.space.size[1]) : above;
        const i32 rows = i32(p.rows) - i32(band * BAND);
        i32 offset[ELEMENTS][ARRAYS] = {};
        locate<ARRAYS>(offset[0], base, p.space);
#pragma unroll
        for (int u = 1; u < ELEMENTS; ++u) {
#pragma unroll
            for (int array = 0; array < ARRAYS; ++array) offset[u][array] = offset[u - 1][array] + i32(p.step[array]);
        }
#pragma unroll 1
        for (int row = 0; row < BAND && row < rows; row += ELEMENTS) {
            $declare_elements
#pragma unroll
            for (int u = 0; u < ELEMENTS; ++u) {
                if (row + u < rows) {
                    $read_elements
                }
            }
#pragma unroll
            for (int u = 0; u < ELEMENTS; ++u) {
                if (row + u < rows) {
                    $compute_element
                }
#pragma unroll
                for (int array = 0; array < ARRAYS; ++array) offset[u][array] += ELEMENTS * i32(p.step[array]);
            }
        }
    }
}
