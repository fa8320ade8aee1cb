; Reduce values of one dtype by one operation.

; partials[r] = values[r, 0] op ... op values[r, n0 - 1], for each of n1 rows. Of the first %begun values of a row the body
; has left two vectors of accumulators in their place: one of all blocks but the last, one of that.
define void @rows(ptr %values, i64 %n1, i64 %n0, ptr %partials, i64 %stride, i64 %begun) {
entry:
  %vectors = and i64 %n0, -${lanes}
  %is.begun = icmp ne i64 %begun, 0
  %in.block = and i64 %begun, ${block_less}
  %ends.block = icmp eq i64 %in.block, 0
  br label %row
row:
  %r = phi i64 [ 0, %entry ], [ %r.next, %row.end ]
  %from = phi ptr [ %values, %entry ], [ %from.next, %row.end ]
  %to = phi ptr [ %partials, %entry ], [ %to.next, %row.end ]
  br i1 %is.begun, label %resume, label %fresh
resume:
  %held.before = load ${vector}, ptr %from, align 1
  %held.at = getelementptr ${vector}, ptr %from, i64 1
  %held.block = load ${vector}, ptr %held.at, align 1
${join_held}
  %whole.resumed = select i1 %ends.block, ${vector} %held, ${vector} %held.before
  %block.resumed = select i1 %ends.block, ${vector} ${start}, ${vector} %held.block
  %any.more = icmp ult i64 %begun, %vectors
  br i1 %any.more, label %block, label %tree.entry
fresh:
  %any.vector = icmp ne i64 %vectors, 0
  br i1 %any.vector, label %block, label %element.test
block: ; some vectors, one after another, and then the blocks: fewer roundings on the way of each element
  %b = phi i64 [ %begun, %resume ], [ 0, %fresh ], [ %v.next, %block.end ]
  %whole.so.far = phi ${vector} [ %whole.resumed, %resume ], [ ${start}, %fresh ], [ %whole, %block.end ]
  %block.so.far = phi ${vector} [ %block.resumed, %resume ], [ ${start}, %fresh ], [ ${start}, %block.end ]
  %b.first = and i64 %b, -${block}
  %b.end = add i64 %b.first, ${block}
  %is.last = icmp ugt i64 %b.end, %vectors
  %b.limit = select i1 %is.last, i64 %vectors, i64 %b.end
  br label %vector
vector:
  %v = phi i64 [ %b, %block ], [ %v.next, %vector ]
  %total.so.far = phi ${vector} [ %block.so.far, %block ], [ %total.next, %vector ]
  %v.at = getelementptr ${value}, ptr %from, i64 %v
  %raw = load ${wide}, ptr %v.at, align 1
  %loaded = ${widen_vector}
${join_vector}
  %v.next = add i64 %v, ${lanes}
  %v.more = icmp ult i64 %v.next, %b.limit
  br i1 %v.more, label %vector, label %block.end
block.end:
${join_block}
  %b.more = icmp ult i64 %v.next, %vectors
  br i1 %b.more, label %block, label %tree.entry
tree.entry:
  %total = phi ${vector} [ %held, %resume ], [ %whole, %block.end ]
${tree}
  br label %element.test
element.test:
  %start = phi ${kind} [ ${identity}, %fresh ], [ %tree, %tree.entry ]
  %any.element = icmp ult i64 %vectors, %n0
  br i1 %any.element, label %element.loop, label %row.end
element.loop:
  %e = phi i64 [ %vectors, %element.test ], [ %e.next, %element.loop ]
  %sum.so.far = phi ${kind} [ ${identity}, %element.test ], [ %sum.next, %element.loop ]
  %e.at = getelementptr ${value}, ptr %from, i64 %e
  %element.raw = load ${value}, ptr %e.at, align 1
  %element = ${widen_element}
${join_element}
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %n0
  br i1 %e.more, label %element.loop, label %element.end
element.end:
${join_rest}
  br label %row.end
row.end:
  %sum = phi ${kind} [ %start, %element.test ], [ %joined, %element.end ]
  store ${kind} %sum, ptr %to, align 1
  %from.next = getelementptr ${value}, ptr %from, i64 %n0
  %to.next = getelementptr i8, ptr %to, i64 %stride
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}

