// Integers wrap around: they are added and multiplied as unsigned ones, of which no overflow is undefined, and as 32
// bits at least, since C++ would make signed numbers of narrower ones.
template <class T> struct Wide { typedef u32 type; };
template <> struct Wide<i64> { typedef u64 type; };
template <> struct Wide<u64> { typedef u64 type; };

template <class T> __device__ T wrap_add(T x, T y) {
    typedef typename Wide<T>::type W;
    return T(W(x) + W(y));
}

template <class T> __device__ T wrap_subtract(T x, T y) {
    typedef typename Wide<T>::type W;
    return T(W(x) - W(y));
}

template <class T> __device__ T wrap_multiply(T x, T y) {
    typedef typename Wide<T>::type W;
    return T(W(x) * W(y));
}

template <class T> __device__ T wrap_negate(T x) {
    typedef typename Wide<T>::type W;
    return T(W(0) - W(x));
}

template <class T> __device__ T wrap_absolute(T x) { return x < T(0) ? wrap_negate(x) : x; }

// The quotient rounded down; 0 where the divisor is 0, and the least integer divided by -1 is itself.
template <class T> __device__ T whole_floor_divide(T x, T y) {
    if (y == T(0)) return T(0);
    if (T(-1) < T(0) && y == T(-1)) return wrap_negate(x);
    return T(x / y - (x % y != 0 && (x < T(0)) != (y < T(0))));
}

// The remainder with the sign of the divisor; 0 where the divisor is 0.
template <class T> __device__ T whole_remainder(T x, T y) {
    if (y == T(0) || (T(-1) < T(0) && y == T(-1))) return T(0);
    const T rest = T(x % y);
    return rest != T(0) && (rest < T(0)) != (y < T(0)) ? T(rest + y) : rest;
}

// The remainder with the sign of the dividend; 0 where the divisor is 0.
template <class T> __device__ T whole_fmod(T x, T y) {
    return y == T(0) || (T(-1) < T(0) && y == T(-1)) ? T(0) : T(x % y);
}

// A count that is negative or no less than the width gives 0.
template <class T> __device__ T shift_left(T x, T count) {
    typedef typename Wide<T>::type W;
    return count >= T(0) && count < T(8 * sizeof(T)) ? T(W(x) << int(count)) : T(0);
}

// A count that is negative or no less than the width gives 0, or -1 for a negative number.
template <class T> __device__ T shift_right(T x, T count) {
    const bool inside = count >= T(0) && count < T(8 * sizeof(T));
    return inside ? T(x >> int(count)) : x < T(0) ? T(-1) : T(0);
}

template <class T> __device__ u8 count_bits(T x) { return u8(__popcll(u64(x < T(0) ? u64(0) - u64(i64(x)) : u64(x)))); }

// The power, which wraps around; the exponent is not negative.
template <class T> __device__ T whole_power(T base, T exponent) {
    typedef typename Wide<T>::type W;
    W result = 1, square = W(base);
    for (u64 left = u64(exponent); left != 0; left >>= 1) {
        if (left & 1) result *= square;
        square *= square;
    }
    return T(result);
}

// The greatest common divisor of the magnitudes; 0 for two zeros.
template <class T> __device__ T common_divisor(T x, T y) {
    typedef typename Wide<T>::type W;
    W a = x < T(0) ? W(0) - W(x) : W(x), b = y < T(0) ? W(0) - W(y) : W(y);
    while (b != 0) {
        const W rest = a % b;
        a = b;
        b = rest;
    }
    return T(a);
}

// The least common multiple of the magnitudes; 0 where either is 0.
template <class T> __device__ T common_multiple(T x, T y) {
    typedef typename Wide<T>::type W;
    const W a = x < T(0) ? W(0) - W(x) : W(x), b = y < T(0) ? W(0) - W(y) : W(y);
    if (a == 0 || b == 0) return T(0);
    W first = a, second = b;
    while (second != 0) {
        const W rest = first % second;
        first = second;
        second = rest;
    }
    return T(a / first * b);
}

// A float as an integer: truncated, NaN as 0, and what is out of range as the nearest integer.
template <class T, class F> __device__ T saturate(F x) {
    const bool has_sign = T(-1) < T(0);
    const T least = has_sign ? T(u64(1) << (8 * sizeof(T) - 1)) : T(0), greatest = T(~least);
    const F beyond = F(u64(1) << (8 * sizeof(T) - 1)) * F(has_sign ? 1 : 2);
    if (x != x) return T(0);
    if (x >= beyond) return greatest;
    if (x < F(least)) return least;
    return T(x);
}
