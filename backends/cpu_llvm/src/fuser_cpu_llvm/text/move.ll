; Strided copies of items of ${size} bytes.

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.usub.sat.i64(i64, i64)

; Copy n1 rows of n0 items between two places: item (r, c) lies r * t1 + c * t0 bytes behind `to`.
define void @move(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0) {
entry:
  %to.rows = icmp eq i64 %t0, ${size}
  %to.columns = icmp eq i64 %t1, ${size}
  %from.rows = icmp eq i64 %f0, ${size}
  %from.columns = icmp eq i64 %f1, ${size}
  %still = icmp eq i64 %f0, 0
  %dense = and i1 %to.rows, %from.rows
  %repeats = and i1 %to.rows, %still
  %turns = and i1 %to.rows, %from.columns
  %turns.back = and i1 %to.columns, %from.rows
  br i1 %dense, label %copy, label %fill.test
copy:
  call void @rows(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %n0)
  ret void
fill.test:
  br i1 %repeats, label %fill, label %turn.test
fill:
  call void @fill(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %n0)
  ret void
turn.test:
  br i1 %turns, label %turn, label %turn.back.test
turn:
  call void @transpose(ptr %to, i64 %t1, ptr %from, i64 %f0, i64 %n1, i64 %n0)
  ret void
turn.back.test:
  br i1 %turns.back, label %turn.back, label %any
turn.back:
  call void @transpose(ptr %to, i64 %t0, ptr %from, i64 %f1, i64 %n0, i64 %n1)
  ret void
any:
  call void @strided(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0)
  ret void
}

; Both places are contiguous along the rows.
define internal void @rows(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %n0) {
entry:
  %bytes = mul i64 %n0, ${size}
  %same = icmp eq i64 %f1, 0
  %packed = icmp eq i64 %t1, %bytes
  %again = and i1 %same, %packed
  br i1 %again, label %repeat, label %long.test
repeat:
  call void @repeat(ptr %to, ptr %from, i64 %n1, i64 %bytes)
  ret void
long.test:
  %long = icmp ugt i64 %bytes, 512
  br i1 %long, label %row, label %wide.test
wide.test:
  %wide = icmp uge i64 %bytes, 32
  br i1 %wide, label %by.32, label %half.test
by.32:
  call void @rows.by.32(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %bytes)
  ret void
half.test:
  %half = icmp uge i64 %bytes, 16
  br i1 %half, label %by.16, label %quarter.test
by.16:
  call void @rows.by.16(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %bytes)
  ret void
quarter.test:
  %quarter = icmp uge i64 %bytes, 8
  br i1 %quarter, label %by.8, label %row
by.8:
  call void @rows.by.8(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %bytes)
  ret void
row:
  %r = phi i64 [ 0, %long.test ], [ 0, %quarter.test ], [ %r.next, %row ]
  %to.row = phi ptr [ %to, %long.test ], [ %to, %quarter.test ], [ %to.next, %row ]
  %from.row = phi ptr [ %from, %long.test ], [ %from, %quarter.test ], [ %from.next, %row ]
  call void @llvm.memcpy.p0.p0.i64(ptr %to.row, ptr %from.row, i64 %bytes, i1 false)
  %to.next = getelementptr i8, ptr %to.row, i64 %t1
  %from.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}

; Rows of one and the same content, one behind the other: what is there is copied behind itself, twice as much each time.
define internal void @repeat(ptr %to, ptr %from, i64 %n1, i64 %bytes) {
entry:
  %all = mul i64 %n1, %bytes
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  br label %test
test:
  %there = phi i64 [ %bytes, %entry ], [ %there.next, %double ]
  %more = icmp ult i64 %there, %all
  br i1 %more, label %double, label %done
double:
  %left = sub i64 %all, %there
  %part = call i64 @llvm.umin.i64(i64 %there, i64 %left)
  %behind = getelementptr i8, ptr %to, i64 %there
  call void @llvm.memcpy.p0.p0.i64(ptr %behind, ptr %to, i64 %part, i1 false)
  %there.next = add i64 %there, %part
  br label %test
done:
  ret void
}

