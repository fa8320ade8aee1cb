; Strided copies of elements of ${size} bytes.

; Store one value n times.
define internal void @fill${size}(ptr %to, i64 %n, i${bits} %value) {
entry:
  %first = insertelement <${lanes} x i${bits}> poison, i${bits} %value, i64 0
  %all = shufflevector <${lanes} x i${bits}> %first, <${lanes} x i${bits}> poison, <${lanes} x i32> zeroinitializer
  %full = and i64 %n, -${lanes}
  %any = icmp ne i64 %full, 0
  br i1 %any, label %vector, label %rest
vector:
  %v = phi i64 [ 0, %entry ], [ %v.next, %vector ]
  %v.at = getelementptr i${bits}, ptr %to, i64 %v
  store <${lanes} x i${bits}> %all, ptr %v.at, align 1
  %v.next = add i64 %v, ${lanes}
  %v.more = icmp ult i64 %v.next, %full
  br i1 %v.more, label %vector, label %rest
rest:
  %r = phi i64 [ %full, %entry ], [ %full, %vector ], [ %r.next, %one ]
  %left = icmp ult i64 %r, %n
  br i1 %left, label %one, label %done
one:
  %r.at = getelementptr i${bits}, ptr %to, i64 %r
  store i${bits} %value, ptr %r.at, align 1
  %r.next = add i64 %r, 1
  br label %rest
done:
  ret void
}

; Copy n1 rows of n0 elements, neither 0, between two strided places.
define internal void @move${size}(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0) {
entry:
  %still = icmp eq i64 %f0, 0
  %dense = icmp eq i64 %t0, ${size}
  %repeats = and i1 %still, %dense
  br label %row
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row.end ]
  %to.row = phi ptr [ %to, %entry ], [ %to.row.next, %row.end ]
  %from.row = phi ptr [ %from, %entry ], [ %from.row.next, %row.end ]
  br i1 %repeats, label %repeat, label %element
repeat:
  %repeated = load i${bits}, ptr %from.row, align 1
  call void @fill${size}(ptr %to.row, i64 %n0, i${bits} %repeated)
  br label %row.end
element:
  %e = phi i64 [ 0, %row ], [ %e.next, %element ]
  %from.element = phi ptr [ %from.row, %row ], [ %from.element.next, %element ]
  %to.element = phi ptr [ %to.row, %row ], [ %to.element.next, %element ]
  %value = load i${bits}, ptr %from.element, align 1
  store i${bits} %value, ptr %to.element, align 1
  %from.element.next = getelementptr i8, ptr %from.element, i64 %f0
  %to.element.next = getelementptr i8, ptr %to.element, i64 %t0
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n0
  br i1 %e.more, label %element, label %row.end
row.end:
  %to.row.next = getelementptr i8, ptr %to.row, i64 %t1
  %from.row.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}
