// Halves are sixteen bits in memory, and single precision that is rounded after every operation in registers. Outside
// of NVRTC whoever compiles this text brings the conversions.
#ifdef __CUDACC__
__device__ f32 half_to_float(u16 bits) {
    f32 result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(bits));
    return result;
}
__device__ u16 float_to_half(f32 x) {
    u16 bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}
__device__ f32 rough_reciprocal(f32 x) {
    f32 result;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}
#endif

// A quotient of halves as single precision has it, or next to it: near enough to become the right half. Where there is
// no rest, or none that is a number, the first estimate is the quotient.
__device__ f32 divide_halves(f32 x, f32 y) {
    const f32 inverse = rough_reciprocal(y), estimate = x * inverse, rest = fma(-estimate, y, x);
    return fabs(rest) > 0.0f ? fma(rest, inverse, estimate) : estimate;
}

__device__ f32 round_to_half(f32 x) { return half_to_float(float_to_half(x)); }

// What is lost leaves an odd last bit, so that rounding the result again does not round twice.
__device__ f32 shorten(f64 x) {
    const i64 lost = (i64(1) << 29) - 1, bits = __double_as_longlong(x);
    const i64 carried = ((bits & lost) + lost) & (i64(1) << 29);
    return f32(__longlong_as_double((bits | carried) & ~lost));
}

// The next half after x on the way to y; where they are equal, the one that NumPy takes: zeros may differ.
__device__ f32 next_half(f32 x, f32 y, bool takes_second) {
    if (x != x || y != y) return x + y;
    if (x == y) return takes_second ? y : x;
    if (x == 0.0f) return copysignf(0x1p-24f, y);
    return half_to_float(u16(float_to_half(x) + ((x < y) != (x < 0.0f) ? 1 : -1)));
}

// The distance to the next half above; unlike that of the other types it is positive.
__device__ f32 half_spacing(f32 x) {
    if (x - x != 0.0f) return x - x;
    return next_half(x, __int_as_float(0x7f800000), true) - x;
}

// bfloat16 is the upper half of single precision.
__device__ f32 bfloat_to_float(u16 bits) { return __int_as_float(i32(u32(bits) << 16)); }

__device__ u16 float_to_bfloat(f32 x) {
    const u32 bits = u32(__float_as_int(x));
    if (x != x) return u16((bits >> 16) | 0x40);
    return u16((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

__device__ f32 round_to_bfloat(f32 x) { return bfloat_to_float(float_to_bfloat(x)); }
