; A chain: several launches on one part of the arrays after another. Parts are numbered along some axes, like the elements
; of an array. A chain is words of 64 bits:
;    0  slots: pointers of a part
;    1  acts: what is done in a part
;    2  bytes of scratch to the table of pointers, and behind it a part's index along each axis
;    3  axes
;    4  and on, for each axis how many parts there are along it, the fastest axis last
;    then for each slot: the place of a base in `tables`, or -1 for scratch; bytes behind that; and for each axis the
;       bytes from one part to the next
;    and for each act ten words: a function of this file, and what it takes.

; Do the parts first to last.
define void @chain(ptr %chain, ptr %tables, ptr %scratch, i64 %first, i64 %last) {
entry:
  %slots = load i64, ptr %chain
  %acts.at = getelementptr i64, ptr %chain, i64 1
  %acts = load i64, ptr %acts.at
  %table.at = getelementptr i64, ptr %chain, i64 2
  %table.offset = load i64, ptr %table.at
  %table = getelementptr i8, ptr %scratch, i64 %table.offset
  %indices = getelementptr i64, ptr %table, i64 %slots
  %axes.at = getelementptr i64, ptr %chain, i64 3
  %axes = load i64, ptr %axes.at
  %any.axis = icmp ne i64 %axes, 0
  %sizes = getelementptr i64, ptr %chain, i64 4
  %slot.words = getelementptr i64, ptr %sizes, i64 %axes
  %slot.size = add i64 %axes, 2
  %slots.size = mul i64 %slots, %slot.size
  %act.words = getelementptr i64, ptr %slot.words, i64 %slots.size
  br label %part
part:
  %p = phi i64 [ %first, %entry ], [ %p.next, %part.end ]
  br i1 %any.axis, label %axis, label %slot
axis:
  %left = phi i64 [ %axes, %part ], [ %x, %axis ]
  %number = phi i64 [ %p, %part ], [ %number.next, %axis ]
  %x = sub i64 %left, 1
  %x.size.at = getelementptr i64, ptr %sizes, i64 %x
  %x.size = load i64, ptr %x.size.at
  %x.index = urem i64 %number, %x.size
  %number.next = udiv i64 %number, %x.size
  %x.index.at = getelementptr i64, ptr %indices, i64 %x
  store i64 %x.index, ptr %x.index.at
  %x.more = icmp ne i64 %x, 0
  br i1 %x.more, label %axis, label %slot
slot:
  %k = phi i64 [ 0, %part ], [ 0, %axis ], [ %k.next, %slot.end ]
  %k.word = mul i64 %k, %slot.size
  %k.at = getelementptr i64, ptr %slot.words, i64 %k.word
  %place = load i64, ptr %k.at
  %behind.at = getelementptr i64, ptr %k.at, i64 1
  %behind = load i64, ptr %behind.at
  %steps = getelementptr i64, ptr %k.at, i64 2
  br i1 %any.axis, label %step, label %slot.end
step:
  %s = phi i64 [ 0, %slot ], [ %s.next, %step ]
  %so.far = phi i64 [ %behind, %slot ], [ %moved, %step ]
  %step.at = getelementptr i64, ptr %steps, i64 %s
  %bytes = load i64, ptr %step.at
  %index.at = getelementptr i64, ptr %indices, i64 %s
  %index = load i64, ptr %index.at
  %move = mul i64 %bytes, %index
  %moved = add i64 %so.far, %move
  %s.next = add i64 %s, 1
  %s.more = icmp ult i64 %s.next, %axes
  br i1 %s.more, label %step, label %slot.end
slot.end:
  %offset = phi i64 [ %behind, %slot ], [ %moved, %step ]
  %outside = icmp sge i64 %place, 0
  %base.index = select i1 %outside, i64 %place, i64 0
  %base.at = getelementptr ptr, ptr %tables, i64 %base.index
  %base.outside = load ptr, ptr %base.at
  %base = select i1 %outside, ptr %base.outside, ptr %scratch
  %pointer = getelementptr i8, ptr %base, i64 %offset
  %pointer.at = getelementptr ptr, ptr %table, i64 %k
  store ptr %pointer, ptr %pointer.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %slots
  br i1 %k.more, label %slot, label %act
act:
  %a = phi i64 [ 0, %slot.end ], [ %a.next, %act ]
  %a.word = mul i64 %a, 10
  %a.at = getelementptr i64, ptr %act.words, i64 %a.word
  %kind = load i64, ptr %a.at
  call void @act(i64 %kind, ptr %a.at, ptr %table, ptr %scratch)
  %a.next = add i64 %a, 1
  %a.more = icmp ult i64 %a.next, %acts
  br i1 %a.more, label %act, label %part.end
part.end:
  %p.next = add i64 %p, 1
  %p.more = icmp ult i64 %p.next, %last
  br i1 %p.more, label %part, label %done
done:
  ret void
}

