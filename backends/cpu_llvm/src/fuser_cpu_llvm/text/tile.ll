; One tile: the body on each of its rows, or on all as one, then what was packed goes back, then reductions.
; `bodies` is two functions, the one for most elements and the one for those at the ends of a row. They differ where the
; first writes past the cache, to whole lines, or accumulates what is reduced; rows of few vectors go to the second.

define internal void @tile(ptr %bodies, ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %n1, i64 %n0) {
entry:
  %operands = load i64, ptr %nest
  %flat.at = getelementptr i64, ptr %nest, i64 11
  %flat.word = load i64, ptr %flat.at
  %flat = icmp ne i64 %flat.word, 0
  %count = mul i64 %n1, %n0
  %n = select i1 %flat, i64 %count, i64 %n0
  %rows = select i1 %flat, i64 1, i64 %n1
  call void @place(ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %n1, i64 %n0, i64 %n)
  %lanes.at = getelementptr i64, ptr %nest, i64 1
  %lanes = load i64, ptr %lanes.at
  %long = mul i64 %lanes, 8
  %is.long = icmp uge i64 %n, %long
  call void @each(ptr %bodies, ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %rows, i64 %n, i1 %is.long)
  br label %operand

operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %operand.end ]
  %k.offset = mul i64 %k, %record.words
  %k.record = getelementptr i64, ptr %records, i64 %k.offset
  %kind = load i64, ptr %k.record
  %packed = icmp eq i64 %kind, 5
  br i1 %packed, label %unpack, label %operand.end
unpack:
  %size.at = getelementptr i64, ptr %k.record, i64 1
  %size = load i64, ptr %size.at
  %own.at = getelementptr i64, ptr %k.record, i64 2
  %own.offset = load i64, ptr %own.at
  %own = getelementptr i8, ptr %scratch, i64 %own.offset
  %s1.at = getelementptr i64, ptr %k.record, i64 5
  %s1 = load i64, ptr %s1.at
  %s0.at = getelementptr i64, ptr %k.record, i64 6
  %s0 = load i64, ptr %s0.at
  %move.at = getelementptr i64, ptr %k.record, i64 8
  %move = load ptr, ptr %move.at
  %target.at = getelementptr ptr, ptr %scratch, i64 %k
  %target = load ptr, ptr %target.at
  %row = mul i64 %n0, %size
  call void %move(ptr %target, i64 %s1, i64 %s0, ptr %own, i64 %row, i64 %size, i64 %n1, i64 %n0)
  br label %operand.end
operand.end:
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %operand, label %reduce.test

reduce.test:
  %all.at = getelementptr i64, ptr %nest, i64 10
  %all = load i64, ptr %all.at
  %tiles.word = mul i64 %all, 3
  %tiles = getelementptr ptr, ptr %scratch, i64 %tiles.word
  %steps.word = mul i64 %all, 9
  %steps = getelementptr i64, ptr %scratch, i64 %steps.word
  %moves = sub i64 1, %rows
  %any.reduction = icmp ult i64 %operands, %all
  br i1 %any.reduction, label %reduce, label %done
reduce:
  %q = phi i64 [ %operands, %reduce.test ], [ %q.next, %reduce ]
  %q.offset = mul i64 %q, %record.words
  %q.record = getelementptr i64, ptr %records, i64 %q.offset
  %q.values = load i64, ptr %q.record
  %q.function.at = getelementptr i64, ptr %q.record, i64 1
  %q.function = load ptr, ptr %q.function.at
  %q.flat.at = getelementptr i64, ptr %q.record, i64 2
  %q.flat.word = load i64, ptr %q.flat.at
  %q.flat = icmp ne i64 %q.flat.word, 0
  %q.n1 = select i1 %q.flat, i64 1, i64 %n1
  %q.n0 = select i1 %q.flat, i64 %count, i64 %n0
  %q.s1.at = getelementptr i64, ptr %q.record, i64 5
  %q.s1 = load i64, ptr %q.s1.at
  %q.tile.at = getelementptr ptr, ptr %tiles, i64 %q.values
  %q.last = load ptr, ptr %q.tile.at
  %q.step.at = getelementptr i64, ptr %steps, i64 %q.values
  %q.step = load i64, ptr %q.step.at
  %q.back = mul i64 %q.step, %moves
  %q.tile = getelementptr i8, ptr %q.last, i64 %q.back ; the body has moved it on from row to row
  %q.result.at = getelementptr ptr, ptr %scratch, i64 %q
  %q.result = load ptr, ptr %q.result.at
  %q.plane.at = getelementptr i64, ptr %q.record, i64 6
  %q.plane = load i64, ptr %q.plane.at
  %q.vectors.at = getelementptr i64, ptr %q.record, i64 7
  %q.vectors = load i64, ptr %q.vectors.at
  %q.accumulates = icmp ne i64 %q.vectors, 0
  %q.is.begun = and i1 %q.accumulates, %is.long
  %q.begun = and i64 %q.n0, %q.vectors
  %q.last.word = select i1 %q.is.begun, i64 %q.begun, i64 %q.plane
  call void %q.function(ptr %q.tile, i64 %q.n1, i64 %q.n0, ptr %q.result, i64 %q.s1, i64 %q.last.word)
  %q.next = add i64 %q, 1
  %q.more = icmp ult i64 %q.next, %all
  br i1 %q.more, label %reduce, label %done
