; A pool of threads that share out the records of one launch. It needs nothing but atomics and the kernel's futex.
;
; The pool's memory, in words of 64 bits; what different threads write lies in different cache lines:
;    0  ticket: generation in the high half, records left in the low half
;    8  records done (32 bits)
;   16  workers asleep (32 bits)
;   24  1 while a launch has the pool (32 bits)
;   32  the launch: bodies, records, tables, bytes of scratch, workers wanted
;   40  1 while the launching thread sleeps until all is done (32 bits)
; None of it is optimised: it compiles in a third of the time.

declare i64 @syscall(i64, ...)
${declare_pause}
declare i32 @posix_memalign(ptr, i64, i64)
declare void @free(ptr)

; Sleep while there is what is expected (FUTEX_WAIT_PRIVATE), and end such sleep (FUTEX_WAKE_PRIVATE).
define internal void @futex_wait(ptr %at, i32 %expected) noinline optnone {
  %wide = zext i32 %expected to i64
  %1 = call i64 (i64, ...) @syscall(i64 ${futex}, ptr %at, i64 128, i64 %wide, ptr null)
  ret void
}

define internal void @futex_wake(ptr %at) noinline optnone {
  %1 = call i64 (i64, ...) @syscall(i64 ${futex}, ptr %at, i64 129, i64 2147483647)
  ret void
}

; Take the number of a record of this generation; -1 when none is left.
define internal i64 @pool.take(ptr %pool, i64 %generation) noinline optnone {
entry:
  br label %try
try:
  %ticket = load atomic i64, ptr %pool acquire, align 8
  %high = lshr i64 %ticket, 32
  %current = icmp eq i64 %high, %generation
  %left = and i64 %ticket, 4294967295
  %any = icmp ne i64 %left, 0
  %open = and i1 %current, %any
  br i1 %open, label %claim, label %none
claim:
  %less = sub i64 %ticket, 1
  %pair = cmpxchg ptr %pool, i64 %ticket, i64 %less acq_rel acquire, align 8
  %won = extractvalue { i64, i1 } %pair, 1
  br i1 %won, label %mine, label %try
mine:
  %index = sub i64 %left, 1
  ret i64 %index
none:
  ret i64 -1
}

; Run all records, with the help of so many workers. The calling thread does its share.
define void @pool.run(ptr %pool, ptr %bodies, ptr %records, i64 %count, ptr %tables, ptr %scratch, i64 %scratch.size, i64 %helpers) noinline optnone {
entry:
  %busy.at = getelementptr i64, ptr %pool, i64 24
  ; A launch inside or beside another one finds the pool taken and does its work itself.
  %reserved = cmpxchg ptr %busy.at, i32 0, i32 1 acq_rel acquire, align 4
  %mine = extractvalue { i32, i1 } %reserved, 1
  br i1 %mine, label %publish, label %serial
serial:
  call void @launch(ptr %bodies, ptr %records, i64 %count, ptr %tables, ptr %scratch)
  br label %end

publish:
  %done.at = getelementptr i64, ptr %pool, i64 8
  %sleepers.at = getelementptr i64, ptr %pool, i64 16
  %job = getelementptr i64, ptr %pool, i64 32
  %records.at = getelementptr i64, ptr %pool, i64 33
  %tables.at = getelementptr i64, ptr %pool, i64 34
  %size.at = getelementptr i64, ptr %pool, i64 35
  %helpers.at = getelementptr i64, ptr %pool, i64 36
  %waiting.at = getelementptr i64, ptr %pool, i64 40
  store ptr %bodies, ptr %job
  store ptr %records, ptr %records.at
  store ptr %tables, ptr %tables.at
  store i64 %scratch.size, ptr %size.at
  store i64 %helpers, ptr %helpers.at
  store atomic i32 0, ptr %done.at release, align 4
  store atomic i32 0, ptr %waiting.at release, align 4
  %before = load atomic i64, ptr %pool acquire, align 8
  %old = lshr i64 %before, 32
  %up = add i64 %old, 1
  %generation = and i64 %up, 4294967295
  %high = shl i64 %generation, 32
  %ticket = or i64 %high, %count
  store atomic i64 %ticket, ptr %pool seq_cst, align 8
  %sleepers = load atomic i32, ptr %sleepers.at seq_cst, align 4
  %asleep = icmp ne i32 %sleepers, 0
  br i1 %asleep, label %wake, label %share
wake:
  %generation.at = getelementptr i32, ptr %pool, i64 1
  call void @futex_wake(ptr %generation.at)
  br label %share

share:
  %index = call i64 @pool.take(ptr %pool, i64 %generation)
  %some = icmp ne i64 %index, -1
  br i1 %some, label %do, label %wait
do:
  call void @record(ptr %bodies, ptr %records, ptr %tables, ptr %scratch, i64 %index)
  %1 = atomicrmw add ptr %done.at, i32 1 acq_rel
  br label %share

wait:
  %wanted = trunc i64 %count to i32
  br label %spin
spin:
  %n = phi i64 [ 0, %wait ], [ %n.next, %spin.more ], [ 0, %slept ]
  %done = load atomic i32, ptr %done.at acquire, align 4
  %finished = icmp eq i32 %done, %wanted
  br i1 %finished, label %release, label %spin.test
spin.test:
  %patient = icmp ult i64 %n, ${spins}
  br i1 %patient, label %spin.more, label %sleep
spin.more:
  ${pause}
  %n.next = add i64 %n, 1
  br label %spin
sleep:
  ; Whoever does the last record after this sees the flag; whoever did it before is seen here.
  store atomic i32 1, ptr %waiting.at seq_cst, align 4
  %again = load atomic i32, ptr %done.at seq_cst, align 4
  %finished.now = icmp eq i32 %again, %wanted
  br i1 %finished.now, label %release, label %sleep.now
sleep.now:
  call void @futex_wait(ptr %done.at, i32 %again)
  br label %slept
slept:
  br label %spin

release:
  store atomic i32 0, ptr %busy.at release, align 4
  br label %end
end:
  ret void
}

