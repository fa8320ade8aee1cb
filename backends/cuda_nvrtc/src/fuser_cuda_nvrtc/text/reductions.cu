struct Reduction {
    Arrays arrays;
    char *partial[REDUCTIONS];  // of each result those of all segments, where there are several
    i64 kept, gone, segment, segments;
    u64 repeats;  // a bit for each array whose element is the same all along the reduced axis
    u64 rows;     // whether neighbouring threads share a result, and not neighbouring results
    Space results, reduced;
};

// Store the results of a block, or their parts of one segment.
__device__ __forceinline__ void store(const Reduction &p, i64 result, bool whole, $accumulator_arguments) {
    if (whole) {
        i64 offset[ARRAYS] = {};
        locate<ARRAYS>(offset, result, p.results);
        $write_results
    } else {
        const i64 place = blockIdx.y * p.kept + result;
        $write_partials
    }
}

// Any strides.
template <class Index, class Offset, int ELEMENTS> __device__ __forceinline__ void reduce(const Reduction &p) {
    $numbers
    const Share own = share(p.rows);
    const Index begin = Index(blockIdx.y * p.segment);
    const Index end = Index(p.gone - begin < p.segment ? p.gone : begin + p.segment), step = Index(own.lanes);
#pragma unroll 1
    for (i64 base = blockIdx.x * i64(own.results); base < p.kept; base += gridDim.x * i64(own.results)) {
        const i64 result = base + own.result;
        $start_all
        if (result < p.kept) {
            Offset start[ARRAYS] = {};
            locate<ARRAYS>(start, Index(result), p.results);
            $look_at_element
#pragma unroll 1
            for (Index block = begin + own.lane; block < end; block += step * BLOCK) {
                const Index stop = end - block > step * BLOCK ? block + step * BLOCK : end;
                $begin_blocks
#pragma unroll 1
                for (Index first = block; first < stop; first += step * ELEMENTS) {
                    Offset offset[ELEMENTS][WALKED];
                    $declare_elements
#pragma unroll
                    for (int u = 0; u < ELEMENTS; ++u) {
                        const Index i = first + Index(u) * step;
                        if (i < stop) {
#pragma unroll
                            for (int array = 0; array < WALKED; ++array) offset[u][array] = start[array];
                            locate<WALKED>(offset[u], i, p.reduced);
                            $read_elements
                        }
                    }
#pragma unroll
                    for (int u = 0; u < ELEMENTS; ++u) {
                        const Index i = first + Index(u) * step;
                        if (i < stop) {
                            $reduce_element
                        }
                    }
                }
                $join_blocks
            }
        }
        $join_all
        if (own.lane == 0 && result < p.kept) store(p, result, p.segments == 1, $accumulators);
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) reduce32(const __grid_constant__ Reduction p) {
    reduce<u32, i32, SINGLES>(p);
}

extern "C" __global__ void __launch_bounds__(THREADS) reduce64(const __grid_constant__ Reduction p) {
    reduce<i64, i64, 1>(p);
}

// One reduced axis, dense or one element repeated, that begins where packs may begin.
extern "C" __global__ void __launch_bounds__(THREADS) reduce_rows(const __grid_constant__ Reduction p) {
    $numbers
    const Share own = share(true);
    const i64 packs = p.gone / LANES, begin = blockIdx.y * p.segment, step = own.lanes;
    const i64 end = packs - begin < p.segment ? packs : begin + p.segment;
#pragma unroll 1
    for (i64 base = blockIdx.x * i64(own.results); base < p.kept; base += gridDim.x * i64(own.results)) {
        const i64 result = base + own.result;
        $start_all
        if (result < p.kept) {
            i64 offset[ARRAYS] = {};
            locate<ARRAYS>(offset, result, p.results);
            $look_at_row
#pragma unroll 1
            for (i64 block = begin + own.lane; block < end; block += step * PACK_BLOCK) {
                const i64 stop = end - block > step * PACK_BLOCK ? block + step * PACK_BLOCK : end;
                $begin_blocks
#pragma unroll 1
                for (i64 first = block; first < stop; first += step * PACKS) {
                    $declare_packs
#pragma unroll
                    for (int u = 0; u < PACKS; ++u) {
                        const i64 i = first + u * step;
                        if (i < stop) {
                            $read_row_packs
                        }
                    }
#pragma unroll
                    for (int u = 0; u < PACKS; ++u) {
                        const i64 i = first + u * step;
                        if (i < stop) {
                            $declare_results
#pragma unroll
                            for (int j = 0; j < LANES; ++j) {
                                $reduce_lane
                            }
                            $write_row_packs
                        }
                    }
                }
                $join_blocks
            }
            if (blockIdx.y + 1 == p.segments) {
                $begin_blocks
#pragma unroll 1
                for (i64 i = packs * LANES + own.lane; i < p.gone; i += step) {
                    $reduce_row_element
                }
                $join_blocks
            }
        }
        $join_all
        if (own.lane == 0 && result < p.kept) store(p, result, p.segments == 1, $accumulators);
    }
}

// Results lie side by side along the innermost axis, dense or one element repeated, and packs of them may begin where
// that does: a thread has LANES results.
extern "C" __global__ void __launch_bounds__(THREADS) reduce_columns(const __grid_constant__ Reduction p) {
    $numbers
    const Share own = share(false);
    const u32 begin = u32(blockIdx.y * p.segment), step = own.lanes;
    const u32 end = u32(p.gone - begin < p.segment ? p.gone : begin + p.segment);
    const i64 packs = p.kept / LANES;
#pragma unroll 1
    for (i64 base = blockIdx.x * i64(own.results); base < packs; base += gridDim.x * i64(own.results)) {
        const i64 pack = base + own.result;
        $start_columns
        if (pack < packs) {
            i64 start[ARRAYS] = {};
            locate<ARRAYS>(start, u32(pack * LANES), p.results);
            $look_at_columns
#pragma unroll 1
            for (u32 block = begin + own.lane; block < end; block += step * BLOCK) {
                const u32 stop = end - block > step * BLOCK ? block + step * BLOCK : end;
                $begin_columns
#pragma unroll 1
                for (u32 first = block; first < stop; first += step * PACKS) {
                    i64 offset[PACKS][WALKED];
                    $declare_packs
#pragma unroll
                    for (int u = 0; u < PACKS; ++u) {
                        const u32 i = first + u * step;
                        if (i < stop) {
#pragma unroll
                            for (int array = 0; array < WALKED; ++array) offset[u][array] = start[array];
                            locate<WALKED>(offset[u], i, p.reduced);
                            $read_column_packs
                        }
                    }
#pragma unroll
                    for (int u = 0; u < PACKS; ++u) {
                        if (first + u * step < stop) {
                            $declare_results
#pragma unroll
                            for (int j = 0; j < LANES; ++j) {
                                $reduce_column_lane
                            }
                            $write_column_packs
                        }
                    }
                }
                $join_columns
            }
        }
        $join_all_columns
        if (own.lane == 0 && pack < packs) {
#pragma unroll
            for (int j = 0; j < LANES; ++j) store(p, pack * LANES + j, p.segments == 1, $column_accumulators);
        }
    }
}

// Join the parts of all segments.
extern "C" __global__ void __launch_bounds__(THREADS) join_segments(const __grid_constant__ Reduction p) {
    const Share own = share(false);
#pragma unroll 1
    for (i64 base = blockIdx.x * i64(own.results); base < p.kept; base += gridDim.x * i64(own.results)) {
        const i64 result = base + own.result;
        $start_all
        if (result < p.kept) {
#pragma unroll 4
            for (i64 segment = own.lane; segment < p.segments; segment += own.lanes) {
                const i64 place = segment * p.kept + result;
                $join_partials
            }
        }
        $join_all
        if (own.lane == 0 && result < p.kept) store(p, result, true, $accumulators);
    }
}
