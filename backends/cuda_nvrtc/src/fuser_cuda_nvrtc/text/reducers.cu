// The least and the greatest number of a type.
__device__ f32 lowest(f32) { return __int_as_float(0xff800000); }
__device__ f32 highest(f32) { return __int_as_float(0x7f800000); }
__device__ f64 lowest(f64) { return __longlong_as_double(0xfff0000000000000ll); }
__device__ f64 highest(f64) { return __longlong_as_double(0x7ff0000000000000ll); }
template <class T> __device__ T lowest(T) { return T(-1) < T(0) ? T(u64(1) << (8 * sizeof(T) - 1)) : T(0); }
template <class T> __device__ T highest(T) { return T(~(T(-1) < T(0) ? T(u64(1) << (8 * sizeof(T) - 1)) : T(0))); }

// Accumulators. `begin` starts one for numbers that come after those of another, `add` takes a number, `join` the
// numbers of another accumulator that come later; `through` returns what it is if a function takes each of its parts.
template <class T> struct Sum {
    T total;
    __device__ void start() { total = T(); }
    __device__ void begin(const Sum &) { start(); }
    template <class V> __device__ void add(V x) { total = total + T(x); }
    template <class V> __device__ void add_square(V x) { total = fma(T(x), T(x), total); }
    __device__ void join(const Sum &other) { total = total + other.total; }
    __device__ T result() const { return total; }
    template <class E> __device__ Sum through(const E &each) const { return {each(total)}; }
};

// The same of halves: a block of them is added in single precision.
struct NarrowSum {
    f64 total;
    f32 block;
    __device__ void start() { total = block = 0.0f; }
    __device__ void begin(const NarrowSum &) { start(); }
    __device__ void add(f32 x) { block = block + x; }
    __device__ void add_square(f32 x) { block = fma(x, x, block); }
    __device__ void finish() { total = block; }
    __device__ void join(const NarrowSum &other) { total = total + other.total; }
    __device__ f64 result() const { return total; }
    template <class E> __device__ NarrowSum through(const E &each) const { return {each(total), block}; }
};

template <class T> struct WholeSum {
    T total;
    __device__ void start() { total = T(0); }
    __device__ void begin(const WholeSum &) { start(); }
    __device__ void add(T x) { total = wrap_add(total, x); }
    __device__ void join(const WholeSum &other) { add(other.total); }
    __device__ T result() const { return total; }
    template <class E> __device__ WholeSum through(const E &each) const { return {each(total)}; }
};

template <class T> struct Product {
    T total;
    __device__ void start() { total = T(1); }
    __device__ void begin(const Product &) { start(); }
    template <class V> __device__ void add(V x) { total = total * T(x); }
    __device__ void join(const Product &other) { total = total * other.total; }
    __device__ T result() const { return total; }
    template <class E> __device__ Product through(const E &each) const { return {each(total)}; }
};

template <class T> struct WholeProduct {
    T total;
    __device__ void start() { total = T(1); }
    __device__ void begin(const WholeProduct &) { start(); }
    __device__ void add(T x) { total = wrap_multiply(total, x); }
    __device__ void join(const WholeProduct &other) { add(other.total); }
    __device__ T result() const { return total; }
    template <class E> __device__ WholeProduct through(const E &each) const { return {each(total)}; }
};

template <class F> struct ComplexSum {
    Complex<F> total;
    __device__ void start() { total = complex_of(F(0), F(0)); }
    __device__ void begin(const ComplexSum &) { start(); }
    template <class V> __device__ void add(Complex<V> z) { total = total + complex_of(F(z.real), F(z.imag)); }
    __device__ void join(const ComplexSum &other) { total = total + other.total; }
    __device__ Complex<F> result() const { return total; }
    template <class E> __device__ ComplexSum through(const E &each) const {
        return {complex_of(each(total.real), each(total.imag))};
    }
};

