$start
if (mine && lane < u32(p.lanes[$number])) {
    constexpr int N = PACKED ? $lanes : 1, COUNT = PACKED ? $pack_block : $block, FLIGHT = PACKED ? $packs : $elements;
    const i64 packs = p.length / N, step = p.lanes[$number];
    $singles
#pragma unroll 1
    for (i64 block = lane; block < packs; block += step * COUNT) {
        const i64 stop = packs - block > step * COUNT ? block + step * COUNT : packs;
        $begin_blocks
#pragma unroll 1
        for (i64 first = block; first < stop; first += step * FLIGHT) {
            $declare_packs
#pragma unroll
            for (int u = 0; u < FLIGHT; ++u) {
                const i64 i = first + u * step;
                if (i < stop) {
                    $read_packs
                }
            }
#pragma unroll
            for (int u = 0; u < FLIGHT; ++u) {
                const i64 i = first + u * step;
                if (i < stop) {
                    $declare_results
#pragma unroll
                    for (int j = 0; j < N; ++j) {
                        $compute_lane
                    }
                    $write_packs
                }
            }
        }
        $join_blocks
    }
    if (N > 1) {
        $begin_blocks
#pragma unroll 1
        for (i64 i = packs * N + lane; i < p.length; i += step) {
            $compute_element
        }
        $join_blocks
    }
}
$finish
