; Squared deviations from the mean, of ${value} values. Five planes of doubles, %plane bytes apart, hold for each result the
; squares of the distances from a pivot near the mean, the pivot, the sum of the distances, the squares that came last and
; are in the first sum not yet, and the count.

; How far n numbers are from a pivot: the sum, and the sum of the squares.
define internal fastcc { double, double } @about(ptr %values, i64 %n, double %pivot) {
entry:
  %vectors = and i64 %n, -${lanes}
  %pivots.one = insertelement ${vector} poison, double %pivot, i64 0
  %pivots = shufflevector ${vector} %pivots.one, ${vector} poison, <${lanes} x i32> zeroinitializer
  %any.vector = icmp ne i64 %vectors, 0
  br i1 %any.vector, label %vector, label %element.test
vector:
  %v = phi i64 [ 0, %entry ], [ %v.next, %vector ]
  %sums = phi ${vector} [ zeroinitializer, %entry ], [ %sums.next, %vector ]
  %squares = phi ${vector} [ zeroinitializer, %entry ], [ %squares.next, %vector ]
  %v.at = getelementptr ${value}, ptr %values, i64 %v
  %v.raw = load ${wide}, ptr %v.at, align 1
  %v.values = ${widen_vector}
  %distances = fsub ${vector} %v.values, %pivots
  %sums.next = fadd ${vector} %sums, %distances
  %squares.next = call ${vector} @llvm.fmuladd.v${lanes}f64(${vector} %distances, ${vector} %distances, ${vector} %squares)
  %v.next = add i64 %v, ${lanes}
  %v.more = icmp ult i64 %v.next, %vectors
  br i1 %v.more, label %vector, label %tree
tree:
${sum_tree}
${square_tree}
  br label %element.test
element.test:
  %sum.start = phi double [ 0.0, %entry ], [ %sum.tree, %tree ]
  %square.start = phi double [ 0.0, %entry ], [ %square.tree, %tree ]
  %any.element = icmp ult i64 %vectors, %n
  br i1 %any.element, label %element, label %done
element:
  %e = phi i64 [ %vectors, %element.test ], [ %e.next, %element ]
  %sum = phi double [ %sum.start, %element.test ], [ %sum.next, %element ]
  %square = phi double [ %square.start, %element.test ], [ %square.next, %element ]
  %e.at = getelementptr ${value}, ptr %values, i64 %e
  %e.raw = load ${value}, ptr %e.at, align 1
  %e.value = ${widen_element}
  %distance = fsub double %e.value, %pivot
  %sum.next = fadd double %sum, %distance
  %square.next = call double @llvm.fmuladd.f64(double %distance, double %distance, double %square)
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n
  br i1 %e.more, label %element, label %done
done:
  %sum.all = phi double [ %sum.start, %element.test ], [ %sum.next, %element ]
  %square.all = phi double [ %square.start, %element.test ], [ %square.next, %element ]
  %half = insertvalue { double, double } poison, double %sum.all, 0
  %both = insertvalue { double, double } %half, double %square.all, 1
  ret { double, double } %both
}

; What is added to an infinite total: infinity, or NaN if one of n numbers, so many elements apart, is not finite.
define internal fastcc double @beyond(ptr %values, i64 %n, i64 %apart) {
entry:
  br label %element
element:
  %e = phi i64 [ 0, %entry ], [ %e.next, %element ]
  %so.far = phi double [ 0x7FF0000000000000, %entry ], [ %next, %element ]
  %place = mul i64 %e, %apart
  %e.at = getelementptr ${value}, ptr %values, i64 %place
  %e.raw = load ${value}, ptr %e.at, align 1
  %e.value = ${widen_element}
  %nothing = fmul double %e.value, 0.0
  %next = fadd double %so.far, %nothing
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n
  br i1 %e.more, label %element, label %done
done:
  ret double %next
}

; The moments of each of n1 rows of n0 values, in blocks that are no longer than all before them.
define void @rows(ptr %values, i64 %n1, i64 %n0, ptr %partials, i64 %stride, i64 %plane) {
entry:
  %first = call i64 @llvm.umin.i64(i64 %n0, i64 ${first})
  %first.count = sitofp i64 %first to double
  br label %row
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row.end ]
  %from = phi ptr [ %values, %entry ], [ %from.next, %row.end ]
  %to = phi ptr [ %partials, %entry ], [ %to.next, %row.end ]
  %e.raw = load ${value}, ptr %from, align 1
  %e.value = ${widen_element}
  %roughly = call fastcc { double, double } @about(ptr %from, i64 %first, double %e.value)
  %roughly.sum = extractvalue { double, double } %roughly, 0
  %roughly.step = fdiv double %roughly.sum, %first.count
  %pivot = fadd double %e.value, %roughly.step
  br label %block
