; Moments of ${lanes} result(s) side by side; see `deviations.ll`.

; Take `depth` rows of values, n0 apart, into the moments of their columns, which hold `count` rows already.
define internal fastcc void @column.${suffix}(ptr %from, i64 %depth, i64 %n0, ptr %to, i64 %plane, i64 %count) {
entry:
  %pivot.at = getelementptr i8, ptr %to, i64 %plane
  %sum.at = getelementptr i8, ptr %pivot.at, i64 %plane
  %recent.at = getelementptr i8, ptr %sum.at, i64 %plane
  %count.at = getelementptr i8, ptr %recent.at, i64 %plane
  %old.recent = load ${kind}, ptr %recent.at, align 1
  %old.sum = load ${kind}, ptr %sum.at, align 1
  %is.first = icmp eq i64 %count, 0
  br i1 %is.first, label %first, label %known
first: ; of one number that is the mean
  %top.raw = load ${wide}, ptr %from, align 1
  %top = ${widen_top}
  store ${kind} %top, ptr %pivot.at, align 1
  br label %stretch
known:
  %old.pivot = load ${kind}, ptr %pivot.at, align 1
  br label %stretch
stretch: ; of rows until the count is a power of two, or a multiple of ${short}
  %r = phi i64 [ 0, %first ], [ 0, %known ], [ %r.end, %stretch.end ]
  %r.from = phi ptr [ %from, %first ], [ %from, %known ], [ %at.next, %stretch.end ]
  %pivot = phi ${kind} [ %top, %first ], [ %old.pivot, %known ], [ %pivot.now, %stretch.end ]
  %sum.start = phi ${kind} [ %old.sum, %first ], [ %old.sum, %known ], [ %sum.now, %stretch.end ]
  %recent.start = phi ${kind} [ %old.recent, %first ], [ %old.recent, %known ], [ %recent.now, %stretch.end ]
  %before = add i64 %count, %r
  %some.before = call i64 @llvm.umax.i64(i64 %before, i64 1)
  %zeros = call i64 @llvm.ctlz.i64(i64 %some.before, i1 true)
  %digits = sub i64 64, %zeros
  %double = shl i64 1, %digits
  %in.short = and i64 %before, ${short_less}
  %until.short = sub i64 ${short}, %in.short
  %next.short = add i64 %before, %until.short
  %due = call i64 @llvm.umin.i64(i64 %double, i64 %next.short)
  %until.due = sub i64 %due, %before
  %left = sub i64 %depth, %r
  %length = call i64 @llvm.umin.i64(i64 %left, i64 %until.due)
  %r.end = add i64 %r, %length
  br label %row
row:
  %i = phi i64 [ 0, %stretch ], [ %i.next, %row ]
  %at = phi ptr [ %r.from, %stretch ], [ %at.next, %row ]
  %sum.so.far = phi ${kind} [ %sum.start, %stretch ], [ %sum, %row ]
  %recent.so.far = phi ${kind} [ %recent.start, %stretch ], [ %recent, %row ]
  %row.raw = load ${wide}, ptr %at, align 1
  %values = ${widen_row}
  %distance = fsub ${kind} %values, %pivot
  %sum = fadd ${kind} %sum.so.far, %distance
  %recent = call ${kind} @llvm.fmuladd.${kind_name}(${kind} %distance, ${kind} %distance, ${kind} %recent.so.far)
${fetch}
  %at.next = getelementptr ${value}, ptr %at, i64 %n0
  %i.next = add i64 %i, 1
  %i.more = icmp ult i64 %i.next, %length
  br i1 %i.more, label %row, label %row.end
row.end:
  %is.due = icmp eq i64 %length, %until.due
  br i1 %is.due, label %centre, label %stretch.end
centre: ; which also keeps rows of additions short; in between, most of the moments stay where they are
  %held = load ${kind}, ptr %to, align 1
  %square = fadd ${kind} %held, %recent
  %n.number = sitofp i64 %due to double
  %share.number = fdiv double 1.0, %n.number
${spread_n}
${spread_share}
${centred}
  store ${kind} %centred.pivot, ptr %pivot.at, align 1
  store ${kind} %centred.square, ptr %to, align 1
  br label %stretch.end
stretch.end:
  %pivot.now = phi ${kind} [ %pivot, %row.end ], [ %centred.pivot, %centre ]
  %sum.now = phi ${kind} [ %sum, %row.end ], [ %centred.sum, %centre ]
  %recent.now = phi ${kind} [ %recent, %row.end ], [ %centred.recent, %centre ]
  %r.more = icmp ult i64 %r.end, %depth
  br i1 %r.more, label %stretch, label %end
end:
  %after = add i64 %count, %depth
  %counts.number = sitofp i64 %after to double
${spread_counts}
  store ${kind} %sum.now, ptr %sum.at, align 1
  store ${kind} %recent.now, ptr %recent.at, align 1
  store ${kind} %counts, ptr %count.at, align 1
  %good = fcmp olt ${kind} %recent.now, ${infinity}
  %good.bits = bitcast ${mask} %good to i${lanes}
  %all.good = icmp eq i${lanes} %good.bits, -1
  br i1 %all.good, label %done, label %lane
lane: ; seldom: see which columns hold what is not finite
  %k = phi i64 [ 0, %end ], [ %k.next, %lane.end ]
  %k.good = ${lane_good}
  br i1 %k.good, label %lane.end, label %bad
bad:
  %k.from = getelementptr ${value}, ptr %from, i64 %k
  %beyond = call fastcc double @beyond(ptr %k.from, i64 %depth, i64 %n0)
  %k.to = getelementptr double, ptr %to, i64 %k
  %k.old = load double, ptr %k.to, align 1
  %k.square = fadd double %k.old, %beyond
  %k.pivot.at = getelementptr double, ptr %pivot.at, i64 %k
  %k.sum.at = getelementptr double, ptr %sum.at, i64 %k
  %k.recent.at = getelementptr double, ptr %recent.at, i64 %k
  store double %k.square, ptr %k.to, align 1
  store double 0.0, ptr %k.pivot.at, align 1
  store double 0.0, ptr %k.sum.at, align 1
  store double 0.0, ptr %k.recent.at, align 1
  br label %lane.end
lane.end:
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, ${lanes}
  br i1 %k.more, label %lane, label %done
done:
  ret void
}

