; One row of a tile.

; Take the next element of each column that is repeated along its row.
define internal void @columns(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, i64 %lanes) {
entry:
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %next ]
  %offset = mul i64 %k, %record.words
  %record = getelementptr i64, ptr %records, i64 %offset
  %kind = load i64, ptr %record
  %is.column = icmp eq i64 %kind, 4
  br i1 %is.column, label %column, label %next
column:
  %size.at = getelementptr i64, ptr %record, i64 1
  %size = load i64, ptr %size.at
  %s1.at = getelementptr i64, ptr %record, i64 5
  %s1 = load i64, ptr %s1.at
  %block.at = getelementptr i64, ptr %record, i64 7
  %block.offset = load i64, ptr %block.at
  %block = getelementptr i8, ptr %scratch, i64 %block.offset
  %source.at = getelementptr ptr, ptr %scratch, i64 %k
  %source = load ptr, ptr %source.at
  %bytes = mul i64 %lanes, %size
  call void @spread(i64 %size, ptr %block, ptr %source, i64 %bytes)
  %source.next = getelementptr i8, ptr %source, i64 %s1
  store ptr %source.next, ptr %source.at
  br label %next
next:
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %done
done:
  ret void
}

; Hand the body blocks instead of outputs, and, of fewer elements than it has lanes, instead of inputs too.
define internal void @blocks(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, ptr %table, i64 %lanes, i64 %few) {
entry:
  %any.few = icmp ne i64 %few, 0
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %next ]
  %offset = mul i64 %k, %record.words
  %record = getelementptr i64, ptr %records, i64 %offset
  %kind = load i64, ptr %record
  %size.at = getelementptr i64, ptr %record, i64 1
  %size = load i64, ptr %size.at
  %block.at = getelementptr i64, ptr %record, i64 7
  %block.offset = load i64, ptr %block.at
  %block = getelementptr i8, ptr %scratch, i64 %block.offset
  %tile.at = getelementptr ptr, ptr %tiles, i64 %k
  %tile = load ptr, ptr %tile.at
  %is.output = icmp uge i64 %kind, 5
  %is.vector = icmp ult i64 %kind, 3
  %copied = and i1 %is.vector, %any.few
  br i1 %copied, label %copy, label %next
copy:
  %bytes = mul i64 %lanes, %size
  call void @spread(i64 %size, ptr %block, ptr %tile, i64 %bytes)
  %few.bytes = mul i64 %few, %size
  call void @llvm.memcpy.p0.p0.i64(ptr %block, ptr %tile, i64 %few.bytes, i1 false)
  br label %next
next:
  %blocked = or i1 %is.output, %copied
  %where = select i1 %blocked, ptr %block, ptr %tile
  %where.at = getelementptr ptr, ptr %table, i64 %k
  store ptr %where, ptr %where.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %done
done:
  ret void
}

; Copy outputs out of their blocks: those of kind `least` and above, `count` elements from `first` on, to element `to` of
; the row.
define internal void @put(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, i64 %least, i64 %first, i64 %to, i64 %count) {
entry:
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %next ]
  %offset = mul i64 %k, %record.words
  %record = getelementptr i64, ptr %records, i64 %offset
  %kind = load i64, ptr %record
  %wanted = icmp uge i64 %kind, %least
  br i1 %wanted, label %copy, label %next
copy:
  %size.at = getelementptr i64, ptr %record, i64 1
  %size = load i64, ptr %size.at
  %block.at = getelementptr i64, ptr %record, i64 7
  %block.offset = load i64, ptr %block.at
  %first.bytes = mul i64 %first, %size
  %from.offset = add i64 %block.offset, %first.bytes
  %from = getelementptr i8, ptr %scratch, i64 %from.offset
  %tile.at = getelementptr ptr, ptr %tiles, i64 %k
  %tile = load ptr, ptr %tile.at
  %to.bytes = mul i64 %to, %size
  %there = getelementptr i8, ptr %tile, i64 %to.bytes
  %bytes = mul i64 %count, %size
  call void @llvm.memcpy.p0.p0.i64(ptr %there, ptr %from, i64 %bytes, i1 false)
  br label %next
next:
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %done
done:
  ret void
}

; Move a table of pointers on by steps in bytes.
define internal void @advance(i64 %operands, ptr %table, ptr %steps) {
entry:
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %operand ]
  %at = getelementptr ptr, ptr %table, i64 %k
  %pointer = load ptr, ptr %at
  %step.at = getelementptr i64, ptr %steps, i64 %k
  %step = load i64, ptr %step.at
  %moved = getelementptr i8, ptr %pointer, i64 %step
  store ptr %moved, ptr %at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %done
done:
  ret void
}

; Make a table of pointers to `count` elements further on.
define internal void @skip(i64 %operands, ptr %records, i64 %record.words, ptr %tiles, ptr %table, i64 %count) {
entry:
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %operand ]
  %offset = mul i64 %k, %record.words
  %record = getelementptr i64, ptr %records, i64 %offset
  %kind = load i64, ptr %record
  %size.at = getelementptr i64, ptr %record, i64 1
  %size = load i64, ptr %size.at
  %is.scalar = icmp eq i64 %kind, 3
  %is.column = icmp eq i64 %kind, 4
  %one = or i1 %is.scalar, %is.column
  %bytes = mul i64 %count, %size
  %step = select i1 %one, i64 0, i64 %bytes
  %tile.at = getelementptr ptr, ptr %tiles, i64 %k
  %tile = load ptr, ptr %tile.at
  %there = getelementptr i8, ptr %tile, i64 %step
  %there.at = getelementptr ptr, ptr %table, i64 %k
  store ptr %there, ptr %there.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %done
done:
  ret void
}
