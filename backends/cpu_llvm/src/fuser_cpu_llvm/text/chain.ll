; A chain: several launches on one part of the first axis after another. A chain is words of 64 bits:
;    0  slots: pointers of a part
;    1  acts: what is done in a part
;    2  bytes of scratch to the table of pointers
;    3  and on, for each slot three words: the place of a base in `tables`, or -1 for scratch; bytes from one part to
;       the next; bytes behind that
;    and then for each act ten words: a function of this file, and what it takes.

; Do the parts first to last.
define internal void @chain(ptr %chain, ptr %tables, ptr %scratch, i64 %first, i64 %last) {
entry:
  %slots = load i64, ptr %chain
  %acts.at = getelementptr i64, ptr %chain, i64 1
  %acts = load i64, ptr %acts.at
  %table.at = getelementptr i64, ptr %chain, i64 2
  %table.offset = load i64, ptr %table.at
  %table = getelementptr i8, ptr %scratch, i64 %table.offset
  %slot.words = getelementptr i64, ptr %chain, i64 3
  %slots.size = mul i64 %slots, 3
  %act.words = getelementptr i64, ptr %slot.words, i64 %slots.size
  br label %part
part:
  %p = phi i64 [ %first, %entry ], [ %p.next, %part.end ]
  br label %slot
slot:
  %k = phi i64 [ 0, %part ], [ %k.next, %slot ]
  %k.word = mul i64 %k, 3
  %k.at = getelementptr i64, ptr %slot.words, i64 %k.word
  %place = load i64, ptr %k.at
  %step.at = getelementptr i64, ptr %k.at, i64 1
  %step = load i64, ptr %step.at
  %behind.at = getelementptr i64, ptr %k.at, i64 2
  %behind = load i64, ptr %behind.at
  %outside = icmp sge i64 %place, 0
  %index = select i1 %outside, i64 %place, i64 0
  %base.at = getelementptr ptr, ptr %tables, i64 %index
  %base.outside = load ptr, ptr %base.at
  %base = select i1 %outside, ptr %base.outside, ptr %scratch
  %moved = mul i64 %step, %p
  %offset = add i64 %moved, %behind
  %pointer = getelementptr i8, ptr %base, i64 %offset
  %pointer.at = getelementptr ptr, ptr %table, i64 %k
  store ptr %pointer, ptr %pointer.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %slots
  br i1 %k.more, label %slot, label %act
act:
  %a = phi i64 [ 0, %slot ], [ %a.next, %act ]
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

; Do one thing: launch a kernel, fill accumulators, join partial results, round them to half their size, or copy.
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
  ]
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
done:
  ret void
}