${pieces}
; Each row repeats one item.
define internal void @fill(ptr %to, i64 %t1, ptr %from, i64 %f1, i64 %n1, i64 %n0) {
entry:
  %full = and i64 %n0, -${repeated}
  %bytes = mul i64 %n0, ${size}
  %packed = icmp eq i64 %t1, %bytes
  %short = icmp ult i64 %n0, ${repeated}
  %overlaps = and i1 %packed, %short
  br i1 %overlaps, label %overlap, label %begin
overlap:
  %done = call i64 @fill.short(ptr %to, ptr %from, i64 %f1, i64 %n1, i64 %bytes)
  %to.skip = mul i64 %done, %bytes
  %from.skip = mul i64 %done, %f1
  %to.left = getelementptr i8, ptr %to, i64 %to.skip
  %from.left = getelementptr i8, ptr %from, i64 %from.skip
  br label %begin
begin:
  %r.first = phi i64 [ 0, %entry ], [ %done, %overlap ]
  %to.first = phi ptr [ %to, %entry ], [ %to.left, %overlap ]
  %from.first = phi ptr [ %from, %entry ], [ %from.left, %overlap ]
  br label %row
row:
  %r = phi i64 [ %r.first, %begin ], [ %r.next, %row.end ]
  %to.row = phi ptr [ %to.first, %begin ], [ %to.next, %row.end ]
  %from.row = phi ptr [ %from.first, %begin ], [ %from.next, %row.end ]
  %value = load ${item}, ptr %from.row, align 1
${splat}
  %any = icmp ne i64 %full, 0
  br i1 %any, label %vector, label %rest
vector:
  %v = phi i64 [ 0, %row ], [ %v.next, %vector ]
  %v.at = getelementptr ${item}, ptr %to.row, i64 %v
  store ${wide} %all.lanes, ptr %v.at, align 1
  %v.next = add i64 %v, ${repeated}
  %v.more = icmp ult i64 %v.next, %full
  br i1 %v.more, label %vector, label %rest
rest:
  %e = phi i64 [ %full, %row ], [ %full, %vector ], [ %e.next, %one ]
  %left = icmp ult i64 %e, %n0
  br i1 %left, label %one, label %row.end
one:
  %e.at = getelementptr ${item}, ptr %to.row, i64 %e
  store ${item} %value, ptr %e.at, align 1
  %e.next = add i64 %e, 1
  br label %rest
row.end:
  %to.next = getelementptr i8, ptr %to.row, i64 %t1
  %from.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %finish
finish:
  ret void
}

; Likewise rows that are shorter than a register, one behind the other: each is written with a whole one, whose end the
; next row overwrites. All but the last rows are done; returns how many, which is less than there are.
define internal i64 @fill.short(ptr %to, ptr %from, i64 %f1, i64 %n1, i64 %bytes) {
entry:
  %all = mul i64 %n1, %bytes
  %last = call i64 @llvm.usub.sat.i64(i64 %all, i64 32)
  %rows = udiv i64 %last, %bytes
  %any = icmp ne i64 %rows, 0
  br i1 %any, label %row, label %done
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row ]
  %to.row = phi ptr [ %to, %entry ], [ %to.next, %row ]
  %from.row = phi ptr [ %from, %entry ], [ %from.next, %row ]
  %value = load ${item}, ptr %from.row, align 1
${splat}
  store ${wide} %all.lanes, ptr %to.row, align 1
  %to.next = getelementptr i8, ptr %to.row, i64 %bytes
  %from.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %rows
  br i1 %r.more, label %row, label %done
done:
  ret i64 %rows
}

