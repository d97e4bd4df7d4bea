build{
sources=["null.a","null.b"]
provisioner "shell-local"{
inline=["a","b"]
override={"a"={inline=["c"]},b={inline=[for x in["d"]:x]}}
}
post-processor "manifest"{output="m.json"}
}
locals{a=!b.c[0]?"${d}":[for k,v in{}:k if k!=""][0]}
locals{
x=a.*.b[0].c
y=f(-1,!true,(2),{a:1},[]...)
z="%{if a}${b~}%{else~}%{for c in d}${c}%{endfor}%{endif}"
}