done:
  ret void
}

; Run the body on rows of n elements. What fills no vector at the end is computed with the last lanes, before outputs that
; lie in the memory of inputs are written, into blocks, of which only what is new is kept.
define internal void @each(ptr %bodies, ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %rows, i64 %n, i1 %is.long) {
entry:
  %operands = load i64, ptr %nest
  %lanes.at = getelementptr i64, ptr %nest, i64 1
  %lanes = load i64, ptr %lanes.at
  %count.at = getelementptr i64, ptr %nest, i64 10
  %count = load i64, ptr %count.at
  %columns.at = getelementptr i64, ptr %nest, i64 12
  %columns = load i64, ptr %columns.at
  %aligned.at = getelementptr i64, ptr %nest, i64 13
  %aligned = load i64, ptr %aligned.at
  %wide = load ptr, ptr %bodies
  %ends.at = getelementptr ptr, ptr %bodies, i64 1
  %ends = load ptr, ptr %ends.at
  %tiles.word = mul i64 %count, 3
  %tiles = getelementptr ptr, ptr %scratch, i64 %tiles.word
  %tails.word = mul i64 %count, 5
  %tails = getelementptr ptr, ptr %scratch, i64 %tails.word
  %other.word = mul i64 %count, 7
  %other = getelementptr ptr, ptr %scratch, i64 %other.word
  %steps.word = mul i64 %count, 9
  %steps = getelementptr ptr, ptr %scratch, i64 %steps.word
  %tail.steps.word = mul i64 %count, 10
  %tail.steps = getelementptr ptr, ptr %scratch, i64 %tail.steps.word
  %first.output.at = getelementptr ptr, ptr %tiles, i64 %aligned
  %first.record.word = mul i64 %aligned, %record.words
  %first.record = getelementptr i64, ptr %records, i64 %first.record.word
  %first.size.at = getelementptr i64, ptr %first.record, i64 1
  %first.size = load i64, ptr %first.size.at
  %lanes.less = sub i64 %lanes, 1
  %mask = sub i64 0, %lanes
  %any.column = icmp ne i64 %columns, 0
  %narrow = icmp ult i64 %n, %lanes
  %two.bodies = icmp ne ptr %wide, %ends
  %reduces.not = icmp eq i64 %operands, %count
  %streams = and i1 %two.bodies, %reduces.not
  %aligns = and i1 %streams, %is.long
  %main = select i1 %is.long, ptr %wide, ptr %ends
  %first.bytes = mul i64 %lanes, %first.size
  %is.line = icmp ugt i64 %first.bytes, 64
  %line = select i1 %is.line, i64 64, i64 %first.bytes
  %line.less = sub i64 %line, 1
  br label %row

row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row.next ]
  br i1 %any.column, label %columns.take, label %narrow.test
columns.take:
  call void @columns(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, i64 %lanes)
  br label %narrow.test
narrow.test:
  br i1 %narrow, label %few, label %head.test

few:
  call void @blocks(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, ptr %other, i64 %lanes, i64 %n)
  call void %ends(ptr %other, i64 %lanes)
  call void @put(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, i64 5, i64 0, i64 0, i64 %n)
  br label %row.end

head.test:
  br i1 %aligns, label %head.find, label %tail.test
head.find:
  %first.output = load i64, ptr %first.output.at
  %less = sub i64 0, %first.output
  %head.bytes = and i64 %less, %line.less
  %head.found = udiv i64 %head.bytes, %first.size
  br label %tail.test

tail.test:
  %head = phi i64 [ 0, %head.test ], [ %head.found, %head.find ]
  %behind = sub i64 %n, %head
  %full = and i64 %behind, %mask
  %rest = and i64 %behind, %lanes.less
  %any.rest = icmp ne i64 %rest, 0
  br i1 %any.rest, label %tail, label %head.any
tail:
  %rest.first = sub i64 %lanes, %rest
  %rest.to = sub i64 %n, %rest
  call void %ends(ptr %tails, i64 %lanes)
  call void @put(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, i64 7, i64 %rest.first, i64 %rest.to, i64 %rest)
  br label %head.any
head.any:
  %any.head = icmp ne i64 %head, 0
  br i1 %any.head, label %head.run, label %main.run
head.run:
  call void @blocks(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, ptr %other, i64 %lanes, i64 0)
  call void %ends(ptr %other, i64 %lanes)
  call void @put(i64 %operands, ptr %records, i64 %record.words, ptr %scratch, ptr %tiles, i64 7, i64 0, i64 0, i64 %head)
  call void @skip(i64 %operands, ptr %records, i64 %record.words, ptr %tiles, ptr %other, i64 %head)
  br label %main.run
main.run:
  %table = phi ptr [ %tiles, %head.any ], [ %other, %head.run ]
  call void %main(ptr %table, i64 %full)
  br label %row.end

row.end:
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %rows
  br i1 %r.more, label %row.next, label %done
row.next:
  call void @advance(i64 %operands, ptr %tiles, ptr %steps)
  call void @advance(i64 %operands, ptr %tails, ptr %tail.steps)
  br label %row
done:
  ret void
}
