// What every kernel gets: where the arrays are, and numbers without axes: their addresses, or their own bits.
struct Arrays {
    char *at[ARRAYS];
    u64 number[NUMBERS][2], by_value;
};

// Axes to walk, the innermost first; strides are in bytes. A quotient by a size below 2**31 is a product and a shift.
struct Space {
    i64 rank, size[RANK], magic[RANK], shift[RANK], stride[RANK][ARRAYS];
};

__device__ __forceinline__ u32 quotient(u32 i, const Space &space, int axis) {
    return (__umulhi(i, u32(space.magic[axis])) + i) >> u32(space.shift[axis]);
}
__device__ __noinline__ i64 quotient(i64 i, const Space &space, int axis) { return i / space.size[axis]; }

// Add to the offsets of the first COUNT arrays what element i of a space is away from its beginning.
template <int COUNT, class Index, class Offset>
__device__ __forceinline__ void locate(Offset *offset, Index i, const Space &space) {
#pragma unroll UNROLLED_RANK
    for (int axis = 0; axis < RANK; ++axis) {
        if (axis >= space.rank) break;
        const Index next = axis + 1 < space.rank ? quotient(i, space, axis) : Index(0);
        const Index place = i - next * Index(space.size[axis]);
        i = next;
#pragma unroll
        for (int array = 0; array < COUNT; ++array) offset[array] += Offset(place) * Offset(space.stride[axis][array]);
    }
}

// Elements that lie side by side, moved as one.
template <class T> struct alignas(sizeof(T) * LANES) Pack { T item[LANES]; };

template <class T> __device__ __forceinline__ Pack<T> read_pack(const char *at, i64 i) {
    return ((const Pack<T> *)at)[i];
}

template <class T> __device__ __forceinline__ Pack<T> repeat(const char *at) {
    Pack<T> pack;
#pragma unroll
    for (int j = 0; j < LANES; ++j) pack.item[j] = *(const T *)at;
    return pack;
}

template <class T> __device__ __forceinline__ void write_pack(char *at, i64 i, const Pack<T> &pack) {
    ((Pack<T> *)at)[i] = pack;
}

// One element that may lie anywhere, even off the boundaries of its type.
template <class T> __device__ __noinline__ T read_anywhere(const char *at) {
    if ((u64(at) & (sizeof(T) - 1)) == 0) return *(const T *)at;
    T value;
#pragma unroll 1
    for (int byte = 0; byte < int(sizeof(T)); ++byte) ((char *)&value)[byte] = at[byte];
    return value;
}

template <class T> __device__ __noinline__ void write_anywhere(char *at, const T &value) {
    if ((u64(at) & (sizeof(T) - 1)) == 0) {
        *(T *)at = value;
        return;
    }
#pragma unroll 1
    for (int byte = 0; byte < int(sizeof(T)); ++byte) at[byte] = ((const char *)&value)[byte];
}

// Indices of 32 bits go with arrays that are laid out as their types want it, those of 64 bits with any.
template <class T> __device__ __forceinline__ T read(const char *at, i32 offset) { return *(const T *)(at + offset); }
template <class T> __device__ __forceinline__ T read(const char *at, i64 offset) {
    return read_anywhere<T>(at + offset);
}
template <class T> __device__ __forceinline__ void write(char *at, i32 offset, const T &value) {
    *(T *)(at + offset) = value;
}
template <class T> __device__ __forceinline__ void write(char *at, i64 offset, const T &value) {
    write_anywhere(at + offset, value);
}

template <class T> __device__ __forceinline__ T read_number(const Arrays &arrays, int which) {
    const bool own = arrays.by_value >> which & 1;
    return read_anywhere<T>(own ? (const char *)&arrays.number[which][0] : (const char *)arrays.number[which][0]);
}
