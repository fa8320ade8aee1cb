; A launch: records one after another. A record is four words: a nest, the offset of its table of pointers, its first
; and its last tile.

; Do one record.
define internal void @record(ptr %body, ptr %records, ptr %tables, ptr %scratch, i64 %index) {
  %words = mul i64 %index, 4
  %record = getelementptr i64, ptr %records, i64 %words
  %nest = load ptr, ptr %record
  %offset.at = getelementptr i64, ptr %record, i64 1
  %offset = load i64, ptr %offset.at
  %first.at = getelementptr i64, ptr %record, i64 2
  %first = load i64, ptr %first.at
  %last.at = getelementptr i64, ptr %record, i64 3
  %last = load i64, ptr %last.at
  %pointers = getelementptr i8, ptr %tables, i64 %offset
  call void @run(ptr %body, ptr %nest, ptr %pointers, ptr %scratch, i64 %first, i64 %last)
  ret void
}

; Do all records.
define void @launch(ptr %body, ptr %records, i64 %count, ptr %tables, ptr %scratch) {
entry:
  %any = icmp ne i64 %count, 0
  br i1 %any, label %next, label %end
next:
  %n = phi i64 [ 0, %entry ], [ %n.next, %next ]
  call void @record(ptr %body, ptr %records, ptr %tables, ptr %scratch, i64 %n)
  %n.next = add i64 %n, 1
  %more = icmp ult i64 %n.next, %count
  br i1 %more, label %next, label %end
end:
  ret void
}
