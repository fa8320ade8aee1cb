; Where the operands of a tile reach the body. Tables in scratch, in words of 64 bits, each with room for all records:
;    0  sources: where the tile begins in each operand
;    1  origins: where the plane begins
;    2  what a repeated input's copy was made of
;    3  pointers for the body, and behind them masks: 0 where an input is one repeated element, else -1
;    5  the same for the last lanes of a row
;    7  the same for whatever comes up
;    9  bytes from one row to the next, of the table at 3
;   10  of the table at 5
; `own` is an operand's memory for a packed tile, `block` for as many elements as the body has lanes.

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

; Repeat an item of `size` bytes over a block.
define internal void @spread(i64 %size, ptr %block, ptr %from, i64 %bytes) {
entry:
  switch i64 %size, label %sixteen [ i64 1, label %one i64 2, label %two i64 4, label %four i64 8, label %eight ]
one:
  %v1 = load i8, ptr %from, align 1
  %e1 = insertelement <32 x i8> poison, i8 %v1, i64 0
  %s1 = shufflevector <32 x i8> %e1, <32 x i8> poison, <32 x i32> zeroinitializer
  %w1 = bitcast <32 x i8> %s1 to <4 x i64>
  br label %store
two:
  %v2 = load i16, ptr %from, align 1
  %e2 = insertelement <16 x i16> poison, i16 %v2, i64 0
  %s2 = shufflevector <16 x i16> %e2, <16 x i16> poison, <16 x i32> zeroinitializer
  %w2 = bitcast <16 x i16> %s2 to <4 x i64>
  br label %store
four:
  %v4 = load i32, ptr %from, align 1
  %e4 = insertelement <8 x i32> poison, i32 %v4, i64 0
  %s4 = shufflevector <8 x i32> %e4, <8 x i32> poison, <8 x i32> zeroinitializer
  %w4 = bitcast <8 x i32> %s4 to <4 x i64>
  br label %store
eight:
  %v8 = load i64, ptr %from, align 1
  %e8 = insertelement <4 x i64> poison, i64 %v8, i64 0
  %w8 = shufflevector <4 x i64> %e8, <4 x i64> poison, <4 x i32> zeroinitializer
  br label %store
sixteen:
  %v16 = load <2 x i64>, ptr %from, align 1
  %w16 = shufflevector <2 x i64> %v16, <2 x i64> poison, <4 x i32> <i32 0, i32 1, i32 0, i32 1>
  br label %store
store:
  %all = phi <4 x i64> [ %w1, %one ], [ %w2, %two ], [ %w4, %four ], [ %w8, %eight ], [ %w16, %sixteen ]
  br label %next
next:
  %b = phi i64 [ 0, %store ], [ %b.next, %next ]
  %at = getelementptr i8, ptr %block, i64 %b
  store <4 x i64> %all, ptr %at, align 32
  %b.next = add i64 %b, 32
  %more = icmp ult i64 %b.next, %bytes
  br i1 %more, label %next, label %done
done:
  ret void
}

