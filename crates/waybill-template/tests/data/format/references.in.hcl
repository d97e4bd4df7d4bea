a=var . x
b=local.list [0]
c=foo ( 1 , 2 ... )
d=list [ * ] . name
e=list . * . name
f=a.b[ "c" ] [ 0 ]
g=[ 1 ] [ 0 ]
h=foo() [0]
i=a . 0 . b
j=[for x in[1,2]:x]
k=[for x in(y):x if x!=null]
l={for k,v in{a=1}:k=>v...if k!="a"}
m={ for k , v in z:upper ( k )=>v }
n="x" [0]
o={a=1} ["a"]
p=foo (bar (1),[ 2 ],{ c=3 })
q={(x)=1,"y"=2}
in=[1]
