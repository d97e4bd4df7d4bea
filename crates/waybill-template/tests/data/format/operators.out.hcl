a = -1
b = 1 - 1
c = 1 - -1
d = !true && !false
e = a ? -1 : -2
f = (-1)
g = 5 - y
h = 1 + 2 * 3 / 4 % 5
i = a == b || c != d
j = a >= -1
k = a <= b && c < d || e > f
l = [-1, -a]
m = { a = -1, b : -2 }
n = foo(-1)
o = !(a)
p = a[-1]
q = -(1)
r = 1 - -1
s = -x.y
t = x - -y
u = (5) - (-4)
v = [3] - {}