block:
  %b = phi i64 [ 0, %row ], [ %b.next, %block.end ]
  %most = phi i64 [ ${first}, %row ], [ %most.next, %block.end ]
  %old.squares = phi double [ 0.0, %row ], [ %squares, %block.end ]
  %old.mean = phi double [ %pivot, %row ], [ %mean, %block.end ]
  %old.rest = phi double [ 0.0, %row ], [ %rest, %block.end ]
  %b.at = getelementptr ${value}, ptr %from, i64 %b
  %left = sub i64 %n0, %b
  %n = call i64 @llvm.umin.i64(i64 %left, i64 %most)
  %b.next = add i64 %b, %n
  %most.next = call i64 @llvm.umin.i64(i64 %b.next, i64 ${most})
  %sums = call fastcc { double, double } @about(ptr %b.at, i64 %n, double %old.mean)
  %sum = extractvalue { double, double } %sums, 0
  %square = extractvalue { double, double } %sums, 1
  %count.before = sitofp i64 %b to double
  %count = sitofp i64 %b.next to double
  %share = fdiv double 1.0, %count
${grow_element}
  br i1 %new.good, label %block.end, label %bad
bad:
  %bad.squares.block = call fastcc double @beyond(ptr %b.at, i64 %n, i64 1)
  %bad.squares = fadd double %old.squares, %bad.squares.block
  br label %block.end
block.end:
  %squares = phi double [ %new.squares, %block ], [ %bad.squares, %bad ]
  %mean = phi double [ %new.mean, %block ], [ 0.0, %bad ]
  %rest = phi double [ %new.rest, %block ], [ 0.0, %bad ]
  %b.more = icmp ult i64 %b.next, %n0
  br i1 %b.more, label %block, label %row.end
row.end:
  %pivot.at = getelementptr i8, ptr %to, i64 %plane
  %sum.at = getelementptr i8, ptr %pivot.at, i64 %plane
  %recent.at = getelementptr i8, ptr %sum.at, i64 %plane
  %count.at = getelementptr i8, ptr %recent.at, i64 %plane
  %rest.sum = fmul double %rest, %count
  %rest.square = fmul double %rest, %rest.sum
  %squares.off = fadd double %squares, %rest.square
  store double %squares.off, ptr %to, align 1
  store double %mean, ptr %pivot.at, align 1
  store double %rest.sum, ptr %sum.at, align 1
  store double 0.0, ptr %recent.at, align 1
  store double %count, ptr %count.at, align 1
  %from.next = getelementptr ${value}, ptr %from, i64 %n0
  %to.next = getelementptr i8, ptr %to, i64 %stride
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}

; Take the values of each column into its moments; a stride of 0 takes those of all rows into one row of moments.
define void @columns(ptr %values, i64 %n1, i64 %n0, ptr %accumulators, i64 %stride, i64 %plane) {
entry:
  %vectors = and i64 %n0, -${lanes}
  %same = icmp eq i64 %stride, 0
  %rows = select i1 %same, i64 1, i64 %n1
  %depth = select i1 %same, i64 %n1, i64 1
  %counts = mul i64 %plane, 4
  br label %row
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row.end ]
  %from = phi ptr [ %values, %entry ], [ %from.next, %row.end ]
  %to = phi ptr [ %accumulators, %entry ], [ %to.next, %row.end ]
  %count.at = getelementptr i8, ptr %to, i64 %counts
  %count.number = load double, ptr %count.at, align 1
  %count = fptosi double %count.number to i64
  %any.vector = icmp ne i64 %vectors, 0
  br i1 %any.vector, label %vector, label %element.test
vector:
  %v = phi i64 [ 0, %row ], [ %v.next, %vector ]
  %v.from = getelementptr ${value}, ptr %from, i64 %v
  %v.to = getelementptr double, ptr %to, i64 %v
  call fastcc void @column.vector(ptr %v.from, i64 %depth, i64 %n0, ptr %v.to, i64 %plane, i64 %count)
  %v.next = add i64 %v, ${lanes}
  %v.more = icmp ult i64 %v.next, %vectors
  br i1 %v.more, label %vector, label %element.test