; Do one thing: launch a kernel, fill accumulators, join partial results or whole sets of accumulators, round them to half
; their size, or copy.
define internal void @act(i64 %kind, ptr %act, ptr %table, ptr %scratch) {
entry:
  %a.at = getelementptr i64, ptr %act, i64 1
  %a = load i64, ptr %a.at
  %b.at = getelementptr i64, ptr %act, i64 2
  %b = load i64, ptr %b.at
  %c.at = getelementptr i64, ptr %act, i64 3
  %c = load i64, ptr %c.at
  %d.at = getelementptr i64, ptr %act, i64 4
  %d = load i64, ptr %d.at
  %e.at = getelementptr i64, ptr %act, i64 5
  %e = load i64, ptr %e.at
  %f.at = getelementptr i64, ptr %act, i64 6
  %f = load i64, ptr %f.at
  %g.at = getelementptr i64, ptr %act, i64 7
  %g = load i64, ptr %g.at
  %h.at = getelementptr i64, ptr %act, i64 8
  %h = load i64, ptr %h.at
  switch i64 %kind, label %done [
    i64 0, label %launch i64 1, label %fill i64 2, label %join i64 3, label %round i64 4, label %copy
    i64 5, label %sets i64 6, label %flat
  ]
flat: ; words, first slot
  %flat.words = inttoptr i64 %a to ptr
  %flat.pointers = getelementptr ptr, ptr %table, i64 %b
  call void @flat(ptr %flat.words, ptr %flat.pointers)
  ret void
launch: ; bodies, records, their number, first slot, scratch
  %bodies = inttoptr i64 %a to ptr
  %records = inttoptr i64 %b to ptr
  %pointers = getelementptr ptr, ptr %table, i64 %d
  %own = getelementptr i8, ptr %scratch, i64 %e
  call void @launch(ptr %bodies, ptr %records, i64 %c, ptr %pointers, ptr %own)
  ret void
fill: ; move, slot, size of an item, their number; the item follows
  %fill.move = inttoptr i64 %a to ptr
  %fill.to.at = getelementptr ptr, ptr %table, i64 %b
  %fill.to = load ptr, ptr %fill.to.at
  %item = getelementptr i64, ptr %act, i64 5
  %filled = mul i64 %c, %d
  call void %fill.move(ptr %fill.to, i64 %filled, i64 %c, ptr %item, i64 0, i64 0, i64 1, i64 %d)
  ret void
join: ; combine, slot of partial results, results, partial results of each, slot of the joined
  %combine = inttoptr i64 %a to ptr
  %partials.at = getelementptr ptr, ptr %table, i64 %b
  %partials = load ptr, ptr %partials.at
  %joined.at = getelementptr ptr, ptr %table, i64 %e
  %joined = load ptr, ptr %joined.at
  call void %combine(ptr %partials, i64 %c, i64 %d, ptr %joined)
  ret void
round: ; slot, count: doubles become floats where they are
  %wide.at = getelementptr ptr, ptr %table, i64 %a
  %wide = load ptr, ptr %wide.at
  br label %number
number:
  %n = phi i64 [ 0, %round ], [ %n.next, %number ]
  %from.at = getelementptr double, ptr %wide, i64 %n
  %number.wide = load double, ptr %from.at
  %number.narrow = fptrunc double %number.wide to float
  %to.at = getelementptr float, ptr %wide, i64 %n
  store float %number.narrow, ptr %to.at
  %n.next = add i64 %n, 1
  %n.more = icmp ult i64 %n.next, %b
  br i1 %n.more, label %number, label %done
copy: ; move, slot to, bytes between rows and items there, slot from, rows, items, size of an item
  %copy.move = inttoptr i64 %a to ptr
  %copy.to.at = getelementptr ptr, ptr %table, i64 %b
  %copy.to = load ptr, ptr %copy.to.at
  %copy.from.at = getelementptr ptr, ptr %table, i64 %e
  %copy.from = load ptr, ptr %copy.from.at
  %row = mul i64 %g, %h
  call void %copy.move(ptr %copy.to, i64 %c, i64 %d, ptr %copy.from, i64 %row, i64 %h, i64 %f, i64 %g)
  ret void
sets: ; columns, slot of the sets, results, sets, bytes from one to the next: the first becomes the joined
  %columns = inttoptr i64 %a to ptr
  %sets.at = getelementptr ptr, ptr %table, i64 %b
  %sets.base = load ptr, ptr %sets.at
  br label %level
level:
  %distance = phi i64 [ 1, %sets ], [ %twice, %pair ]
  %twice = shl i64 %distance, 1
  %joins = icmp ult i64 %distance, %d
  br i1 %joins, label %pair, label %done
pair:
  %left = phi i64 [ 0, %level ], [ %left.next, %pair ]
  %right = add i64 %left, %distance
  %left.bytes = mul i64 %left, %e
  %right.bytes = mul i64 %right, %e
  %left.at = getelementptr i8, ptr %sets.base, i64 %left.bytes
  %right.at = getelementptr i8, ptr %sets.base, i64 %right.bytes
  call void %columns(ptr %right.at, i64 1, i64 %c, ptr %left.at, i64 0, i64 0)
  %left.next = add i64 %left, %twice
  %right.next = add i64 %left.next, %distance
  %pair.more = icmp ult i64 %right.next, %d
  br i1 %pair.more, label %pair, label %level
done:
  ret void
}
