source "a" "b"{
   x={
  y=[{
a=1
},{
        b=2
}]
z=[
[1,
2],
[3]]
  f=foo(1,[
 2,
3
])
}
deep=foo(bar([{
a=1
}]))
cond = (
x ?
     1 :
 2
)
weird=[[
1],
[2
]]
  empty{
}
one{a=1}
oneb {    }
}