element.test:
  %any.element = icmp ult i64 %vectors, %n0
  br i1 %any.element, label %element, label %row.end
element:
  %e = phi i64 [ %vectors, %element.test ], [ %e.next, %element ]
  %e.from = getelementptr ${value}, ptr %from, i64 %e
  %e.to = getelementptr double, ptr %to, i64 %e
  call fastcc void @column.element(ptr %e.from, i64 %depth, i64 %n0, ptr %e.to, i64 %plane, i64 %count)
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n0
  br i1 %e.more, label %element, label %row.end
row.end:
  %from.next = getelementptr ${value}, ptr %from, i64 %n0
  %to.next = getelementptr i8, ptr %to, i64 %stride
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %rows
  br i1 %r.more, label %row, label %done
done:
  ret void
}

; Take the moments of n results at `right` into those at `left`, each with its planes one behind the other.
define void @join(ptr %right, i64 %n1, i64 %n, ptr %left, i64 %stride, i64 %planes) {
entry:
  %plane = mul i64 %n, 8
  %vectors = and i64 %n, -${lanes}
  %any.vector = icmp ne i64 %vectors, 0
  br i1 %any.vector, label %vector, label %element.test
vector:
  %v = phi i64 [ 0, %entry ], [ %v.next, %vector ]
  %v.left = getelementptr double, ptr %left, i64 %v
  %v.right = getelementptr double, ptr %right, i64 %v
  call fastcc void @merge.vector(ptr %v.left, ptr %v.right, i64 %plane)
  %v.next = add i64 %v, ${lanes}
  %v.more = icmp ult i64 %v.next, %vectors
  br i1 %v.more, label %vector, label %element.test
element.test:
  %any.element = icmp ult i64 %vectors, %n
  br i1 %any.element, label %element, label %done
element:
  %e = phi i64 [ %vectors, %element.test ], [ %e.next, %element ]
  %e.left = getelementptr double, ptr %left, i64 %e
  %e.right = getelementptr double, ptr %right, i64 %e
  call fastcc void @merge.element(ptr %e.left, ptr %e.right, i64 %plane)
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n
  br i1 %e.more, label %element, label %done
done:
  ret void
}

; results[k] = squared deviations of the numbers of partials[k, 0] to partials[k, count - 1], for count > 0; partials are
; overwritten.
define void @combine(ptr %partials, i64 %results, i64 %count, ptr %to) {
entry:
  %partials.count = mul i64 %results, %count
  %plane = mul i64 %partials.count, 8
  br label %result
result:
  %k = phi i64 [ 0, %entry ], [ %k.next, %result.end ]
  %k.offset = mul i64 %k, %count
  %own = getelementptr double, ptr %partials, i64 %k.offset
  br label %level
level:
  %step = phi i64 [ 1, %result ], [ %twice, %level.end ]
  %twice = shl i64 %step, 1
  %joins = icmp ult i64 %step, %count
  br i1 %joins, label %pairs, label %result.end
pairs:
  %p = phi i64 [ 0, %level ], [ %p.next, %pairs ]
  %other = add i64 %p, %step
  %left = getelementptr double, ptr %own, i64 %p
  %right = getelementptr double, ptr %own, i64 %other
  call fastcc void @merge.element(ptr %left, ptr %right, i64 %plane)
  %p.next = add i64 %p, %twice
  %other.next = add i64 %p.next, %step
  %p.more = icmp ult i64 %other.next, %count
  br i1 %p.more, label %pairs, label %level.end
level.end:
  br label %level
result.end:
${load_own}
  %to.at = getelementptr double, ptr %to, i64 %k
  store double %own.squares, ptr %to.at, align 8
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %results
  br i1 %k.more, label %result, label %done
done:
  ret void
}

declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare i64 @llvm.umax.i64(i64, i64)
declare i64 @llvm.ctlz.i64(i64, i1)
declare i64 @llvm.umin.i64(i64, i64)
declare double @llvm.fmuladd.f64(double, double, double)
declare ${vector} @llvm.fmuladd.v${lanes}f64(${vector}, ${vector}, ${vector})