; Find each operand's elements of a tile of n1 by n0 elements, of which a row has n, and pack what does not lie in rows.
define internal void @place(ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %n1, i64 %n0, i64 %n) {
entry:
  %operands = load i64, ptr %nest
  %lanes.at = getelementptr i64, ptr %nest, i64 1
  %lanes = load i64, ptr %lanes.at
  %tile.rows.at = getelementptr i64, ptr %nest, i64 4
  %tile.rows = load i64, ptr %tile.rows.at
  %tile.columns.at = getelementptr i64, ptr %nest, i64 5
  %tile.columns = load i64, ptr %tile.columns.at
  %count.at = getelementptr i64, ptr %nest, i64 10
  %count = load i64, ptr %count.at
  %flat.at = getelementptr i64, ptr %nest, i64 11
  %flat = load i64, ptr %flat.at
  %is.flat = icmp ne i64 %flat, 0
  %repeated.rows = select i1 %is.flat, i64 %tile.rows, i64 1
  %whole = icmp eq i64 %n0, %tile.columns
  %last = sub i64 %n, %lanes
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %found ]
  %offset = mul i64 %k, %record.words
  %record = getelementptr i64, ptr %records, i64 %offset
  %kind = load i64, ptr %record
  %size.at = getelementptr i64, ptr %record, i64 1
  %size = load i64, ptr %size.at
  %own.at = getelementptr i64, ptr %record, i64 2
  %own.offset = load i64, ptr %own.at
  %own = getelementptr i8, ptr %scratch, i64 %own.offset
  %s1.at = getelementptr i64, ptr %record, i64 5
  %s1 = load i64, ptr %s1.at
  %s0.at = getelementptr i64, ptr %record, i64 6
  %s0 = load i64, ptr %s0.at
  %block.at = getelementptr i64, ptr %record, i64 7
  %block.offset = load i64, ptr %block.at
  %block = getelementptr i8, ptr %scratch, i64 %block.offset
  %move.at = getelementptr i64, ptr %record, i64 8
  %move = load ptr, ptr %move.at
  %source.at = getelementptr ptr, ptr %scratch, i64 %k
  %source = load ptr, ptr %source.at
  %row = mul i64 %n0, %size
  switch i64 %kind, label %found [
    i64 0, label %direct i64 1, label %packed i64 2, label %repeated i64 3, label %scalar
    i64 4, label %column i64 7, label %direct
  ]
direct:
  br label %found
packed:
  call void %move(ptr %own, i64 %row, i64 %size, ptr %source, i64 %s1, i64 %s0, i64 %n1, i64 %n0)
  br label %found
repeated:
  %made.k = mul i64 %count, 2
  %made.place = add i64 %made.k, %k
  %made.at = getelementptr ptr, ptr %scratch, i64 %made.place
  %made = load ptr, ptr %made.at
  %fresh = icmp eq ptr %made, %source
  br i1 %fresh, label %found, label %repeat
repeat:
  call void %move(ptr %own, i64 %row, i64 %size, ptr %source, i64 %s1, i64 %s0, i64 %repeated.rows, i64 %n0)
  %made.now = select i1 %whole, ptr %source, ptr null
  store ptr %made.now, ptr %made.at
  br label %found
scalar:
  br label %found
column:
  br label %found
found:
  %where = phi ptr [ %own, %operand ], [ %source, %direct ], [ %own, %packed ], [ %own, %repeated ], [ %own, %repeat ], [ %source, %scalar ], [ %block, %column ]
  %step = phi i64 [ %row, %operand ], [ %s1, %direct ], [ %row, %packed ], [ 0, %repeated ], [ 0, %repeat ], [ 0, %scalar ], [ 0, %column ]
  %is.direct.output = icmp eq i64 %kind, 7
  %is.scalar = icmp eq i64 %kind, 3
  %is.column = icmp eq i64 %kind, 4
  %one = or i1 %is.scalar, %is.column
  %last.bytes = mul i64 %last, %size
  %last.offset = select i1 %one, i64 0, i64 %last.bytes
  %last.here = getelementptr i8, ptr %where, i64 %last.offset
  %last.where = select i1 %is.direct.output, ptr %block, ptr %last.here
  %last.step = select i1 %is.direct.output, i64 0, i64 %step
  %tiles.place = mul i64 %count, 3
  %tiles = getelementptr ptr, ptr %source.at, i64 %tiles.place
  store ptr %where, ptr %tiles
  %tails.place = mul i64 %count, 5
  %tails = getelementptr ptr, ptr %source.at, i64 %tails.place
  store ptr %last.where, ptr %tails
  %steps.place = mul i64 %count, 9
  %steps = getelementptr i64, ptr %source.at, i64 %steps.place
  store i64 %step, ptr %steps
  %tail.steps.place = mul i64 %count, 10
  %tail.steps = getelementptr i64, ptr %source.at, i64 %tail.steps.place
  store i64 %last.step, ptr %tail.steps
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %done
done:
  ret void
}
