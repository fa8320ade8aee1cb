; A small launch over one dense run of elements, whose outputs are new memory: the body alone, without the walk over tiles.
; `flat` is words: the body, the number of operands, elements for the body in one go, and whether there are more; two
; tables for the body, pointers and masks each; then for each operand its first slot's bytes to the last lanes, or, where
; there are fewer elements than lanes, their bytes (negative for an output), and a block for them.

define internal void @flat(ptr %flat, ptr %pointers) {
start:
  %body = load ptr, ptr %flat
  %count.at = getelementptr i64, ptr %flat, i64 1
  %count = load i64, ptr %count.at
  %full.at = getelementptr i64, ptr %flat, i64 2
  %full = load i64, ptr %full.at
  %lanes.at = getelementptr i64, ptr %flat, i64 3
  %lanes = load i64, ptr %lanes.at
  %table.at = getelementptr i64, ptr %flat, i64 4
  %table = load ptr, ptr %table.at
  %tail.at = getelementptr i64, ptr %flat, i64 5
  %tail = load ptr, ptr %tail.at
  %operands = getelementptr i64, ptr %flat, i64 6
  %is.few = icmp eq i64 %full, 0
  br i1 %is.few, label %few, label %operand
operand:
  %k = phi i64 [ 0, %start ], [ %k.next, %operand ]
  %pointer.at = getelementptr ptr, ptr %pointers, i64 %k
  %pointer = load ptr, ptr %pointer.at
  %entry.at = getelementptr ptr, ptr %table, i64 %k
  store ptr %pointer, ptr %entry.at
  %words = mul i64 %k, 2
  %behind.at = getelementptr i64, ptr %operands, i64 %words
  %behind = load i64, ptr %behind.at
  %last = getelementptr i8, ptr %pointer, i64 %behind
  %last.at = getelementptr ptr, ptr %tail, i64 %k
  store ptr %last, ptr %last.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %count
  br i1 %k.more, label %operand, label %run
run:
  call void %body(ptr %table, i64 %full)
  %any.tail = icmp ne i64 %lanes, 0
  br i1 %any.tail, label %run.tail, label %done
run.tail: ; some of them again, with the same results
  call void %body(ptr %tail, i64 %lanes)
  ret void
few:
  %f = phi i64 [ 0, %start ], [ %f.next, %few.next ]
  %f.pointer.at = getelementptr ptr, ptr %pointers, i64 %f
  %f.pointer = load ptr, ptr %f.pointer.at
  %f.words = mul i64 %f, 2
  %f.bytes.at = getelementptr i64, ptr %operands, i64 %f.words
  %f.bytes = load i64, ptr %f.bytes.at
  %f.block.at = getelementptr i64, ptr %f.bytes.at, i64 1
  %f.block = load ptr, ptr %f.block.at
  %is.input = icmp sgt i64 %f.bytes, 0
  br i1 %is.input, label %copy.in, label %few.next
copy.in:
  call void @llvm.memcpy.p0.p0.i64(ptr %f.block, ptr %f.pointer, i64 %f.bytes, i1 false)
  br label %few.next
few.next:
  %is.scalar = icmp eq ptr %f.block, null
  %f.where = select i1 %is.scalar, ptr %f.pointer, ptr %f.block
  %f.entry.at = getelementptr ptr, ptr %table, i64 %f
  store ptr %f.where, ptr %f.entry.at
  %f.next = add i64 %f, 1
  %f.more = icmp ult i64 %f.next, %count
  br i1 %f.more, label %few, label %few.run
few.run:
  call void %body(ptr %table, i64 %lanes)
  br label %out
out:
  %o = phi i64 [ 0, %few.run ], [ %o.next, %out.next ]
  %o.words = mul i64 %o, 2
  %o.bytes.at = getelementptr i64, ptr %operands, i64 %o.words
  %o.bytes = load i64, ptr %o.bytes.at
  %is.output = icmp slt i64 %o.bytes, 0
  br i1 %is.output, label %copy.out, label %out.next
copy.out:
  %o.pointer.at = getelementptr ptr, ptr %pointers, i64 %o
  %o.pointer = load ptr, ptr %o.pointer.at
  %o.block.at = getelementptr i64, ptr %o.bytes.at, i64 1
  %o.block = load ptr, ptr %o.block.at
  %o.size = sub i64 0, %o.bytes
  call void @llvm.memcpy.p0.p0.i64(ptr %o.pointer, ptr %o.block, i64 %o.size, i1 false)
  br label %out.next
out.next:
  %o.next = add i64 %o, 1
  %o.more = icmp ult i64 %o.next, %count
  br i1 %o.more, label %out, label %done
done:
  ret void
}