; The life of a worker. `own` is two words: its scratch memory, and how much that is.
define void @pool.work(ptr %pool, i64 %number, ptr %own) noinline optnone {
entry:
  %done.at = getelementptr i64, ptr %pool, i64 8
  %sleepers.at = getelementptr i64, ptr %pool, i64 16
  %job = getelementptr i64, ptr %pool, i64 32
  %records.at = getelementptr i64, ptr %pool, i64 33
  %tables.at = getelementptr i64, ptr %pool, i64 34
  %size.at = getelementptr i64, ptr %pool, i64 35
  %helpers.at = getelementptr i64, ptr %pool, i64 36
  %waiting.at = getelementptr i64, ptr %pool, i64 40
  %generation.at = getelementptr i32, ptr %pool, i64 1
  %own.size.at = getelementptr i64, ptr %own, i64 1
  br label %look

look:
  %seen = phi i64 [ 0, %entry ], [ %seen, %look.pause ], [ %seen, %woken ], [ %generation, %worked ]
  %n = phi i64 [ 0, %entry ], [ %n.next, %look.pause ], [ 0, %woken ], [ 0, %worked ]
  %ticket = load atomic i64, ptr %pool acquire, align 8
  %generation = lshr i64 %ticket, 32
  %fresh = icmp ne i64 %generation, %seen
  br i1 %fresh, label %invited, label %look.test
look.test:
  %patient = icmp ult i64 %n, ${spins}
  br i1 %patient, label %look.pause, label %doze
look.pause:
  ${pause}
  %n.next = add i64 %n, 1
  br label %look
doze:
  %1 = atomicrmw add ptr %sleepers.at, i32 1 seq_cst
  %seen.low = trunc i64 %seen to i32
  call void @futex_wait(ptr %generation.at, i32 %seen.low)
  %2 = atomicrmw sub ptr %sleepers.at, i32 1 seq_cst
  br label %woken
woken:
  br label %look

invited:
  %helpers = load i64, ptr %helpers.at
  %wanted = icmp ult i64 %number, %helpers
  br i1 %wanted, label %work, label %worked
work:
  %index = call i64 @pool.take(ptr %pool, i64 %generation)
  %some = icmp ne i64 %index, -1
  br i1 %some, label %prepare, label %worked
prepare:
  ; The launch cannot end while a record is taken, so what it published holds still.
  %size = load i64, ptr %size.at
  %own.size = load i64, ptr %own.size.at
  %small = icmp ult i64 %own.size, %size
  br i1 %small, label %grow, label %ready
grow:
  %old = load ptr, ptr %own
  call void @free(ptr %old)
  store i64 0, ptr %own.size.at
  br label %allocate
allocate:
  ; Without memory it tries again: the record is taken, and the launch waits for it.
  %failed = call i32 @posix_memalign(ptr %own, i64 64, i64 %size)
  %ok = icmp eq i32 %failed, 0
  br i1 %ok, label %grown, label %allocate
grown:
  store i64 %size, ptr %own.size.at
  br label %ready
ready:
  %scratch = load ptr, ptr %own
  %bodies = load ptr, ptr %job
  %records = load ptr, ptr %records.at
  %tables = load ptr, ptr %tables.at
  call void @record(ptr %bodies, ptr %records, ptr %tables, ptr %scratch, i64 %index)
  %done.before = atomicrmw add ptr %done.at, i32 1 seq_cst
  %waiting = load atomic i32, ptr %waiting.at seq_cst, align 4
  %tell = icmp ne i32 %waiting, 0
  br i1 %tell, label %ring, label %work
ring:
  call void @futex_wake(ptr %done.at)
  br label %work
worked:
  br label %look
}
