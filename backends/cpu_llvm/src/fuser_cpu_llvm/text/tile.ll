; One tile: packing, the body, the tail that fills no vector, unpacking, reductions. Bookkeeping only, hence optnone:
; it compiles in a third of the time.

; Run the body on one tile. Tables in scratch: 0 current sources, 1 origins, 2 tile pointers, 3 tail pointers,
; 4 what a repeated input's copy was made of.
define internal void @tile(ptr %body, ptr %nest, ptr %records, i64 %record.words, ptr %scratch, i64 %n1, i64 %n0) noinline optnone {
entry:
  %operands = load i64, ptr %nest
  %lanes.at = getelementptr i64, ptr %nest, i64 1
  %lanes = load i64, ptr %lanes.at
  %tile.rows.at = getelementptr i64, ptr %nest, i64 4
  %tile.rows = load i64, ptr %tile.rows.at
  %tile.columns.at = getelementptr i64, ptr %nest, i64 5
  %tile.columns = load i64, ptr %tile.columns.at
  %count.records.at = getelementptr i64, ptr %nest, i64 10
  %count.records = load i64, ptr %count.records.at
  %direct.at = getelementptr i64, ptr %nest, i64 11
  %direct = load i64, ptr %direct.at
  %tile.table.at = mul i64 %count.records, 2
  %tail.table.at = mul i64 %count.records, 3
  %made.table.at = mul i64 %count.records, 4
  %tiles = getelementptr ptr, ptr %scratch, i64 %tile.table.at
  %tails = getelementptr ptr, ptr %scratch, i64 %tail.table.at
  %mades = getelementptr ptr, ptr %scratch, i64 %made.table.at
  %count = mul i64 %n1, %n0
  %lanes.less = sub i64 %lanes, 1
  %rest = and i64 %count, %lanes.less
  %full = sub i64 %count, %rest
  %up = add i64 %count, %lanes.less
  %mask = sub i64 0, %lanes
  %padded = and i64 %up, %mask
  %none.direct = icmp eq i64 %direct, 0
  %main = select i1 %none.direct, i64 %padded, i64 %full
  %capacity.up = mul i64 %tile.rows, %tile.columns
  %capacity.more = add i64 %capacity.up, %lanes.less
  %capacity = and i64 %capacity.more, %mask
  br label %load

load:
  %k = phi i64 [ 0, %entry ], [ %k.next, %load.end ]
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
  %source.at = getelementptr ptr, ptr %scratch, i64 %k
  %source = load ptr, ptr %source.at
  switch i64 %kind, label %load.end [
    i64 0, label %load.direct i64 1, label %load.direct i64 2, label %load.direct
    i64 3, label %load.packed i64 4, label %load.repeated
  ]
load.direct:
  br label %load.end
load.packed:
  call void @pack(i64 %size, ptr %own, ptr %source, i64 %s1, i64 %s0, i64 %n1, i64 %n0, i64 %padded)
  br label %load.end
load.repeated:
  %made.at = getelementptr ptr, ptr %mades, i64 %k
  %made = load ptr, ptr %made.at
  %fresh = icmp eq ptr %made, %source
  br i1 %fresh, label %load.end, label %load.repeat
load.repeat:
  call void @pack(i64 %size, ptr %own, ptr %source, i64 %s1, i64 %s0, i64 %tile.rows, i64 %tile.columns, i64 %capacity)
  store ptr %source, ptr %made.at
  br label %load.end
load.end:
  %where = phi ptr [ %own, %load ], [ %source, %load.direct ], [ %own, %load.packed ], [ %own, %load.repeated ], [ %own, %load.repeat ]
  %where.at = getelementptr ptr, ptr %tiles, i64 %k
  store ptr %where, ptr %where.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %operands
  br i1 %k.more, label %load, label %main.test

main.test:
  %any.main = icmp ne i64 %main, 0
  br i1 %any.main, label %main.run, label %tail.test
main.run:
  call void %body(ptr %tiles, i64 %main)
  br label %tail.test
tail.test:
  %any.tail = icmp ult i64 %main, %count
  br i1 %any.tail, label %tail, label %store

tail:
  %t = phi i64 [ 0, %tail.test ], [ %t.next, %tail.end ]
  %t.offset = mul i64 %t, %record.words
  %t.record = getelementptr i64, ptr %records, i64 %t.offset
  %t.kind = load i64, ptr %t.record
  %t.size.at = getelementptr i64, ptr %t.record, i64 1
  %t.size = load i64, ptr %t.size.at
  %t.own.at = getelementptr i64, ptr %t.record, i64 2
  %t.own.offset = load i64, ptr %t.own.at
  %t.own = getelementptr i8, ptr %scratch, i64 %t.own.offset
  %t.tile.at = getelementptr ptr, ptr %tiles, i64 %t
  %t.tile = load ptr, ptr %t.tile.at
  %t.done = mul i64 %main, %t.size
  %t.behind = getelementptr i8, ptr %t.tile, i64 %t.done
  switch i64 %t.kind, label %tail.end [ i64 0, label %tail.input i64 1, label %tail.output i64 2, label %tail.scalar ]
tail.input:
  call void @pack(i64 %t.size, ptr %t.own, ptr %t.behind, i64 0, i64 %t.size, i64 1, i64 %rest, i64 %lanes)
  br label %tail.end
tail.output:
  br label %tail.end
tail.scalar:
  br label %tail.end
tail.end:
  %t.where = phi ptr [ %t.behind, %tail ], [ %t.own, %tail.input ], [ %t.own, %tail.output ], [ %t.tile, %tail.scalar ]
  %t.where.at = getelementptr ptr, ptr %tails, i64 %t
  store ptr %t.where, ptr %t.where.at
  %t.next = add i64 %t, 1
  %t.more = icmp ult i64 %t.next, %operands
  br i1 %t.more, label %tail, label %tail.run
tail.run:
  call void %body(ptr %tails, i64 %lanes)
  br label %store

store:
  %o = phi i64 [ 0, %tail.test ], [ 0, %tail.run ], [ %o.next, %store.end ]
  %o.offset = mul i64 %o, %record.words
  %o.record = getelementptr i64, ptr %records, i64 %o.offset
  %o.kind = load i64, ptr %o.record
  %o.size.at = getelementptr i64, ptr %o.record, i64 1
  %o.size = load i64, ptr %o.size.at
  %o.own.at = getelementptr i64, ptr %o.record, i64 2
  %o.own.offset = load i64, ptr %o.own.at
  %o.own = getelementptr i8, ptr %scratch, i64 %o.own.offset
  %o.source.at = getelementptr ptr, ptr %scratch, i64 %o
  %o.source = load ptr, ptr %o.source.at
  switch i64 %o.kind, label %store.end [ i64 1, label %store.tail i64 5, label %store.packed ]
store.tail:
  br i1 %any.tail, label %store.tail.move, label %store.end
store.tail.move:
  %o.done = mul i64 %main, %o.size
  %o.behind = getelementptr i8, ptr %o.source, i64 %o.done
  call void @move(i64 %o.size, ptr %o.behind, i64 0, i64 %o.size, ptr %o.own, i64 0, i64 %o.size, i64 1, i64 %rest)
  br label %store.end
store.packed:
  %o.s1.at = getelementptr i64, ptr %o.record, i64 5
  %o.s1 = load i64, ptr %o.s1.at
  %o.s0.at = getelementptr i64, ptr %o.record, i64 6
  %o.s0 = load i64, ptr %o.s0.at
  %o.row = mul i64 %n0, %o.size
  call void @move(i64 %o.size, ptr %o.source, i64 %o.s1, i64 %o.s0, ptr %o.own, i64 %o.row, i64 %o.size, i64 %n1, i64 %n0)
  br label %store.end
store.end:
  %o.next = add i64 %o, 1
  %o.more = icmp ult i64 %o.next, %operands
  br i1 %o.more, label %store, label %reduce.test

reduce.test:
  %any.reduction = icmp ult i64 %operands, %count.records
  br i1 %any.reduction, label %reduce, label %done
reduce:
  %q = phi i64 [ %operands, %reduce.test ], [ %q.next, %reduce ]
  %q.offset = mul i64 %q, %record.words
  %q.record = getelementptr i64, ptr %records, i64 %q.offset
  %q.values = load i64, ptr %q.record
  %q.function.at = getelementptr i64, ptr %q.record, i64 1
  %q.function.address = load i64, ptr %q.function.at
  %q.function = inttoptr i64 %q.function.address to ptr
  %q.flat.at = getelementptr i64, ptr %q.record, i64 2
  %q.flat.word = load i64, ptr %q.flat.at
  %q.flat = icmp ne i64 %q.flat.word, 0
  %q.n1 = select i1 %q.flat, i64 1, i64 %n1
  %q.n0 = select i1 %q.flat, i64 %count, i64 %n0
  %q.s1.at = getelementptr i64, ptr %q.record, i64 5
  %q.s1 = load i64, ptr %q.s1.at
  %q.tile.at = getelementptr ptr, ptr %tiles, i64 %q.values
  %q.tile = load ptr, ptr %q.tile.at
  %q.result.at = getelementptr ptr, ptr %scratch, i64 %q
  %q.result = load ptr, ptr %q.result.at
  call void %q.function(ptr %q.tile, i64 %q.n1, i64 %q.n0, ptr %q.result, i64 %q.s1)
  %q.next = add i64 %q, 1
  %q.more = icmp ult i64 %q.next, %count.records
  br i1 %q.more, label %reduce, label %done
done:
  ret void
}
