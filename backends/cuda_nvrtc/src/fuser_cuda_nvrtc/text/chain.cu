struct ChainRows {
    Arrays arrays;
    i64 rows, elements;
    Space space;
};

// All groups in turn on a row. A thread holds HELD packs of it, of which the last may be missing, and what groups pass
// on to each other stays in its registers.
extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) chain(const __grid_constant__ ChainRows p) {
    $numbers
    const u32 lane = threadIdx.x, lanes = WHOLE ? THREADS : blockDim.x, packs = u32(p.elements / LANES);
    const i64 place = WHOLE ? blockIdx.x : blockIdx.x * i64(blockDim.y) + threadIdx.y;
    const bool mine = WHOLE || place < p.rows;
    i64 offset[ARRAYS] = {};
    locate<ARRAYS>(offset, u32(mine ? place : 0), p.space);
    $kept
    $groups
}
