a = "${x}  ${y}${z}"
b = "%{if a}  yes %{else}no%{endif}"
c = "%{~for x in y~} ${x} %{~endfor~}"
d = "${ { a = 1 } }"
e = "${[1, 2]}"
f = "$${ x } %%{ y } \n  \" \u00e9"
g = "${"${x}"}"
h = "${x ? "a" : "b"}"
i = "${~x~}"
j = "${foo(
  a,
b)}"
k = "${- 1}${- 1}${!x}"
l = "tail # not a comment"
