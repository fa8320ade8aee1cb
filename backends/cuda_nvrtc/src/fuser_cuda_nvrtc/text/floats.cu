template <class F> struct Format;
template <> struct Format<f32> { typedef i32 whole; enum { fraction = 23, bias = 127, width = 32 }; };
template <> struct Format<f64> { typedef i64 whole; enum { fraction = 52, bias = 1023, width = 64 }; };

__device__ i32 bits_of(f32 x) { return __float_as_int(x); }
__device__ i64 bits_of(f64 x) { return __double_as_longlong(x); }

__device__ f32 of_bits(i32 bits) { return __int_as_float(bits); }
__device__ f64 of_bits(i64 bits) { return __longlong_as_double(bits); }

template <class F> __device__ bool sign_bit(F x) { return bits_of(x) < 0; }

template <class F> __device__ F sign_of(F x) { return x > F(0) ? F(1) : x < F(0) ? F(-1) : x == F(0) ? F(0) : x; }

// NaN if either is; of two equal zeros the second, as NumPy.
template <class F> __device__ F greater_of(F x, F y) { return x > y || x != x ? x : y; }

template <class F> __device__ F lesser_of(F x, F y) { return x < y || x != x ? x : y; }

// A number rather than NaN.
template <class F> __device__ F number_above(F x, F y) { return x > y || y != y ? x : y; }

template <class F> __device__ F number_below(F x, F y) { return x < y || y != y ? x : y; }

// Of two equal zeros the first: halves, as NumPy has them.
template <class F> __device__ F greater_half(F x, F y) { return x >= y || x != x ? x : y; }

template <class F> __device__ F lesser_half(F x, F y) { return x <= y || x != x ? x : y; }

template <class F> __device__ F step_function(F x, F at_zero) {
    return x > F(0) ? F(1) : x < F(0) ? F(0) : x == F(0) ? at_zero : x;
}

// The remainder with the sign of the divisor, as NumPy's.
template <class F> __device__ F float_remainder(F x, F y) {
    const F rest = fmod(x, y);
    if (rest == F(0)) return copysign(F(0), y);
    return (rest < F(0)) != (y < F(0)) && rest == rest ? rest + y : rest;
}

// The quotient rounded down, as NumPy's: exact where the remainder is.
template <class F> __device__ F float_floor_divide(F x, F y) {
    if (y == F(0)) return x / y;
    const F rest = fmod(x, y);
    F quotient = (x - rest) / y;
    if (rest != F(0) && (rest < F(0)) != (y < F(0))) quotient -= F(1);
    if (quotient == F(0)) return copysign(F(0), x / y);
    F below = floor(quotient);
    if (quotient - below > F(0.5)) below += F(1);
    return below;
}

// The root of x^2 + y^2. CUDA's own overflows where the root is the greatest number.
template <class F> __device__ F length(F x, F y) {
    const F root = hypot(x, y);
    if (!isinf(root) || isinf(x) || isinf(y)) return root;
    const F great = fmax(fabs(x), fabs(y)), ratio = fmin(fabs(x), fabs(y)) / great;
    return great * sqrt(F(1) + ratio * ratio);
}

// x * 2**exponent for any exponent, rounded once.
template <class F, class T> __device__ F scaled(F x, T exponent) {
    const int near = exponent > T(2200) ? 2200 : exponent < T(-2200) ? -2200 : int(exponent);
    return ldexp(x, near);
}

// The significand, in [0.5, 1) by magnitude; 0, inf and NaN are their own, with exponent 0.
template <class F> __device__ int exponent_of(F x) {
    typedef Format<F> format;
    if (x == F(0) || x - x != F(0)) return 0;
    const bool subnormal = fabs(x) < of_bits(typename format::whole(1) << format::fraction);
    const F normal = subnormal ? x * of_bits(typename format::whole(format::bias + 64) << format::fraction) : x;
    const int field = int(bits_of(normal) >> format::fraction) & (2 * format::bias + 1);
    return field - (format::bias - 1) - (subnormal ? 64 : 0);
}

template <class F> __device__ F significand_of(F x) {
    typedef Format<F> format;
    typedef typename format::whole W;
    if (x == F(0) || x - x != F(0)) return x;
    const bool subnormal = fabs(x) < of_bits(W(1) << format::fraction);
    const F normal = subnormal ? x * of_bits(W(format::bias + 64) << format::fraction) : x;
    const W field = W(2 * format::bias + 1) << format::fraction;
    return of_bits((bits_of(normal) & ~field) | (W(format::bias - 1) << format::fraction));
}

// The part behind the point, of the sign of x.
template <class F> __device__ F fraction_of(F x) {
    return copysign(x == x && x - x != F(0) ? F(0) : x - trunc(x), x);
}

// The next number after x on the way to y.
template <class F> __device__ F next_after(F x, F y) {
    typedef typename Format<F>::whole W;
    if (x != x || y != y) return x + y;
    if (x == y) return y;
    if (x == F(0)) return copysign(of_bits(W(1)), y);
    return of_bits(bits_of(x) + ((x < y) != (x < F(0)) ? W(1) : W(-1)));
}

// The distance to the next number away from 0, of the sign of x; positive at both zeros.
template <class F> __device__ F spacing_of(F x) {
    typedef typename Format<F>::whole W;
    return x == F(0) ? of_bits(W(1)) : of_bits(bits_of(x) + W(1)) - x;
}

// log(exp(x) + exp(y)) without overflow.
template <class F> __device__ F log_add_exp(F x, F y) {
    if (x == y) return x + F(0.693147180559945309417232121458176568);
    const F distance = x - y;
    if (distance > F(0)) return x + log1p(exp(-distance));
    return distance <= F(0) ? y + log1p(exp(distance)) : distance;
}

template <class F> __device__ F log_add_exp2(F x, F y) {
    if (x == y) return x + F(1);
    const F distance = x - y, per_e = F(1.442695040888963407359924681001892137);
    if (distance > F(0)) return x + per_e * log1p(exp2(-distance));
    return distance <= F(0) ? y + per_e * log1p(exp2(distance)) : distance;
}

// The logarithm of the magnitude of the gamma function; -inf at -inf.
template <class F> __device__ F log_gamma(F x) { return x < F(0) && x - x != F(0) ? x : lgamma(x); }
