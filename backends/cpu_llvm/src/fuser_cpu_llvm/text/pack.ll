; Strided copies of elements of any size, and copies that fill whole vectors.

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

define internal void @move(i64 %size, ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0) {
entry:
  %to.dense = icmp eq i64 %t0, %size
  %from.dense = icmp eq i64 %f0, %size
  %dense = and i1 %to.dense, %from.dense
  %bytes = mul i64 %n0, %size
  br i1 %dense, label %row, label %strided
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row ]
  %to.row = phi ptr [ %to, %entry ], [ %to.row.next, %row ]
  %from.row = phi ptr [ %from, %entry ], [ %from.row.next, %row ]
  call void @llvm.memcpy.p0.p0.i64(ptr %to.row, ptr %from.row, i64 %bytes, i1 false)
  %to.row.next = getelementptr i8, ptr %to.row, i64 %t1
  %from.row.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
strided:
  switch i64 %size, label %eight [ i64 1, label %one i64 2, label %two i64 4, label %four ]
one:
  call void @move1(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0)
  ret void
two:
  call void @move2(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0)
  ret void
four:
  call void @move4(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0)
  ret void
eight:
  call void @move8(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0)
  ret void
done:
  ret void
}

; Copy a strided place to a dense one and repeat the last element until `padded` elements are there.
define internal void @pack(i64 %size, ptr %to, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0, i64 %padded) {
entry:
  %row = mul i64 %n0, %size
  call void @move(i64 %size, ptr %to, i64 %row, i64 %size, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0)
  %count = mul i64 %n1, %n0
  %missing = sub i64 %padded, %count
  %full = icmp eq i64 %missing, 0
  br i1 %full, label %done, label %pad
pad:
  %bytes = mul i64 %count, %size
  %end = getelementptr i8, ptr %to, i64 %bytes
  %back = sub i64 0, %size
  %last = getelementptr i8, ptr %end, i64 %back
  call void @move(i64 %size, ptr %end, i64 0, i64 %size, ptr %last, i64 0, i64 0, i64 1, i64 %missing)
  br label %done
done:
  ret void
}
