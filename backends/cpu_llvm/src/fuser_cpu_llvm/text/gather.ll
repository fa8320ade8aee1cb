  br label %${name}
${name}:
  %${name}.e = phi i64 [ 0, %${before} ], [ %${name}.next, %${name} ]
  %${name}.skip = mul i64 %${name}.e, %f0
  %${name}.from = getelementptr i8, ptr %from, i64 %${name}.skip
  %${name}.to = getelementptr ${item}, ptr %to, i64 %${name}.e
${copy}
  %${name}.next = add i64 %${name}.e, ${count}
  %${name}.more = icmp ult i64 %${name}.next, %n0
  br i1 %${name}.more, label %${name}, label %done