; The one place is contiguous along the rows, the other down the columns: blocks of ${high} rows and ${across} columns are
; turned in registers, of which half a register holds a piece of a column.
define internal void @transpose(ptr %to, i64 %t1, ptr %from, i64 %f0, i64 %n1, i64 %n0) {
entry:
  %high = and i64 %n1, -${high}
  %across = and i64 %n0, -${across}
  %no.rows = icmp eq i64 %high, 0
  %no.columns = icmp eq i64 %across, 0
  %no.block = or i1 %no.rows, %no.columns
  br i1 %no.block, label %edges, label %column
column:
  %c = phi i64 [ 0, %entry ], [ %c.next, %column.end ]
  %from.skip = mul i64 %c, %f0
  %from.column = getelementptr i8, ptr %from, i64 %from.skip
  %to.skip = mul i64 %c, ${size}
  %to.column = getelementptr i8, ptr %to, i64 %to.skip
  br label %block
block:
  %r = phi i64 [ 0, %column ], [ %r.next, %block ]
  %from.block = phi ptr [ %from.column, %column ], [ %from.next, %block ]
  %to.block = phi ptr [ %to.column, %column ], [ %to.next, %block ]
${turn}
  %from.next = getelementptr i8, ptr %from.block, i64 16
  %to.skip.rows = mul i64 %t1, ${high}
  %to.next = getelementptr i8, ptr %to.block, i64 %to.skip.rows
  %r.next = add i64 %r, ${high}
  %r.more = icmp ult i64 %r.next, %high
  br i1 %r.more, label %block, label %column.end
column.end:
  %c.next = add i64 %c, ${across}
  %c.more = icmp ult i64 %c.next, %across
  br i1 %c.more, label %column, label %edges
edges:
  %done.rows = select i1 %no.block, i64 0, i64 %high
  %done.columns = select i1 %no.block, i64 0, i64 %across
  %rows.left = sub i64 %n1, %done.rows
  %below.from = mul i64 %done.rows, ${size}
  %below.to = mul i64 %done.rows, %t1
  %from.below = getelementptr i8, ptr %from, i64 %below.from
  %to.below = getelementptr i8, ptr %to, i64 %below.to
  call void @strided(ptr %to.below, i64 %t1, i64 ${size}, ptr %from.below, i64 ${size}, i64 %f0, i64 %rows.left, i64 %n0)
  %columns.left = sub i64 %n0, %done.columns
  %beside.from = mul i64 %done.columns, %f0
  %beside.to = mul i64 %done.columns, ${size}
  %from.beside = getelementptr i8, ptr %from, i64 %beside.from
  %to.beside = getelementptr i8, ptr %to, i64 %beside.to
  call void @strided(ptr %to.beside, i64 %t1, i64 ${size}, ptr %from.beside, i64 ${size}, i64 %f0, i64 %done.rows, i64 %columns.left)
  ret void
}

; Item by item, but for what is gathered. The last item of a row is not, since gathering may read what lies behind.
define internal void @strided(ptr %to, i64 %t1, i64 %t0, ptr %from, i64 %f1, i64 %f0, i64 %n1, i64 %n0) {
entry:
  %no.rows = icmp eq i64 %n1, 0
  %no.columns = icmp eq i64 %n0, 0
  %nothing = or i1 %no.rows, %no.columns
  br i1 %nothing, label %done, label %whole
whole:
  %to.rows = icmp eq i64 %t0, ${size}
  %n0.but.one = sub i64 %n0, 1
  %blocks.there = and i64 %n0.but.one, -${gathered}
  %blocks = select i1 %to.rows, i64 %blocks.there, i64 0
  %none = icmp eq i64 %blocks, 0
  %from.skip = mul i64 %blocks, %f0
  %to.skip = mul i64 %blocks, %t0
  br label %row
row:
  %r = phi i64 [ 0, %whole ], [ %r.next, %row.end ]
  %to.row = phi ptr [ %to, %whole ], [ %to.row.next, %row.end ]
  %from.row = phi ptr [ %from, %whole ], [ %from.row.next, %row.end ]
  br i1 %none, label %begin, label %gather
gather:
  call void @gather(ptr %to.row, ptr %from.row, i64 %f0, i64 %blocks)
  br label %begin
begin:
  %from.first = getelementptr i8, ptr %from.row, i64 %from.skip
  %to.first = getelementptr i8, ptr %to.row, i64 %to.skip
  br label %item
item:
  %e = phi i64 [ %blocks, %begin ], [ %e.next, %item ]
  %from.item = phi ptr [ %from.first, %begin ], [ %from.item.next, %item ]
  %to.item = phi ptr [ %to.first, %begin ], [ %to.item.next, %item ]
  %value = load ${item}, ptr %from.item, align 1
  store ${item} %value, ptr %to.item, align 1
  %from.item.next = getelementptr i8, ptr %from.item, i64 %f0
  %to.item.next = getelementptr i8, ptr %to.item, i64 %t0
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n0
  br i1 %e.more, label %item, label %row.end
row.end:
  %to.row.next = getelementptr i8, ptr %to.row, i64 %t1
  %from.row.next = getelementptr i8, ptr %from.row, i64 %f1
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}

${gather}
