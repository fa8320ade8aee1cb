// The least and the greatest number of a type.
__device__ f32 lowest(f32) { return __int_as_float(0xff800000); }
__device__ f32 highest(f32) { return __int_as_float(0x7f800000); }
__device__ f64 lowest(f64) { return __longlong_as_double(0xfff0000000000000ll); }
__device__ f64 highest(f64) { return __longlong_as_double(0x7ff0000000000000ll); }
template <class T> __device__ T lowest(T) { return T(-1) < T(0) ? T(u64(1) << (8 * sizeof(T) - 1)) : T(0); }
template <class T> __device__ T highest(T) { return T(~(T(-1) < T(0) ? T(u64(1) << (8 * sizeof(T) - 1)) : T(0))); }

// Accumulators. `begin` starts one for numbers that come after those of another, `add` takes a number, `join` the
// numbers of another accumulator that come later.
template <class T> struct Sum {
    T total;
    __device__ void start() { total = T(); }
    __device__ void begin(const Sum &) { start(); }
    template <class V> __device__ void add(V x) { total = total + T(x); }
    __device__ void join(const Sum &other) { total = total + other.total; }
    __device__ T result() const { return total; }
};

template <class T> struct WholeSum {
    T total;
    __device__ void start() { total = T(0); }
    __device__ void begin(const WholeSum &) { start(); }
    __device__ void add(T x) { total = wrap_add(total, x); }
    __device__ void join(const WholeSum &other) { add(other.total); }
    __device__ T result() const { return total; }
};

template <class T> struct Product {
    T total;
    __device__ void start() { total = T(1); }
    __device__ void begin(const Product &) { start(); }
    template <class V> __device__ void add(V x) { total = total * T(x); }
    __device__ void join(const Product &other) { total = total * other.total; }
    __device__ T result() const { return total; }
};

template <class T> struct WholeProduct {
    T total;
    __device__ void start() { total = T(1); }
    __device__ void begin(const WholeProduct &) { start(); }
    __device__ void add(T x) { total = wrap_multiply(total, x); }
    __device__ void join(const WholeProduct &other) { add(other.total); }
    __device__ T result() const { return total; }
};

template <class F> struct ComplexSum {
    Complex<F> total;
    __device__ void start() { total = complex_of(F(0), F(0)); }
    __device__ void begin(const ComplexSum &) { start(); }
    template <class V> __device__ void add(Complex<V> z) { total = total + complex_of(F(z.real), F(z.imag)); }
    __device__ void join(const ComplexSum &other) { total = total + other.total; }
    __device__ Complex<F> result() const { return total; }
};

template <class F> struct ComplexProduct {
    Complex<F> total;
    __device__ void start() { total = complex_of(F(1), F(0)); }
    __device__ void begin(const ComplexProduct &) { start(); }
    template <class V> __device__ void add(Complex<V> z) { total = total * complex_of(F(z.real), F(z.imag)); }
    __device__ void join(const ComplexProduct &other) { total = total * other.total; }
    __device__ Complex<F> result() const { return total; }
};

// The greatest number, NaN if there is any; the least number of the type is where it starts.
template <class T> struct Greatest {
    T most;
    __device__ void start() { most = lowest(T()); }
    __device__ void begin(const Greatest &) { start(); }
    __device__ void add(T x) { most = most > x || most != most ? most : x; }
    __device__ void join(const Greatest &other) { add(other.most); }
    __device__ T result() const { return most; }
};

template <class T> struct Least {
    T least;
    __device__ void start() { least = highest(T()); }
    __device__ void begin(const Least &) { start(); }
    __device__ void add(T x) { least = least < x || least != least ? least : x; }
    __device__ void join(const Least &other) { add(other.least); }
    __device__ T result() const { return least; }
};

struct Any {
    bool found;
    __device__ void start() { found = false; }
    __device__ void begin(const Any &) { start(); }
    __device__ void add(bool x) { found = found || x; }
    __device__ void join(const Any &other) { add(other.found); }
    __device__ bool result() const { return found; }
};

struct All {
    bool held;
    __device__ void start() { held = true; }
    __device__ void begin(const All &) { start(); }
    __device__ void add(bool x) { held = held && x; }
    __device__ void join(const All &other) { add(other.held); }
    __device__ bool result() const { return held; }
};

// 1 / count; that of a whole block, a power of two, costs no division.
__device__ __forceinline__ f64 reciprocal(f64 count) {
    const i64 bits = __double_as_longlong(count);
    if ((bits & ((i64(1) << 52) - 1)) != 0) return 1.0 / count;
    return __longlong_as_double((i64(2046) << 52) - bits);
}

// The squared distances from the mean, held as a pivot near it, the sum of the distances from the pivot, and the
// squares less what they are too large for that. Numbers are taken in short blocks, each with the mean of what came
// before as its pivot, or its first number: then at most half of the squares is taken away, or that many units of the
// last place as the first block has numbers. The mean of several is the pivot and what it lacks, so nothing is lost
// where it is large against the distances.
struct Deviations {
    f64 squares, pivot, distances, count;
    i32 added;
    bool fresh;
    __device__ void start() {
        squares = pivot = distances = count = 0.0;
        added = 0;
    }
    __device__ void begin(const Deviations &before) {
        start();
        fresh = before.count == 0.0;  // a pivot only has to be near the mean
        if (!fresh) pivot = before.pivot + before.distances * f64(1.0f / f32(before.count));
    }
    __device__ void add(f64 x) {
        if (fresh) pivot = x;
        fresh = false;
        const f64 distance = x - pivot;
        squares = fma(distance, distance, squares);
        distances += distance;
        ++added;
    }
    // What a block is when its last number was added: squares become those of distances from its own mean.
    __device__ void finish() {
        count = added;
        if (added == 0 || (squares - squares != 0.0 && distances - distances == 0.0)) return;
        const f64 rest = fma(-distances, distances * reciprocal(count), squares);
        squares = rest < 0.0 ? 0.0 : rest;
    }
    __device__ void join(const Deviations &other) {
        if (other.count == 0.0) return;
        if (count == 0.0) {
            *this = other;
            return;
        }
        const f64 apart = other.pivot - pivot, both = count + other.count, inverse = 1.0 / (count * both);
        const f64 between = apart + (other.distances * reciprocal(other.count) - distances * (inverse * both));
        const f64 sum = squares + other.squares;
        squares = sum - sum == 0.0 ? fma(between * between, count * other.count * (inverse * count), sum) : sum;
        distances += fma(other.count, apart, other.distances);
        count = both;
    }
    __device__ f64 result() const { return squares; }
};
