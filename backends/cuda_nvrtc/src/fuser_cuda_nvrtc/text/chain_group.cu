#pragma unroll
for (int u = 0; u < HELD; ++u) {
    const u32 i = lane + u * lanes;
    if (u + 1 < HELD || i < packs) {
        $read_held
    }
}

#pragma unroll
for (int u = 0; u < HELD; ++u) {
    const u32 i = lane + u * lanes;
    if (u + 1 < HELD || i < packs) {
        $compute
    }
}

#pragma unroll
for (int first = 0; first < HELD; first += AHEAD) {
    $declare_ahead
#pragma unroll
    for (int v = 0; v < AHEAD; ++v) {
        const u32 i = lane + (first + v) * lanes;
        if (first + v + 1 < HELD || (first + v < HELD && i < packs)) {
            $read_ahead
        }
    }
#pragma unroll
    for (int v = 0; v < AHEAD; ++v) {
        const int u = first + v;
        const u32 i = lane + u * lanes;
        if (u + 1 < HELD || (u < HELD && i < packs)) {
            $compute
        }
    }
}
