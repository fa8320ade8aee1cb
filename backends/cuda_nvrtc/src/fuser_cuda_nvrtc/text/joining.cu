// Which thread does what: `lane` of `lanes` that share result number `result` of `results` in a block.
struct Share {
    u32 lane, lanes, result, results;
};

__device__ __forceinline__ Share share(bool rows) {
    Share own;
    own.lane = rows ? threadIdx.x : threadIdx.y;
    own.lanes = rows ? blockDim.x : blockDim.y;
    own.result = rows ? threadIdx.y : threadIdx.x;
    own.results = rows ? blockDim.y : blockDim.x;
    return own;
}

// Join what the threads of a result have, by halves; lane 0 gets it.
template <class A> __device__ __forceinline__ void join_lanes(A &own, const Share &share) {
    __shared__ A cells[THREADS];
#pragma unroll 1
    for (u32 half = share.lanes / 2; half != 0; half /= 2) {
        if (share.lane >= half && share.lane < 2 * half) cells[share.lane * share.results + share.result] = own;
        __syncthreads();
        if (share.lane < half) own.join(cells[(share.lane + half) * share.results + share.result]);
        __syncthreads();
    }
}
