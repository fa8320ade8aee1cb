// CUDA's words for a C++ compiler: blocks run one after another, their threads as coroutines that part at barriers.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define __device__ inline
#define __global__
#define __forceinline__
#define __noinline__
#define __shared__ static
#define __launch_bounds__(...)
#define __grid_constant__

struct Coordinates { unsigned x, y, z; };
static Coordinates threadIdx, blockIdx, blockDim, gridDim;

static ucontext_t scheduler, *coroutines;
static unsigned current;
static bool *is_done;
static void (*entry)(const void *);
static const void *argument;

static void __syncthreads() { swapcontext(&coroutines[current], &scheduler); }

static unsigned long long handed[1024];  // by threads to others of their warp

// Threads take turns in their order, so all have handed theirs on when the first is back, and taken when it is again.
template <class T> static T take(T x, unsigned by, unsigned width, bool from_place) {
    const unsigned own = current, place = own % width, source = from_place ? by % width : place + by;
    memcpy(&handed[own], &x, sizeof(T));
    __syncthreads();
    if (source < width) memcpy(&x, &handed[own - place + source], sizeof(T));
    __syncthreads();
    return x;
}

template <class T> static T __shfl_sync(unsigned, T x, unsigned place, unsigned width) { return take(x, place, width, true); }
template <class T> static T __shfl_down_sync(unsigned, T x, unsigned by, unsigned width) { return take(x, by, width, false); }

static void begin_thread() {
    entry(argument);
    is_done[current] = true;
    swapcontext(&coroutines[current], &scheduler);
}

static void run_block(unsigned threads, char *stacks, size_t size) {
    for (unsigned thread = 0; thread < threads; ++thread) {
        getcontext(&coroutines[thread]);
        coroutines[thread].uc_stack.ss_sp = stacks + thread * size;
        coroutines[thread].uc_stack.ss_size = size;
        makecontext(&coroutines[thread], begin_thread, 0);
        is_done[thread] = false;
    }
    for (unsigned left = threads; left != 0;) {
        left = 0;
        for (unsigned thread = 0; thread < threads; ++thread) {
            if (is_done[thread]) continue;
            current = thread;
            threadIdx.x = thread % blockDim.x;
            threadIdx.y = thread / blockDim.x;
            swapcontext(&scheduler, &coroutines[thread]);
            left += !is_done[thread];
        }
    }
}

static void run_grid(void (*kernel)(const void *), const void *words, unsigned columns, unsigned rows, unsigned x, unsigned y) {
    const size_t size = 1 << 17;
    char *stacks = (char *)malloc(size * x * y);
    coroutines = new ucontext_t[x * y];
    is_done = new bool[x * y];
    entry = kernel;
    argument = words;
    gridDim = {columns, rows, 1};
    blockDim = {x, y, 1};
    for (unsigned row = 0; row < rows; ++row)
        for (unsigned column = 0; column < columns; ++column) {
            blockIdx = {column, row, 0};
            run_block(x * y, stacks, size);
        }
    free(stacks);
    delete[] coroutines;
    delete[] is_done;
}

static int __float_as_int(float x) { int bits; memcpy(&bits, &x, 4); return bits; }
static float __int_as_float(int bits) { float x; memcpy(&x, &bits, 4); return x; }
static long long __double_as_longlong(double x) { long long bits; memcpy(&bits, &x, 8); return bits; }
static double __longlong_as_double(long long bits) { double x; memcpy(&x, &bits, 8); return x; }
static unsigned __umulhi(unsigned x, unsigned y) { return (unsigned)(((unsigned long long)x * y) >> 32); }
static int __popcll(unsigned long long x) { return __builtin_popcountll(x); }

static float rough_reciprocal(float x) { return 1.0f / x; }

static float half_to_float(uint16_t bits) {
    const float sign = bits & 0x8000 ? -1.0f : 1.0f;
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    if (exponent == 31) return fraction ? NAN : sign * INFINITY;
    return sign * (exponent ? ldexpf(1024 + fraction, exponent - 25) : ldexpf(fraction, -24));
}

static uint16_t float_to_half(float x) {
    const uint16_t sign = signbit(x) ? 0x8000 : 0;
    const float magnitude = fabsf(x);
    if (x != x) return 0x7e00;
    if (magnitude >= 65520.0f) return sign | 0x7c00;
    if (magnitude < 0x1p-30f) return sign;
    int exponent;
    frexpf(magnitude, &exponent);
    const int place = exponent < -13 ? -24 : exponent - 11;
    const int digits = (int)rintf(ldexpf(magnitude, -place));
    return (uint16_t)(sign | (place == -24 ? digits : ((place + 24) << 10) + digits));
}
