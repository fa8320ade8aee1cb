; The calls of a fused function, from Python's arguments to Python's results. The words of the table are in `entry.py`,
; those of a row are `Field` of `entry_rows.py`.

declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyDict_GetItemWithError(ptr, ptr)
declare ptr @PyObject_GetAttr(ptr, ptr)
declare ptr @PyFunction_GetCode(ptr)
declare ptr @PyFunction_GetDefaults(ptr)
declare ptr @PyFunction_GetKwDefaults(ptr)
declare ptr @PyCell_Get(ptr)
declare i32 @PyContextVar_Get(ptr, ptr, ptr)
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare double @PyFloat_AsDouble(ptr)
declare void @PyErr_Clear()
declare void @Py_DecRef(ptr)
declare ptr @PyTuple_New(i64)
declare i64 @PyTuple_Size(ptr)
declare ptr @PyTuple_GetItem(ptr, i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare ptr @PySequence_List(ptr)
declare ptr @PyObject_CallObject(ptr, ptr)
declare ptr @PyDict_New()
declare i32 @PyDict_SetItem(ptr, ptr, ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)

; The function of the vectorcall slot: find the row for these arguments, or let Python do it.
define ptr @entry(ptr %self, ptr %args, i64 %flagged, ptr %names) {
start:
  %table.at = getelementptr i8, ptr %self, i64 ${table}
  %table = load ptr, ptr %table.at
  %positional = and i64 %flagged, 9223372036854775807
  %no.names = icmp eq ptr %names, null
  br i1 %no.names, label %counted, label %named
named:
  %keywords = call i64 @PyTuple_Size(ptr %names)
  br label %counted
counted:
  %named.count = phi i64 [ 0, %start ], [ %keywords, %named ]
  %given = add i64 %positional, %named.count
  %rows = load i64, ptr %table
  %list.at = getelementptr i64, ptr %table, i64 1
  %list = load ptr, ptr %list.at
  %any = icmp ne i64 %rows, 0
  br i1 %any, label %look, label %miss
look:
  %n = phi i64 [ 0, %counted ], [ %n.next, %next ]
  %row.at = getelementptr ptr, ptr %list, i64 %n
  %row = load ptr, ptr %row.at
  %count.at = getelementptr i64, ptr %row, i64 ${arguments}
  %count = load i64, ptr %count.at
  %same.count = icmp eq i64 %count, %given
  br i1 %same.count, label %arguments, label %next
arguments:
  %specs.at = getelementptr i64, ptr %row, i64 ${argument_words}
  %specs = load ptr, ptr %specs.at
  %fits = call i1 @fits(ptr %row, ptr %specs, ptr %args, i64 %given)
  br i1 %fits, label %names.test, label %next
names.test:
  %same.names = call i1 @names(ptr %row, ptr %names, i64 %named.count)
  br i1 %same.names, label %captured.test, label %next
captured.test:
  %captured.count.at = getelementptr i64, ptr %row, i64 ${captured}
  %captured.count = load i64, ptr %captured.count.at
  %captured.at = getelementptr i64, ptr %row, i64 ${captured_objects}
  %captured = load ptr, ptr %captured.at
  %captured.specs.at = getelementptr i64, ptr %row, i64 ${captured_words}
  %captured.specs = load ptr, ptr %captured.specs.at
  %captured.fit = call i1 @fits(ptr %row, ptr %captured.specs, ptr %captured, i64 %captured.count)
  br i1 %captured.fit, label %found, label %next
next:
  %n.next = add i64 %n, 1
  %more = icmp ult i64 %n.next, %rows
  br i1 %more, label %look, label %miss
found:
  %holds = call i1 @holds(ptr %row)
  br i1 %holds, label %claim, label %next
claim: ; another thread may be in this row, with the lock of the interpreter released: its memory is that call's
  %busy.at = getelementptr i64, ptr %row, i64 ${busy}
  %claimed = cmpxchg ptr %busy.at, i64 0, i64 1 acquire monotonic
  %free = extractvalue { i64, i1 } %claimed, 1
  br i1 %free, label %go, label %miss
go:
  %last.at = getelementptr i64, ptr %table, i64 3
  store i64 %n, ptr %last.at
  %result = call ptr @perform(ptr %row, ptr %args, i64 %given)
  store atomic i64 0, ptr %busy.at release, align 8
  ret ptr %result
miss:
  %slow.at = getelementptr i64, ptr %table, i64 2
  %slow = load ptr, ptr %slow.at
  %answer = call ptr @PyObject_Vectorcall(ptr %slow, ptr %args, i64 %flagged, ptr %names)
  ret ptr %answer
}

; Say whether a row is for arguments like these: plain arrays of its dtypes, shapes and strides, each another one, and
; numbers of its types, or the very objects. An argument is three words: a type; then dtype and rank, and size and stride
; of each axis; or the least and the greatest integer; or the address of the object, and 0.
define internal i1 @fits(ptr %row, ptr %specs, ptr %args, i64 %count) {
start:
  %overflow = alloca i32
  %array.at = getelementptr i64, ptr %row, i64 ${array_type}
  %array = load ptr, ptr %array.at
  %any = icmp ne i64 %count, 0
  br i1 %any, label %argument, label %yes
argument:
  %k = phi i64 [ 0, %start ], [ %k.next, %next ]
  %spec = phi ptr [ %specs, %start ], [ %spec.next, %next ]
  %arg.at = getelementptr ptr, ptr %args, i64 %k
  %arg = load ptr, ptr %arg.at
  %type.at = getelementptr i8, ptr %arg, i64 ${ob_type}
  %type = load ptr, ptr %type.at
  %type.wanted = load ptr, ptr %spec
  %same.type = icmp eq ptr %type, %type.wanted
  br i1 %same.type, label %of.type, label %no
of.type:
  %is.array = icmp eq ptr %type, %array
  br i1 %is.array, label %typed, label %number
number: ; an integer must be one that its dtypes hold; a float is always, and a scalar of NumPy's
  %low.at = getelementptr i64, ptr %spec, i64 1
  %low = load i64, ptr %low.at
  %high.at = getelementptr i64, ptr %spec, i64 2
  %high = load i64, ptr %high.at
  %is.integer = icmp slt i64 %low, %high
  br i1 %is.integer, label %integer, label %exact.test
exact.test:
  %is.exact = icmp sgt i64 %low, %high
  br i1 %is.exact, label %exact, label %next
exact:
  %wanted = inttoptr i64 %low to ptr
  %same.object = icmp eq ptr %arg, %wanted
  br i1 %same.object, label %next, label %no
integer:
  %integer.value = call i64 @PyLong_AsLongLongAndOverflow(ptr %arg, ptr %overflow)
  %overflowing = load i32, ptr %overflow
  %is.long = icmp eq i32 %overflowing, 0
  %not.low = icmp sge i64 %integer.value, %low
  %not.high = icmp sle i64 %integer.value, %high
  %inside = and i1 %not.low, %not.high
  %held = and i1 %inside, %is.long
  br i1 %held, label %next, label %no
typed:
  %descr.at = getelementptr i8, ptr %arg, i64 ${descr}
  %descr = load ptr, ptr %descr.at
  %dtype.at = getelementptr i8, ptr %descr, i64 ${dtype}
  %dtype = load i64, ptr %dtype.at
  %dtype.wanted.at = getelementptr i64, ptr %spec, i64 1
  %dtype.wanted = load i64, ptr %dtype.wanted.at
  %same.dtype = icmp eq i64 %dtype, %dtype.wanted
  br i1 %same.dtype, label %of.dtype, label %no
of.dtype:
  %nd.at = getelementptr i8, ptr %arg, i64 ${nd}
  %nd.short = load i32, ptr %nd.at
  %nd = zext i32 %nd.short to i64
  %nd.wanted.at = getelementptr i64, ptr %spec, i64 2
  %nd.wanted = load i64, ptr %nd.wanted.at
  %same.nd = icmp eq i64 %nd, %nd.wanted
  br i1 %same.nd, label %of.rank, label %no
of.rank:
  %sizes.at = getelementptr i8, ptr %arg, i64 ${dimensions}
  %sizes = load ptr, ptr %sizes.at
  %strides.at = getelementptr i8, ptr %arg, i64 ${strides}
  %strides = load ptr, ptr %strides.at
  %own = getelementptr i64, ptr %spec, i64 3
  %has.axes = icmp ne i64 %nd, 0
  br i1 %has.axes, label %axis, label %earlier.any
axis:
  %a = phi i64 [ 0, %of.rank ], [ %a.next, %axis.next ]
  %size.at = getelementptr i64, ptr %sizes, i64 %a
  %size = load i64, ptr %size.at
  %twice = mul i64 %a, 2
  %size.wanted.at = getelementptr i64, ptr %own, i64 %twice
  %size.wanted = load i64, ptr %size.wanted.at
  %same.size = icmp eq i64 %size, %size.wanted
  br i1 %same.size, label %axis.stride, label %no
axis.stride:
  %stride.at = getelementptr i64, ptr %strides, i64 %a
  %stride = load i64, ptr %stride.at
  %stride.wanted.at = getelementptr i64, ptr %size.wanted.at, i64 1
  %stride.wanted = load i64, ptr %stride.wanted.at
  %same.stride = icmp eq i64 %stride, %stride.wanted
  br i1 %same.stride, label %axis.next, label %no
axis.next:
  %a.next = add i64 %a, 1
  %a.more = icmp ult i64 %a.next, %nd
  br i1 %a.more, label %axis, label %earlier.any
earlier.any: ; one array given twice is another program
  %is.first = icmp eq i64 %k, 0
  br i1 %is.first, label %next, label %earlier
earlier:
  %e = phi i64 [ 0, %earlier.any ], [ %e.next, %earlier.next ]
  %e.at = getelementptr ptr, ptr %args, i64 %e
  %e.arg = load ptr, ptr %e.at
  %repeated = icmp eq ptr %e.arg, %arg
  br i1 %repeated, label %no, label %earlier.next
earlier.next:
  %e.next = add i64 %e, 1
  %e.more = icmp ult i64 %e.next, %k
  br i1 %e.more, label %earlier, label %next
next:
  %axes = phi i64 [ %nd, %earlier.any ], [ %nd, %earlier.next ], [ 0, %exact.test ], [ 0, %exact ], [ 0, %integer ]
  %words = mul i64 %axes, 2
  %after = add i64 %words, 3
  %spec.next = getelementptr i64, ptr %spec, i64 %after
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %count
  br i1 %k.more, label %argument, label %yes
yes:
  ret i1 true
no:
  ret i1 false
}

; Say whether the keywords of a call have the names of a row's, in the same order. Names are interned: one object each.
define internal i1 @names(ptr %row, ptr %names, i64 %count) {
start:
  %wanted.count.at = getelementptr i64, ptr %row, i64 ${names}
  %wanted.count = load i64, ptr %wanted.count.at
  %wanted.at = getelementptr i64, ptr %row, i64 ${name_objects}
  %wanted = load ptr, ptr %wanted.at
  %same.count = icmp eq i64 %count, %wanted.count
  %any = icmp ne i64 %count, 0
  %go = and i1 %same.count, %any
  br i1 %go, label %name, label %done
name:
  %k = phi i64 [ 0, %start ], [ %k.next, %next ]
  %own = call ptr @PyTuple_GetItem(ptr %names, i64 %k)
  %expected.at = getelementptr ptr, ptr %wanted, i64 %k
  %expected = load ptr, ptr %expected.at
  %same = icmp eq ptr %own, %expected
  br i1 %same, label %next, label %no
next:
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %count
  br i1 %more, label %name, label %done
done:
  %answer = phi i1 [ %same.count, %start ], [ true, %next ]
  ret i1 %answer
no:
  ret i1 false
}

; Say whether all that a row rests on is as it was. A watch is four words: what to read, from what, by what, and what
; was there.
define internal i1 @holds(ptr %row) {
start:
  %found = alloca ptr
  %count.at = getelementptr i64, ptr %row, i64 ${watches}
  %count = load i64, ptr %count.at
  %watches.at = getelementptr i64, ptr %row, i64 ${watch_words}
  %watches = load ptr, ptr %watches.at
  %any = icmp ne i64 %count, 0
  br i1 %any, label %watch, label %yes
watch:
  %k = phi i64 [ 0, %start ], [ %k.next, %next ]
  %place = mul i64 %k, 4
  %watch.at = getelementptr i64, ptr %watches, i64 %place
  %kind = load i64, ptr %watch.at
  %owner.at = getelementptr i64, ptr %watch.at, i64 1
  %owner = load ptr, ptr %owner.at
  %key.at = getelementptr i64, ptr %watch.at, i64 2
  %key = load ptr, ptr %key.at
  %expected.at = getelementptr i64, ptr %watch.at, i64 3
  %expected = load ptr, ptr %expected.at
  switch i64 %kind, label %no [
    i64 0, label %item i64 1, label %attribute i64 2, label %code i64 3, label %defaults i64 4, label %keywords
    i64 5, label %cell i64 6, label %context
  ]
item:
  %value.item = call ptr @PyDict_GetItemWithError(ptr %owner, ptr %key)
  br label %compare
attribute:
  %value.attribute = call ptr @PyObject_GetAttr(ptr %owner, ptr %key)
  br label %compare.own
code:
  %value.code = call ptr @PyFunction_GetCode(ptr %owner)
  br label %compare
defaults:
  %value.defaults = call ptr @PyFunction_GetDefaults(ptr %owner)
  br label %compare
keywords:
  %value.keywords = call ptr @PyFunction_GetKwDefaults(ptr %owner)
  br label %compare
cell:
  %value.cell = call ptr @PyCell_Get(ptr %owner)
  br label %compare.own
context:
  store ptr null, ptr %found
  %status = call i32 @PyContextVar_Get(ptr %owner, ptr null, ptr %found)
  %value.context = load ptr, ptr %found
  br label %compare.own
compare.own: ; a reference of our own
  %own = phi ptr [ %value.attribute, %attribute ], [ %value.cell, %cell ], [ %value.context, %context ]
  %is.there = icmp ne ptr %own, null
  br i1 %is.there, label %release, label %clear
release:
  call void @Py_DecRef(ptr %own)
  br label %compare
clear:
  call void @PyErr_Clear()
  br label %compare
compare:
  %value = phi ptr [ %value.item, %item ], [ %value.code, %code ], [ %value.defaults, %defaults ],
    [ %value.keywords, %keywords ], [ %own, %release ], [ null, %clear ]
  %same = icmp eq ptr %value, %expected
  br i1 %same, label %next, label %no
next:
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %count
  br i1 %more, label %watch, label %yes
yes:
  ret i1 true
no:
  ret i1 false
}

; Allocate the results, launch, and return them. A result is eight words: rank, sizes, type number, strides, size of an
; item, whether NumPy returns a scalar, and a place for the array.
define internal ptr @perform(ptr %row, ptr %args, i64 %given) {
start:
  %bases.at = getelementptr i64, ptr %row, i64 ${bases}
  %bases = load ptr, ptr %bases.at
  %array.at = getelementptr i64, ptr %row, i64 ${array_type}
  %array = load ptr, ptr %array.at
  %make.at = getelementptr i64, ptr %row, i64 ${array_new}
  %make = load ptr, ptr %make.at
  %unbox.at = getelementptr i64, ptr %row, i64 ${array_return}
  %unbox = load ptr, ptr %unbox.at
  %count.at = getelementptr i64, ptr %row, i64 ${results}
  %count = load i64, ptr %count.at
  %results.at = getelementptr i64, ptr %row, i64 ${result_words}
  %results = load ptr, ptr %results.at
  %any = icmp ne i64 %given, 0
  br i1 %any, label %argument, label %captured.any
argument:
  %k = phi i64 [ 0, %start ], [ %k.next, %argument ]
  %arg.at = getelementptr ptr, ptr %args, i64 %k
  %arg = load ptr, ptr %arg.at
  %data.at = getelementptr i8, ptr %arg, i64 ${data}
  %kind.at = getelementptr i8, ptr %arg, i64 ${ob_type}
  %kind = load ptr, ptr %kind.at
  %is.array = icmp eq ptr %kind, %array
  %where = select i1 %is.array, ptr %data.at, ptr %kind.at ; what is no array may have nothing there
  %word = load ptr, ptr %where
  %data = select i1 %is.array, ptr %word, ptr %data.at ; a scalar of NumPy's holds its value itself
  %base.at = getelementptr ptr, ptr %bases, i64 %k
  store ptr %data, ptr %base.at
  %k.next = add i64 %k, 1
  %k.more = icmp ult i64 %k.next, %given
  br i1 %k.more, label %argument, label %captured.any
captured.any:
  %captured.count.at = getelementptr i64, ptr %row, i64 ${captured}
  %captured.count = load i64, ptr %captured.count.at
  %captured.at = getelementptr i64, ptr %row, i64 ${captured_objects}
  %captured = load ptr, ptr %captured.at
  %before = add i64 %given, %captured.count
  %has.captured = icmp ne i64 %captured.count, 0
  br i1 %has.captured, label %captured.next, label %result
captured.next:
  %c = phi i64 [ 0, %captured.any ], [ %c.next, %captured.next ]
  %c.at = getelementptr ptr, ptr %captured, i64 %c
  %c.array = load ptr, ptr %c.at
  %c.data.at = getelementptr i8, ptr %c.array, i64 ${data}
  %c.data = load ptr, ptr %c.data.at
  %c.place = add i64 %given, %c
  %c.base.at = getelementptr ptr, ptr %bases, i64 %c.place
  store ptr %c.data, ptr %c.base.at
  %c.next = add i64 %c, 1
  %c.more = icmp ult i64 %c.next, %captured.count
  br i1 %c.more, label %captured.next, label %result
result:
  %r = phi i64 [ 0, %captured.any ], [ 0, %captured.next ], [ %r.next, %made ]
  %r.words = mul i64 %r, 8
  %spec = getelementptr i64, ptr %results, i64 %r.words
  %nd.long = load i64, ptr %spec
  %nd = trunc i64 %nd.long to i32
  %sizes.at = getelementptr i64, ptr %spec, i64 1
  %sizes = load ptr, ptr %sizes.at
  %type.at = getelementptr i64, ptr %spec, i64 2
  %type.long = load i64, ptr %type.at
  %type = trunc i64 %type.long to i32
  %strides.at = getelementptr i64, ptr %spec, i64 3
  %strides = load ptr, ptr %strides.at
  %itemsize.at = getelementptr i64, ptr %spec, i64 4
  %itemsize.long = load i64, ptr %itemsize.at
  %itemsize = trunc i64 %itemsize.long to i32
  %new = call ptr %make(ptr %array, i32 %nd, ptr %sizes, i32 %type, ptr %strides, ptr null, i32 %itemsize, i32 0,
    ptr null)
  %new.at = getelementptr i64, ptr %spec, i64 6
  store ptr %new, ptr %new.at
  %is.new = icmp ne ptr %new, null
  br i1 %is.new, label %made, label %drop.any
made:
  %new.data.at = getelementptr i8, ptr %new, i64 ${data}
  %new.data = load ptr, ptr %new.data.at
  %new.place = add i64 %before, %r
  %new.base.at = getelementptr ptr, ptr %bases, i64 %new.place
  store ptr %new.data, ptr %new.base.at
  %r.next = add i64 %r, 1
  %r.more = icmp ult i64 %r.next, %count
  br i1 %r.more, label %result, label %launch.how
launch.how:
  call void @convert(ptr %row, ptr %args, ptr %bases)
  %chain.at = getelementptr i64, ptr %row, i64 ${chain}
  %chain = load ptr, ptr %chain.at
  %script.at = getelementptr i64, ptr %row, i64 ${script}
  %script = load ptr, ptr %script.at
  %scratch.at = getelementptr i64, ptr %row, i64 ${scratch}
  %scratch = load ptr, ptr %scratch.at
  %long.at = getelementptr i64, ptr %row, i64 ${takes_long}
  %long = load i64, ptr %long.at
  %is.long = icmp ne i64 %long, 0
  br i1 %is.long, label %launch.apart, label %launch.here
launch.here:
  call void %chain(ptr %script, ptr %bases, ptr %scratch, i64 0, i64 1)
  br label %launched
launch.apart:
  %thread = call ptr @PyEval_SaveThread()
  call void %chain(ptr %script, ptr %bases, ptr %scratch, i64 0, i64 1)
  call void @PyEval_RestoreThread(ptr %thread)
  br label %launched
launched:
  %container.at = getelementptr i64, ptr %row, i64 ${container}
  %container = load i64, ptr %container.at
  %is.single = icmp eq i64 %container, 0
  br i1 %is.single, label %single, label %tuple
single:
  %one.at = getelementptr i64, ptr %results, i64 6
  %one = load ptr, ptr %one.at
  %one.boxed.at = getelementptr i64, ptr %results, i64 5
  %one.boxed = load i64, ptr %one.boxed.at
  %one.scalar = icmp ne i64 %one.boxed, 0
  br i1 %one.scalar, label %single.scalar, label %single.array
single.scalar:
  %scalar = call ptr %unbox(ptr %one)
  ret ptr %scalar
single.array:
  ret ptr %one
tuple:
  %items = call ptr @PyTuple_New(i64 %count)
  %has.items = icmp ne ptr %items, null
  br i1 %has.items, label %item, label %drop
item:
  %i = phi i64 [ 0, %tuple ], [ %i.next, %item.store ]
  %i.words = mul i64 %i, 8
  %i.spec = getelementptr i64, ptr %results, i64 %i.words
  %i.at = getelementptr i64, ptr %i.spec, i64 6
  %i.array = load ptr, ptr %i.at
  %i.boxed.at = getelementptr i64, ptr %i.spec, i64 5
  %i.boxed = load i64, ptr %i.boxed.at
  %i.scalar = icmp ne i64 %i.boxed, 0
  br i1 %i.scalar, label %item.unbox, label %item.store
item.unbox:
  %unboxed = call ptr %unbox(ptr %i.array)
  %is.unboxed = icmp ne ptr %unboxed, null
  br i1 %is.unboxed, label %item.store, label %item.failed
item.failed: ; no memory for a scalar: what is in the tuple goes with it, and what is not yet, by itself
  call void @Py_DecRef(ptr %items)
  %rest = add i64 %i, 1
  %any.rest = icmp ult i64 %rest, %count
  br i1 %any.rest, label %drop, label %failed
item.store:
  %stored = phi ptr [ %i.array, %item ], [ %unboxed, %item.unbox ]
  %status = call i32 @PyTuple_SetItem(ptr %items, i64 %i, ptr %stored)
  %i.next = add i64 %i, 1
  %i.more = icmp ult i64 %i.next, %count
  br i1 %i.more, label %item, label %done
done:
  %is.tuple = icmp eq i64 %container, 1
  br i1 %is.tuple, label %done.tuple, label %done.other
done.tuple:
  ret ptr %items
done.other:
  %contained = call ptr @contain(ptr %row, i64 %container, ptr %items, i64 %count)
  call void @Py_DecRef(ptr %items)
  ret ptr %contained
drop.any: ; no memory for result %r: the exception is set, and earlier results go
  %made.some = icmp ne i64 %r, 0
  br i1 %made.some, label %drop, label %failed
drop:
  %d.end = phi i64 [ %r, %drop.any ], [ %count, %tuple ], [ %count, %item.failed ], [ %d.end, %drop ]
  %d = phi i64 [ 0, %drop.any ], [ 0, %tuple ], [ %rest, %item.failed ], [ %d.next, %drop ]
  %d.words = mul i64 %d, 8
  %d.spec = getelementptr i64, ptr %results, i64 %d.words
  %d.at = getelementptr i64, ptr %d.spec, i64 6
  %d.array = load ptr, ptr %d.at
  call void @Py_DecRef(ptr %d.array)
  %d.next = add i64 %d, 1
  %d.more = icmp ult i64 %d.next, %d.end
  br i1 %d.more, label %drop, label %failed
failed:
  ret ptr null
}

; Put the items of a tuple into what the function returns: a list; a dict, by its keys; or an instance of a class.
define internal ptr @contain(ptr %row, i64 %kind, ptr %items, i64 %count) {
start:
  %objects.at = getelementptr i64, ptr %row, i64 ${container_objects}
  %objects = load ptr, ptr %objects.at
  switch i64 %kind, label %named [ i64 2, label %list i64 3, label %dict ]
list:
  %the.list = call ptr @PySequence_List(ptr %items)
  ret ptr %the.list
named:
  %class = load ptr, ptr %objects
  %instance = call ptr @PyObject_CallObject(ptr %class, ptr %items)
  ret ptr %instance
dict:
  %the.dict = call ptr @PyDict_New()
  %is.there = icmp ne ptr %the.dict, null
  br i1 %is.there, label %entry, label %none
entry:
  %k = phi i64 [ 0, %dict ], [ %k.next, %next ]
  %key.at = getelementptr ptr, ptr %objects, i64 %k
  %key = load ptr, ptr %key.at
  %item = call ptr @PyTuple_GetItem(ptr %items, i64 %k)
  %status = call i32 @PyDict_SetItem(ptr %the.dict, ptr %key, ptr %item)
  %ok = icmp eq i32 %status, 0
  br i1 %ok, label %next, label %failed
next:
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %count
  br i1 %more, label %entry, label %filled
filled:
  ret ptr %the.dict
failed:
  call void @Py_DecRef(ptr %the.dict)
  br label %none
none:
  ret ptr null
}

; Convert numbers for the kernels that read them. A box is three words: the place of an argument, how it is converted,
; and the place of its memory among the bases.
define internal void @convert(ptr %row, ptr %args, ptr %bases) {
start:
  %overflow = alloca i32
  %count.at = getelementptr i64, ptr %row, i64 ${boxes}
  %count = load i64, ptr %count.at
  %boxes.at = getelementptr i64, ptr %row, i64 ${box_words}
  %boxes = load ptr, ptr %boxes.at
  %any = icmp ne i64 %count, 0
  br i1 %any, label %box, label %done
box:
  %k = phi i64 [ 0, %start ], [ %k.next, %next ]
  %words = mul i64 %k, 3
  %spec = getelementptr i64, ptr %boxes, i64 %words
  %place = load i64, ptr %spec
  %arg.at = getelementptr ptr, ptr %args, i64 %place
  %arg = load ptr, ptr %arg.at
  %how.at = getelementptr i64, ptr %spec, i64 1
  %how = load i64, ptr %how.at
  %base.at = getelementptr i64, ptr %spec, i64 2
  %base.place = load i64, ptr %base.at
  %memory.at = getelementptr ptr, ptr %bases, i64 %base.place
  %memory = load ptr, ptr %memory.at
  %from.float = icmp ult i64 %how, 2
  br i1 %from.float, label %float, label %integer
float:
  %number = call double @PyFloat_AsDouble(ptr %arg)
  br label %wide
integer:
  %value = call i64 @PyLong_AsLongLongAndOverflow(ptr %arg, ptr %overflow)
  %to.float = icmp ult i64 %how, 4
  br i1 %to.float, label %as.float, label %as.integer
as.float:
  %exact = sitofp i64 %value to double
  br label %wide
wide:
  %double = phi double [ %number, %float ], [ %exact, %as.float ]
  %parity = and i64 %how, 1
  %is.single = icmp ne i64 %parity, 0
  br i1 %is.single, label %single, label %store.double
store.double:
  store double %double, ptr %memory
  br label %next
single:
  %rounded = fptrunc double %double to float
  store float %rounded, ptr %memory
  br label %next
as.integer: ; the low bytes are those of any narrower dtype, on a machine that stores them first
  store i64 %value, ptr %memory
  br label %next
next:
  %k.next = add i64 %k, 1
  %more = icmp ult i64 %k.next, %count
  br i1 %more, label %box, label %done
done:
  ret void
}
