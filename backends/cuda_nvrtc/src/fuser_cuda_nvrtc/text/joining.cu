// Which thread does what: `lane` of `lanes` that share result number `result` of `results` in a block.
struct Share {
    u32 lane, lanes, result, results;
    bool rows;  // whether neighbours share a result
};

__device__ __forceinline__ Share share(bool rows) {
    Share own;
    own.lane = rows ? threadIdx.x : threadIdx.y;
    own.lanes = rows ? blockDim.x : blockDim.y;
    own.result = rows ? threadIdx.y : threadIdx.x;
    own.results = rows ? blockDim.y : blockDim.x;
    own.rows = rows;
    return own;
}

// What another thread of the warp has, in groups of `width`: the one so many places further on, or one by its place.
struct Shuffle {
    u32 by, width;
    bool from_place;
    template <class T> __device__ __forceinline__ T word(T x) const {
        return from_place ? __shfl_sync(0xffffffffu, x, by, width) : __shfl_down_sync(0xffffffffu, x, by, width);
    }
    template <class T> __device__ __forceinline__ T operator()(T x) const { return T(word(i32(x))); }
    __device__ __forceinline__ f32 operator()(f32 x) const { return word(x); }
    __device__ __forceinline__ f64 operator()(f64 x) const { return word(x); }
    __device__ __forceinline__ i64 operator()(i64 x) const { return word(x); }
    __device__ __forceinline__ u64 operator()(u64 x) const { return word(x); }
};

template <class A> __device__ __forceinline__ void join_neighbours(A &own, u32 width) {
#pragma unroll 1
    for (u32 half = width / 2; half != 0; half /= 2) own.join(own.through(Shuffle{half, width, false}));
}

// Join what neighbouring threads have that share a result, a power of two of them; all of them get it.
template <class A> __device__ __forceinline__ void join_row(A &own, u32 lane, u32 lanes, u32 row) {
    join_neighbours(own, lanes < 32 ? lanes : 32);
    if (lanes > 32) {
        __shared__ A cells[THREADS / 32];
        const u32 warps = lanes / 32;
        __syncthreads();  // they may be in use from before
        if (lane % 32 == 0) cells[row * warps + lane / 32] = own;
        __syncthreads();
        own = cells[row * warps + lane % warps];
        join_neighbours(own, warps);
    }
    own = own.through(Shuffle{0, lanes < 32 ? lanes : 32, true});
}

// Join what threads have that do not lie side by side, by halves; lane 0 gets it.
template <class A> __device__ __forceinline__ void join_column(A &own, const Share &share) {
    __shared__ A cells[THREADS];
#pragma unroll 1
    for (u32 half = share.lanes / 2; half != 0; half /= 2) {
        if (share.lane >= half && share.lane < 2 * half) cells[share.lane * share.results + share.result] = own;
        __syncthreads();
        if (share.lane < half) own.join(cells[(share.lane + half) * share.results + share.result]);
        __syncthreads();
    }
}

// Join what the threads of a result have; lane 0 gets it.
template <class A> __device__ __forceinline__ void join_lanes(A &own, const Share &share) {
    if (share.rows)
        join_row(own, share.lane, share.lanes, share.result);
    else
        join_column(own, share);
}
