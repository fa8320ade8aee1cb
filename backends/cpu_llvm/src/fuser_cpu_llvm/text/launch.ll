; A launch: records one after another. A record is four words: a nest, the offset of its table of pointers, its first
; and its last tile. Without bodies it is a chain, its first and its last part; see `chain.ll`.
; Done so rarely that it is not optimised, which makes it compile in a third of the time.

${declare_fence}

; Do one record.
define internal void @record(ptr %bodies, ptr %records, ptr %tables, ptr %scratch, i64 %index) noinline optnone {
entry:
  %words = mul i64 %index, 4
  %record = getelementptr i64, ptr %records, i64 %words
  %nest = load ptr, ptr %record
  %offset.at = getelementptr i64, ptr %record, i64 1
  %offset = load i64, ptr %offset.at
  %first.at = getelementptr i64, ptr %record, i64 2
  %first = load i64, ptr %first.at
  %last.at = getelementptr i64, ptr %record, i64 3
  %last = load i64, ptr %last.at
  %is.chain = icmp eq ptr %bodies, null
  br i1 %is.chain, label %chained, label %single
chained:
  call void @chain(ptr %nest, ptr %tables, ptr %scratch, i64 %first, i64 %last)
  ret void
single:
  %pointers = getelementptr i8, ptr %tables, i64 %offset
  call void @run(ptr %bodies, ptr %nest, ptr %pointers, ptr %scratch, i64 %first, i64 %last)
  %main = load ptr, ptr %bodies
  %ends.at = getelementptr ptr, ptr %bodies, i64 1
  %ends = load ptr, ptr %ends.at
  %streams = icmp ne ptr %main, %ends
  br i1 %streams, label %fence, label %done
fence:
  ; What was written past the cache must be there before anybody is told.
  ${fence}
  br label %done
done:
  ret void
}

; Do all records.
define void @launch(ptr %bodies, ptr %records, i64 %count, ptr %tables, ptr %scratch) noinline optnone {
entry:
  %any = icmp ne i64 %count, 0
  br i1 %any, label %next, label %end
next:
  %n = phi i64 [ 0, %entry ], [ %n.next, %next ]
  call void @record(ptr %bodies, ptr %records, ptr %tables, ptr %scratch, i64 %n)
  %n.next = add i64 %n, 1
  %more = icmp ult i64 %n.next, %count
  br i1 %more, label %next, label %end
end:
  ret void
}
