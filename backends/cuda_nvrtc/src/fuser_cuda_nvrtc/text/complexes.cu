template <class F> struct alignas(2 * sizeof(F)) Complex { F real, imag; };

template <class F> __device__ Complex<F> complex_of(F real, F imag) {
    Complex<F> z;
    z.real = real;
    z.imag = imag;
    return z;
}

template <class F> __device__ bool is_true(Complex<F> z) { return z.real != F(0) || z.imag != F(0); }

template <class F> __device__ Complex<F> operator+(Complex<F> x, Complex<F> y) {
    return complex_of(x.real + y.real, x.imag + y.imag);
}

template <class F> __device__ Complex<F> operator-(Complex<F> x, Complex<F> y) {
    return complex_of(x.real - y.real, x.imag - y.imag);
}

template <class F> __device__ Complex<F> operator-(Complex<F> z) { return complex_of(-z.real, -z.imag); }

template <class F> __device__ Complex<F> operator*(Complex<F> x, Complex<F> y) {
    return complex_of(x.real * y.real - x.imag * y.imag, x.real * y.imag + x.imag * y.real);
}

template <class F> __device__ bool operator==(Complex<F> x, Complex<F> y) {
    return x.real == y.real && x.imag == y.imag;
}

template <class F> __device__ bool operator!=(Complex<F> x, Complex<F> y) {
    return x.real != y.real || x.imag != y.imag;
}

// Smith's quotient, which squares nothing; by zero each part is divided by +0.
template <class F> __device__ Complex<F> operator/(Complex<F> x, Complex<F> y) {
    if (!is_true(y)) return complex_of(x.real / F(0), x.imag / F(0));
    if (fabs(y.real) >= fabs(y.imag)) {
        const F ratio = y.imag / y.real, scale = F(1) / (y.real + y.imag * ratio);
        return complex_of((x.real + x.imag * ratio) * scale, (x.imag - x.real * ratio) * scale);
    }
    const F ratio = y.real / y.imag, scale = F(1) / (y.imag + y.real * ratio);
    return complex_of((x.real * ratio + x.imag) * scale, (x.imag * ratio - x.real) * scale);
}

// Smith's quotient of 1; NaN at zero.
template <class F> __device__ Complex<F> complex_reciprocal(Complex<F> z) {
    if (fabs(z.real) >= fabs(z.imag)) {
        const F ratio = z.imag / z.real, denominator = z.real + z.imag * ratio;
        return complex_of(F(1) / denominator, -ratio / denominator);
    }
    const F ratio = z.real / z.imag, denominator = z.imag + z.real * ratio;
    return complex_of(ratio / denominator, F(-1) / denominator);
}

template <class F> __device__ Complex<F> complex_rint(Complex<F> z) { return complex_of(rint(z.real), rint(z.imag)); }

// The number over its magnitude; where that is infinite, along the axis whose part is, NaN where both parts are.
template <class F> __device__ Complex<F> complex_sign(Complex<F> z) {
    const F x = fabs(z.real), y = fabs(z.imag), great = x > y ? x : y, small = x > y ? y : x;
    const F apart = sizeof(F) == 8 ? F(0x1p-27) : F(0x1p-13);  // then the greater part is the magnitude, rounded
    const F magnitude = small <= great * apart ? great : hypot(x, y);
    if (magnitude == F(0)) return complex_of(F(0), F(0));
    if (magnitude != magnitude || magnitude - magnitude == F(0)) return complex_of(z.real / magnitude, z.imag / magnitude);
    const bool flat = z.real == z.real && z.real - z.real != F(0), steep = z.imag == z.imag && z.imag - z.imag != F(0);
    if (flat && steep) return complex_of(z.real - z.real, z.imag - z.imag);
    return flat ? complex_of(copysign(F(1), z.real), F(0)) : complex_of(F(0), copysign(F(1), z.imag));
}

// Order: by the real parts, then by the imaginary ones; where a real part decides, no imaginary one may be NaN.
template <class F> __device__ bool operator<(Complex<F> x, Complex<F> y) {
    return (x.real < y.real && x.imag == x.imag && y.imag == y.imag) || (x.real == y.real && x.imag < y.imag);
}

