; The walk over the tiles of a space.
; What is done once per record is not optimised, which makes it compile in a third of the time.

; Forget what copies were made of, and say which inputs are one repeated element.
define internal void @begin(ptr %nest, ptr %records, i64 %record.words, ptr %scratch) noinline optnone {
entry:
  %operands = load i64, ptr %nest
  %count.at = getelementptr i64, ptr %nest, i64 10
  %count = load i64, ptr %count.at
  %made.word = mul i64 %count, 2
  %tile.word = mul i64 %count, 3
  %tile.masks = add i64 %tile.word, %operands
  %tail.word = mul i64 %count, 5
  %tail.masks = add i64 %tail.word, %operands
  %other.word = mul i64 %count, 7
  %other.masks = add i64 %other.word, %operands
  br label %operand
operand:
  %k = phi i64 [ 0, %entry ], [ %k.next, %operand ]
  %offset = mul i64 %k, %record.words
  %record = getelementptr i64, ptr %records, i64 %offset
  %kind = load i64, ptr %record
  %one = icmp eq i64 %kind, 4
  %mask = select i1 %one, i64 0, i64 -1
  %own = getelementptr i64, ptr %scratch, i64 %k
  %made = getelementptr i64, ptr %own, i64 %made.word
  store ptr null, ptr %made
  %tile = getelementptr i64, ptr %own, i64 %tile.masks
  store i64 %mask, ptr %tile
  %tail = getelementptr i64, ptr %own, i64 %tail.masks
  store i64 %mask, ptr %tail
  %other = getelementptr i64, ptr %own, i64 %other.masks
  store i64 %mask, ptr %other
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %operands
  br i1 %more, label %operand, label %done
done:
  ret void
}