; Take the moments at `right` into those at `left`.
define internal fastcc void @merge.${suffix}(ptr %left, ptr %right, i64 %plane) {
${load_left}
${load_right}
  %n = fadd ${kind} %left.n, %right.n
  %share = fdiv ${kind} %right.n, %n
  %pivots.apart = fsub ${kind} %right.pivot, %left.pivot
  %rests.apart = fsub ${kind} %right.rest, %left.rest
  %apart = fadd ${kind} %pivots.apart, %rests.apart
  %weight = fmul ${kind} %left.n, %share
  %apart.weighed = fmul ${kind} %apart, %weight
  %between = fmul ${kind} %apart, %apart.weighed
  %within = fadd ${kind} %left.squares, %right.squares
  %squares = fadd ${kind} %within, %between
  %way = fmul ${kind} %apart, %share
  %step = fadd ${kind} %left.rest, %way
  %mean = fadd ${kind} %left.pivot, %step
  %moved = fsub ${kind} %mean, %left.pivot
  %rest = fsub ${kind} %step, %moved
  %rest.sum = fmul ${kind} %rest, %n
  %rest.square = fmul ${kind} %rest, %rest.sum
  %squares.off = fadd ${kind} %squares, %rest.square
  %good = fcmp olt ${kind} %squares, ${infinity}
  %new.square = select ${mask} %good, ${kind} %squares.off, ${kind} %squares
  %new.pivot = select ${mask} %good, ${kind} %mean, ${kind} zeroinitializer
  %new.sum = select ${mask} %good, ${kind} %rest.sum, ${kind} zeroinitializer
  store ${kind} %new.square, ptr %left, align 1
  store ${kind} %new.pivot, ptr %left.pivot.at, align 1
  store ${kind} %new.sum, ptr %left.sum.at, align 1
  store ${kind} zeroinitializer, ptr %left.recent.at, align 1
  store ${kind} %n, ptr %left.n.at, align 1
  ret void
}
