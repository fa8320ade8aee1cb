; Rows of ${width} bytes or more, in pieces of so many; the last piece of a row may overlap the one before it.
define internal void @rows.by.${width}(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %bytes) {
entry:
  %last = sub i64 %bytes, ${width}
  %any = icmp ne i64 %last, 0
  br label %row
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %end ]
  %to.row = phi ptr [ %to, %entry ], [ %to.next, %end ]
  %from.row = phi ptr [ %from, %entry ], [ %from.next, %end ]
  br i1 %any, label %piece, label %end
piece:
  %p = phi i64 [ 0, %row ], [ %p.next, %piece ]
  %p.from = getelementptr i8, ptr %from.row, i64 %p
  %p.to = getelementptr i8, ptr %to.row, i64 %p
  %p.value = load <${width} x i8>, ptr %p.from, align 1
  store <${width} x i8> %p.value, ptr %p.to, align 1
  %p.next = add i64 %p, ${width}
  %p.more = icmp ult i64 %p.next, %last
  br i1 %p.more, label %piece, label %end
end:
  %last.from = getelementptr i8, ptr %from.row, i64 %last
  %last.to = getelementptr i8, ptr %to.row, i64 %last
  %last.value = load <${width} x i8>, ptr %last.from, align 1
  store <${width} x i8> %last.value, ptr %last.to, align 1
  %to.next = getelementptr i8, ptr %to.row, i64 %t1
  %from.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}