; accumulators[r, c] = accumulators[r, c] op values[r, c]; a stride of 0 adds all rows to one.
define void @columns(ptr %values, i64 %n1, i64 %n0, ptr %accumulators, i64 %stride, i64 %plane) {
entry:
  %vectors = and i64 %n0, -${lanes}
  %same = icmp eq i64 %stride, 0
  %several = icmp ugt i64 %n1, 1
  %stays = and i1 %same, %several
  %row.vectors = select i1 %stays, i64 0, i64 %vectors
  %some.vector = icmp ne i64 %vectors, 0
  %deep = and i1 %stays, %some.vector
  br i1 %deep, label %deep.vector, label %row
deep.vector: ; accumulators of all rows alike stay in registers
  %d = phi i64 [ 0, %entry ], [ %d.next, %deep.end ]
  %d.to = getelementptr ${kind}, ptr %accumulators, i64 %d
  %d.old = load ${vector}, ptr %d.to, align 1
  %d.from = getelementptr ${value}, ptr %values, i64 %d
  br label %deep.row
deep.row:
  %dr = phi i64 [ 0, %deep.vector ], [ %dr.next, %deep.row ]
  %d.at = phi ptr [ %d.from, %deep.vector ], [ %d.at.next, %deep.row ]
  %d.so.far = phi ${vector} [ %d.old, %deep.vector ], [ %d.sum, %deep.row ]
  %d.raw = load ${wide}, ptr %d.at, align 1
  %d.new = ${widen_deep}
${join_deep}
  %d.at.next = getelementptr ${value}, ptr %d.at, i64 %n0
  %dr.next = add i64 %dr, 1
  %dr.more = icmp ult i64 %dr.next, %n1
  br i1 %dr.more, label %deep.row, label %deep.end
deep.end:
  store ${vector} %d.sum, ptr %d.to, align 1
  %d.next = add i64 %d, ${lanes}
  %d.more = icmp ult i64 %d.next, %vectors
  br i1 %d.more, label %deep.vector, label %row
row:
  %r = phi i64 [ 0, %entry ], [ 0, %deep.end ], [ %r.next, %row.end ]
  %from = phi ptr [ %values, %entry ], [ %values, %deep.end ], [ %from.next, %row.end ]
  %to = phi ptr [ %accumulators, %entry ], [ %accumulators, %deep.end ], [ %to.next, %row.end ]
  %any.vector = icmp ne i64 %row.vectors, 0
  br i1 %any.vector, label %vector, label %element.test
vector:
  %v = phi i64 [ 0, %row ], [ %v.next, %vector ]
  %v.from = getelementptr ${value}, ptr %from, i64 %v
  %v.to = getelementptr ${kind}, ptr %to, i64 %v
  %v.raw = load ${wide}, ptr %v.from, align 1
  %v.new = ${widen_column_vector}
  %v.old = load ${vector}, ptr %v.to, align 1
${join_column_vector}
  store ${vector} %v.sum, ptr %v.to, align 1
  %v.next = add i64 %v, ${lanes}
  %v.more = icmp ult i64 %v.next, %vectors
  br i1 %v.more, label %vector, label %element.test
element.test:
  %any.element = icmp ult i64 %vectors, %n0
  br i1 %any.element, label %element, label %row.end
element:
  %c = phi i64 [ %vectors, %element.test ], [ %c.next, %element ]
  %c.from = getelementptr ${value}, ptr %from, i64 %c
  %c.to = getelementptr ${kind}, ptr %to, i64 %c
  %c.raw = load ${value}, ptr %c.from, align 1
  %c.new = ${widen_column}
  %c.old = load ${kind}, ptr %c.to, align 1
${join_column}
  store ${kind} %c.sum, ptr %c.to, align 1
  %c.next = add i64 %c, 1
  %c.more = icmp ult i64 %c.next, %n0
  br i1 %c.more, label %element, label %row.end
row.end:
  %from.next = getelementptr ${value}, ptr %from, i64 %n0
  %to.next = getelementptr i8, ptr %to, i64 %stride
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %n1
  br i1 %r.more, label %row, label %done
done:
  ret void
}

; results[k] = partials[k, 0] op ... op partials[k, count - 1], for count > 0; partials are overwritten.
define void @combine(ptr %partials, i64 %results, i64 %count, ptr %to) noinline optnone {
entry:
  br label %result
result:
  %k = phi i64 [ 0, %entry ], [ %k.next, %result.end ]
  %k.offset = mul i64 %k, %count
  %own = getelementptr ${kind}, ptr %partials, i64 %k.offset
  br label %level
level:
  %step = phi i64 [ 1, %result ], [ %twice, %level.end ]
  %twice = shl i64 %step, 1
  %joins = icmp ult i64 %step, %count
  br i1 %joins, label %pairs, label %result.end
pairs:
  %p = phi i64 [ 0, %level ], [ %p.next, %pairs ]
  %other = add i64 %p, %step
  %left.at = getelementptr ${kind}, ptr %own, i64 %p
  %right.at = getelementptr ${kind}, ptr %own, i64 %other
  %left = load ${kind}, ptr %left.at, align ${alignment}
  %right = load ${kind}, ptr %right.at, align ${alignment}
${join_pair}
  store ${kind} %pair, ptr %left.at, align ${alignment}
  %p.next = add i64 %p, %twice
  %other.next = add i64 %p.next, %step
  %p.more = icmp ult i64 %other.next, %count
  br i1 %p.more, label %pairs, label %level.end
level.end:
  br label %level
result.end:
  %first = load ${kind}, ptr %own, align ${alignment}
  %to.at = getelementptr ${kind}, ptr %to, i64 %k
  store ${kind} %first, ptr %to.at, align ${alignment}
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %results
  br i1 %k.more, label %result, label %done
done:
  ret void
}
