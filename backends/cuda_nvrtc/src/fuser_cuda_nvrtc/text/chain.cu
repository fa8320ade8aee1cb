struct ChainRows {
    Arrays arrays;
    i64 rows, length;
    i64 lanes[GROUPS];            // threads of a row that are at work for each group
    i64 row_bytes, slot[SLOTS];  // of shared memory: all of a row, and where the values of each slot begin
    Space space;
};

// Elements of a row that lie side by side, moved as one.
template <class T, int N> struct alignas(sizeof(T) * N) RowPack { T item[N]; };

template <class T, int N> __device__ __forceinline__ RowPack<T, N> read_packed(const char *at, i64 i) {
    return ((const RowPack<T, N> *)at)[i];
}

template <class T, int N> __device__ __forceinline__ void write_packed(char *at, i64 i, const RowPack<T, N> &pack) {
    ((RowPack<T, N> *)at)[i] = pack;
}

#ifdef __CUDACC__
extern __shared__ __align__(16) char held[];
#endif

// All groups in turn on a row; what one passes on to another stays in shared memory, or in registers where it is one
// number for all of a row.
template <bool PACKED> __device__ __forceinline__ void chain(const ChainRows &p) {
    $numbers
    const u32 lane = threadIdx.x;
    char *const own_held = held + i64(threadIdx.y) * p.row_bytes;
#pragma unroll 1
    for (i64 base = blockIdx.x * i64(blockDim.y); base < p.rows; base += gridDim.x * i64(blockDim.y)) {
        const bool mine = base + threadIdx.y < p.rows;
        const u32 row = u32(mine ? base + threadIdx.y : p.rows - 1);
        i64 offset[ARRAYS] = {};
        locate<ARRAYS>(offset, row, p.space);
        $groups
        __syncthreads();
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) chain_packs(const __grid_constant__ ChainRows p) {
    chain<true>(p);
}

extern "C" __global__ void __launch_bounds__(THREADS) chain_elements(const __grid_constant__ ChainRows p) {
    chain<false>(p);
}