template <class F> __device__ bool operator<=(Complex<F> x, Complex<F> y) {
    return (x.real < y.real && x.imag == x.imag && y.imag == y.imag) || (x.real == y.real && x.imag <= y.imag);
}

template <class F> __device__ bool is_nan(Complex<F> z) { return z.real != z.real || z.imag != z.imag; }

// The first operand where it is ahead, or as good; NaN wins.
template <class F> __device__ Complex<F> complex_maximum(Complex<F> x, Complex<F> y) {
    return is_nan(x) || y <= x ? x : y;
}

template <class F> __device__ Complex<F> complex_minimum(Complex<F> x, Complex<F> y) {
    return is_nan(x) || x <= y ? x : y;
}

// A number rather than NaN.
template <class F> __device__ Complex<F> complex_fmax(Complex<F> x, Complex<F> y) {
    return is_nan(y) || y <= x ? x : y;
}

template <class F> __device__ Complex<F> complex_fmin(Complex<F> x, Complex<F> y) {
    return is_nan(y) || x <= y ? x : y;
}

// exp(x) along the angle y.
template <class F> __device__ Complex<F> complex_exp(Complex<F> z) {
    const F edge = sizeof(F) == 8 ? F(709) : F(88);
    const bool nowhere = z.real == z.real && z.real - z.real != F(0) && z.imag - z.imag != F(0);
    if (nowhere && z.real < F(0)) return complex_of(F(0), F(0));
    if (nowhere) return complex_of(z.real, z.imag - z.imag);
    const F magnitude = z.real > edge ? exp(z.real - edge) : exp(z.real), rest = z.real > edge ? exp(edge) : F(1);
    if (z.imag == F(0)) return complex_of(magnitude * rest, z.imag);
    return complex_of(magnitude * cos(z.imag) * rest, magnitude * sin(z.imag) * rest);
}

// The logarithm of the magnitude, and the angle. Near the unit circle the magnitude less 1 is found first.
template <class F> __device__ Complex<F> complex_log(Complex<F> z) {
    const F x = fabs(z.real), y = fabs(z.imag), great = x > y ? x : y, small = x > y ? y : x;
    const F far = sizeof(F) == 8 ? F(0x1p1020) : F(0x1p124), near = sizeof(F) == 8 ? F(0x1p-900) : F(0x1p-80);
    const F power = great > far ? F(-4) : great < near ? (sizeof(F) == 8 ? F(200) : F(80)) : F(0);
    const F factor = exp2(power);
    F length = log(hypot(great * factor, small * factor)) - power * F(0.693147180559945309417232121458176568);
    if (F(0.5) <= great && great <= F(2)) length = F(0.5) * log1p((great - F(1)) * (great + F(1)) + small * small);
    return complex_of(length, atan2(z.imag * factor, z.real * factor));
}

// The root with a real part that is not negative: the part that does not cancel gives the other one.
template <class F> __device__ Complex<F> complex_sqrt(Complex<F> z) {
    const F x = fabs(z.real), y = fabs(z.imag), great = x > y ? x : y;
    if (y == y && y - y != F(0)) return complex_of(y, z.imag);
    if (x == F(0) && y == F(0)) return complex_of(F(0), z.imag);
    const F far = sizeof(F) == 8 ? F(0x1p1020) : F(0x1p124), near = sizeof(F) == 8 ? F(0x1p-900) : F(0x1p-80);
    const int power = great > far ? -4 : great < near ? (sizeof(F) == 8 ? 200 : 80) : 0;
    const F a = ldexp(x, power), b = ldexp(y, power);
    const F first = sqrt(F(0.5) * (a + hypot(a, b))), second = b * F(0.5) / first;
    const F along = ldexp(first, -power / 2), across = ldexp(second, -power / 2);
    return z.real < F(0) ? complex_of(across, copysign(along, z.imag)) : complex_of(along, copysign(across, z.imag));
}