template <class F> struct ComplexProduct {
    Complex<F> total;
    __device__ void start() { total = complex_of(F(1), F(0)); }
    __device__ void begin(const ComplexProduct &) { start(); }
    template <class V> __device__ void add(Complex<V> z) { total = total * complex_of(F(z.real), F(z.imag)); }
    __device__ void join(const ComplexProduct &other) { total = total * other.total; }
    __device__ Complex<F> result() const { return total; }
    template <class E> __device__ ComplexProduct through(const E &each) const {
        return {complex_of(each(total.real), each(total.imag))};
    }
};

// The greatest number, NaN if there is any; the least number of the type is where it starts.
template <class T> struct Greatest {
    T most;
    __device__ void start() { most = lowest(T()); }
    __device__ void begin(const Greatest &) { start(); }
    __device__ void add(T x) { most = most > x || most != most ? most : x; }
    __device__ void join(const Greatest &other) { add(other.most); }
    __device__ T result() const { return most; }
    template <class E> __device__ Greatest through(const E &each) const { return {each(most)}; }
};

template <class T> struct Least {
    T least;
    __device__ void start() { least = highest(T()); }
    __device__ void begin(const Least &) { start(); }
    __device__ void add(T x) { least = least < x || least != least ? least : x; }
    __device__ void join(const Least &other) { add(other.least); }
    __device__ T result() const { return least; }
    template <class E> __device__ Least through(const E &each) const { return {each(least)}; }
};

struct Any {
    bool found;
    __device__ void start() { found = false; }
    __device__ void begin(const Any &) { start(); }
    __device__ void add(bool x) { found = found || x; }
    __device__ void join(const Any &other) { add(other.found); }
    __device__ bool result() const { return found; }
    template <class E> __device__ Any through(const E &each) const { return {each(found)}; }
};

struct All {
    bool held;
    __device__ void start() { held = true; }
    __device__ void begin(const All &) { start(); }
    __device__ void add(bool x) { held = held && x; }
    __device__ void join(const All &other) { add(other.held); }
    __device__ bool result() const { return held; }
    template <class E> __device__ All through(const E &each) const { return {each(held)}; }
};

// The squared distances from the mean, as sums about a pivot that is one of the numbers, or near the mean of some of
// them. Of n numbers at least one lies as far from their mean as a pivot among them, so as many bits of the sums about
// it can be lost as the logarithm of n has: nothing to single precision and less, of which 24 are wanted of 53. SETTLES
// is for doubles: then a pivot moves to the mean whenever some numbers are joined to others, of which none are many
// times as many. The distance that it moves by is what the sums are corrected for, so nothing is lost either where the
// mean is large against the distances.
template <bool SETTLES> struct Deviations {
    f64 pivot, distances, squares;
    i64 count;
    __device__ void start() {
        pivot = distances = squares = 0.0;
        count = 0;
    }
    // Take a number as the pivot, before any is added.
    __device__ void aim(f64 x) { pivot = x; }
    __device__ void begin(const Deviations &before) {
        start();
        pivot = before.pivot;
    }
    __device__ void add(f64 x) {
        const f64 distance = x - pivot;
        squares = fma(distance, distance, squares);
        distances += distance;
        ++count;
    }
    __device__ void settle() {
        const f64 next = pivot + distances / f64(count), moved = next - pivot;
        if (moved - moved != 0.0) return;
        squares = fma(-moved, fma(-f64(count), moved, 2.0 * distances), squares);
        distances = fma(-f64(count), moved, distances);
        pivot = next;
    }
    __device__ void join(const Deviations &other) {
        if (other.count == 0) return;
        if (count == 0) pivot = other.pivot;
        const f64 apart = other.pivot - pivot, many = f64(other.count);
        squares += apart == 0.0 ? other.squares : fma(apart, fma(many, apart, 2.0 * other.distances), other.squares);
        distances += apart == 0.0 ? other.distances : fma(many, apart, other.distances);
        count += other.count;
        if (SETTLES) settle();
    }
    __device__ f64 result() const {
        const f64 rest = count == 0 ? 0.0 : fma(-distances, distances / f64(count), squares);
        return rest < 0.0 ? 0.0 : rest;
    }
    template <class E> __device__ Deviations through(const E &each) const {
        return {each(pivot), each(distances), each(squares), each(count)};
    }
};
