; Strided copies of elements of ${size} bytes.

; Copy n1 rows of n0 elements, neither 0, between two strided places.
define internal void @move${size}(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0) {
entry:
  br label %row
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row.end ]
  %to.row = phi ptr [ %to, %entry ], [ %to.row.next, %row.end ]
  %from.row = phi ptr [ %from, %entry ], [ %from.row.next, %row.end ]
  br label %element
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