define internal void @run(ptr %bodies, ptr %nest, ptr %pointers, ptr %scratch, i64 %first, i64 %last) {
entry:
  %rows.at = getelementptr i64, ptr %nest, i64 2
  %rows = load i64, ptr %rows.at
  %columns.at = getelementptr i64, ptr %nest, i64 3
  %columns = load i64, ptr %columns.at
  %tile.rows.at = getelementptr i64, ptr %nest, i64 4
  %tile.rows = load i64, ptr %tile.rows.at
  %tile.columns.at = getelementptr i64, ptr %nest, i64 5
  %tile.columns = load i64, ptr %tile.columns.at
  %row.tiles.at = getelementptr i64, ptr %nest, i64 6
  %row.tiles = load i64, ptr %row.tiles.at
  %column.tiles.at = getelementptr i64, ptr %nest, i64 7
  %column.tiles = load i64, ptr %column.tiles.at
  %rows.first.at = getelementptr i64, ptr %nest, i64 8
  %rows.first.word = load i64, ptr %rows.first.at
  %rows.first = icmp ne i64 %rows.first.word, 0
  %rank.at = getelementptr i64, ptr %nest, i64 9
  %rank = load i64, ptr %rank.at
  %count.at = getelementptr i64, ptr %nest, i64 10
  %count = load i64, ptr %count.at
  %sizes = getelementptr i64, ptr %nest, i64 14
  %records = getelementptr i64, ptr %sizes, i64 %rank
  %record.words = add i64 %rank, 9
  %origins = getelementptr ptr, ptr %scratch, i64 %count
  %tiles.per.plane = mul i64 %row.tiles, %column.tiles
  call void @begin(ptr %nest, ptr %records, i64 %record.words, ptr %scratch)
  br label %tile

tile:
  %t = phi i64 [ %first, %entry ], [ %t.next, %tile.end ]
  %plane.before = phi i64 [ -1, %entry ], [ %plane, %tile.end ]
  %plane = udiv i64 %t, %tiles.per.plane
  %within.less = mul i64 %plane, %tiles.per.plane
  %within = sub i64 %t, %within.less
  %same.plane = icmp eq i64 %plane, %plane.before
  br i1 %same.plane, label %place, label %origin

origin:
  %g = phi i64 [ 0, %tile ], [ %g.next, %origin ]
  %g.from = getelementptr ptr, ptr %pointers, i64 %g
  %g.pointer = load ptr, ptr %g.from
  %g.to = getelementptr ptr, ptr %origins, i64 %g
  store ptr %g.pointer, ptr %g.to
  %g.next = add i64 %g, 1
  %g.more = icmp ult i64 %g.next, %count
  br i1 %g.more, label %origin, label %axis.test
axis.test:
  %axis = phi i64 [ %rank, %origin ], [ %axis.next, %axis.end ]
  %left = phi i64 [ %plane, %origin ], [ %left.next, %axis.end ]
  %any.axis = icmp ne i64 %axis, 0
  br i1 %any.axis, label %axis.index, label %place
axis.index:
  %axis.next = sub i64 %axis, 1
  %axis.size.at = getelementptr i64, ptr %sizes, i64 %axis.next
  %axis.size = load i64, ptr %axis.size.at
  %left.next = udiv i64 %left, %axis.size
  %index.less = mul i64 %left.next, %axis.size
  %index = sub i64 %left, %index.less
  %stride.word = add i64 %axis.next, 9
  br label %axis.record
axis.record:
  %h = phi i64 [ 0, %axis.index ], [ %h.next, %axis.record ]
  %h.offset = mul i64 %h, %record.words
  %h.stride.offset = add i64 %h.offset, %stride.word
  %h.stride.at = getelementptr i64, ptr %records, i64 %h.stride.offset
  %h.stride = load i64, ptr %h.stride.at
  %h.step = mul i64 %h.stride, %index
  %h.origin.at = getelementptr ptr, ptr %origins, i64 %h
  %h.origin = load ptr, ptr %h.origin.at
  %h.moved = getelementptr i8, ptr %h.origin, i64 %h.step
  store ptr %h.moved, ptr %h.origin.at
  %h.next = add i64 %h, 1
  %h.more = icmp ult i64 %h.next, %count
  br i1 %h.more, label %axis.record, label %axis.end
axis.end:
  br label %axis.test

place:
  %divisor = select i1 %rows.first, i64 %row.tiles, i64 %column.tiles
  %major = udiv i64 %within, %divisor
  %minor.less = mul i64 %major, %divisor
  %minor = sub i64 %within, %minor.less
  %i = select i1 %rows.first, i64 %minor, i64 %major
  %j = select i1 %rows.first, i64 %major, i64 %minor
  %row = mul i64 %i, %tile.rows
  %rows.left = sub i64 %rows, %row
  %rows.short = icmp ult i64 %rows.left, %tile.rows
  %n1 = select i1 %rows.short, i64 %rows.left, i64 %tile.rows
  %column = mul i64 %j, %tile.columns
  %columns.left = sub i64 %columns, %column
  %columns.short = icmp ult i64 %columns.left, %tile.columns
  %n0 = select i1 %columns.short, i64 %columns.left, i64 %tile.columns
  br label %source
source:
  %k = phi i64 [ 0, %place ], [ %k.next, %source ]
  %k.offset = mul i64 %k, %record.words
  %k.record = getelementptr i64, ptr %records, i64 %k.offset
  %row.step.at = getelementptr i64, ptr %k.record, i64 3
  %row.step = load i64, ptr %row.step.at
  %column.step.at = getelementptr i64, ptr %k.record, i64 4
  %column.step = load i64, ptr %column.step.at
  %row.offset = mul i64 %row.step, %i
  %column.offset = mul i64 %column.step, %j
  %tile.offset = add i64 %row.offset, %column.offset
  %k.origin.at = getelementptr ptr, ptr %origins, i64 %k
  %k.origin = load ptr, ptr %k.origin.at
  %k.source = getelementptr i8, ptr %k.origin, i64 %tile.offset
  %k.source.at = getelementptr ptr, ptr %scratch, i64 %k
  store ptr %k.source, ptr %k.source.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %count
  br i1 %k.more, label %source, label %tile.run
tile.run:
  call void @tile(ptr %bodies, ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %n1, i64 %n0)
  br label %tile.end
tile.end:
  %t.next = add i64 %t, 1
  %t.more = icmp ult i64 %t.next, %last
  br i1 %t.more, label %tile, label %done
done:
  ret void
}
